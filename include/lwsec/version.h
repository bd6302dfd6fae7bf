/* The version of the library. */
#ifndef LWSEC_VERSION_H
#define LWSEC_VERSION_H

#include <lwsec/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LWSEC_VERSION_MAJOR 0
#define LWSEC_VERSION_MINOR 1
#define LWSEC_VERSION_PATCH 0

/* The version of the library that is linked, as "0.1.0". Static text. */
LWSEC_API const char *lwsec_version(void);

#ifdef __cplusplus
}
#endif
#endif
