/* CBC-MAC over a key for CBC: whole stretches of blocks in one call, as a token is slow to ask. */
#include "crypto/cbc_mac.h"
#include "crypto/use.h"

#include <string.h>

#define STRETCH ((size_t)32 * LWSEC_CBC_MAC_SIZE)

/* Encrypts the blocks behind `mac`, and keeps the last one as the new `mac`. */
static lwsec_status chain(lwsec_key key, lwsec_bytes blocks, uint8_t mac[LWSEC_CBC_MAC_SIZE])
{
    uint8_t out[STRETCH];
    lwsec_status status = LWSEC_OK;

    for (size_t at = 0; at < blocks.size && status == LWSEC_OK; at += STRETCH) {
        const size_t size = blocks.size - at < STRETCH ? blocks.size - at : STRETCH;
        status = lwsec_key_at_once(
            key, lwsec_key_cbc(key, LWSEC_ENCRYPT, lwsec_bytes_of(mac, LWSEC_CBC_MAC_SIZE),
                               lwsec_bytes_of(&blocks.data[at], size), out, sizeof out));
        if (status == LWSEC_OK) {
            memcpy(mac, &out[size - LWSEC_CBC_MAC_SIZE], LWSEC_CBC_MAC_SIZE);
        }
    }
    lwsec_wipe(out, sizeof out);
    return status;
}

lwsec_status lwsec_cbc_mac(lwsec_key key, lwsec_bytes message, uint8_t mac[LWSEC_CBC_MAC_SIZE])
{
    uint8_t last[LWSEC_CBC_MAC_SIZE] = {0};
    const size_t rest = message.size % LWSEC_CBC_MAC_SIZE;
    const size_t whole = message.size - rest;

    memset(mac, 0, LWSEC_CBC_MAC_SIZE);
    lwsec_status status = chain(key, lwsec_bytes_of(message.data, whole), mac);
    /* A message of whole blocks takes no block of padding more. */
    if (status == LWSEC_OK && rest > 0) {
        memcpy(last, &message.data[whole], rest);
        status = chain(key, lwsec_bytes_of(last, sizeof last), mac);
    }
    lwsec_wipe(last, sizeof last);
    if (status != LWSEC_OK) {
        lwsec_wipe(mac, LWSEC_CBC_MAC_SIZE);
    }
    return status;
}
