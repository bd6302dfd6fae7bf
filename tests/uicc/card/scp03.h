/* The card's end of a GlobalPlatform secure channel: SCP03, Amendment D, S8 mode, i = 70. */
#ifndef LWSEC_TESTS_UICC_CARD_SCP03_H
#define LWSEC_TESTS_UICC_CARD_SCP03_H

#include "tests/uicc/card/primitives.h"

enum {
    SCP03_C_MAC = 0x01,
    SCP03_C_DECRYPTION = 0x02,
    SCP03_R_MAC = 0x10,
    SCP03_R_ENCRYPTION = 0x20,
    SCP03_KEY_MAX = 32,
    SCP03_MAC = 8, /* S8: also the size of challenges and cryptograms */
    SCP03_CHALLENGE = 8,
    SCP03_SEQUENCE_MAX = 0xFFFFFF
};

/* The static keys of one key set: AES keys of one size, 16, 24 or 32 octets. */
struct scp03_keys {
    uint8_t version;
    size_t size;
    uint8_t enc[SCP03_KEY_MAX];
    uint8_t mac[SCP03_KEY_MAX];
};

/* A session. All zero is a closed one. */
struct scp03 {
    enum { SCP03_CLOSED, SCP03_INITIALIZED, SCP03_OPEN } state;
    uint8_t level;
    size_t size;
    uint8_t s_enc[SCP03_KEY_MAX];
    uint8_t s_mac[SCP03_KEY_MAX];
    uint8_t s_rmac[SCP03_KEY_MAX];
    uint8_t host_cryptogram[SCP03_MAC];
    uint8_t chain[AES_BLOCK];
    uint64_t counter;
};

/*
 * INITIALIZE UPDATE: derives the session's keys and puts the response data. The card's challenge is
 * the pseudo-random one of i = x1x: made of the ENC key, `sequence` and the application's AID.
 */
bool scp03_initialize_update(struct scp03 *session, const struct scp03_keys *keys,
                             uint32_t sequence, struct octets aid, struct octets host_challenge,
                             struct room *response);

/* EXTERNAL AUTHENTICATE: whether the host has the keys. The session is open then, closed if not. */
bool scp03_external_authenticate(struct scp03 *session, const uint8_t header[4],
                                 struct octets data);

/*
 * A command of an open session. `header` is CLA INS P1 P2 as received; `data` what follows Lc. Puts
 * the plain data. False: the MAC or the padding is wrong, and the session is closed.
 */
bool scp03_unwrap(struct scp03 *session, const uint8_t header[4], struct octets data,
                  struct room *plain);

/* Protects the response to the last command by the level of the session. */
bool scp03_wrap(struct scp03 *session, struct octets data, uint16_t sw, struct room *response);

void scp03_close(struct scp03 *session);

#endif
