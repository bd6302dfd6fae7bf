/* Results on standard output: lines of text, or one JSON object. */
#include "output.h"

#include "command.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- Memory that remembers its size, so that it can be wiped ---- */

static void *allocate(size_t size)
{
    size_t *memory = malloc(sizeof(max_align_t) + size);

    if (memory == NULL) {
        return NULL;
    }
    *memory = size;
    return (char *)memory + sizeof(max_align_t);
}

static void wipe_and_free(void *pointer)
{
    if (pointer != NULL) {
        size_t *memory = (size_t *)(void *)((char *)pointer - sizeof(max_align_t));
        lwsec_wipe(pointer, *memory);
        free(memory);
    }
}

void cli_wipe_json_memory(void)
{
    json_set_alloc_funcs(allocate, wipe_and_free);
}

/* ---- Printing ---- */

json_t *cli_json_hex(lwsec_bytes bytes)
{
    char *text = cli_allocate(2 * bytes.size + 1);

    cli_hex_write(bytes, text);
    json_t *string = json_stringn(text, 2 * bytes.size);
    lwsec_wipe(text, 2 * bytes.size);
    free(text);
    return string;
}

int cli_flush(void)
{
    return fflush(stdout) == 0 && ferror(stdout) == 0
               ? CLI_DONE
               : cli_error(NULL, "the output cannot be written");
}

int cli_print(json_t *object, bool as_json, void (*as_text)(const json_t *object))
{
    if (object == NULL) {
        return cli_error(NULL, "out of memory");
    }
    if (as_json) {
        /* A failure shows in the state of stdout, where cli_flush looks. */
        (void)json_dumpf(object, stdout, JSON_COMPACT);
        (void)putchar('\n');
    } else {
        as_text(object);
    }
    json_decref(object);
    return cli_flush();
}

void cli_text_lines(const json_t *object)
{
    /* The library walks through a pointer that is not const, and does not write. */
    void *at = json_object_iter((json_t *)object);

    for (; at != NULL; at = json_object_iter_next((json_t *)object, at)) {
        (void)printf("%s %s\n", json_object_iter_key(at),
                     json_string_value(json_object_iter_value(at)));
    }
}

void cli_text_message(const json_t *object)
{
    (void)puts(json_string_value(json_object_get(object, "message")));
}
