/* SipHash-2-4. */
#include "core/siphash.h"

typedef struct siphash {
    uint64_t v[4];
} siphash;

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64U - bits);
}

static void do_round(siphash *state)
{
    uint64_t *v = state->v;

    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32) + v[3];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void compress(siphash *state, uint64_t word)
{
    state->v[3] ^= word;
    do_round(state);
    do_round(state);
    state->v[0] ^= word;
}

/* Up to eight bytes, little-endian. */
static uint64_t load(const uint8_t *bytes, size_t size)
{
    uint64_t word = 0;

    for (size_t i = 0; i < size; i++) {
        word |= (uint64_t)bytes[i] << (8U * i);
    }
    return word;
}

uint64_t lwsec_siphash(const lwsec_siphash_key *key, lwsec_bytes message)
{
    siphash state = {{key->half[0] ^ 0x736f6d6570736575ULL, key->half[1] ^ 0x646f72616e646f6dULL,
                      key->half[0] ^ 0x6c7967656e657261ULL, key->half[1] ^ 0x7465646279746573ULL}};
    const size_t whole = message.size / 8U * 8U;

    for (size_t at = 0; at < whole; at += 8) {
        compress(&state, load(&message.data[at], 8));
    }
    compress(&state,
             load(&message.data[whole], message.size - whole) | (uint64_t)message.size << 56);
    state.v[2] ^= 0xffU;
    for (int i = 0; i < 4; i++) {
        do_round(&state);
    }
    return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
}
