/* mbedTLS for a device without an operating system: Debian's configuration, less what needs one. */
#ifndef LWSEC_TESTS_CORTEX_M_MBEDTLS_CONFIG_H
#define LWSEC_TESTS_CORTEX_M_MBEDTLS_CONFIG_H

#include "mbedtls/config.h"

#undef MBEDTLS_THREADING_C
#undef MBEDTLS_THREADING_PTHREAD
#undef MBEDTLS_FS_IO
#undef MBEDTLS_NET_C
#undef MBEDTLS_TIMING_C
#undef MBEDTLS_HAVE_TIME
#undef MBEDTLS_HAVE_TIME_DATE

#endif
