/* lwsec's OSCORE as a filter: one operation a line in, one answer a line out. See README.md. */
#include <lwsec/memory_openssl.h>
#include <lwsec/oscore.h>
#include <lwsec/oscore_debug.h>
#include <lwsec/state_memory.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXTS 8U
#define REQUESTS 256U
#define KEY_SLOTS 32U
#define MESSAGE_MAX 70000U
#define LINE_MAX_SIZE (4U * MESSAGE_MAX)

static const char digits[] = "0123456789abcdef";

/* One context, with a state of its own that is lost with it: each is made for a fresh key. */
typedef struct endpoint {
    lwsec_oscore *context;
    lwsec_state *state;
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(4, 256) / 8];
    uint64_t memory[LWSEC_OSCORE_SIZE(LWSEC_OSCORE_WINDOW_MAX, LWSEC_OSCORE_ID_CONTEXT_MAX) / 8];
} endpoint;

typedef struct driver {
    lwsec_store *store;
    uint64_t store_memory[LWSEC_MEMORY_OPENSSL_SIZE(KEY_SLOTS) / 8];
    endpoint endpoints[CONTEXTS];
    lwsec_oscore_request requests[REQUESTS];
    char *rest; /* of the line, after the fields that were taken */
    uint8_t input[MESSAGE_MAX];
    uint8_t output[MESSAGE_MAX];
} driver;

/* Whoever writes such lines is broken, and so is the test: nothing goes on. */
static void fail(const char *what)
{
    (void)fprintf(stderr, "oscore-driver: %s\n", what);
    exit(2);
}

static void require(lwsec_status status, const char *what)
{
    if (status != LWSEC_OK) {
        fail(what);
    }
}

/* ---- Fields of a line ---- */

static const char *take_word(driver *self)
{
    char *word = self->rest;

    if (*word == '\0') {
        fail("a field is missing");
    }
    self->rest += strcspn(word, " \n");
    if (*self->rest != '\0') {
        *self->rest++ = '\0';
    }
    return word;
}

static uint64_t take_number(driver *self, uint64_t max)
{
    char *end;
    const char *word = take_word(self);

    errno = 0;
    const unsigned long long number = strtoull(word, &end, 10);
    if (errno != 0 || end == word || *end != '\0' || number > max) {
        fail("no such number");
    }
    return number;
}

static uint8_t digit(char c)
{
    const char *found = c == '\0' ? NULL : strchr(digits, c);

    if (found == NULL) {
        fail("no hex digit");
    }
    return (uint8_t)(found - digits);
}

/* Hex into `room`; "-" is empty, and "none" is absent: NULL data. */
static lwsec_bytes take_hex(driver *self, uint8_t *room, size_t capacity)
{
    const char *word = take_word(self);
    const size_t size = strlen(word) / 2;

    if (strcmp(word, "none") == 0) {
        return lwsec_bytes_of(NULL, 0);
    }
    if (strcmp(word, "-") == 0) {
        return lwsec_bytes_of(room, 0);
    }
    if (strlen(word) % 2 != 0 || size > capacity) {
        fail("hex of a wrong length");
    }
    for (size_t i = 0; i < size; i++) {
        room[i] = (uint8_t)(digit(word[2 * i]) << 4 | digit(word[2 * i + 1]));
    }
    return lwsec_bytes_of(room, size);
}

static endpoint *take_endpoint(driver *self)
{
    return &self->endpoints[take_number(self, CONTEXTS - 1)];
}

static lwsec_oscore_request *take_request(driver *self)
{
    return &self->requests[take_number(self, REQUESTS - 1)];
}

/* ---- Operations ---- */

static void close_endpoint(endpoint *one)
{
    if (one->context != NULL) {
        lwsec_oscore_close(&one->context);
    }
    if (one->state != NULL) {
        lwsec_state_memory_close(&one->state);
    }
}

/* context SLOT AEAD HMAC WINDOW START FLAGS SECRET SALT SENDER RECIPIENT ID-CONTEXT */
static void make_context(driver *self)
{
    static const lwsec_key_attributes master = {
        sizeof master, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, {0}};
    uint8_t secret[255], salt[255], sender[LWSEC_OSCORE_ID_MAX], recipient[LWSEC_OSCORE_ID_MAX];
    uint8_t id_context[LWSEC_OSCORE_ID_CONTEXT_MAX];
    endpoint *one = take_endpoint(self);
    lwsec_oscore_config config = {.size = sizeof config, .store = self->store};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    close_endpoint(one);
    require(
        lwsec_state_memory_open(one->state_memory, sizeof one->state_memory, 4, 256, &one->state),
        "no state");
    config.state = one->state;
    config.aead = (int32_t)take_number(self, 255);
    config.hmac = (int32_t)take_number(self, 255);
    config.window = (uint32_t)take_number(self, LWSEC_OSCORE_WINDOW_MAX);
    config.start_ssn = take_number(self, UINT64_MAX);
    config.flags = (uint32_t)take_number(self, UINT32_MAX);
    require(lwsec_key_import(self->store, &master, take_hex(self, secret, sizeof secret),
                             &config.secret),
            "no secret");
    config.salt = take_hex(self, salt, sizeof salt);
    config.sender_id = take_hex(self, sender, sizeof sender);
    config.recipient_id = take_hex(self, recipient, sizeof recipient);
    config.id_context = take_hex(self, id_context, sizeof id_context);
    const lwsec_status status =
        lwsec_oscore_init(one->memory, sizeof one->memory, &config, &one->context, &reason);
    require(lwsec_key_destroy(&config.secret), "the secret stays");
    if (status != LWSEC_OK) {
        printf("no %s: %s\n", lwsec_status_name(status), lwsec_why_text(reason.why));
        return;
    }
    lwsec_oscore_debug_trust_window(one->context);
    printf("ok\n");
}

static void answer(lwsec_status status, const lwsec_reason *reason, const lwsec_buffer *out)
{
    if (status != LWSEC_OK) {
        printf("no %s: %s\n", lwsec_status_name(status), lwsec_why_text(reason->why));
        return;
    }
    printf("ok ");
    for (size_t i = 0; i < out->size; i++) {
        (void)putchar(digits[out->data[i] >> 4]);
        (void)putchar(digits[out->data[i] & 15]);
    }
    printf("\n");
}

/* protect-request CONTEXT REQUEST MESSAGE, unprotect-request, unprotect-response the same;
 * protect-response CONTEXT REQUEST OWN-PIV MESSAGE */
static void handle_message(driver *self, const char *operation)
{
    lwsec_oscore *context = take_endpoint(self)->context;
    lwsec_oscore_request *request = take_request(self);
    const bool protects_response = strcmp(operation, "protect-response") == 0;
    const bool own_piv = protects_response && take_number(self, 1) == 1;
    const lwsec_bytes message = take_hex(self, self->input, sizeof self->input);
    lwsec_buffer out = lwsec_buffer_of(self->output, sizeof self->output);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_status status = LWSEC_USAGE;

    if (context == NULL) {
        fail("no such context");
    }
    if (protects_response) {
        status = lwsec_oscore_protect_response(context, request, message, own_piv, &out, &reason);
    } else if (strcmp(operation, "protect-request") == 0) {
        status = lwsec_oscore_protect_request(context, message, request, &out, &reason);
    } else if (strcmp(operation, "unprotect-request") == 0) {
        status = lwsec_oscore_unprotect_request(context, message, request, &out, &reason);
    } else if (strcmp(operation, "unprotect-response") == 0) {
        status = lwsec_oscore_unprotect_response(context, request, message, &out, &reason);
    } else {
        fail("no such operation");
    }
    answer(status, &reason, &out);
}

int main(void)
{
    static driver self;
    static char line[LINE_MAX_SIZE];

    require(lwsec_memory_openssl_open(self.store_memory, sizeof self.store_memory, KEY_SLOTS,
                                      &self.store),
            "no key store");
    while (fgets(line, sizeof line, stdin) != NULL) {
        self.rest = line;
        const char *operation = take_word(&self);
        if (strcmp(operation, "context") == 0) {
            make_context(&self);
        } else {
            handle_message(&self, operation);
        }
        (void)fflush(stdout);
    }
    for (size_t i = 0; i < CONTEXTS; i++) {
        close_endpoint(&self.endpoints[i]);
    }
    lwsec_memory_openssl_close(&self.store);
    return 0;
}
