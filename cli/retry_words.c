/* The words of a line in a retry script. */
#include "retry_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool separates(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool retry_words_split(const char *text, size_t size, retry_words *line)
{
    size_t length = 0;

    line->count = 0;
    for (size_t i = 0; i < size && text[i] != '#'; i++) {
        if (separates(text[i])) {
            length = 0;
            continue;
        }
        if (length == 0) {
            if (line->count == RETRY_WORDS_MAX) {
                return false;
            }
            line->count++;
        }
        if (length + 1 == RETRY_WORD_SIZE || text[i] == '\0') {
            return false;
        }
        char *word = line->items[line->count - 1];
        word[length++] = text[i];
        word[length] = '\0';
    }
    return true;
}

bool retry_words_is(const retry_words *line, size_t index, const char *word)
{
    return index < line->count && strcmp(line->items[index], word) == 0;
}

bool retry_words_number(const char *word, uint64_t max, uint64_t *number)
{
    char *end = NULL;

    if (word[0] < '0' || word[0] > '9') {
        return false;
    }
    errno = 0;
    *number = strtoull(word, &end, 10);
    return *end == '\0' && errno == 0 && *number <= max;
}
