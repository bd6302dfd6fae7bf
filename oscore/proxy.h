/* A request for a proxy: its Proxy-Uri split into what the proxy needs and what it must not see. */
#ifndef LWSEC_OSCORE_PROXY_H
#define LWSEC_OSCORE_PROXY_H

#include <lwsec/coap_uri.h>

#include "core/writer.h"

/* Takes the Proxy-Uri of a message apart. `seen` has a bit for each of its option numbers below 64.
 */
lwsec_why lwsec_oscore_proxy_read(const lwsec_coap_message *plain, uint64_t seen,
                                  lwsec_coap_uri *uri);

/* The bytes that a message with this Proxy-Uri may grow by when it is split. */
size_t lwsec_oscore_proxy_growth(const lwsec_coap_uri *uri);

/* Writes the Proxy-Uri option that stays outside. */
void lwsec_oscore_proxy_write_outer(lwsec_writer *writer, uint32_t previous,
                                    const lwsec_coap_uri *uri);

/* Writes those of Uri-Path and Uri-Query whose place inside is after `previous` and before `next`;
 * gives the number of the option that is the last one now. */
uint32_t lwsec_oscore_proxy_write_inner(lwsec_writer *writer, uint32_t previous, uint32_t next,
                                        const lwsec_coap_uri *uri);

#endif
