/* Texts of messages: eight bytes of number, then as many as the number says of what it says. */
#include "tests/power/text.h"

#include "tests/power/random.h"

#include <string.h>

#define ID_SIZE 8U

size_t text_write(uint64_t id, uint8_t text[TEXT_MAX])
{
    const uint64_t mixed = random_mix(id ^ 0x746578745f746578ULL);
    const size_t size = ID_SIZE + mixed % (TEXT_MAX - ID_SIZE + 1);

    for (size_t i = 0; i < size; i++) {
        const uint64_t bits = i < ID_SIZE ? id >> 8 * (ID_SIZE - 1 - i) : random_mix(mixed + i);
        text[i] = (uint8_t)bits;
    }
    return size;
}

bool text_read(lwsec_bytes text, uint64_t *id)
{
    uint8_t expected[TEXT_MAX];

    *id = 0;
    for (size_t i = 0; i < ID_SIZE && i < text.size; i++) {
        *id = *id << 8 | text.data[i];
    }
    const size_t size = text_write(*id, expected);
    return text.size == size && memcmp(text.data, expected, size) == 0;
}
