/* Times of certificates as seconds since 1970. */
#include "certpolicy/der.h"

/* Two decimal digits. */
static unsigned two(lwsec_reader *text)
{
    unsigned number = 0;

    for (int i = 0; i < 2; i++) {
        const uint8_t digit = lwsec_reader_u8(text);
        if (digit < '0' || digit > '9') {
            lwsec_reader_fail(text, LWSEC_WHY_NOT_CANONICAL);
            return 0;
        }
        number = 10 * number + (unsigned)(digit - '0');
    }
    return number;
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year) ? 1U : 0U);
}

/* Days from 1970-01-01 to the first of a month; years before 1970 give less than nothing. */
static int64_t days_until(unsigned year, unsigned month)
{
    const int64_t before = (int64_t)year - 1;
    int64_t days = before * 365 + before / 4 - before / 100 + before / 400 - 719162;

    for (unsigned m = 1; m < month; m++) {
        days += days_of(year, m);
    }
    return days;
}

int64_t lwsec_der_time(lwsec_reader *reader)
{
    const bool short_year = lwsec_der_is(reader, LWSEC_DER_UTC_TIME);
    lwsec_reader text =
        lwsec_der_open(reader, short_year ? LWSEC_DER_UTC_TIME : LWSEC_DER_GENERALIZED_TIME);
    unsigned year = two(&text);

    year = !short_year ? 100 * year + two(&text) : year + (year < 50 ? 2000 : 1900);
    const unsigned month = two(&text), day = two(&text);
    const unsigned hour = two(&text), minute = two(&text), second = two(&text);
    const bool zulu = lwsec_reader_u8(&text) == 'Z';
    const bool known = zulu && year >= 1 && month >= 1 && month <= 12;
    if (!known || day < 1 || day > days_of(year, month) || hour > 23 || minute > 59 ||
        second > 59) {
        lwsec_reader_fail(&text, LWSEC_WHY_NOT_CANONICAL);
    }
    const bool good = !lwsec_reader_failed(&text);
    lwsec_reader_finish_child(reader, &text);
    if (!good) {
        return 0;
    }
    const int64_t hours = (days_until(year, month) + day - 1) * 24 + hour;
    return (hours * 60 + minute) * 60 + second;
}
