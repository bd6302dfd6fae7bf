/* The one reader of test vectors: text files whose first lines say where the values come from. */
#ifndef LWSEC_TESTS_SUPPORT_VECTOR_FILE_H
#define LWSEC_TESTS_SUPPORT_VECTOR_FILE_H

#include <lwsec/bytes.h>

/*
 * `key = value` a line, in any order; a value may be empty. A blank line ends a record. A line that
 * begins with # is a comment, and the first line of a file is one. A key stands once in a record.
 */
typedef struct lwsec_vector lwsec_vector;

/*
 * Calls `use` for each record of tests/vectors/`file` and returns how many there are. Anything that
 * is not as above fails the test, and so does a file without records. What the getters return may
 * be used until `use` returns; bytes until the program ends.
 */
typedef void (*lwsec_vector_use)(const lwsec_vector *vector, void *argument);
size_t lwsec_vector_each(const char *file, lwsec_vector_use use, void *argument);

/* Whether the record has the key. */
bool lwsec_vector_has(const lwsec_vector *vector, const char *key);

/* The value of a key that the record must have: as it stands, as hex, as a decimal number. */
const char *lwsec_vector_text(const lwsec_vector *vector, const char *key);
lwsec_bytes lwsec_vector_bytes(const lwsec_vector *vector, const char *key);
int64_t lwsec_vector_number(const lwsec_vector *vector, const char *key);

/* Bytes of a key that may be missing: absent (NULL) then, and not NULL otherwise. */
lwsec_bytes lwsec_vector_optional(const lwsec_vector *vector, const char *key);

#endif
