/* Files with certificates, keys, lists and responses: PEM or DER. */
#include "certificates.h"

#include <lwsec/cert.h>

#include <stdlib.h>
#include <string.h>

#define DIGEST_MAX 64U

static const char *read_all(const char *path, cli_bytes *content)
{
    if (strcmp(path, "-") == 0) {
        return cli_file_read(stdin, content);
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return "the file cannot be opened";
    }
    const char *wrong = cli_file_read(file, content);
    (void)fclose(file);
    return wrong;
}

static size_t count_blocks(const cli_bytes *content)
{
    static const char begin[] = "-----BEGIN ";
    size_t count = 0;

    for (size_t i = 0; i + sizeof begin - 1 <= content->size; i++) {
        count += memcmp(&content->data[i], begin, sizeof begin - 1) == 0 ? 1U : 0U;
    }
    return count;
}

/* Blocks with this label, behind those that are there. */
static const char *decode(const cli_bytes *content, const char *label, size_t *used,
                          cli_certificates *found)
{
    size_t position = 0;

    for (;;) {
        lwsec_buffer der = lwsec_buffer_of(&found->memory.data[*used], found->memory.size - *used);
        const lwsec_status status = lwsec_pem_next(lwsec_bytes_of(content->data, content->size),
                                                   label, &position, &der, NULL);
        if (status != LWSEC_OK) {
            return status == LWSEC_ABSENT ? NULL : "a PEM block is malformed";
        }
        found->items[found->count++] = lwsec_buffer_bytes(&der);
        *used += der.size;
    }
}

static const char *decode_all(const cli_bytes *content, const char *const *labels,
                              cli_certificates *found)
{
    const char *wrong = NULL;
    size_t used = 0;

    for (size_t i = 0; wrong == NULL && labels[i] != NULL; i++) {
        wrong = decode(content, labels[i], &used, found);
    }
    return wrong;
}

/* All of it is one thing. */
static void take_whole(cli_bytes *content, cli_certificates *found)
{
    found->memory = *content;
    content->data = NULL;
    content->size = 0;
    found->items = cli_allocate(sizeof *found->items);
    found->items[0] = cli_view(&found->memory);
    found->count = 1;
}

const char *cli_certificates_read(const char *path, const char *const *labels,
                                  cli_certificates *found)
{
    cli_bytes content = {NULL, 0};
    const char *wrong = read_all(path, &content);

    if (wrong == NULL && content.size == 0) {
        wrong = "the file is empty";
    }
    const size_t blocks = wrong == NULL ? count_blocks(&content) : 0;
    if (wrong == NULL && blocks == 0) {
        take_whole(&content, found);
    } else if (wrong == NULL) {
        found->memory.size = content.size;
        found->memory.data = cli_allocate(content.size);
        found->items = cli_allocate(blocks * sizeof *found->items);
        wrong = decode_all(&content, labels, found);
    }
    cli_bytes_free(&content);
    return wrong;
}

static bool is_digest_size(size_t size)
{
    return size == 32 || size == 48 || size == DIGEST_MAX;
}

/* 64 bytes could be digits of a digest of 32: digits win, as random bytes are none. */
const char *cli_digest_read(const char *path, cli_certificates *found)
{
    cli_bytes content = {NULL, 0}, digest = {NULL, 0};
    const char *wrong = read_all(path, &content);

    if (wrong != NULL) {
        return wrong;
    }
    if (cli_hex_read((const char *)content.data, content.size, &digest) == NULL &&
        is_digest_size(digest.size)) {
        take_whole(&digest, found);
    } else if (is_digest_size(content.size)) {
        take_whole(&content, found);
    } else {
        wrong = "neither the bytes nor the hex digits of a digest";
    }
    cli_bytes_free(&digest);
    cli_bytes_free(&content);
    return wrong;
}

void cli_certificates_free(cli_certificates *found)
{
    cli_bytes_free(&found->memory);
    free(found->items);
    found->items = NULL;
    found->count = 0;
}
