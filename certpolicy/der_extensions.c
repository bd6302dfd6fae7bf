/* The extensions of a certificate: which are there, and what the rules need of each. */
#include "certpolicy/der_certificate.h"
#include "certpolicy/name.h"

#define EXTENSIONS_MAX 32U

lwsec_extension lwsec_extension_next(lwsec_reader *extensions)
{
    lwsec_reader reader = lwsec_der_open(extensions, LWSEC_DER_SEQUENCE);
    lwsec_extension extension;

    extension.oid = lwsec_der_oid(&reader);
    extension.critical = lwsec_der_default_false(&reader);
    extension.value = lwsec_der_value(&reader, LWSEC_DER_OCTET_STRING);
    lwsec_reader_finish_child(extensions, &reader);
    return extension;
}

uint8_t lwsec_extension_number(lwsec_bytes oid)
{
    return oid.size == 3 && oid.data[0] == 0x55 && oid.data[1] == 0x1d ? oid.data[2] : 0;
}

/* ---- What each of them holds ---- */

static void read_basic_constraints(lwsec_reader *value, lwsec_cert_view *view)
{
    lwsec_reader sequence = lwsec_der_open(value, LWSEC_DER_SEQUENCE);

    view->is_ca = lwsec_der_default_false(&sequence);
    if (lwsec_der_is(&sequence, LWSEC_DER_INTEGER)) {
        view->has_path_length = true;
        view->path_length = lwsec_der_small(&sequence, INT32_MAX);
        if (!view->is_ca) {
            lwsec_reader_fail(&sequence, LWSEC_WHY_CERT_MALFORMED);
        }
    }
    lwsec_reader_finish_child(value, &sequence);
}

static void read_key_usage(lwsec_reader *value, lwsec_cert_view *view)
{
    view->key_usage = lwsec_der_named_bits(value);
    if (view->key_usage == 0) {
        lwsec_reader_fail(value, LWSEC_WHY_CERT_MALFORMED);
    }
}

static uint16_t purpose_of(lwsec_bytes oid)
{
    static const uint8_t kp[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03};
    static const uint8_t any[] = {0x55, 0x1d, 0x25, 0x00};

    if (lwsec_der_same(oid, lwsec_bytes_of(any, sizeof any))) {
        return LWSEC_EKU_ANY;
    }
    if (oid.size == sizeof kp + 1 &&
        lwsec_der_same(lwsec_bytes_of(oid.data, sizeof kp), lwsec_bytes_of(kp, sizeof kp))) {
        switch (oid.data[sizeof kp]) {
        case 1: return LWSEC_EKU_SERVER;
        case 2: return LWSEC_EKU_CLIENT;
        default: break;
        }
    }
    return LWSEC_EKU_OTHER;
}

static void read_extended_key_usage(lwsec_reader *value, lwsec_cert_view *view)
{
    lwsec_reader sequence = lwsec_der_open(value, LWSEC_DER_SEQUENCE);

    do { /* one at least */
        view->purposes |= purpose_of(lwsec_der_oid(&sequence));
    } while (!lwsec_reader_failed(&sequence) && lwsec_reader_left(&sequence) > 0);
    lwsec_reader_finish_child(value, &sequence);
}

/* GeneralNames with this tag: at least one. Gives their contents. */
static lwsec_bytes read_names(lwsec_reader *reader, uint8_t tag)
{
    lwsec_reader names = lwsec_der_open(reader, tag);
    const lwsec_bytes contents = lwsec_bytes_of(names.data, names.size);

    do {
        (void)lwsec_name_next(&names);
    } while (!lwsec_reader_failed(&names) && lwsec_reader_left(&names) > 0);
    lwsec_reader_finish_child(reader, &names);
    return contents;
}

/* permittedSubtrees or excludedSubtrees: absent, or at least one. */
static lwsec_bytes read_subtrees(lwsec_reader *sequence, uint8_t number)
{
    const uint8_t tag = (uint8_t)(LWSEC_DER_CONTEXT_CONSTRUCTED | number);
    lwsec_bytes none = {NULL, 0};

    if (!lwsec_der_is(sequence, tag)) {
        return none;
    }
    lwsec_reader subtrees = lwsec_der_open(sequence, tag);
    const lwsec_bytes whole = lwsec_bytes_of(subtrees.data, subtrees.size);
    do {
        (void)lwsec_name_subtree_next(&subtrees);
    } while (!lwsec_reader_failed(&subtrees) && lwsec_reader_left(&subtrees) > 0);
    lwsec_reader_finish_child(sequence, &subtrees);
    return whole;
}

static void read_name_constraints(lwsec_reader *value, lwsec_cert_view *view)
{
    lwsec_reader sequence = lwsec_der_open(value, LWSEC_DER_SEQUENCE);

    view->permitted = read_subtrees(&sequence, 0);
    view->excluded = read_subtrees(&sequence, 1);
    if (view->permitted.size == 0 && view->excluded.size == 0) {
        lwsec_reader_fail(&sequence, LWSEC_WHY_CERT_MALFORMED);
    }
    lwsec_reader_finish_child(value, &sequence);
}

static void read_authority_key_id(lwsec_reader *value, lwsec_cert_view *view)
{
    lwsec_reader sequence = lwsec_der_open(value, LWSEC_DER_SEQUENCE);

    if (lwsec_der_is(&sequence, LWSEC_DER_CONTEXT)) {
        view->authority_key_id = lwsec_der_value(&sequence, LWSEC_DER_CONTEXT);
    }
    if (lwsec_der_is(&sequence, LWSEC_DER_CONTEXT_CONSTRUCTED | 1)) {
        view->authority_issuer = read_names(&sequence, LWSEC_DER_CONTEXT_CONSTRUCTED | 1);
    }
    if (lwsec_der_is(&sequence, LWSEC_DER_CONTEXT | 2)) {
        view->authority_serial = lwsec_der_value(&sequence, LWSEC_DER_CONTEXT | 2);
    }
    /* Issuer and serial number come together. */
    if ((view->authority_issuer.size > 0) != (view->authority_serial.size > 0)) {
        lwsec_reader_fail(&sequence, LWSEC_WHY_CERT_MALFORMED);
    }
    lwsec_reader_finish_child(value, &sequence);
}

static bool is_any_policy(lwsec_bytes oid)
{
    static const uint8_t any[] = {0x55, 0x1d, 0x20, 0x00};

    return lwsec_der_same(oid, lwsec_bytes_of(any, sizeof any));
}

/* RFC 5280 section 6.1.4 (a): anyPolicy is on neither side. */
static void read_policy_mappings(lwsec_reader *value)
{
    lwsec_reader mappings = lwsec_der_open(value, LWSEC_DER_SEQUENCE);

    do { /* one at least */
        lwsec_reader mapping = lwsec_der_open(&mappings, LWSEC_DER_SEQUENCE);
        const bool of_any = is_any_policy(lwsec_der_value(&mapping, LWSEC_DER_OID));
        if (is_any_policy(lwsec_der_value(&mapping, LWSEC_DER_OID)) || of_any) {
            lwsec_reader_fail(&mapping, LWSEC_WHY_CERT_MALFORMED);
        }
        lwsec_reader_finish_child(&mappings, &mapping);
    } while (!lwsec_reader_failed(&mappings) && lwsec_reader_left(&mappings) > 0);
    lwsec_reader_finish_child(value, &mappings);
}

static void read_policy_constraints(lwsec_reader *value, lwsec_cert_view *view)
{
    lwsec_reader sequence = lwsec_der_open(value, LWSEC_DER_SEQUENCE);
    bool some = false;

    for (uint8_t number = 0; number <= 1; number++) {
        if (lwsec_der_is(&sequence, (uint8_t)(LWSEC_DER_CONTEXT | number))) {
            (void)lwsec_der_value(&sequence, (uint8_t)(LWSEC_DER_CONTEXT | number));
            view->explicit_policy = view->explicit_policy || number == 0;
            some = true;
        }
    }
    if (!some) {
        lwsec_reader_fail(&sequence, LWSEC_WHY_CERT_MALFORMED);
    }
    lwsec_reader_finish_child(value, &sequence);
}

/* authorityInfoAccess and subjectInfoAccess: pairs of a method and a place. */
static void check_access(lwsec_reader *value)
{
    lwsec_reader sequence = lwsec_der_open(value, LWSEC_DER_SEQUENCE);

    do {
        lwsec_reader access = lwsec_der_open(&sequence, LWSEC_DER_SEQUENCE);
        (void)lwsec_der_oid(&access);
        (void)lwsec_name_next(&access);
        lwsec_reader_finish_child(&sequence, &access);
    } while (!lwsec_reader_failed(&sequence) && lwsec_reader_left(&sequence) > 0);
    lwsec_reader_finish_child(value, &sequence);
}

/* DistributionPointName: full names, or what is behind the issuer's name. */
static void check_point_name(lwsec_reader *point)
{
    lwsec_reader choice = lwsec_der_open(point, LWSEC_DER_CONTEXT_CONSTRUCTED);

    if (lwsec_der_is(&choice, LWSEC_DER_CONTEXT_CONSTRUCTED)) {
        (void)read_names(&choice, LWSEC_DER_CONTEXT_CONSTRUCTED);
    } else {
        lwsec_reader rdn = lwsec_der_open(&choice, LWSEC_DER_CONTEXT_CONSTRUCTED | 1);
        lwsec_der_rdn(&rdn);
        lwsec_reader_finish_child(&choice, &rdn);
    }
    lwsec_reader_finish_child(point, &choice);
}

/* cRLDistributionPoints and freshestCRL: their contents, checked. */
static lwsec_bytes read_points(lwsec_reader *value)
{
    lwsec_reader contents = *value;
    lwsec_reader sequence = lwsec_der_open(value, LWSEC_DER_SEQUENCE);

    do {
        lwsec_reader point = lwsec_der_open(&sequence, LWSEC_DER_SEQUENCE);
        if (lwsec_der_is(&point, LWSEC_DER_CONTEXT_CONSTRUCTED)) {
            check_point_name(&point);
        }
        if (lwsec_der_is(&point, LWSEC_DER_CONTEXT | 1)) {
            const lwsec_bytes reasons = lwsec_der_value(&point, LWSEC_DER_CONTEXT | 1);
            if (reasons.size < 2 || reasons.data[0] > 7) {
                lwsec_reader_fail(&point, LWSEC_WHY_CERT_MALFORMED);
            }
        }
        if (lwsec_der_is(&point, LWSEC_DER_CONTEXT_CONSTRUCTED | 2)) {
            (void)read_names(&point, LWSEC_DER_CONTEXT_CONSTRUCTED | 2);
        }
        lwsec_reader_finish_child(&sequence, &point);
    } while (!lwsec_reader_failed(&sequence) && lwsec_reader_left(&sequence) > 0);
    lwsec_reader_finish_child(value, &sequence);
    return lwsec_der_value(&contents, LWSEC_DER_SEQUENCE);
}

/* ---- Which it is ---- */

static uint32_t known(lwsec_bytes oid)
{
    static const uint8_t access[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01};
    static const uint8_t netscape[] = {0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 0x01, 0x01};

    if (lwsec_der_same(oid, lwsec_bytes_of(netscape, sizeof netscape))) {
        return LWSEC_EXT_NETSCAPE_TYPE;
    }
    if (oid.size == sizeof access + 1 && lwsec_der_same(lwsec_bytes_of(oid.data, sizeof access),
                                                        lwsec_bytes_of(access, sizeof access))) {
        switch (oid.data[sizeof access]) {
        case 1: return LWSEC_EXT_AUTHORITY_ACCESS;
        case 11: return LWSEC_EXT_SUBJECT_ACCESS;
        /* Addresses, routes, proxies: other rules than those of RFC 5280 hold for them. */
        case 7:
        case 8:
        case 14: return LWSEC_EXT_UNHANDLED;
        default: return 0;
        }
    }
    switch (lwsec_extension_number(oid)) {
    case 14: return LWSEC_EXT_SUBJECT_KEY_ID;
    case 15: return LWSEC_EXT_KEY_USAGE;
    case 17: return LWSEC_EXT_ALT_NAME;
    case 18: return LWSEC_EXT_ISSUER_ALT_NAME;
    case 19: return LWSEC_EXT_BASIC_CONSTRAINTS;
    case 30: return LWSEC_EXT_NAME_CONSTRAINTS;
    case 31: return LWSEC_EXT_CRL_POINTS;
    case 32: return LWSEC_EXT_POLICIES;
    case 33: return LWSEC_EXT_POLICY_MAPPINGS;
    case 35: return LWSEC_EXT_AUTHORITY_KEY_ID;
    case 36: return LWSEC_EXT_POLICY_CONSTRAINTS;
    case 37: return LWSEC_EXT_EXTENDED_KEY_USAGE;
    case 46: return LWSEC_EXT_FRESHEST_CRL;
    case 54: return LWSEC_EXT_INHIBIT_ANY_POLICY;
    default: return 0;
    }
}

static void read_value(uint32_t kind, lwsec_reader *value, lwsec_cert_view *view)
{
    switch (kind) {
    case LWSEC_EXT_BASIC_CONSTRAINTS: read_basic_constraints(value, view); break;
    case LWSEC_EXT_KEY_USAGE: read_key_usage(value, view); break;
    case LWSEC_EXT_EXTENDED_KEY_USAGE: read_extended_key_usage(value, view); break;
    case LWSEC_EXT_ALT_NAME: view->alt_names = read_names(value, LWSEC_DER_SEQUENCE); break;
    case LWSEC_EXT_NAME_CONSTRAINTS: read_name_constraints(value, view); break;
    case LWSEC_EXT_SUBJECT_KEY_ID:
        view->subject_key_id = lwsec_der_value(value, LWSEC_DER_OCTET_STRING);
        break;
    case LWSEC_EXT_AUTHORITY_KEY_ID: read_authority_key_id(value, view); break;
    case LWSEC_EXT_POLICY_MAPPINGS: read_policy_mappings(value); break;
    case LWSEC_EXT_POLICY_CONSTRAINTS: read_policy_constraints(value, view); break;
    case LWSEC_EXT_INHIBIT_ANY_POLICY: (void)lwsec_der_small(value, INT32_MAX); break;
    case LWSEC_EXT_CRL_POINTS: view->crl_points = read_points(value); break;
    case LWSEC_EXT_FRESHEST_CRL: (void)read_points(value); break;
    case LWSEC_EXT_NETSCAPE_TYPE: (void)lwsec_der_named_bits(value); break;
    case LWSEC_EXT_AUTHORITY_ACCESS:
    case LWSEC_EXT_SUBJECT_ACCESS: check_access(value); break;
    default: (void)lwsec_der_whole(value, LWSEC_DER_SEQUENCE); break;
    }
}

static void read_one(lwsec_reader *extensions, const lwsec_extension *extension,
                     lwsec_cert_view *view)
{
    const uint32_t kind = known(extension->oid);
    lwsec_reader value = lwsec_reader_of(extension->value);

    if (kind == LWSEC_EXT_UNHANDLED || (kind == 0 && extension->critical)) {
        view->present |= LWSEC_EXT_UNHANDLED;
        return;
    }
    if (kind == 0) {
        return;
    }
    view->present |= kind;
    view->critical |= extension->critical ? kind : 0;
    read_value(kind, &value, view);
    lwsec_reader_finish_child(extensions, &value);
}

/* Whether the OID stands in the first `end` bytes of the list: an extension may stand once. */
static bool stands_before(const lwsec_reader *extensions, size_t end, lwsec_bytes oid)
{
    lwsec_reader before = lwsec_reader_of(lwsec_bytes_of(extensions->data, end));

    while (!lwsec_reader_failed(&before) && lwsec_reader_left(&before) > 0) {
        if (lwsec_der_same(lwsec_extension_next(&before).oid, oid)) {
            return true;
        }
    }
    return false;
}

void lwsec_cert_extensions_read(lwsec_reader *extensions, lwsec_cert_view *view)
{
    unsigned count = 0;

    do { /* one at least */
        const size_t begin = extensions->position;
        const lwsec_extension extension = lwsec_extension_next(extensions);
        count++;
        if (lwsec_reader_failed(extensions) || count > EXTENSIONS_MAX ||
            stands_before(extensions, begin, extension.oid)) {
            lwsec_reader_fail(extensions, LWSEC_WHY_CERT_MALFORMED);
            return;
        }
        read_one(extensions, &extension, view);
    } while (!lwsec_reader_failed(extensions) && lwsec_reader_left(extensions) > 0);
}
