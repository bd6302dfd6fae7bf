/* Whether bytes are UTF-8: RFC 3629. */
#ifndef LWSEC_ACCOUNT_UTF8_H
#define LWSEC_ACCOUNT_UTF8_H

#include <lwsec/bytes.h>

/* No overlong forms, no surrogates, nothing past U+10FFFF. Takes as long as the size says. */
bool lwsec_utf8_valid(lwsec_bytes text);

#endif
