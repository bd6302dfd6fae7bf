/* Wiping and comparing secrets. */
#include <lwsec/bytes.h>

#include <string.h>

void lwsec_wipe(void *memory, size_t size)
{
    if (size == 0) {
        return;
    }
    memset(memory, 0, size);
    /* The compiler must believe that somebody reads the zeros. */
#if defined(__GNUC__) || defined(__clang__)
    __asm__ __volatile__("" : : "r"(memory) : "memory");
#else
    volatile uint8_t *byte = (volatile uint8_t *)memory;
    for (size_t i = 0; i < size; i++) {
        byte[i] = 0;
    }
#endif
}

bool lwsec_equal_secret(lwsec_bytes one, lwsec_bytes other)
{
    unsigned difference = 0;

    if (one.size != other.size) {
        return false;
    }
    for (size_t i = 0; i < one.size; i++) {
        difference |= (unsigned)(one.data[i] ^ other.data[i]);
    }
    return difference == 0;
}
