/* The inside of a secure channel: keys, chaining value, counter. */
#ifndef LWSEC_UICC_SCP03_H
#define LWSEC_UICC_SCP03_H

#include <lwsec/scp03.h>

#define LWSEC_SCP03_CHALLENGE 8U
#define LWSEC_SCP03_MAC 8U
#define LWSEC_SCP03_BLOCK 16U

/* Bits of a security level. */
#define LWSEC_SCP03_BIT_C_ENC 0x02U
#define LWSEC_SCP03_BIT_R_MAC 0x10U
#define LWSEC_SCP03_BIT_R_ENC 0x20U

struct lwsec_scp03 {
    lwsec_apdu *card;
    lwsec_key enc;
    lwsec_key mac;
    lwsec_key r_mac;
    uint32_t counter; /* of commands, for IVs */
    uint8_t chain[LWSEC_SCP03_BLOCK];
    uint8_t level;
    bool channel_in_mac;
    bool live;
};

/* Constants of the derivation: Amendment D, table 4-1. */
enum {
    LWSEC_SCP03_CARD_CRYPTOGRAM = 0x00,
    LWSEC_SCP03_HOST_CRYPTOGRAM = 0x01,
    LWSEC_SCP03_S_ENC = 0x04,
    LWSEC_SCP03_S_MAC = 0x06,
    LWSEC_SCP03_S_RMAC = 0x07
};

/* NIST SP 800-108 in counter mode with CMAC: `size` octets, at most 32, out of both challenges. */
LWSEC_MUST_CHECK lwsec_status lwsec_scp03_derive(lwsec_key key, uint8_t constant,
                                                 lwsec_bytes challenges, uint8_t out[32],
                                                 size_t size);

/* Makes the session keys in `store` out of both challenges. On refusal none is left. */
LWSEC_MUST_CHECK lwsec_status lwsec_scp03_make_keys(lwsec_scp03 *session,
                                                    const lwsec_scp03_config *config,
                                                    lwsec_store *store, lwsec_bytes challenges);

/* lwsec_scp03_open with these octets as the host's challenge, over memory that is zeroed. */
LWSEC_MUST_CHECK lwsec_status lwsec_scp03_handshake(lwsec_scp03 *session,
                                                    const lwsec_scp03_config *config,
                                                    lwsec_apdu *card,
                                                    const uint8_t challenge[LWSEC_SCP03_CHALLENGE],
                                                    lwsec_reason *reason);

/* Puts the C-MAC behind `data` of `*size` octets, which have room for it, and chains it on. */
LWSEC_MUST_CHECK lwsec_status lwsec_scp03_sign(lwsec_scp03 *session,
                                               const lwsec_apdu_command *command, uint8_t *data,
                                               size_t *size);

/* One command and its answer, both protected as the level says. */
LWSEC_MUST_CHECK lwsec_status lwsec_scp03_exchange(lwsec_scp03 *session,
                                                   const lwsec_apdu_command *command,
                                                   lwsec_buffer *response, lwsec_reason *reason);

/* Ends it for good: keys are destroyed, secrets wiped, and the card goes on with SELECT alone. */
void lwsec_scp03_end(lwsec_scp03 *session);

size_t lwsec_scp03_data_max(const lwsec_scp03 *session);
bool lwsec_scp03_has_r_mac(const lwsec_scp03 *session);

#endif
