/* lwsec key list, lwsec key delete */
#include "key.h"

#include "members.h"

#include <stdlib.h>

/* One word for each use, joined by commas. */
static void usage_words(uint32_t usage, char *text, size_t size)
{
    static const struct {
        uint32_t use;
        const char *word;
    } words[] = {{LWSEC_USE_SEAL, "seal"},       {LWSEC_USE_OPEN, "open"},
                 {LWSEC_USE_MAC, "mac"},         {LWSEC_USE_ENCRYPT, "encrypt"},
                 {LWSEC_USE_DECRYPT, "decrypt"}, {LWSEC_USE_EXTRACT, "extract"},
                 {LWSEC_USE_DERIVE, "derive"},   {LWSEC_USE_SIGN, "sign"},
                 {LWSEC_USE_AGREE, "agree"},     {LWSEC_USE_PSK, "psk"}};

    text[0] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if ((usage & words[i].use) != 0) {
            const size_t at = strlen(text);
            (void)snprintf(&text[at], size - at, "%s%s", at > 0 ? "," : "", words[i].word);
        }
    }
}

static const char *tier_word(lwsec_tier tier)
{
    switch (tier) {
    case LWSEC_TIER_MEMORY: return "memory";
    case LWSEC_TIER_SEALED: return "sealed";
    case LWSEC_TIER_TOKEN: return "token";
    case LWSEC_TIER_MIXED: return "mixed";
    }
    return "unknown";
}

static json_t *describe(cli_key *key, lwsec_bytes name)
{
    lwsec_key_description told = {.size = sizeof told};
    lwsec_key handle = {NULL, 0, 0};
    char words[80];

    lwsec_status status = lwsec_key_find(key->keys.store, name, &handle);
    if (status == LWSEC_OK) {
        const lwsec_status described = lwsec_key_describe(handle, &told);
        status = lwsec_key_release(&handle);
        status = described == LWSEC_OK ? status : described;
    }
    json_t *object = json_object();
    char *reference = cli_key_reference(key->uri, name);
    cli_add_text(object, "key", reference);
    free(reference);
    if (status != LWSEC_OK) { /* kept by a later version, or by somebody else */
        cli_add_text(object, "algorithm", "unknown");
        return object;
    }
    usage_words(told.usage, words, sizeof words);
    cli_add_text(object, "algorithm", lwsec_algorithm_find(told.algorithm)->name);
    cli_add_text(object, "usage", words);
    cli_add_text(object, "tier", tier_word(told.tier));
    return object;
}

static void as_text(const json_t *object)
{
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(object, "keys"), i, entry)
    {
        const char *usage = json_string_value(json_object_get(entry, "usage"));
        (void)printf("%s", json_string_value(json_object_get(entry, "key")));
        (void)printf(" \"%s\"", json_string_value(json_object_get(entry, "algorithm")));
        if (usage != NULL) {
            (void)printf(" %s %s", usage, json_string_value(json_object_get(entry, "tier")));
        }
        (void)putchar('\n');
    }
}

static int list(void *given)
{
    cli_key *key = given;
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};
    uint8_t room[LWSEC_KEY_NAME_MAX], before[LWSEC_KEY_NAME_MAX];
    lwsec_buffer name = lwsec_buffer_of(room, sizeof room);
    lwsec_bytes after = {before, 0};
    lwsec_status status;
    json_t *keys = json_array();

    while ((status = lwsec_key_next_name(key->keys.store, after, &name)) == LWSEC_OK) {
        memcpy(before, room, name.size);
        after.size = name.size;
        if (cli_key_name_fits(after)) { /* others cannot stand in a line */
            (void)json_array_append_new(keys, describe(key, after));
        }
    }
    if (status != LWSEC_ABSENT) {
        json_decref(keys);
        return cli_fail(status, &none);
    }
    return cli_print(json_pack("{s:o}", "keys", keys), key->json, as_text);
}

int cli_key_list(int argc, char **argv)
{
    cli_key key = {.json = false};
    const cli_option options[] = {{.name = NULL}};
    const cli_key_command command = {
        .name = "key list",
        .about = "Prints a line for each key of a store: its reference, algorithm, usage and\n"
                 "protection (sealed: encrypted at rest; token: never leaves it; mixed: parts of\n"
                 "the work are done outside).",
        .options = options,
        .key = &key,
        .run = list,
        .given = &key,
    };

    return cli_key_run(&command, argc, argv);
}

static int remove_key(void *given)
{
    cli_key *key = given;
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};
    lwsec_key handle = {NULL, 0, 0};

    const int answer = cli_key_find(key, &handle);
    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status = lwsec_key_destroy(&handle);
    return status == LWSEC_OK ? cli_key_print_name(key) : cli_fail(status, &none);
}

int cli_key_delete(int argc, char **argv)
{
    cli_key key = {.json = false};
    const cli_option options[] = {
        {"name", CLI_KIND_TEXT, true, &key.name, "NAME", "of the key", 0},
        {.name = NULL},
    };
    const cli_key_command command = {
        .name = "key delete",
        .about = "Destroys a key of a store, for good.",
        .options = options,
        .key = &key,
        .run = remove_key,
        .given = &key,
    };

    return cli_key_run(&command, argc, argv);
}
