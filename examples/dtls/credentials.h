/* What the client and the server of this example share: a pre-shared key, a clock, an address. */
#ifndef EXAMPLE_CREDENTIALS_H
#define EXAMPLE_CREDENTIALS_H

#include <lwsec/bytes.h>

#include <netinet/in.h>

#define EXAMPLE_IDENTITY "device"
#define EXAMPLE_PATIENCE 5000 /* ms until an answer is given up */

/* As lwsec_dtls_psk: the key of the one identity. In a device it comes from provisioning. */
lwsec_status example_psk(void *argument, lwsec_bytes identity, lwsec_buffer *secret);

/* Milliseconds of a clock that never goes back. */
uint64_t example_now(void);

/* 127.0.0.1, with this port. */
struct sockaddr_in example_address(const char *port);

#endif
