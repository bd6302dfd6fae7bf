/* Reads test vectors. */
#include "tests/support/vector_file.h"

#include "tests/support/test.h"

#define FIELDS_MAX 40
#define LINE_MAX_SIZE 8192

typedef struct field {
    char *key; /* in allocated memory, with its value behind it */
    const char *value;
} field;

struct lwsec_vector {
    const char *file;
    unsigned line; /* where it begins */
    size_t count;
    field fields[FIELDS_MAX];
};

static void fail_at(const char *file, unsigned line, const char *what, const char *key)
{
    print_error("%s:%u: %s %s\n", file, line, what, key);
    fail();
}

static const char *find(const lwsec_vector *vector, const char *key)
{
    for (size_t i = 0; i < vector->count; i++) {
        if (strcmp(vector->fields[i].key, key) == 0) {
            return vector->fields[i].value;
        }
    }
    return NULL;
}

bool lwsec_vector_has(const lwsec_vector *vector, const char *key)
{
    return find(vector, key) != NULL;
}

const char *lwsec_vector_text(const lwsec_vector *vector, const char *key)
{
    const char *value = find(vector, key);

    if (value == NULL) {
        fail_at(vector->file, vector->line, "the record has no", key);
    }
    return value;
}

lwsec_bytes lwsec_vector_bytes(const lwsec_vector *vector, const char *key)
{
    return lwsec_test_hex(lwsec_vector_text(vector, key));
}

lwsec_bytes lwsec_vector_optional(const lwsec_vector *vector, const char *key)
{
    return lwsec_vector_has(vector, key) ? lwsec_vector_bytes(vector, key)
                                         : lwsec_bytes_of(NULL, 0);
}

int64_t lwsec_vector_number(const lwsec_vector *vector, const char *key)
{
    const char *text = lwsec_vector_text(vector, key);
    char *end;
    const int64_t number = strtoll(text, &end, 10);

    if (end == text || *end != '\0') {
        fail_at(vector->file, vector->line, "not a number:", key);
    }
    return number;
}

static void clear(lwsec_vector *vector)
{
    for (size_t i = 0; i < vector->count; i++) {
        free(vector->fields[i].key);
    }
    vector->count = 0;
}

static void add(lwsec_vector *vector, unsigned line, const char *text)
{
    const char *equals = strstr(text, " =");
    const size_t size = strlen(text);

    if (equals == NULL || equals == text || (equals[2] != ' ' && equals[2] != '\0')) {
        fail_at(vector->file, line, "not a key and a value:", text);
    }
    assert_true(vector->count < FIELDS_MAX);
    char *copy = malloc(size + 2);
    assert_non_null(copy);
    memcpy(copy, text, size);
    memset(&copy[size], 0, 2); /* so that an empty value has somewhere to point */
    copy[equals - text] = '\0';
    if (find(vector, copy) != NULL) {
        fail_at(vector->file, line, "a second", copy);
    }
    if (vector->count == 0) {
        vector->line = line;
    }
    vector->fields[vector->count].key = copy;
    vector->fields[vector->count].value = &copy[equals - text + (equals[2] == '\0' ? 2 : 3)];
    vector->count++;
}

/* One line without its end; false at the end of the file. */
static bool next_line(FILE *stream, const char *file, unsigned *line, char text[LINE_MAX_SIZE])
{
    if (fgets(text, LINE_MAX_SIZE, stream) == NULL) {
        return false;
    }
    (*line)++;
    const size_t size = strlen(text);
    if (size == 0 || text[size - 1] != '\n') {
        fail_at(file, *line, "a line without an end, or too long", "");
    }
    text[size - 1] = '\0';
    return true;
}

static size_t end_record(lwsec_vector *vector, lwsec_vector_use use, void *argument)
{
    if (vector->count == 0) {
        return 0;
    }
    use(vector, argument);
    clear(vector);
    return 1;
}

size_t lwsec_vector_each(const char *file, lwsec_vector_use use, void *argument)
{
    static char text[LINE_MAX_SIZE];
    lwsec_vector vector = {.file = file};
    char path[512];
    unsigned line = 0;
    size_t records = 0;

    const char *folder = getenv("LWSEC_TEST_VECTORS"); /* an installed program has its own */
    (void)snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : LWSEC_TEST_VECTORS, file);
    FILE *stream = fopen(path, "r");
    if (stream == NULL) {
        fail_at(path, 0, "cannot be read", "");
    }
    while (next_line(stream, file, &line, text)) {
        if (line == 1 && text[0] != '#') {
            fail_at(file, line, "the first line must say where the values come from", "");
        }
        if (text[0] == '\0') {
            records += end_record(&vector, use, argument);
        } else if (text[0] != '#') {
            add(&vector, line, text);
        }
    }
    records += end_record(&vector, use, argument);
    (void)fclose(stream);
    if (records == 0) {
        fail_at(file, line, "no records", "");
    }
    return records;
}
