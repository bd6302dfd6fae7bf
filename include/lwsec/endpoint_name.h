/* The endpoint name that a client claims against who it has proved to be. */
#ifndef LWSEC_ENDPOINT_NAME_H
#define LWSEC_ENDPOINT_NAME_H

#include <lwsec/coap.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a client has proved who it is. */
typedef enum lwsec_identity_kind {
    LWSEC_IDENTITY_NONE = 0,    /* not at all: no request of it is right */
    LWSEC_IDENTITY_PSK,         /* PSK identity of the handshake */
    LWSEC_IDENTITY_RPK,         /* SubjectPublicKeyInfo of the handshake: needs a look-up */
    LWSEC_IDENTITY_CERTIFICATE, /* Common Name of the subject, UTF-8; absent if it has none */
    LWSEC_IDENTITY_OSCORE, /* Sender ID of the client: the Recipient ID of the server's context */
    LWSEC_IDENTITY_NETWORK /* of network access, as in NoSec mode: an IMSI or the like */
} lwsec_identity_kind;

typedef struct lwsec_identity {
    lwsec_identity_kind kind;
    lwsec_bytes value;
    lwsec_bytes context; /* of OSCORE: the ID Context, which makes Sender IDs differ */
} lwsec_identity;

/* Whether this endpoint name belongs to this identity. `table` is the caller's. */
typedef bool (*lwsec_endpoint_name_lookup)(void *table, lwsec_bytes endpoint_name,
                                           const lwsec_identity *identity);

/*
 * Server and Bootstrap-Server: compares the endpoint name of a Register, Bootstrap-Request or
 * Bootstrap-Pack-Request with the identity that the client has proved. Clauses 5.2.6, 5.3, 5.5.5.
 *
 * Without a look-up, name and identity have to be equal, byte by byte; a name and an identity that
 * are empty are equal for OSCORE only, where an empty Sender ID is one, and a raw public key is
 * equal to no name. With a look-up, it alone decides: the usual case for OSCORE, as a Sender ID has
 * 7 bytes at most. A name that is absent (NULL data) claims nothing and fits; one that is empty is
 * compared.
 *
 * Gives 0, or the code 4.00 that the server has to answer.
 */
LWSEC_API uint8_t lwsec_endpoint_name_check(lwsec_bytes endpoint_name,
                                            const lwsec_identity *identity,
                                            lwsec_endpoint_name_lookup lookup, void *table);

/* The endpoint name of such a request: the value of `ep` in its query, into which it points; absent
 * if there is none. LWSEC_REJECT: `ep` stands twice; answer 4.00. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_endpoint_name_find(const lwsec_coap_message *request,
                                                                 lwsec_bytes *endpoint_name);

/* A look-up in an array, for servers that have no database: `table` is an lwsec_endpoint_names. */
typedef struct lwsec_endpoint_names_entry {
    lwsec_bytes endpoint_name;
    lwsec_identity identity; /* without a context: of any one */
} lwsec_endpoint_names_entry;

typedef struct lwsec_endpoint_names {
    const lwsec_endpoint_names_entry *entries;
    size_t count;
} lwsec_endpoint_names;

LWSEC_API bool lwsec_endpoint_names_lookup(void *table, lwsec_bytes endpoint_name,
                                           const lwsec_identity *identity);

#ifdef __cplusplus
}
#endif
#endif
