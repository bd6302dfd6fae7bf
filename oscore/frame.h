/* Header and token around a body, for both framings. */
#ifndef LWSEC_OSCORE_FRAME_H
#define LWSEC_OSCORE_FRAME_H

#include "oscore/context.h"

/* Decodes a message of the context's framing whose bytes do not lie in `out`. `seen` has a bit for
 * each option number below 64 that is there. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_decode_apart(const lwsec_oscore *context,
                                                        lwsec_bytes wire, const lwsec_buffer *out,
                                                        lwsec_coap_message *message, uint64_t *seen,
                                                        lwsec_reason *reason);

/* Where the body (options, marker, payload) is to be written: at the size of the header for UDP,
 * which is known before; for TCP, whose header tells the length of the body, behind the longest
 * one. */
size_t lwsec_oscore_body_at(lwsec_coap_framing framing, size_t token_size);

/* Puts header and token before the body at data[body_at .. end); gives the size of the message. */
size_t lwsec_oscore_put_head(lwsec_coap_framing framing, const lwsec_coap_message *head,
                             uint8_t *data, size_t body_at, size_t end);

#endif
