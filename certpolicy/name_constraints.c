/* Name constraints of CAs (RFC 5280 section 4.2.1.10). */
#include "certpolicy/name.h"

/* ---- One name, one constraint ---- */

/* Whether `name` ends in the domain, at the border of a label. */
static bool ends_in(lwsec_bytes name, lwsec_bytes domain)
{
    if (name.size <= domain.size) {
        return lwsec_name_same_text(name, domain);
    }
    const size_t rest = name.size - domain.size;
    return lwsec_name_same_text(lwsec_bytes_of(&name.data[rest], domain.size), domain) &&
           (domain.size == 0 || name.data[rest - 1] == '.');
}

static bool is_wildcard(lwsec_bytes name)
{
    return name.size > 2 && name.data[0] == '*' && name.data[1] == '.';
}

/* Whether "*.domain" stands for a name that the constraint excludes although it is below the
 * domain: the constraint is the domain with one label before it. */
static bool wildcard_reaches(lwsec_bytes domain, lwsec_bytes constraint)
{
    if (constraint.size <= domain.size + 1 || !ends_in(constraint, domain)) {
        return false;
    }
    for (size_t i = 0; i < constraint.size - domain.size - 1; i++) {
        if (constraint.data[i] == '.') {
            return false;
        }
    }
    return true;
}

static bool dns_within(lwsec_bytes name, lwsec_bytes constraint, bool excluding)
{
    if (!is_wildcard(name)) {
        return ends_in(name, constraint);
    }
    const lwsec_bytes domain = lwsec_bytes_of(&name.data[2], name.size - 2);
    return ends_in(domain, constraint) || (excluding && wildcard_reaches(domain, constraint));
}

static bool address_within(lwsec_bytes address, lwsec_bytes constraint)
{
    if (constraint.size != 2 * address.size) {
        return false;
    }
    for (size_t i = 0; i < address.size; i++) {
        if (((address.data[i] ^ constraint.data[i]) & constraint.data[address.size + i]) != 0) {
            return false;
        }
    }
    return true;
}

/* A host against a constraint that is a host, or with a leading dot all below a domain. */
static bool host_within(lwsec_bytes host, lwsec_bytes constraint)
{
    if (constraint.size > 0 && constraint.data[0] == '.') {
        const size_t size = constraint.size;
        return host.size > size &&
               lwsec_name_same_text(lwsec_bytes_of(&host.data[host.size - size], size), constraint);
    }
    return lwsec_name_same_text(host, constraint);
}

static size_t position_of(lwsec_bytes text, uint8_t character)
{
    size_t i = 0;

    while (i < text.size && text.data[i] != character) {
        i++;
    }
    return i;
}

static lwsec_bytes from(lwsec_bytes text, size_t begin)
{
    const lwsec_bytes none = {NULL, 0};

    return begin < text.size ? lwsec_bytes_of(&text.data[begin], text.size - begin) : none;
}

static bool email_within(lwsec_bytes email, lwsec_bytes constraint)
{
    const size_t at = position_of(email, '@'), other = position_of(constraint, '@');
    const lwsec_bytes host = from(email, at + 1);

    if (other == constraint.size) {
        return host_within(host, constraint);
    }
    /* A mailbox: its local part tells letters apart. */
    return lwsec_der_same(lwsec_bytes_of(email.data, at), lwsec_bytes_of(constraint.data, other)) &&
           lwsec_name_same_text(host, from(constraint, other + 1));
}

/* The host of a URI; {NULL, 0} where it has none, or an address. */
static lwsec_bytes host_of(lwsec_bytes uri)
{
    const lwsec_bytes none = {NULL, 0};
    const lwsec_bytes rest = from(uri, position_of(uri, ':') + 1);

    if (rest.size < 3 || rest.data[0] != '/' || rest.data[1] != '/') {
        return none;
    }
    lwsec_bytes host = from(rest, 2);
    size_t end = 0;
    while (end < host.size && host.data[end] != '/' && host.data[end] != '?' &&
           host.data[end] != '#') {
        end++;
    }
    host.size = end;
    const size_t at = position_of(host, '@');
    host = at < host.size ? from(host, at + 1) : host;
    host.size = position_of(host, ':');
    return lwsec_name_is_dns(host) ? host : none;
}

/* ---- Forms that a constrained name must have ---- */

/* A name that cannot be told is within no permitted subtree, and within each excluded one. */
static bool can_be_told(const lwsec_name *name)
{
    switch (name->kind) {
    case LWSEC_NAME_DNS:
        return lwsec_name_is_dns(is_wildcard(name->value) ? from(name->value, 2) : name->value);
    case LWSEC_NAME_EMAIL: {
        const size_t at = position_of(name->value, '@');
        return at > 0 && lwsec_name_is_dns(from(name->value, at + 1));
    }
    case LWSEC_NAME_URI: return host_of(name->value).size > 0;
    case LWSEC_NAME_ADDRESS:
    case LWSEC_NAME_DIRECTORY: return true;
    default: return false; /* no rule says how such names are constrained */
    }
}

static bool is_within(const lwsec_name *name, lwsec_bytes constraint, bool excluding)
{
    switch (name->kind) {
    case LWSEC_NAME_DNS: return dns_within(name->value, constraint, excluding);
    case LWSEC_NAME_ADDRESS: return address_within(name->value, constraint);
    case LWSEC_NAME_EMAIL: return email_within(name->value, constraint);
    case LWSEC_NAME_URI: return host_within(host_of(name->value), constraint);
    default: return lwsec_name_begins(name->value, constraint, excluding);
    }
}

/* ---- All names, all constraints ---- */

typedef struct verdict {
    bool some;   /* a constraint is of the kind of this name */
    bool within; /* the name is within one of them */
} verdict;

static verdict compare(lwsec_bytes subtrees, const lwsec_name *name, bool excluding,
                       uint32_t *comparisons)
{
    lwsec_reader reader = lwsec_reader_of(subtrees);
    const bool told = can_be_told(name);
    verdict found = {false, false};

    while (!lwsec_reader_failed(&reader) && lwsec_reader_left(&reader) > 0) {
        const lwsec_name constraint = lwsec_name_subtree_next(&reader);
        if (*comparisons == 0) {
            found.some = true;
            found.within = excluding;
            return found;
        }
        (*comparisons)--;
        if (constraint.kind == name->kind) {
            found.some = true;
            found.within =
                found.within || (told ? is_within(name, constraint.value, excluding) : excluding);
        }
    }
    return found;
}

static bool is_kept(const lwsec_cert_view *authority, const lwsec_name *name, uint32_t *comparisons)
{
    const verdict permitted = compare(authority->permitted, name, false, comparisons);
    const verdict excluded = compare(authority->excluded, name, true, comparisons);

    return !excluded.within && (!permitted.some || permitted.within);
}

static bool alt_names_kept(const lwsec_cert_view *authority, const lwsec_cert_view *below,
                           uint32_t *comparisons)
{
    lwsec_reader names = lwsec_reader_of(below->alt_names);

    while (!lwsec_reader_failed(&names) && lwsec_reader_left(&names) > 0) {
        const lwsec_name name = lwsec_name_next(&names);
        if (!is_kept(authority, &name, comparisons)) {
            return false;
        }
    }
    return true;
}

/* Attributes of the subject that are names of another kind: emailAddress, and the common name where
 * it stands for a DNS name. */
static bool attributes_kept(const lwsec_cert_view *authority, const lwsec_cert_view *below,
                            bool common_name_counts, uint32_t *comparisons)
{
    static const uint8_t email[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01};
    static const uint8_t common_name[] = {0x55, 0x04, 0x03};
    lwsec_name_place place = lwsec_name_attributes(below->subject);
    lwsec_name_attribute attribute;

    while (lwsec_name_attribute_next(&place, &attribute)) {
        lwsec_name name = {0, attribute.value.value};
        if (lwsec_der_same(attribute.type, lwsec_bytes_of(email, sizeof email))) {
            name.kind = LWSEC_NAME_EMAIL;
        }
        if (common_name_counts &&
            lwsec_der_same(attribute.type, lwsec_bytes_of(common_name, sizeof common_name))) {
            name.kind = LWSEC_NAME_DNS;
        }
        /* A common name that is no DNS name identifies nobody. */
        if (name.kind != 0 && (name.kind == LWSEC_NAME_EMAIL || can_be_told(&name)) &&
            !is_kept(authority, &name, comparisons)) {
            return false;
        }
    }
    return true;
}

bool lwsec_name_constraints_kept(const lwsec_cert_view *authority, const lwsec_cert_view *below,
                                 bool common_name_counts, uint32_t *comparisons)
{
    const lwsec_name subject = {LWSEC_NAME_DIRECTORY, below->subject};

    if ((authority->present & LWSEC_EXT_NAME_CONSTRAINTS) == 0) {
        return true;
    }
    return (lwsec_der_name_is_empty(below->subject) || is_kept(authority, &subject, comparisons)) &&
           alt_names_kept(authority, below, comparisons) &&
           attributes_kept(authority, below, common_name_counts, comparisons);
}
