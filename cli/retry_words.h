/* The words of a line in a retry script. */
#ifndef CLI_RETRY_WORDS_H
#define CLI_RETRY_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RETRY_WORDS_MAX 6
#define RETRY_WORD_SIZE 24

typedef struct retry_words {
    char items[RETRY_WORDS_MAX][RETRY_WORD_SIZE];
    size_t count;
} retry_words;

/* The words of a line up to a comment; false where one is too long or there are too many. */
bool retry_words_split(const char *text, size_t size, retry_words *line);

/* Whether there is such a word, and it is this one. */
bool retry_words_is(const retry_words *line, size_t index, const char *word);

/* A decimal number of at most `max`. */
bool retry_words_number(const char *word, uint64_t max, uint64_t *number);

#endif
