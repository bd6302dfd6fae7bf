/* What the client and the server of this example share. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "credentials.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

lwsec_status example_psk(void *argument, lwsec_bytes identity, lwsec_buffer *secret)
{
    static const char key[] = "sixteen bytes..";

    (void)argument;
    if (identity.size != strlen(EXAMPLE_IDENTITY) ||
        memcmp(identity.data, EXAMPLE_IDENTITY, identity.size) != 0) {
        return LWSEC_ABSENT;
    }
    memcpy(secret->data, key, sizeof key);
    secret->size = sizeof key;
    return LWSEC_OK;
}

uint64_t example_now(void)
{
    struct timespec time = {0, 0};

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000U + (uint64_t)time.tv_nsec / 1000000U;
}

struct sockaddr_in example_address(const char *port)
{
    struct sockaddr_in address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}
