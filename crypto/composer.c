/* The composer of CCM and CMAC, which a store asks for in its table; others do not link it. */
#include "crypto/ccm.h"
#include "crypto/chain.h"
#include "crypto/cmac.h"
#include "crypto/compose.h"

#define BLOCK LWSEC_CMAC_BLOCK

/* The last block with its subkey, which is the cipher of a block of zeros, doubled. */
static lwsec_status last_block(lwsec_key key, lwsec_bytes rest, uint8_t last[BLOCK])
{
    uint8_t zero[BLOCK] = {0};
    lwsec_chain chain;

    lwsec_chain_begin(&chain, key);
    lwsec_chain_add(&chain, lwsec_bytes_of(zero, BLOCK));
    const lwsec_status status = lwsec_chain_end(&chain, zero);
    if (status == LWSEC_OK) {
        lwsec_cmac_last(zero, rest, last);
    }
    lwsec_wipe(zero, sizeof zero);
    return status;
}

static lwsec_status compose_cmac(lwsec_key key, lwsec_bytes message, uint8_t mac[BLOCK])
{
    uint8_t last[BLOCK];
    lwsec_chain chain;
    const size_t whole = lwsec_cmac_before_last(message.size);
    const size_t rest = message.size - whole;
    const uint8_t *tail = rest > 0 ? &message.data[whole] : NULL;

    if (!lwsec_chain_possible(key.store)) {
        return LWSEC_UNSUPPORTED;
    }
    lwsec_status status = last_block(key, lwsec_bytes_of(tail, rest), last);
    if (status == LWSEC_OK) {
        lwsec_chain_begin(&chain, key);
        lwsec_chain_add(&chain, lwsec_bytes_of(message.data, whole));
        lwsec_chain_add(&chain, lwsec_bytes_of(last, BLOCK));
        status = lwsec_chain_end(&chain, mac);
    }
    lwsec_wipe(last, sizeof last);
    return status;
}

const lwsec_composer *lwsec_compose(void)
{
    static const lwsec_composer composer = {
        .ccm_possible = lwsec_ccm_possible,
        .seal = lwsec_ccm_seal,
        .open = lwsec_ccm_open,
        .cmac = compose_cmac,
    };

    return &composer;
}
