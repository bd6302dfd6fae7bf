/* Files with certificates, keys, lists and responses: PEM or DER. */
#ifndef CLI_CERTIFICATES_H
#define CLI_CERTIFICATES_H

#include "bytes.h"

/* What a file holds: the bytes of all, and where each lies. */
typedef struct cli_certificates {
    cli_bytes memory;
    lwsec_bytes *items;
    size_t count;
} cli_certificates;

/*
 * Reads a file ("-": standard input) with PEM blocks of one of the labels, which end with NULL, or
 * with one thing in DER. NULL, or what is wrong: it cannot be read, or a block is malformed. PEM
 * without such a block gives a count of 0.
 */
const char *cli_certificates_read(const char *path, const char *const *labels,
                                  cli_certificates *found);

/* The same for a digest: its bytes, or hexadecimal digits. */
const char *cli_digest_read(const char *path, cli_certificates *found);

void cli_certificates_free(cli_certificates *found);

#endif
