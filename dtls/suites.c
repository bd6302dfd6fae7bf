/* Suites and groups of an endpoint: what LwM2M asks for, narrowed by what an account says. */
#include "dtls/engine.h"

/* RFC 8446 section 4.2.7. Each has 255 bits or more: R-5.2.3-03. */
static const uint16_t known_groups[LWSEC_DTLS_GROUPS] = {LWSEC_DTLS_SECP256R1, 24, 25, 29};

static bool has(const uint16_t *numbers, size_t count, uint16_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] == number) {
            return true;
        }
    }
    return false;
}

/* Those of `known` in the order of the list, each once; all where there is no list. */
static size_t narrow(const lwsec_dtls_numbers *list, const uint16_t *known, size_t count,
                     uint16_t *out)
{
    const uint16_t *from = list->count > 0 ? list->list : known;
    const size_t from_count = list->count > 0 ? list->count : count;
    size_t size = 0;

    for (size_t i = 0; i < from_count && size < count; i++) {
        if (has(known, count, from[i]) && !has(out, size, from[i])) {
            out[size++] = from[i];
        }
    }
    return size;
}

/* R-5.2.9.1-01, R-5.2.9.1-04, R-5.2.9.2-01, R-5.2.9.2-04, R-5.2.9.3-05, R-5.2.9.3-08: CCM_8, and
 * first. R-5.2.9.1-02, R-5.2.9.2-02, R-5.2.9.3-06 with T-39: CBC_SHA256 for servers.
 * R-5.2.9.1-03, R-5.2.9.2-03, R-5.2.9.3-07 with T-02: for clients only where it is asked for.
 * R-5.2.9.1-05, R-5.2.9.2-05, R-5.2.9.3-09: no others.
 * R-5.2.9.2-06, R-5.2.9.2-07, R-5.2.9.3-10, R-5.2.9.3-11: with a key pair, ECDHE and ECDSA alone.
 */
size_t lwsec_dtls_suites(const lwsec_dtls_config *config, uint16_t out[LWSEC_DTLS_SUITES])
{
    const bool psk = lwsec_dtls_has_psk(config), ecdsa = lwsec_dtls_has_ecdsa(config);
    const bool cbc =
        config->role == LWSEC_DTLS_SERVER || (config->flags & (uint32_t)LWSEC_DTLS_ALLOW_CBC) != 0;
    const struct {
        bool wanted;
        uint16_t suite;
    } all[LWSEC_DTLS_SUITES] = {{psk, LWSEC_DTLS_PSK_CCM_8},
                                {ecdsa, LWSEC_DTLS_ECDSA_CCM_8},
                                {psk && cbc, LWSEC_DTLS_PSK_CBC},
                                {ecdsa && cbc, LWSEC_DTLS_ECDSA_CBC}};
    uint16_t wanted[LWSEC_DTLS_SUITES];
    size_t count = 0;

    for (size_t i = 0; i < LWSEC_DTLS_SUITES; i++) {
        if (all[i].wanted) {
            wanted[count++] = all[i].suite;
        }
    }
    return narrow(&config->suites, wanted, count, out);
}

/* R-5.2.3-01: secp256r1 is among them, on which keys are, too (RFC 8422 section 5.1). Alone where
 * there is no list. */
size_t lwsec_dtls_groups(const lwsec_dtls_config *config, uint16_t out[LWSEC_DTLS_GROUPS])
{
    const size_t known = config->groups.count > 0 ? LWSEC_DTLS_GROUPS : 1;
    const size_t count = narrow(&config->groups, known_groups, known, out);

    return has(out, count, LWSEC_DTLS_SECP256R1) ? count : 0;
}

/* R-5.2.3-02: keys are on secp256r1, and sign with SHA-256. */
bool lwsec_dtls_signs(const lwsec_dtls_config *config)
{
    return config->signatures.count == 0 ||
           has(config->signatures.list, config->signatures.count, LWSEC_DTLS_ECDSA_SHA256);
}
