/* Byte strings that the program owns, hex text, and reading of files. */
#ifndef CLI_BYTES_H
#define CLI_BYTES_H

#include <lwsec/bytes.h>

#include <stdio.h>

/* Bytes on the heap. `data` is NULL when absent, and not NULL when present and empty. */
typedef struct cli_bytes {
    uint8_t *data;
    size_t size;
} cli_bytes;

/* The most that is read from a file or from standard input. */
#define CLI_INPUT_MAX ((size_t)1 << 20)

static inline lwsec_bytes cli_view(const cli_bytes *bytes)
{
    return lwsec_bytes_of(bytes->data, bytes->size);
}

/* Room for `size` bytes, zeroed; ends the program when there is no memory. */
void *cli_allocate(size_t size);

/* Wipes and frees; absent afterwards. */
void cli_bytes_free(cli_bytes *bytes);

/*
 * Bytes out of hex text of `length` characters: spaces, colons and line ends are allowed between
 * bytes. NULL, or what is wrong; `bytes` is absent then.
 */
const char *cli_hex_read(const char *text, size_t length, cli_bytes *bytes);

/* Writes lower case hex and a final NUL into `text`, which holds 2 * bytes.size + 1. */
void cli_hex_write(lwsec_bytes bytes, char *text);

/* The whole content, without a buffer left behind. NULL, or what is wrong. */
const char *cli_file_read(FILE *file, cli_bytes *bytes);

#endif
