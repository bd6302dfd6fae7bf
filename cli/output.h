/* Results on standard output: lines of text, or one JSON object. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "bytes.h"

#include <jansson.h>

/* From now on memory of the JSON library is wiped when it is freed: results may hold keys. */
void cli_wipe_json_memory(void);

/* A JSON string of the bytes in hex. */
json_t *cli_json_hex(lwsec_bytes bytes);

/* Prints the object as JSON, or by `as_text`, and frees it. What to exit with. */
int cli_print(json_t *object, bool as_json, void (*as_text)(const json_t *object));

/* Ways to print text: "name value" a line; the member "message" alone. */
void cli_text_lines(const json_t *object);
void cli_text_message(const json_t *object);

/* Sees to it that all output is written. What to exit with. */
int cli_flush(void);

#endif
