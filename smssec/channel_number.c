/* Whether a Server's SMS number is a sender: R-5.4-03. */
#include <lwsec/sms_channel.h>

#include <string.h>

#define DIGITS_MAX 40U /* a number, and a country code before it */

/* A number as it is compared. */
typedef struct plain_number {
    bool international; /* `digits` begin with the country code */
    bool bare;          /* of the resource: an MSISDN, or as it is dialled */
    size_t size;        /* 0: no number */
    char digits[DIGITS_MAX];
} plain_number;

/* Appends digits; anything else, or too many, leaves no number. */
static bool append(plain_number *number, const char *digits)
{
    for (; *digits != '\0'; digits++) {
        if (*digits < '0' || *digits > '9' || number->size == DIGITS_MAX) {
            return false;
        }
        number->digits[number->size++] = *digits;
    }
    return true;
}

/* What is behind the prefix; NULL if it does not stand there, or is empty or unknown. */
static const char *behind(const char *text, const char *prefix)
{
    const size_t size = prefix != NULL ? strlen(prefix) : 0;

    return size > 0 && strncmp(text, prefix, size) == 0 ? &text[size] : NULL;
}

static plain_number international(const char *country, const char *rest)
{
    plain_number number = {.international = true};

    if (*rest == '\0' || !append(&number, country) || !append(&number, rest)) {
        number.size = 0;
    }
    return number;
}

/* As it is dialled in the country. */
static plain_number dialled(const char *text, const lwsec_sms_numbering *numbering)
{
    const char *prefix = numbering->international != NULL ? numbering->international : "00";
    const char *rest = behind(text, prefix);
    plain_number number = {.bare = true};

    if (rest != NULL) {
        return international("", rest);
    }
    rest = behind(text, numbering->trunk);
    if (rest != NULL && numbering->country != NULL) {
        return international(numbering->country, rest);
    }
    if (!append(&number, text)) {
        number.size = 0;
    }
    return number;
}

static plain_number of_sender(const lwsec_sms_address *sender, const lwsec_sms_numbering *numbering)
{
    static const plain_number none;
    char text[LWSEC_SMS_NUMBER_MAX];

    if (lwsec_sms_address_text(sender, text) != LWSEC_OK) {
        return none;
    }
    switch (lwsec_sms_ton(sender)) {
    case LWSEC_SMS_TON_INTERNATIONAL: return international("", &text[1]);
    case LWSEC_SMS_TON_NATIONAL:
        return numbering->country != NULL ? international(numbering->country, text) : none;
    case LWSEC_SMS_TON_UNKNOWN:
    case LWSEC_SMS_TON_NETWORK: return dialled(text, numbering);
    default: return none;
    }
}

bool lwsec_sms_number_is(const char *number, const lwsec_sms_address *sender,
                         const lwsec_sms_numbering *numbering)
{
    static const lwsec_sms_numbering unknown;
    const lwsec_sms_numbering *rules = numbering != NULL ? numbering : &unknown;

    if (number == NULL) {
        return false;
    }
    const plain_number one =
        number[0] == '+' ? international("", &number[1]) : dialled(number, rules);
    const plain_number other = of_sender(sender, rules);

    return one.size > 0 && one.size == other.size && (one.bare || other.international) &&
           strncmp(one.digits, other.digits, one.size) == 0;
}
