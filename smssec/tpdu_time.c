/* Time stamps and validity periods: 3GPP TS 23.040 clauses 9.2.3.11 and 9.2.3.12. */
#include "smssec/tpdu.h"

#define FIELDS 7U
#define ZONE 6U         /* which of them is the time zone */
#define ZONE_SIGN 0x08U /* in the half octet that comes first: the zone is behind UTC */

/* Two decimal digits, the first in the low half; 255 if they are none. */
static uint8_t read_digits(uint8_t octet)
{
    const unsigned tens = octet & 0x0fU;
    const unsigned ones = octet >> 4;

    return tens > 9 || ones > 9 ? UINT8_MAX : (uint8_t)(10 * tens + ones);
}

static uint8_t write_digits(uint8_t number)
{
    return (uint8_t)(number % 10 << 4 | number / 10);
}

static bool valid(const lwsec_sms_time *time)
{
    return time->year <= 99 && time->month >= 1 && time->month <= 12 && time->day >= 1 &&
           time->day <= 31 && time->hour <= 23 && time->minute <= 59 && time->second <= 59 &&
           time->zone >= -79 && time->zone <= 79;
}

lwsec_status lwsec_sms_time_read(const uint8_t wire[7], lwsec_sms_time *time)
{
    uint8_t fields[FIELDS];

    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] = read_digits(i == ZONE ? (uint8_t)(wire[i] & ~ZONE_SIGN) : wire[i]);
    }
    if (fields[ZONE] > 79) {
        return LWSEC_REJECT;
    }
    const bool behind = (wire[ZONE] & ZONE_SIGN) != 0;
    const lwsec_sms_time read = {.year = fields[0],
                                 .month = fields[1],
                                 .day = fields[2],
                                 .hour = fields[3],
                                 .minute = fields[4],
                                 .second = fields[5],
                                 .zone = (int8_t)(behind ? -fields[ZONE] : fields[ZONE])};
    if (!valid(&read)) {
        return LWSEC_REJECT;
    }
    *time = read;
    return LWSEC_OK;
}

lwsec_status lwsec_sms_time_write(const lwsec_sms_time *time, uint8_t wire[7])
{
    if (!valid(time)) {
        return LWSEC_USAGE;
    }
    wire[0] = write_digits(time->year);
    wire[1] = write_digits(time->month);
    wire[2] = write_digits(time->day);
    wire[3] = write_digits(time->hour);
    wire[4] = write_digits(time->minute);
    wire[5] = write_digits(time->second);
    wire[ZONE] = write_digits((uint8_t)(time->zone < 0 ? -time->zone : time->zone));
    if (time->zone < 0) {
        wire[ZONE] |= ZONE_SIGN;
    }
    return LWSEC_OK;
}

uint32_t lwsec_sms_validity_minutes(uint8_t relative)
{
    const uint32_t hour = 60;
    const uint32_t day = 24 * hour;

    if (relative <= 143) {
        return (relative + 1U) * 5;
    }
    if (relative <= 167) {
        return 12 * hour + (relative - 143U) * 30;
    }
    if (relative <= 196) {
        return (relative - 166U) * day;
    }
    return (relative - 192U) * 7 * day;
}
