/* The endpoint name of a registration against the OSCORE identity of who sent it. */
#ifndef LWSEC_ENDPOINT_NAME_H
#define LWSEC_ENDPOINT_NAME_H

#include <lwsec/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether this endpoint name belongs to this Sender ID. `table` is the caller's. */
typedef bool (*lwsec_endpoint_name_lookup)(void *table, lwsec_bytes endpoint_name,
                                           lwsec_bytes sender_id);

/*
 * Server: compares the `ep` of a Register (or Bootstrap-Request) with the Sender ID of the client,
 * which is the Recipient ID of the context that opened the request. R-5.5.5-03, R-5.5.5-04.
 *
 * Without a look-up, name and ID have to be equal, byte by byte. With one, it alone decides: the
 * usual case, as a Sender ID has 7 bytes at most. A name that is absent (NULL data) claims nothing
 * and fits; one that is empty is compared.
 *
 * Gives 0, or the code 4.00 that the server has to answer (R-5.5.5-05).
 */
LWSEC_API uint8_t lwsec_endpoint_name_check(lwsec_bytes endpoint_name, lwsec_bytes sender_id,
                                            lwsec_endpoint_name_lookup lookup, void *table);

/* A look-up in an array, for servers that have no database: `table` is an lwsec_endpoint_names. */
typedef struct lwsec_endpoint_names_entry {
    lwsec_bytes endpoint_name;
    lwsec_bytes sender_id;
} lwsec_endpoint_names_entry;

typedef struct lwsec_endpoint_names {
    const lwsec_endpoint_names_entry *entries;
    size_t count;
} lwsec_endpoint_names;

LWSEC_API bool lwsec_endpoint_names_lookup(void *table, lwsec_bytes endpoint_name,
                                           lwsec_bytes sender_id);

#ifdef __cplusplus
}
#endif
#endif
