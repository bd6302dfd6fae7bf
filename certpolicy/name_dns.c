/* DNS names: their form, and when a presented one is that of the reference. */
#include "certpolicy/name.h"

#define NAME_MAX_SIZE 253U
#define LABEL_MAX_SIZE 63U

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

bool lwsec_name_same_text(lwsec_bytes one, lwsec_bytes other)
{
    if (one.size != other.size) {
        return false;
    }
    for (size_t i = 0; i < one.size; i++) {
        if (lower(one.data[i]) != lower(other.data[i])) {
            return false;
        }
    }
    return true;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter_or_digit(uint8_t c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

/* Letters, digits and hyphens, which neither begin nor end it. */
static bool is_label(lwsec_bytes label)
{
    if (label.size == 0 || label.size > LABEL_MAX_SIZE || label.data[0] == '-' ||
        label.data[label.size - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.size; i++) {
        if (!is_letter_or_digit(label.data[i]) && label.data[i] != '-') {
            return false;
        }
    }
    return true;
}

static size_t label_end(lwsec_bytes name, size_t begin)
{
    while (begin < name.size && name.data[begin] != '.') {
        begin++;
    }
    return begin;
}

static bool is_number(lwsec_bytes label)
{
    for (size_t i = 0; i < label.size; i++) {
        if (!is_digit(label.data[i])) {
            return false;
        }
    }
    return true;
}

bool lwsec_name_is_dns(lwsec_bytes name)
{
    lwsec_bytes label = {NULL, 0};
    size_t begin = 0;

    if (name.size == 0 || name.size > NAME_MAX_SIZE) {
        return false;
    }
    while (begin <= name.size) {
        const size_t end = label_end(name, begin);
        label = lwsec_bytes_of(&name.data[begin], end - begin);
        if (!is_label(label)) {
            return false;
        }
        begin = end + 1;
    }
    return !is_number(label); /* no top-level domain is: this is an IPv4 address */
}

static lwsec_bytes without_final_dot(lwsec_bytes name)
{
    if (name.size > 1 && name.data[name.size - 1] == '.') {
        name.size--;
    }
    return name;
}

/* The wildcard is the left-most label as a whole, and at least two labels follow it: RFC 9525
 * section 6.3, and no certificate is for all of a top-level domain. */
bool lwsec_name_dns_matches(lwsec_bytes presented, lwsec_bytes reference)
{
    reference = without_final_dot(reference);
    if (!lwsec_name_is_dns(reference)) {
        return false;
    }
    if (presented.size < 2 || presented.data[0] != '*') {
        return lwsec_name_same_text(presented, reference);
    }
    const lwsec_bytes domain = lwsec_bytes_of(&presented.data[1], presented.size - 1);
    const size_t first = label_end(reference, 0);
    if (domain.data[0] != '.' || label_end(domain, 1) == domain.size) {
        return false;
    }
    return lwsec_name_same_text(domain,
                                lwsec_bytes_of(&reference.data[first], reference.size - first));
}
