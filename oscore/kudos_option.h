/* Reading an OSCORE option with the fields of KUDOS inside of the library. */
#ifndef LWSEC_OSCORE_KUDOS_OPTION_H
#define LWSEC_OSCORE_KUDOS_OPTION_H

#include <lwsec/oscore_kudos.h>

/* A second byte of flags follows. */
#define LWSEC_OSCORE_FLAG_EXTENSION 0x80U
/* In that byte: x and nonce follow. No other flag of it is in use. */
#define LWSEC_OSCORE_FLAG_NONCE 0x01U

/* x and the longest nonce. */
#define LWSEC_OSCORE_KUDOS_FIELDS_MAX (1U + LWSEC_OSCORE_KUDOS_NONCE_MAX)

/* As lwsec_oscore_kudos_option_decode, with what is wrong or NONE, and where. */
lwsec_why lwsec_oscore_kudos_option_read(lwsec_bytes value, lwsec_oscore_kudos_option *option,
                                         size_t *offset);

#endif
