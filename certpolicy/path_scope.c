/* Whether a list that is not for all certificates of its CA is for this one. */
#include "certpolicy/name.h"
#include "certpolicy/path.h"

/* Tags: both are [0]. */
#define DISTRIBUTION_POINT LWSEC_DER_CONTEXT_CONSTRUCTED
#define FULL_NAME LWSEC_DER_CONTEXT_CONSTRUCTED

static bool has_name(lwsec_bytes names, const lwsec_name *wanted)
{
    lwsec_reader reader = lwsec_reader_of(names);

    while (!lwsec_reader_failed(&reader) && lwsec_reader_left(&reader) > 0) {
        const lwsec_name name = lwsec_name_next(&reader);
        const bool directory = name.kind == LWSEC_NAME_DIRECTORY;
        if (!lwsec_reader_failed(&reader) && name.kind == wanted->kind &&
            (directory ? lwsec_name_same(name.value, wanted->value)
                       : lwsec_der_same(name.value, wanted->value))) {
            return true;
        }
    }
    return false;
}

static bool have_a_name_in_common(lwsec_bytes names, lwsec_bytes others)
{
    lwsec_reader reader = lwsec_reader_of(names);

    while (!lwsec_reader_failed(&reader) && lwsec_reader_left(&reader) > 0) {
        const lwsec_name name = lwsec_name_next(&reader);
        if (!lwsec_reader_failed(&reader) && has_name(others, &name)) {
            return true;
        }
    }
    return false;
}

/* The full names of the next element, a distributionPoint; {NULL, 0} for a relative one, which
 * RFC 5280 advises against. It has to be the last element. */
static lwsec_bytes full_names(lwsec_reader *reader)
{
    const lwsec_bytes none = {NULL, 0};
    lwsec_reader point = lwsec_der_open(reader, DISTRIBUTION_POINT);
    const lwsec_bytes names = lwsec_der_value(&point, FULL_NAME);

    lwsec_reader_finish_child(reader, &point);
    return lwsec_reader_finish(reader, NULL) == LWSEC_OK ? names : none;
}

/* The names of the next DistributionPoint. One for some reasons, or with lists of another issuer,
 * counts as one without names. */
static lwsec_bytes next_names(lwsec_reader *points)
{
    lwsec_reader point = lwsec_der_open(points, LWSEC_DER_SEQUENCE);

    return full_names(&point);
}

/* RFC 5280 section 6.3.3 (b) (2) (i). */
static bool is_listed_there(const lwsec_cert_view *certificate, lwsec_bytes point)
{
    lwsec_reader reader = lwsec_reader_of(point);
    const lwsec_bytes names = full_names(&reader);
    lwsec_reader points = lwsec_reader_of(certificate->crl_points);

    while (!lwsec_reader_failed(&points) && lwsec_reader_left(&points) > 0) {
        if (have_a_name_in_common(next_names(&points), names)) {
            return true;
        }
    }
    return false;
}

bool lwsec_path_in_scope(const lwsec_cert_view *certificate, const lwsec_crl_view *list)
{
    if ((list->only_end_entities && certificate->is_ca) ||
        (list->only_authorities && !certificate->is_ca)) {
        return false;
    }
    return list->point.data == NULL || is_listed_there(certificate, list->point);
}
