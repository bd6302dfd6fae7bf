/* Names in certificates: what they are, whether they are the same, and what constrains them. */
#ifndef LWSEC_CERTPOLICY_NAME_H
#define LWSEC_CERTPOLICY_NAME_H

#include <lwsec/cert.h>

#include "certpolicy/der_certificate.h"

/* GeneralName, by its tag. */
typedef enum lwsec_name_kind {
    LWSEC_NAME_OTHER = 0xa0,
    LWSEC_NAME_EMAIL = 0x81,
    LWSEC_NAME_DNS = 0x82,
    LWSEC_NAME_DIRECTORY = 0xa4, /* the value is a whole Name */
    LWSEC_NAME_URI = 0x86,
    LWSEC_NAME_ADDRESS = 0x87,
    LWSEC_NAME_REGISTERED = 0x88
} lwsec_name_kind;

typedef struct lwsec_name {
    uint8_t kind; /* lwsec_name_kind */
    lwsec_bytes value;
} lwsec_name;

/* The next GeneralName, checked for its form: an address has 4 or 16 bytes. */
lwsec_name lwsec_name_next(lwsec_reader *names);

/* The base of the next GeneralSubtree, checked for its form: an address has 4 or 16 bytes, and as
 * many of a mask; a DNS name has no wildcard and no leading dot. */
lwsec_name lwsec_name_subtree_next(lwsec_reader *subtrees);

/* Whether the bytes are a DNS name in letters, digits and hyphens, and not an IPv4 address. */
bool lwsec_name_is_dns(lwsec_bytes name);

/* Reads an IPv4 address, or an IPv6 address in any form of RFC 4291; its size, 4 or 16, or 0. */
uint8_t lwsec_name_read_address(lwsec_bytes text, uint8_t address[16]);

/* Whether a presented DNS name, which may begin with "*.", is that of the reference. */
bool lwsec_name_dns_matches(lwsec_bytes presented, lwsec_bytes reference);

/* ASCII, without difference of case. */
bool lwsec_name_same_text(lwsec_bytes one, lwsec_bytes other);

/* Whether two Names are the same (RFC 5280 section 7.1, without Unicode's normal forms), and
 * whether the RDNs of one begin the other; `perhaps`: or may do so, as strings of different kinds
 * are not compared. */
bool lwsec_name_same(lwsec_bytes one, lwsec_bytes other);
bool lwsec_name_begins(lwsec_bytes name, lwsec_bytes beginning, bool perhaps);

/* The next attribute of a Name; false at its end. `place` begins as lwsec_name_attributes(name). */
typedef struct lwsec_name_place {
    lwsec_reader name;
    lwsec_reader rdn;
} lwsec_name_place;
typedef struct lwsec_name_attribute {
    lwsec_bytes type;
    lwsec_der value;
} lwsec_name_attribute;
lwsec_name_place lwsec_name_attributes(lwsec_bytes name);
bool lwsec_name_attribute_next(lwsec_name_place *place, lwsec_name_attribute *attribute);

/* The one common name of a Name: ASCII or UTF-8; {NULL, 0} if there is none, or more than one. */
lwsec_bytes lwsec_name_common_name(lwsec_bytes name);

/* Whether the end entity is whom the reference says. */
bool lwsec_name_identifies(const lwsec_cert_view *end_entity, const lwsec_cert_reference *reference,
                           bool allow_common_name);

/* Whether the common name may stand for a DNS name: no dNSName and no URI is there. */
bool lwsec_name_common_name_counts(const lwsec_cert_view *end_entity);

/* Whether the names of a certificate keep the constraints of a CA above it. `comparisons` are those
 * that are left; with none left, they do not. */
bool lwsec_name_constraints_kept(const lwsec_cert_view *authority, const lwsec_cert_view *below,
                                 bool common_name_counts, uint32_t *comparisons);

#endif
