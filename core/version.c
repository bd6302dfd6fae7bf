/* The version of the library that is linked. */
#include <lwsec/version.h>

#define TEXT_OF(number) #number
#define DOTTED(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *lwsec_version(void)
{
    return DOTTED(LWSEC_VERSION_MAJOR, LWSEC_VERSION_MINOR, LWSEC_VERSION_PATCH);
}
