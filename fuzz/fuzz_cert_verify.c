/* lwsec_cert_verify over changed chains with each engine: mbedTLS accepts nothing that OpenSSL
 * refuses, and nothing is accepted that does not match.
 */
#include <lwsec/cert.h>

#ifdef FUZZ_MBEDTLS
#include <lwsec/cert_mbedtls.h>
#endif
#ifdef FUZZ_OPENSSL
#include <lwsec/cert_openssl.h>
#endif

#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Four bytes of choices, then items: a kind, a size of two bytes, and as many bytes. */
typedef struct input {
    lwsec_bytes chain[ITEMS_MAX], trust[ITEMS_MAX], crls[ITEMS_MAX];
    lwsec_cert_check check;
} input;

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void take_item(input *in, uint8_t kind, lwsec_bytes item)
{
    lwsec_cert_check *check = &in->check;

    switch (kind & 7U) {
    case 0:
        if (check->chain_count < ITEMS_MAX) {
            in->chain[check->chain_count++] = item;
        }
        break;
    case 1:
        if (check->trust_count < ITEMS_MAX) {
            in->trust[check->trust_count++] = item;
        }
        break;
    case 2:
        if (check->crl_count < ITEMS_MAX) {
            in->crls[check->crl_count++] = item;
        }
        break;
    case 3: check->association = item; break;
    case 4: check->ocsp = item; break;
    default: check->reference.name = item; break;
    }
}

static void take_choices(input *in, const uint8_t choices[4])
{
    lwsec_cert_check *check = &in->check;

    check->size = sizeof *check;
    check->chain = in->chain;
    check->trust = in->trust;
    check->crls = in->crls;
    check->usage = (choices[0] & 7) == 4 ? LWSEC_CERT_PKIX : (lwsec_cert_usage)(choices[0] & 3);
    check->matching = (lwsec_cert_matching)(choices[0] >> 3 & 3);
    check->role = (lwsec_cert_role)(choices[0] >> 5 & 1);
    check->policy = choices[1] & 0x7fU;
    check->time.clock = (lwsec_cert_clock)(choices[2] & 3);
    check->time.seconds = INT64_C(1893456000); /* 2030 */
    check->reference.kind = (lwsec_cert_reference_kind)(choices[2] >> 2 & 7);
    check->intermediates = choices[3] & 15U;
}

static void read_input(input *in, const uint8_t *data, size_t size)
{
    size_t at = 4;

    take_choices(in, data);
    while (size - at >= 3) {
        const size_t most = size - at - 3;
        const size_t said = (size_t)data[at + 1] << 8 | data[at + 2];
        const size_t length = said < most ? said : most;
        take_item(in, data[at], lwsec_bytes_of(&data[at + 3], length));
        at += 3 + length;
    }
    /* "What the peer sent is what is expected" reaches further. */
    if ((data[3] & 0x80) != 0 && in->check.chain_count > 0 && in->check.usage != LWSEC_CERT_PKIX) {
        in->check.association = in->chain[0];
    }
}

static lwsec_status judge(const lwsec_cert_engine *engine, const lwsec_cert_check *check)
{
    lwsec_reason reason = {LWSEC_WHY_CONFIG, 0};
    const lwsec_status status = lwsec_cert_verify(engine, check, &reason);

    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    require(status == LWSEC_OK || status == LWSEC_REJECT || status == LWSEC_UNSUPPORTED ||
            status == LWSEC_USAGE);
    require(status != LWSEC_REJECT || lwsec_cert_alert(reason.why) != 80);
    return status;
}

/* What one of them accepts, each before it accepts. */
static const lwsec_cert_engine *(*const engines[])(void) = {
#ifdef FUZZ_OPENSSL
    lwsec_cert_openssl,
#endif
#ifdef FUZZ_MBEDTLS
    lwsec_cert_mbedtls,
#endif
    NULL,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static input in;
    bool accepted = true;

    if (size < 4) {
        return 0;
    }
    memset(&in, 0, sizeof in);
    read_input(&in, data, size);
    for (size_t i = 0; engines[i] != NULL; i++) {
        const bool accepts = judge(engines[i](), &in.check) == LWSEC_OK;
        require(accepted || !accepts);
        accepted = accepts;
    }
    return 0;
}
