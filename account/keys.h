/* Secrets of accounts as keys: what each becomes, and under which name a store keeps it. */
#ifndef LWSEC_ACCOUNT_KEYS_H
#define LWSEC_ACCOUNT_KEYS_H

#include "account/image.h"

#define LWSEC_ACCOUNT_KEY_NAME_MAX 64U
#define LWSEC_ACCOUNT_KEYS_MAX 2U

/* The largest secret that becomes a key. */
#define LWSEC_ACCOUNT_RAW_MAX 255U

/* How many keys a secret resource makes: two of SMS Binding Secret Keys, else one. `object` and
 * `resource` name it. */
size_t lwsec_account_key_count(uint16_t object, uint16_t resource);

/* One key of a secret. `raw` points into the accounts, or into `room`, which is the caller's to
 * wipe. */
typedef struct lwsec_account_key {
    int32_t algorithm;
    uint32_t usage;
    lwsec_bytes raw;
    uint8_t room[LWSEC_ACCOUNT_RAW_MAX];
} lwsec_account_key;

/* Whether the entry is one of a secret resource, whatever stands in its place. */
bool lwsec_account_is_secret(const lwsec_accounts *accounts, const lwsec_entry *entry);

/* Whether the entry is a secret that its account uses: one of a mode that needs it. */
bool lwsec_account_uses(const lwsec_accounts *accounts, const lwsec_entry *entry);

/* The algorithm that key number `index` of a secret has to have; 0: no key can be right. */
int32_t lwsec_account_algorithm(const lwsec_accounts *accounts, const lwsec_entry *entry,
                                size_t index);

/* What key number `index` of a plain secret is. False: the bytes make no such key. */
bool lwsec_account_key_of(const lwsec_accounts *accounts, const lwsec_entry *entry, size_t index,
                          lwsec_account_key *key);

/* The name of a secret in the store: "lwsec-NAME-GENERATION-PATH", each in hexadecimal digits.
 * Gives its size. */
size_t lwsec_account_key_name(const uint8_t name[8], uint32_t generation, lwsec_path path,
                              uint8_t text[LWSEC_ACCOUNT_KEY_NAME_MAX]);

/* The name of key number `index` out of that of its secret. {NULL, 0}: too long. */
lwsec_bytes lwsec_account_part_name(lwsec_bytes secret, size_t count, size_t index,
                                    uint8_t text[LWSEC_ACCOUNT_KEY_NAME_MAX]);

/* The public key that Public Key or Identity of a Security instance has: 65 bytes. False: none on
 * P-256, or compressed. */
bool lwsec_account_public_point(const lwsec_accounts *accounts, uint16_t instance,
                                uint8_t point[65]);

#endif
