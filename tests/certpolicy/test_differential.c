/* mbedTLS accepts nothing that OpenSSL refuses: certificates that were changed and signed anew. */
#include "tests/certpolicy/certificates.h"

#include "certpolicy/der_certificate.h"
#include "certpolicy/der_crl.h"

#include <lwsec/cert_mbedtls.h>
#include <lwsec/cert_openssl.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#define CERTIFICATE_MAX 4096

/* A sequence that is the same on each machine (xorshift). */
static uint64_t seed;

static uint32_t next_number(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % below;
}

/* ---- Signing ---- */

static size_t write_header(uint8_t *out, uint8_t tag, size_t size)
{
    out[0] = tag;
    out[1] = 0x82;
    out[2] = (uint8_t)(size >> 8);
    out[3] = (uint8_t)size;
    if (size > 0xff) {
        return 4;
    }
    out[1] = 0x81;
    out[2] = (uint8_t)size;
    if (size > 0x7f) {
        return 3;
    }
    out[1] = (uint8_t)size;
    return 2;
}

/* A certificate of these bytes and ecdsa-with-SHA256. */
static lwsec_bytes sign(EVP_PKEY *key, const uint8_t *tbs, size_t tbs_size,
                        uint8_t out[CERTIFICATE_MAX])
{
    static const uint8_t algorithm[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                        0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
    uint8_t body[CERTIFICATE_MAX], signature[80];
    size_t size = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    assert_non_null(context);
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &size, tbs, tbs_size), 1);
    EVP_MD_CTX_free(context);
    assert_true(tbs_size + sizeof algorithm + size + 8 < sizeof body);
    memcpy(body, tbs, tbs_size);
    size_t used = tbs_size;
    memcpy(&body[used], algorithm, sizeof algorithm);
    used += sizeof algorithm;
    used += write_header(&body[used], 0x03, size + 1);
    body[used++] = 0;
    memcpy(&body[used], signature, size);
    used += size;
    const size_t header = write_header(out, 0x30, used);
    memcpy(&out[header], body, used);
    return lwsec_bytes_of(out, header + used);
}

/* ---- Changing ---- */

static void put(uint8_t *bytes, lwsec_bytes whole, lwsec_bytes part, lwsec_bytes other)
{
    assert_int_equal(part.size, other.size);
    memcpy(&bytes[part.data - whole.data], other.data, other.size);
}

/* One to three bytes of the part to be signed; what stands in a certificate is likelier. */
static void change(uint8_t *tbs, size_t size)
{
    static const uint8_t likely[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x16,
                                     0x17, 0x18, 0x1e, 0x2a, 0x30, 0x31, 0x55, 0x7f, 0x80, 0x81,
                                     0x82, 0x86, 0x87, 0xa0, 0xa1, 0xa3, 0xa4, 0xff};
    const uint32_t count = 1 + next_number(3);

    for (uint32_t i = 0; i < count; i++) {
        uint8_t *byte = &tbs[next_number((uint32_t)size)];
        switch (next_number(3)) {
        case 0: *byte = likely[next_number(sizeof likely)]; break;
        case 1: *byte = (uint8_t)(*byte ^ 1U << next_number(8)); break;
        default: *byte = (uint8_t)next_number(256); break;
        }
    }
}

typedef struct counts {
    size_t accepted, refused, stricter;
} counts;

static void compare(const test_check *check, counts *found)
{
    lwsec_reason one, other;
    const lwsec_status openssl = lwsec_cert_verify(lwsec_cert_openssl(), &check->check, &one);
    const lwsec_status mbedtls = lwsec_cert_verify(lwsec_cert_mbedtls(), &check->check, &other);

    if (mbedtls == LWSEC_OK && openssl != LWSEC_OK) {
        for (size_t i = 0; i < check->chain[0].size; i++) {
            print_error("%02x", check->chain[0].data[i]);
        }
        fail_msg("\nmbedTLS accepts what OpenSSL refuses: %s", lwsec_why_text(one.why));
    }
    found->accepted += mbedtls == LWSEC_OK;
    found->refused += openssl != LWSEC_OK;
    found->stricter += openssl == LWSEC_OK && mbedtls != LWSEC_OK;
}

/* The vector's issuer gets our key: a root of our own with the same name and identifier. */
static lwsec_bytes make_root(const char *name, EVP_PKEY *key, uint8_t out[CERTIFICATE_MAX])
{
    uint8_t tbs[CERTIFICATE_MAX];
    unsigned char *info = NULL;
    lwsec_cert_view issuer;

    const int size = i2d_PUBKEY(key, &info);
    assert_true(size > 0);
    assert_status(lwsec_cert_view_read(test_certificate(name), &issuer, NULL), LWSEC_OK);
    memcpy(tbs, issuer.seal.tbs.data, issuer.seal.tbs.size);
    put(tbs, issuer.seal.tbs, issuer.key, lwsec_bytes_of(info, (size_t)size));
    OPENSSL_free(info);
    return sign(key, tbs, issuer.seal.tbs.size, out);
}

static size_t rounds_of(size_t usual)
{
    const char *rounds = getenv("LWSEC_ROUNDS");

    return rounds != NULL ? strtoul(rounds, NULL, 10) : usual;
}

static void run(const char *name, const char *issuer_name, size_t rounds)
{
    static uint8_t root[CERTIFICATE_MAX], leaf[CERTIFICATE_MAX], changed[CERTIFICATE_MAX];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    lwsec_cert_view view;
    counts found = {0, 0, 0};
    test_check check;

    assert_non_null(key);
    assert_status(lwsec_cert_view_read(test_certificate(name), &view, NULL), LWSEC_OK);
    const lwsec_bytes root_der = make_root(issuer_name, key, root);

    for (size_t i = 0; i < rounds; i++) {
        memcpy(changed, view.seal.tbs.data, view.seal.tbs.size);
        if (i > 0) {
            change(changed, view.seal.tbs.size);
        }
        test_check_init(&check, name, issuer_name);
        check.trust[0] = root_der;
        check.chain[0] = sign(key, changed, view.seal.tbs.size, leaf);
        check.check.policy = LWSEC_CERT_ALLOW_RSA | LWSEC_CERT_ALLOW_NO_KEY_IDS;
        check.check.reference.kind = LWSEC_CERT_REFERENCE_NONE;
        compare(&check, &found);
        assert_true(i > 0 || found.accepted == 1);
        check.check.usage = LWSEC_CERT_DOMAIN_ISSUED;
        check.check.association = check.chain[0];
        compare(&check, &found);
    }
    print_message("%s: %zu accepted, %zu refused, %zu by mbedTLS alone\n", name, found.accepted,
                  found.refused, found.stricter);
    assert_true(found.accepted > rounds / 10 && found.refused > rounds / 10);
    EVP_PKEY_free(key);
}

static void test_changed_and_signed_anew(void **state)
{
    static const char *const names[][2] = {
        {"server", "inter"},      {"inter", "root"},           {"limited-server", "limited"},
        {"rich-server", "inter"}, {"rsa2048-server", "inter"}, {"policy-server", "inter"},
        {"rich-ca", "root"},      {"numbered-server", "inter"}};
    (void)state;
    seed = 88172645463325252U;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        run(names[i][0], names[i][1], rounds_of(400));
    }
}

/* A list that mbedTLS reads tells the same of each certificate as the one that OpenSSL reads. */
static void test_lists_changed_and_signed_anew(void **state)
{
    static uint8_t root[CERTIFICATE_MAX], leaf[CERTIFICATE_MAX], changed[CERTIFICATE_MAX];
    static uint8_t list[CERTIFICATE_MAX];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    lwsec_cert_view view;
    lwsec_crl_view crl;
    counts found = {0, 0, 0};
    test_check check;

    (void)state;
    seed = 88172645463325252U;
    assert_non_null(key);
    assert_status(lwsec_cert_view_read(test_certificate("server"), &view, NULL), LWSEC_OK);
    assert_status(lwsec_crl_view_read(test_certificate("crl"), &crl, NULL), LWSEC_OK);
    const lwsec_bytes root_der = make_root("inter", key, root);
    test_check_init(&check, "server", "inter");
    check.trust[0] = root_der;
    check.chain[0] = sign(key, view.seal.tbs.data, view.seal.tbs.size, leaf);
    test_check_crls(&check, "crl");
    for (size_t i = 0; i < rounds_of(400); i++) {
        memcpy(changed, crl.seal.tbs.data, crl.seal.tbs.size);
        if (i > 0) {
            change(changed, crl.seal.tbs.size);
        }
        check.crls[0] = sign(key, changed, crl.seal.tbs.size, list);
        compare(&check, &found);
        assert_true(i > 0 || found.accepted == 1);
    }
    print_message("lists: %zu accepted, %zu refused, %zu by mbedTLS alone\n", found.accepted,
                  found.refused, found.stricter);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changed_and_signed_anew),
        cmocka_unit_test(test_lists_changed_and_signed_anew),
    };

    return cmocka_run_group_tests_name("differential", tests, NULL, NULL);
}
