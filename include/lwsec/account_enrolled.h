/* Mode 4: the certificate that EST got for an account, kept over a reboot, and used as in mode 2.
 */
#ifndef LWSEC_ACCOUNT_ENROLLED_H
#define LWSEC_ACCOUNT_ENROLLED_H

#include <lwsec/account_session.h>
#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an enrolment has given: see <lwsec/est.h>. */
typedef struct lwsec_enrolled {
    size_t size;          /* sizeof(lwsec_enrolled) */
    lwsec_bytes identity; /* the certificate and those above it, in DER: lwsec_est_identity */
    lwsec_key key;        /* its private key, with LWSEC_USE_SIGN */
} lwsec_enrolled;

/*
 * Puts it into the description of a session in mode 4, which from then on is that of an account in
 * mode 2 (R-5.2.4-15): lwsec_account_dtls_make takes it as it is. Nothing is copied: certificate
 * and key have to live as long as what is made of the description.
 *
 * LWSEC_USAGE with LWSEC_WHY_CONFIG: a size that is not known, or a description of another mode.
 * LWSEC_REJECT with LWSEC_WHY_EST_OTHER_KEY: the certificate is for another key; with the reason of
 * the reader: no certificate. Otherwise as lwsec_key_public.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_enrolled_use(const lwsec_enrolled *enrolled,
                                                           lwsec_session_description *description,
                                                           lwsec_reason *reason);

/*
 * Where it is kept: a record for each account, which holds the certificates, the LwM2M Server URI
 * of the account and the name of the key in its store. Certificates are no secret.
 */
typedef struct lwsec_enrolled_place {
    size_t size; /* sizeof(lwsec_enrolled_place) */
    lwsec_state *state;
    const lwsec_accounts *accounts;
    uint16_t instance; /* of the Security object */
    uint8_t name[8];   /* as in lwsec_provisioning_config: tells the clients of one state apart */
    lwsec_bytes key_name; /* of a key that its store keeps; for storing alone */
} lwsec_enrolled_place;

/* All calls answer LWSEC_PENDING where the state does: poll it, then make the same call again. */

/*
 * Stores it durably, in the place of what an earlier enrolment gave. Store before the first use: a
 * key whose certificate is lost has to be enrolled anew.
 *
 * LWSEC_USAGE with LWSEC_WHY_CONFIG: a field of the place, or a size; with TOO_LONG: over
 * LWSEC_RECORD_MAX. LWSEC_ABSENT: the account has no mode 4. Otherwise as lwsec_enrolled_use, and
 * lwsec_state_store_if.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_enrolled_store(const lwsec_enrolled_place *place,
                                                             const lwsec_enrolled *enrolled,
                                                             lwsec_reason *reason);

/*
 * Finds it again: its key in `store`, its certificates in `room`, which needs LWSEC_RECORD_MAX
 * bytes and lives as long as they are used. The handle is the caller's to release.
 *
 * LWSEC_ABSENT: enrol: there is nothing for this account, or it is that of another server, the
 * account has no mode 4, or its store has no such key any more. LWSEC_STATE with STATE_FOREIGN: a
 * record that this library did not write. LWSEC_REJECT with LWSEC_WHY_EST_OTHER_KEY: the key that
 * has this name now is another one. Otherwise as lwsec_state_load and lwsec_key_find.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_enrolled_load(const lwsec_enrolled_place *place,
                                                            lwsec_store *store, lwsec_buffer *room,
                                                            lwsec_enrolled *enrolled,
                                                            lwsec_reason *reason);

/* Forgets it: for an account that is gone. The key stays in its store. LWSEC_ABSENT: there is none.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_enrolled_erase(const lwsec_enrolled_place *place,
                                                             lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
