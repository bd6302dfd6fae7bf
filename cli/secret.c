/* Secrets as they are given on the command line. */
#include "secret.h"

#include <stdlib.h>
#include <string.h>

#define SECRET_MAX 255U

static const char *from_text(char *text, cli_bytes *secret)
{
    const size_t length = strlen(text);
    const char *wrong = cli_hex_read(text, length, secret);

    lwsec_wipe(text, length);
    return wrong;
}

static const char *from_file(const char *path, cli_bytes *secret)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return "the file cannot be opened";
    }
    const char *wrong = cli_file_read(file, secret);
    (void)fclose(file);
    return wrong;
}

static const char *from_input(cli_bytes *secret)
{
    cli_bytes text = {NULL, 0};
    const char *wrong = cli_file_read(stdin, &text);

    if (wrong == NULL) {
        wrong = cli_hex_read((const char *)text.data, text.size, secret);
    }
    cli_bytes_free(&text);
    return wrong;
}

static const char *from_variable(const char *name, cli_bytes *secret)
{
    char *value = getenv(name);

    return value != NULL ? from_text(value, secret) : "the environment variable is not set";
}

/* What follows the prefix, or NULL. */
static char *after(char *value, const char *prefix)
{
    const size_t length = strlen(prefix);

    return strncmp(value, prefix, length) == 0 ? &value[length] : NULL;
}

const char *cli_secret_read(char *value, cli_bytes *secret)
{
    const char *wrong;

    if (strcmp(value, "-") == 0) {
        wrong = from_input(secret);
    } else if (after(value, "file:") != NULL) {
        wrong = from_file(after(value, "file:"), secret);
    } else if (after(value, "env:") != NULL) {
        wrong = from_variable(after(value, "env:"), secret);
    } else if (after(value, "key:") != NULL) {
        wrong = "a key reference is not taken here; use file: or env:";
    } else {
        wrong = from_text(value, secret);
    }
    if (wrong == NULL && (secret->size == 0 || secret->size > SECRET_MAX)) {
        wrong = secret->size == 0 ? "the secret is empty" : "the secret is longer than 255 bytes";
    }
    if (wrong != NULL) {
        cli_bytes_free(secret);
    }
    return wrong;
}

const char *cli_key_read(char *value, cli_secret *secret)
{
    secret->reference = after(value, "key:");
    return secret->reference != NULL ? NULL : cli_secret_read(value, &secret->bytes);
}

static const char *from_text_variable(const char *name, cli_bytes *passphrase)
{
    char *value = getenv(name);

    if (value == NULL) {
        return "the environment variable is not set";
    }
    passphrase->size = strlen(value);
    passphrase->data = cli_allocate(passphrase->size + 1);
    memcpy(passphrase->data, value, passphrase->size);
    lwsec_wipe(value, passphrase->size);
    return NULL;
}

static void drop_line_end(cli_bytes *text)
{
    if (text->size > 0 && text->data[text->size - 1] == '\n') {
        text->size--;
    }
    if (text->size > 0 && text->data[text->size - 1] == '\r') {
        text->size--;
    }
}

const char *cli_passphrase_read(char *value, cli_bytes *passphrase)
{
    if (after(value, "env:") != NULL) {
        return from_text_variable(after(value, "env:"), passphrase);
    }
    if (after(value, "file:") == NULL) {
        return "is not given on the command line; use file: or env:";
    }
    const char *wrong = from_file(after(value, "file:"), passphrase);
    if (wrong == NULL) {
        drop_line_end(passphrase);
    }
    return wrong;
}
