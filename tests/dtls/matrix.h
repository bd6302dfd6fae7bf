/* The rows of tests/matrix-expected.tsv, and handshakes of a mode and a case of it. */
#ifndef LWSEC_TESTS_DTLS_MATRIX_H
#define LWSEC_TESTS_DTLS_MATRIX_H

#include "tests/dtls/kit.h"

/* A row: the columns as the file has them, and its line. */
typedef struct matrix_row {
    unsigned line;
    char mode[64], fault[64], client[64], server[64], at_client[16], at_server[16];
} matrix_row;

#define MATRIX_ROWS_MAX 128U

/* Reads the file; the number of rows. The test fails on a line that is no row. */
size_t matrix_read(matrix_row rows[MATRIX_ROWS_MAX]);

/* Whether a column's pattern holds for a word: a list of words and of "BEGIN*", or "!WORD". */
bool matrix_matches(const char *pattern, const char *word);

/* The version of an engine of this build, in the words of the file. */
const char *matrix_version(const kit_engine *engine);

/* The modes, and the cases of each; NULL past the end. */
const char *matrix_mode(size_t index);
const char *matrix_fault(const char *mode, size_t index);

typedef struct matrix_result {
    char at_client[32], at_server[32]; /* in the words of the file */
} matrix_result;

/* Runs one handshake. */
matrix_result matrix_run(const char *mode, const char *fault, const kit_engine *client,
                         const kit_engine *server);

/* ---- A client that is not ours, without a credential ---- */

typedef struct bare bare;

/* A client of this engine that offers ECDHE_ECDSA with CCM_8, trusts everybody, and has no
 * certificate; or that offers raw public keys alone, and has none. */
bare *bare_open(const char *engine, bool raw_keys);

/* A datagram for the client, which may be empty; what it answers is added to `out`, several records
 * one after the other. */
void bare_feed(bare *client, lwsec_bytes datagram, lwsec_buffer *out);

/* The fatal alert that it has received; -1: none yet. */
int bare_alert(const bare *client);
void bare_close(bare *client);

#endif
