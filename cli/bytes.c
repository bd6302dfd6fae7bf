/* Byte strings that the program owns, hex text, and reading of files. */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void *cli_allocate(size_t size)
{
    void *memory = calloc(1, size > 0 ? size : 1);
    if (memory == NULL) {
        (void)fputs("lwsec: out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

void cli_bytes_free(cli_bytes *bytes)
{
    if (bytes->data != NULL) {
        lwsec_wipe(bytes->data, bytes->size);
        free(bytes->data);
    }
    bytes->data = NULL;
    bytes->size = 0;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool separates(char c)
{
    return c == ' ' || c == ':' || c == '\t' || c == '\r' || c == '\n';
}

const char *cli_hex_read(const char *text, size_t length, cli_bytes *bytes)
{
    const char *wrong = NULL;

    bytes->data = cli_allocate(length / 2 + 1);
    bytes->size = 0;
    for (size_t i = 0; i < length && wrong == NULL; i++) {
        if (separates(text[i])) {
            continue;
        }
        const int high = digit(text[i]);
        const int low = i + 1 < length ? digit(text[i + 1]) : -1;
        if (high < 0) {
            wrong = "not hex";
        } else if (low < 0) {
            wrong = i + 1 < length && !separates(text[i + 1]) ? "not hex"
                                                              : "an odd number of hex digits";
        } else {
            bytes->data[bytes->size++] = (uint8_t)(high << 4 | low);
            i++;
        }
    }
    if (wrong != NULL) {
        cli_bytes_free(bytes);
    }
    return wrong;
}

void cli_hex_write(lwsec_bytes bytes, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.size; i++) {
        text[2 * i] = digits[bytes.data[i] >> 4];
        text[2 * i + 1] = digits[bytes.data[i] & 0x0fU];
    }
    text[2 * bytes.size] = '\0';
}

const char *cli_file_read(FILE *file, cli_bytes *bytes)
{
    /* A buffer of the C library would keep a copy of a secret. */
    if (setvbuf(file, NULL, _IONBF, 0) != 0) {
        return "cannot be read";
    }
    uint8_t *room = cli_allocate(CLI_INPUT_MAX + 1);
    const size_t size = fread(room, 1, CLI_INPUT_MAX + 1, file);
    const char *wrong = ferror(file) != 0      ? "cannot be read"
                        : size > CLI_INPUT_MAX ? "too long"
                                               : NULL;
    if (wrong == NULL) {
        bytes->data = cli_allocate(size + 1);
        bytes->size = size;
        memcpy(bytes->data, room, size);
    }
    lwsec_wipe(room, size);
    free(room);
    return wrong;
}
