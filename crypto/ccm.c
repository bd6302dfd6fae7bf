/* CCM out of two passes over a key in a store (RFC 3610, NIST SP 800-38C). */
#include "crypto/ccm.h"

#include "core/writer.h"
#include "crypto/chain.h"
#include "crypto/pending.h"

#define BLOCK LWSEC_CHAIN_BLOCK

bool lwsec_ccm_possible(const lwsec_store *store, const lwsec_algorithm *algorithm)
{
    switch (algorithm->id) {
    case LWSEC_ALG_AES_CCM_16_64_128:
    case LWSEC_ALG_AES_CCM_16_64_256:
    case LWSEC_ALG_AES_CCM_64_64_128:
    case LWSEC_ALG_AES_CCM_64_64_256:
    case LWSEC_ALG_AES_CCM_16_128_128:
    case LWSEC_ALG_AES_CCM_16_128_256:
    case LWSEC_ALG_AES_CCM_64_128_128:
    case LWSEC_ALG_AES_CCM_64_128_256:
        return lwsec_chain_possible(store) &&
               (store->ops->ctr != NULL || store->ops->block != NULL);
    default: return false;
    }
}

/* Octets of a length and of a counter: what the nonce leaves. */
static size_t length_size_of(lwsec_bytes nonce)
{
    return nonce.size == 13 ? 2 : 8;
}

/* B_0: flags, nonce, size of the text (section 2.2). */
static void add_first_block(lwsec_chain *chain, size_t tag_size, lwsec_bytes nonce, bool has_aad,
                            size_t text_size)
{
    uint8_t block[BLOCK];
    lwsec_writer writer = lwsec_writer_of(block, sizeof block);
    const size_t length_size = length_size_of(nonce);

    lwsec_writer_u8(
        &writer, (uint8_t)((has_aad ? 0x40U : 0U) | (tag_size - 2) / 2 << 3 | (length_size - 1)));
    lwsec_writer_bytes(&writer, nonce);
    lwsec_writer_uint(&writer, text_size, length_size);
    lwsec_chain_add(chain, lwsec_bytes_of(block, sizeof block));
}

/* Additional data after their length, filled up to a block. */
static void add_aad(lwsec_chain *chain, lwsec_bytes aad)
{
    uint8_t length[10];
    lwsec_writer writer = lwsec_writer_of(length, sizeof length);

    if (aad.size >= 0xff00U) {
        lwsec_writer_uint(&writer, aad.size <= UINT32_MAX ? 0xfffeU : 0xffffU, 2);
    }
    lwsec_writer_uint(&writer, aad.size, aad.size < 0xff00U ? 2 : aad.size <= UINT32_MAX ? 4 : 8);
    lwsec_chain_add(chain, lwsec_bytes_of(length, writer.size));
    lwsec_chain_add(chain, aad);
    lwsec_chain_pad(chain);
}

/* The tag before it is encrypted. */
static lwsec_status authenticate(lwsec_key key, size_t tag_size, lwsec_bytes nonce, lwsec_bytes aad,
                                 lwsec_bytes text, uint8_t mac[BLOCK])
{
    lwsec_chain chain;

    lwsec_chain_begin(&chain, key);
    add_first_block(&chain, tag_size, nonce, aad.size > 0, text.size);
    if (aad.size > 0) {
        add_aad(&chain, aad);
    }
    lwsec_chain_add(&chain, text);
    lwsec_chain_pad(&chain);
    return lwsec_chain_end(&chain, mac);
}

/* A_i: flags, nonce, i (section 2.3). */
static void counter_block(lwsec_bytes nonce, uint64_t number, uint8_t block[BLOCK])
{
    lwsec_writer writer = lwsec_writer_of(block, BLOCK);
    const size_t length_size = length_size_of(nonce);

    lwsec_writer_u8(&writer, (uint8_t)(length_size - 1));
    lwsec_writer_bytes(&writer, nonce);
    lwsec_writer_uint(&writer, number, length_size);
}

/* CTR in place, from counter block `number` on, one block at a time. */
static lwsec_status by_blocks(lwsec_key key, lwsec_bytes nonce, uint64_t number, uint8_t *bytes,
                              size_t size)
{
    const lwsec_store_ops *ops = key.store->ops;
    uint8_t stream[BLOCK];
    lwsec_status status = ops->block != NULL ? LWSEC_OK : LWSEC_UNSUPPORTED;

    for (size_t at = 0; at < size && status == LWSEC_OK; at += BLOCK) {
        counter_block(nonce, number + at / BLOCK, stream);
        status = lwsec_pending_refuse(
            key, ops->block(key.store, key.slot, lwsec_bytes_of(stream, BLOCK), stream));
        for (size_t i = 0; i < BLOCK && at + i < size && status == LWSEC_OK; i++) {
            bytes[at + i] ^= stream[i];
        }
    }
    lwsec_wipe(stream, sizeof stream);
    return status;
}

static lwsec_status crypt_stretch(lwsec_key key, lwsec_bytes nonce, uint64_t number, uint8_t *bytes,
                                  size_t size)
{
    const lwsec_store_ops *ops = key.store->ops;
    uint8_t counter[BLOCK];
    lwsec_status status = LWSEC_UNSUPPORTED;

    counter_block(nonce, number, counter);
    if (ops->ctr != NULL) {
        status = ops->ctr(key.store, key.slot, lwsec_bytes_of(counter, BLOCK),
                          lwsec_bytes_of(bytes, size), bytes);
        status = lwsec_pending_refuse(key, status);
    }
    return status == LWSEC_UNSUPPORTED ? by_blocks(key, nonce, number, bytes, size) : status;
}

/* Encrypts or decrypts the text, and gives S_0, which hides the tag, in the same first call. */
static lwsec_status crypt(lwsec_key key, lwsec_bytes nonce, lwsec_bytes text, uint8_t *out,
                          uint8_t hide[BLOCK])
{
    uint8_t stretch[LWSEC_CHAIN_STRETCH] = {0};
    size_t part = text.size < sizeof stretch - BLOCK ? text.size : sizeof stretch - BLOCK;

    if (part > 0) {
        memcpy(&stretch[BLOCK], text.data, part);
    }
    lwsec_status status = crypt_stretch(key, nonce, 0, stretch, BLOCK + part);
    if (status == LWSEC_OK) {
        memcpy(hide, stretch, BLOCK);
        if (part > 0) { /* without a text there may be no `out` either */
            memcpy(out, &stretch[BLOCK], part);
        }
    }
    for (size_t at = part; at < text.size && status == LWSEC_OK; at += part) {
        part = text.size - at < sizeof stretch ? text.size - at : sizeof stretch;
        memcpy(stretch, &text.data[at], part);
        status = crypt_stretch(key, nonce, 1 + at / BLOCK, stretch, part);
        if (status == LWSEC_OK) {
            memcpy(&out[at], stretch, part);
        }
    }
    lwsec_wipe(stretch, sizeof stretch);
    return status;
}

static void hide_tag(uint8_t tag[BLOCK], const uint8_t hide[BLOCK])
{
    for (size_t i = 0; i < BLOCK; i++) {
        tag[i] ^= hide[i];
    }
}

lwsec_status lwsec_ccm_seal(lwsec_key key, const lwsec_algorithm *algorithm, lwsec_bytes nonce,
                            lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out)
{
    uint8_t tag[BLOCK] = {0};
    uint8_t hide[BLOCK] = {0};

    lwsec_status status = authenticate(key, algorithm->tag_size, nonce, aad, plaintext, tag);
    if (status == LWSEC_OK) {
        status = crypt(key, nonce, plaintext, out, hide);
    }
    hide_tag(tag, hide);
    if (status == LWSEC_OK) {
        memcpy(&out[plaintext.size], tag, algorithm->tag_size);
    } else {
        lwsec_wipe(out, plaintext.size);
    }
    lwsec_wipe(tag, sizeof tag);
    lwsec_wipe(hide, sizeof hide);
    return status;
}

/* The text is in `out` before its tag was looked at, and wiped there if that is wrong. */
lwsec_status lwsec_ccm_open(lwsec_key key, const lwsec_algorithm *algorithm, lwsec_bytes nonce,
                            lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out)
{
    const lwsec_bytes text = {ciphertext.data, ciphertext.size - algorithm->tag_size};
    uint8_t tag[BLOCK] = {0};
    uint8_t hide[BLOCK] = {0};

    lwsec_status status = crypt(key, nonce, text, out, hide);
    if (status == LWSEC_OK) {
        status =
            authenticate(key, algorithm->tag_size, nonce, aad, lwsec_bytes_of(out, text.size), tag);
    }
    hide_tag(tag, hide);
    if (status == LWSEC_OK &&
        !lwsec_equal_secret(lwsec_bytes_of(tag, algorithm->tag_size),
                            lwsec_bytes_of(&ciphertext.data[text.size], algorithm->tag_size))) {
        status = LWSEC_REJECT;
    }
    if (status != LWSEC_OK) {
        lwsec_wipe(out, text.size);
    }
    lwsec_wipe(tag, sizeof tag);
    lwsec_wipe(hide, sizeof hide);
    return status;
}
