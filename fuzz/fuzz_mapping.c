/* Covers coap/uri.c and oscore/http.c: what is accepted means the same when written again. */
#include <lwsec/coap_uri.h>
#include <lwsec/oscore_http.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool same(lwsec_bytes one, lwsec_bytes other)
{
    return one.size == other.size && (one.size == 0 || memcmp(one.data, other.data, one.size) == 0);
}

/* The origin of an origin is itself, and names the same server. */
static void check_origin(const lwsec_coap_uri *uri)
{
    uint8_t text[LWSEC_COAP_URI_MAX];
    uint8_t again[LWSEC_COAP_URI_MAX];
    lwsec_buffer origin = lwsec_buffer_of(text, sizeof text);
    lwsec_buffer second = lwsec_buffer_of(again, sizeof again);
    lwsec_coap_uri read;

    require(lwsec_coap_uri_origin(uri, &origin) == LWSEC_OK);
    require(lwsec_coap_uri_decode(lwsec_buffer_bytes(&origin), &read, NULL) == LWSEC_OK);
    require(same(read.scheme, uri->scheme) && read.port == uri->port);
    require(read.path.data == NULL && read.query.data == NULL);
    require(lwsec_coap_uri_origin(&read, &second) == LWSEC_OK);
    require(same(lwsec_buffer_bytes(&origin), lwsec_buffer_bytes(&second)));
}

static void check_options(const lwsec_coap_uri *uri, size_t size)
{
    static lwsec_coap_option options[LWSEC_COAP_URI_MAX + 4];
    uint8_t *values = malloc(size + 2);
    lwsec_buffer room = lwsec_buffer_of(values, size + 2);
    size_t count = 0;

    require(values != NULL);
    require(lwsec_coap_uri_options(uri, options, LWSEC_COAP_URI_MAX + 4, &count, &room) ==
            LWSEC_OK);
    for (size_t i = 0; i < count; i++) {
        require(options[i].value.size <= LWSEC_COAP_URI_PART_MAX);
        require(i == 0 || options[i].number >= options[i - 1].number);
    }
    free(values);
}

static void check_uri(lwsec_bytes text)
{
    lwsec_coap_uri uri;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_coap_uri_decode(text, &uri, &reason);

    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    require(reason.offset <= text.size);
    if (status == LWSEC_OK) {
        check_origin(&uri);
        check_options(&uri, text.size);
    }
}

/* Each option has one text. */
static void check_value(lwsec_bytes text)
{
    uint8_t data[LWSEC_OSCORE_HTTP_OPTION_MAX];
    uint8_t again[LWSEC_OSCORE_HTTP_VALUE_MAX];
    lwsec_buffer option = lwsec_buffer_of(data, sizeof data);
    lwsec_buffer out = lwsec_buffer_of(again, sizeof again);

    if (lwsec_oscore_http_value_decode(text, &option, NULL) == LWSEC_OK) {
        require(lwsec_oscore_http_value_encode(lwsec_buffer_bytes(&option), &out) == LWSEC_OK);
        require(same(lwsec_buffer_bytes(&out), text));
    }
}

/* A message that goes over HTTP comes back with the same option and payload. */
static void check_message(lwsec_bytes message)
{
    const lwsec_coap_message head = {.type = LWSEC_COAP_NON};
    uint8_t room[LWSEC_OSCORE_HTTP_VALUE_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_oscore_http http;
    lwsec_coap_message decoded;

    if (lwsec_oscore_http_from_coap(LWSEC_COAP_UDP, message, &value, &http, NULL) != LWSEC_OK) {
        return;
    }
    uint8_t *data = malloc(message.size + 16);
    lwsec_buffer out = lwsec_buffer_of(data, message.size + 16);
    require(data != NULL);
    require(lwsec_oscore_http_to_coap(LWSEC_COAP_UDP, &http, &head, &out, NULL) == LWSEC_OK);
    require(lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(&out), &decoded, NULL) ==
            LWSEC_OK);
    require(same(decoded.payload, http.body));
    free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_uri(lwsec_bytes_of(data, size));
    check_value(lwsec_bytes_of(data, size));
    check_message(lwsec_bytes_of(data, size));
    return 0;
}
