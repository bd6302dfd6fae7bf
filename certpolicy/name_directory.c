/* Directory names: their attributes, and whether two are the same. */
#include "certpolicy/name.h"

/* An RDN with more attributes is compared with nothing: comparing is quadratic work. */
#define ATTRIBUTES_MAX 16U

/* Whether what cannot be compared counts as the same. */
typedef enum doubt { DIFFERS, IS_SAME } doubt;

static bool is_text(uint8_t tag)
{
    return tag == LWSEC_DER_UTF8_STRING || tag == LWSEC_DER_PRINTABLE_STRING ||
           tag == LWSEC_DER_IA5_STRING || tag == LWSEC_DER_VISIBLE_STRING;
}

/* The next character of a text: ASCII in lower case, white space as one blank and none at the ends;
 * -1 at its end. */
static int next_character(lwsec_reader *text, bool *begun)
{
    bool blank = false;

    while (lwsec_reader_left(text) > 0) {
        const uint8_t c = lwsec_reader_peek(text);
        if (c != ' ' && (c < 0x09 || c > 0x0d)) {
            break;
        }
        (void)lwsec_reader_u8(text);
        blank = true;
    }
    if (lwsec_reader_left(text) == 0) {
        return -1;
    }
    if (blank && *begun) {
        return ' ';
    }
    const uint8_t c = lwsec_reader_u8(text);
    *begun = true;
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool same_value(const lwsec_der *one, const lwsec_der *other, doubt in_doubt)
{
    lwsec_reader first = lwsec_reader_of(one->value), second = lwsec_reader_of(other->value);
    bool first_begun = false, second_begun = false;
    int c = 0;

    if (!is_text(one->tag) || !is_text(other->tag)) {
        return in_doubt == IS_SAME || lwsec_der_same(one->whole, other->whole);
    }
    while (c >= 0) {
        c = next_character(&first, &first_begun);
        if (c != next_character(&second, &second_begun)) {
            return false;
        }
    }
    return true;
}

static bool read_attribute(lwsec_reader *rdn, lwsec_name_attribute *attribute)
{
    if (lwsec_reader_failed(rdn) || lwsec_reader_left(rdn) == 0) {
        return false;
    }
    lwsec_reader reader = lwsec_der_open(rdn, LWSEC_DER_SEQUENCE);
    attribute->type = lwsec_der_oid(&reader);
    attribute->value = lwsec_der_next(&reader);
    return !lwsec_reader_failed(&reader);
}

static bool has_attribute(lwsec_bytes rdn, const lwsec_name_attribute *wanted, doubt in_doubt)
{
    lwsec_reader reader = lwsec_reader_of(rdn);
    lwsec_name_attribute found;

    while (read_attribute(&reader, &found)) {
        if (lwsec_der_same(found.type, wanted->type) &&
            same_value(&found.value, &wanted->value, in_doubt)) {
            return true;
        }
    }
    return false;
}

static bool has_all(lwsec_bytes rdn, lwsec_bytes wanted, doubt in_doubt)
{
    lwsec_reader reader = lwsec_reader_of(wanted);
    lwsec_name_attribute attribute;

    while (read_attribute(&reader, &attribute)) {
        if (!has_attribute(rdn, &attribute, in_doubt)) {
            return false;
        }
    }
    return true;
}

/* At most ATTRIBUTES_MAX + 1. */
static unsigned count_attributes(lwsec_bytes rdn)
{
    lwsec_reader reader = lwsec_reader_of(rdn);
    lwsec_name_attribute attribute;
    unsigned count = 0;

    while (count <= ATTRIBUTES_MAX && read_attribute(&reader, &attribute)) {
        count++;
    }
    return count;
}

static bool same_rdn(lwsec_bytes one, lwsec_bytes other, doubt in_doubt)
{
    const unsigned count = count_attributes(one);

    if (count != count_attributes(other)) {
        return false;
    }
    return count <= ATTRIBUTES_MAX ? has_all(one, other, in_doubt) && has_all(other, one, in_doubt)
                                   : in_doubt == IS_SAME;
}

/* Whether the RDNs of `beginning` are the first ones of `name`, and all of them if `whole`. */
static bool compare(lwsec_bytes name, lwsec_bytes beginning, bool whole, doubt in_doubt)
{
    lwsec_reader outer = lwsec_reader_of(name), other = lwsec_reader_of(beginning);
    lwsec_reader names = lwsec_der_open(&outer, LWSEC_DER_SEQUENCE);
    lwsec_reader beginnings = lwsec_der_open(&other, LWSEC_DER_SEQUENCE);

    while (lwsec_reader_left(&beginnings) > 0) {
        const lwsec_bytes one = lwsec_der_value(&names, LWSEC_DER_SET);
        const lwsec_bytes two = lwsec_der_value(&beginnings, LWSEC_DER_SET);
        if (lwsec_reader_failed(&names) || lwsec_reader_failed(&beginnings) ||
            !same_rdn(one, two, in_doubt)) {
            return false;
        }
    }
    return !lwsec_reader_failed(&names) && !lwsec_reader_failed(&beginnings) &&
           (!whole || lwsec_reader_left(&names) == 0);
}

bool lwsec_name_same(lwsec_bytes one, lwsec_bytes other)
{
    return lwsec_der_same(one, other) || compare(one, other, true, DIFFERS);
}

bool lwsec_name_begins(lwsec_bytes name, lwsec_bytes beginning, bool perhaps)
{
    return compare(name, beginning, false, perhaps ? IS_SAME : DIFFERS);
}

lwsec_name_place lwsec_name_attributes(lwsec_bytes name)
{
    lwsec_reader outer = lwsec_reader_of(name);
    lwsec_name_place place = {lwsec_der_open(&outer, LWSEC_DER_SEQUENCE),
                              lwsec_reader_of(lwsec_bytes_of(NULL, 0))};

    return place;
}

bool lwsec_name_attribute_next(lwsec_name_place *place, lwsec_name_attribute *attribute)
{
    if (lwsec_reader_left(&place->rdn) == 0) {
        if (lwsec_reader_left(&place->name) == 0) {
            return false;
        }
        place->rdn = lwsec_der_open(&place->name, LWSEC_DER_SET);
    }
    return read_attribute(&place->rdn, attribute);
}

lwsec_bytes lwsec_name_common_name(lwsec_bytes name)
{
    static const uint8_t common_name[] = {0x55, 0x04, 0x03};
    lwsec_name_place place = lwsec_name_attributes(name);
    lwsec_name_attribute attribute;
    lwsec_bytes found = {NULL, 0};
    const lwsec_bytes none = found;
    unsigned count = 0;

    while (lwsec_name_attribute_next(&place, &attribute)) {
        if (!lwsec_der_same(attribute.type, lwsec_bytes_of(common_name, sizeof common_name))) {
            continue;
        }
        if (++count > 1 || !is_text(attribute.value.tag)) {
            return none;
        }
        found = attribute.value.value;
    }
    return found;
}
