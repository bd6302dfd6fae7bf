/* Proxy-Uri, split: RFC 8613 section 4.1.3.3. */
#include "oscore/proxy.h"

#include "coap/option.h"
#include "coap/uri.h"
#include "oscore/classes.h"

/* What Proxy-Uri takes the place of (RFC 7252 section 5.10.2): beside it, it is not clear which
 * server and which resource are meant. */
#define REPLACED                                                                                   \
    (UINT64_C(1) << LWSEC_COAP_URI_HOST | UINT64_C(1) << LWSEC_COAP_URI_PORT |                     \
     UINT64_C(1) << LWSEC_COAP_URI_PATH | UINT64_C(1) << LWSEC_COAP_URI_QUERY |                    \
     UINT64_C(1) << LWSEC_COAP_PROXY_SCHEME)

/* "coaps+tcp://" + a host of 255 bytes, all percent-encoded + ":65535". */
#define ORIGIN_MAX (12U + 3U * LWSEC_COAP_URI_PART_MAX + 6U)

lwsec_why lwsec_oscore_proxy_read(const lwsec_coap_message *plain, uint64_t seen,
                                  lwsec_coap_uri *uri)
{
    lwsec_coap_walk walk = lwsec_coap_options(plain);
    lwsec_coap_option option = {0, {NULL, 0}};
    lwsec_coap_option next;
    lwsec_reason reason;

    if ((seen & REPLACED) != 0 || !lwsec_oscore_is_request(plain->code)) {
        return LWSEC_WHY_OSCORE_PROXY_URI;
    }
    while (option.number != LWSEC_COAP_PROXY_URI && lwsec_coap_options_next(&walk, &option)) {
    }
    if (lwsec_coap_options_next(&walk, &next) && next.number == LWSEC_COAP_PROXY_URI) {
        return LWSEC_WHY_COAP_OPTION_TWICE;
    }
    return lwsec_coap_uri_decode(option.value, uri, &reason) == LWSEC_OK ? LWSEC_WHY_NONE
                                                                         : reason.why;
}

/* A part of 13 bytes or more, 14 with its separator, has one byte more before it as an option than
 * in the URI. And the deltas of Uri-Query and of the option that followed may get longer. */
size_t lwsec_oscore_proxy_growth(const lwsec_coap_uri *uri)
{
    return (uri->path.size + uri->query.size) / 14U + 8U;
}

/* The RFC wants the composed Proxy-Uri outside, not the options that it was taken apart into;
 * all proxies take it. */
void lwsec_oscore_proxy_write_outer(lwsec_writer *writer, uint32_t previous,
                                    const lwsec_coap_uri *uri)
{
    uint8_t text[ORIGIN_MAX];
    lwsec_writer origin = lwsec_writer_of(text, sizeof text);

    lwsec_coap_uri_write_origin(&origin, uri);
    const lwsec_coap_option option = {LWSEC_COAP_PROXY_URI, lwsec_bytes_of(text, origin.size)};
    lwsec_coap_write_option(writer, previous, &option);
}

uint32_t lwsec_oscore_proxy_write_inner(lwsec_writer *writer, uint32_t previous, uint32_t next,
                                        const lwsec_coap_uri *uri)
{
    if (previous < LWSEC_COAP_URI_PATH && next > LWSEC_COAP_URI_PATH) {
        previous = lwsec_coap_uri_write_options(writer, previous, LWSEC_COAP_URI_PATH, uri->path,
                                                LWSEC_COAP_PATH_SEPARATOR);
    }
    if (previous < LWSEC_COAP_URI_QUERY && next > LWSEC_COAP_URI_QUERY) {
        previous = lwsec_coap_uri_write_options(writer, previous, LWSEC_COAP_URI_QUERY, uri->query,
                                                LWSEC_COAP_QUERY_SEPARATOR);
    }
    return previous;
}
