/* General names and subtrees: their forms. */
#include "certpolicy/name.h"

static bool is_ascii(lwsec_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == 0 || text.data[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* A value of any type, as far as it is of use in a name: what its type asks of it is kept. */
static bool is_plain_value(const lwsec_der *value)
{
    lwsec_reader reader = lwsec_reader_of(value->whole);

    switch (value->tag) {
    case LWSEC_DER_SEQUENCE:
    case LWSEC_DER_OCTET_STRING: return true;
    case LWSEC_DER_NULL: return value->value.size == 0;
    case LWSEC_DER_OID: return lwsec_der_is_oid(value->value);
    case LWSEC_DER_INTEGER: (void)lwsec_der_integer(&reader); return !lwsec_reader_failed(&reader);
    default: return lwsec_der_is_text(value);
    }
}

/* OtherName: what kind, and a value of it. */
static void read_other(lwsec_reader *name)
{
    (void)lwsec_der_oid(name);
    lwsec_reader value = lwsec_der_open(name, LWSEC_DER_CONTEXT_CONSTRUCTED);
    const lwsec_der inner = lwsec_der_next(&value);
    if (!is_plain_value(&inner)) {
        lwsec_reader_fail(&value, LWSEC_WHY_CERT_MALFORMED);
    }
    lwsec_reader_finish_child(name, &value);
}

/* The contents of the element, for a directory name the Name in it. */
static lwsec_name read_one(lwsec_reader *reader)
{
    const lwsec_der element = lwsec_der_next(reader);
    lwsec_name name = {element.tag, element.value};
    lwsec_reader inner = lwsec_reader_of(element.value);

    switch (element.tag) {
    case LWSEC_NAME_EMAIL:
    case LWSEC_NAME_DNS:
    case LWSEC_NAME_URI:
        if (!is_ascii(name.value)) {
            lwsec_reader_fail(reader, LWSEC_WHY_CERT_MALFORMED);
        }
        break;
    case LWSEC_NAME_DIRECTORY:
        name.value = lwsec_der_name(&inner);
        lwsec_reader_finish_child(reader, &inner);
        break;
    case LWSEC_NAME_OTHER:
        read_other(&inner);
        lwsec_reader_finish_child(reader, &inner);
        break;
    case LWSEC_NAME_REGISTERED:
        if (!lwsec_der_is_oid(name.value)) {
            lwsec_reader_fail(reader, LWSEC_WHY_CERT_MALFORMED);
        }
        break;
    case LWSEC_NAME_ADDRESS: break;
    default: /* X.400 and EDI are not known */
        lwsec_reader_fail(reader, LWSEC_WHY_CERT_MALFORMED);
        break;
    }
    return name;
}

lwsec_name lwsec_name_next(lwsec_reader *names)
{
    const lwsec_name name = read_one(names);

    if (name.kind == LWSEC_NAME_ADDRESS && name.value.size != 4 && name.value.size != 16) {
        lwsec_reader_fail(names, LWSEC_WHY_CERT_MALFORMED);
    }
    if ((name.kind == LWSEC_NAME_DNS || name.kind == LWSEC_NAME_EMAIL ||
         name.kind == LWSEC_NAME_URI) &&
        name.value.size == 0) {
        lwsec_reader_fail(names, LWSEC_WHY_CERT_MALFORMED);
    }
    return name;
}

/* Ones, then zeros. */
static bool is_mask(lwsec_bytes mask)
{
    bool ended = false;

    for (size_t i = 0; i < 8 * mask.size; i++) {
        const bool one = (mask.data[i / 8] >> (7 - i % 8) & 1) != 0;
        if (one && ended) {
            return false;
        }
        ended = ended || !one;
    }
    return true;
}

/* Nothing (every name), or a DNS name. */
static bool is_dns_constraint(lwsec_bytes value)
{
    return value.size == 0 || lwsec_name_is_dns(value);
}

/* A host, or with a leading dot all hosts of a domain. */
static bool is_host_constraint(lwsec_bytes value)
{
    if (value.size > 1 && value.data[0] == '.') {
        value = lwsec_bytes_of(&value.data[1], value.size - 1);
    }
    return lwsec_name_is_dns(value);
}

/* A mailbox, or what a host has. */
static bool is_email_constraint(lwsec_bytes value)
{
    size_t at = 0;

    while (at < value.size && value.data[at] != '@') {
        at++;
    }
    return at == value.size
               ? is_host_constraint(value)
               : at > 0 &&
                     lwsec_name_is_dns(lwsec_bytes_of(&value.data[at + 1], value.size - at - 1));
}

static bool is_address_constraint(lwsec_bytes value)
{
    const size_t half = value.size / 2;

    return (value.size == 8 || value.size == 32) &&
           is_mask(lwsec_bytes_of(&value.data[half], half));
}

static bool is_constraint(const lwsec_name *name)
{
    switch (name->kind) {
    case LWSEC_NAME_EMAIL: return is_email_constraint(name->value);
    case LWSEC_NAME_DNS: return is_dns_constraint(name->value);
    case LWSEC_NAME_URI: return is_host_constraint(name->value);
    case LWSEC_NAME_ADDRESS: return is_address_constraint(name->value);
    default: return true;
    }
}

/* GeneralSubtree: minimum is 0, and left away; maximum is not used (RFC 5280 section 4.2.1.10). */
lwsec_name lwsec_name_subtree_next(lwsec_reader *subtrees)
{
    lwsec_reader subtree = lwsec_der_open(subtrees, LWSEC_DER_SEQUENCE);
    const lwsec_name name = read_one(&subtree);

    if (!lwsec_reader_failed(&subtree) && !is_constraint(&name)) {
        lwsec_reader_fail(&subtree, LWSEC_WHY_CERT_MALFORMED);
    }
    lwsec_reader_finish_child(subtrees, &subtree);
    return name;
}
