/* SipHash-2-4. */
#include "core/siphash.h"

typedef struct siphash {
    uint64_t v[4];
} siphash;

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64U - bits);
}

/* So many rounds. By value and inline: the four words stay in registers. */
static inline siphash mix(siphash state, int rounds)
{
    uint64_t a = state.v[0], b = state.v[1], c = state.v[2], d = state.v[3];

    for (int i = 0; i < rounds; i++) {
        a += b;
        c += d;
        b = rotate(b, 13) ^ a;
        d = rotate(d, 16) ^ c;
        a = rotate(a, 32) + d;
        c += b;
        b = rotate(b, 17) ^ c;
        d = rotate(d, 21) ^ a;
        c = rotate(c, 32);
    }
    return (siphash){{a, b, c, d}};
}

static inline siphash compress(siphash state, uint64_t word)
{
    state.v[3] ^= word;
    state = mix(state, 2);
    state.v[0] ^= word;
    return state;
}

/* Eight bytes, little-endian. Written out, it is one load to the compiler. */
static uint64_t load(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
           (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
           (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

/* Fewer than eight. */
static uint64_t load_rest(const uint8_t *bytes, size_t size)
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
        state = compress(state, load(&message.data[at]));
    }
    state = compress(state, load_rest(&message.data[whole], message.size - whole) |
                                (uint64_t)message.size << 56);
    state.v[2] ^= 0xffU;
    state = mix(state, 4);
    return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
}
