/* Echo values without memory: RFC 9175 section 2, in the manner of its Appendix A.2. */
#include <lwsec/coap_freshness.h>

#include "core/writer.h"
#include "crypto/use.h"

#include <string.h>

#define TIME_SIZE 5U
#define MAC_SIZE (LWSEC_ECHO_SIZE - TIME_SIZE)
#define TIME_END (UINT64_C(1) << (8U * TIME_SIZE))
#define PEER_MAX 64U

static uint32_t lifetime_of(const lwsec_freshness *freshness)
{
    return freshness->lifetime != 0 ? freshness->lifetime : LWSEC_ECHO_LIFETIME_DEFAULT;
}

/* The whole value for that time and peer. */
static lwsec_status make(const lwsec_freshness *freshness, uint64_t time, lwsec_bytes peer,
                         uint8_t echo[LWSEC_ECHO_SIZE])
{
    uint8_t text[TIME_SIZE + PEER_MAX];
    uint8_t mac[32];
    lwsec_writer writer = lwsec_writer_of(text, sizeof text);

    lwsec_writer_uint(&writer, time, TIME_SIZE);
    lwsec_writer_bytes(&writer, peer);
    if (freshness->size != sizeof *freshness || freshness->now >= TIME_END || writer.full) {
        return LWSEC_USAGE;
    }
    const lwsec_status status = lwsec_key_at_once(
        freshness->key,
        lwsec_key_mac(freshness->key, lwsec_bytes_of(text, writer.size), mac, sizeof mac));
    if (status == LWSEC_OK) {
        memcpy(echo, text, TIME_SIZE);
        memcpy(&echo[TIME_SIZE], mac, MAC_SIZE);
    }
    lwsec_wipe(mac, sizeof mac);
    return status;
}

lwsec_status lwsec_freshness_make(const lwsec_freshness *freshness, lwsec_bytes peer,
                                  uint8_t echo[LWSEC_ECHO_SIZE])
{
    return make(freshness, freshness->now, peer, echo);
}

/* R-5.7-03: the nonce that came back matches one that was given out not long ago. */
lwsec_status lwsec_freshness_check(const lwsec_freshness *freshness, lwsec_bytes peer,
                                   lwsec_bytes echo)
{
    uint8_t expected[LWSEC_ECHO_SIZE];
    uint64_t time = 0;

    if (echo.size != LWSEC_ECHO_SIZE) {
        return LWSEC_CHALLENGE;
    }
    for (size_t i = 0; i < TIME_SIZE; i++) {
        time = time << 8 | echo.data[i];
    }
    const lwsec_status status = make(freshness, time, peer, expected);
    if (status != LWSEC_OK) {
        return status;
    }
    const bool ours = lwsec_equal_secret(echo, lwsec_bytes_of(expected, sizeof expected));
    const bool recent = time <= freshness->now && freshness->now - time <= lifetime_of(freshness);
    return ours && recent ? LWSEC_OK : LWSEC_CHALLENGE;
}
