/* For people who look into OSCORE: key material as bytes. Absent with -DLWSEC_DEBUG_TOOLS=OFF. */
#ifndef LWSEC_OSCORE_DEBUG_H
#define LWSEC_OSCORE_DEBUG_H

#include <lwsec/oscore.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What RFC 8613 section 3.2.1 derives, for the eye of a person. Secret: wipe it after use. */
typedef struct lwsec_oscore_material {
    uint8_t sender_key[32];
    uint8_t recipient_key[32];
    size_t key_size;
    uint8_t common_iv[13];
    size_t iv_size;
} lwsec_oscore_material;

/*
 * Derives from bytes, never from a handle: `master_secret` is what the caller holds anyway. Of
 * `config`, only salt, IDs, ID Context, aead and hmac are read. `store` lends its HMAC.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_debug_derive(lwsec_store *store,
                                                                  lwsec_bytes master_secret,
                                                                  const lwsec_oscore_config *config,
                                                                  lwsec_oscore_material *material,
                                                                  lwsec_reason *reason);

/* The Common IV of a context, which is no secret: `size` bytes of 13. For a context whose keys
 * nobody can see. */
LWSEC_API void lwsec_oscore_debug_common_iv(const lwsec_oscore *context, uint8_t iv[13],
                                            size_t *size);

/*
 * Makes the request object of a request that this context's client protected earlier, out of the
 * protected bytes: to look at a response without the process that sent the request.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_debug_recall(lwsec_oscore *context,
                                                                  lwsec_bytes protected_request,
                                                                  lwsec_oscore_request *request,
                                                                  lwsec_reason *reason);

/*
 * Takes the replay window of this context for current, without the proof of freshness that
 * `start_ssn` or an earlier life ask for: to look at recorded messages, which cannot answer a
 * challenge. Never on a network.
 */
LWSEC_API void lwsec_oscore_debug_trust_window(lwsec_oscore *context);

#ifdef __cplusplus
}
#endif
#endif
