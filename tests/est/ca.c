/* An authority that issues what it is asked for, right or wrong: made with OpenSSL. */
#include "tests/est/ca.h"

#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

struct ca {
    EVP_PKEY *key;
    X509 *certificate;
    lwsec_bytes der;
};

/* ---- Memory that lives until the program ends ---- */

typedef struct kept {
    struct kept *before;
    uint8_t bytes[];
} kept;

static lwsec_bytes keep(const unsigned char *der, int size)
{
    static kept *last; /* still to be seen at the end, so that nobody calls them leaks */

    assert_true(size > 0);
    kept *one = malloc(sizeof *one + (size_t)size);
    one->before = last;
    last = one;
    memcpy(one->bytes, der, (size_t)size);
    return lwsec_bytes_of(one->bytes, (size_t)size);
}

static lwsec_bytes keep_certificate(X509 *certificate)
{
    unsigned char *der = NULL;
    const int size = i2d_X509(certificate, &der);
    const lwsec_bytes bytes = keep(der, size);

    OPENSSL_free(der);
    return bytes;
}

/* ---- Certificates ---- */

static void set_name(X509_NAME *name, const char *common_name)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)common_name, -1, -1, 0),
                     1);
}

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *begin(EVP_PKEY *key, int64_t from, int64_t to)
{
    static long serial = 1;
    X509 *made = X509_new();

    assert_int_equal(X509_set_version(made, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(made), serial++), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(made), (time_t)from));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(made), (time_t)to));
    assert_int_equal(X509_set_pubkey(made, key), 1);
    return made;
}

static void end(X509 *made, X509 *issuer, EVP_PKEY *key)
{
    assert_int_equal(X509_set_issuer_name(made, X509_get_subject_name(issuer)), 1);
    extend(made, issuer, NID_authority_key_identifier, "keyid:always");
    assert_true(X509_sign(made, key, EVP_sha256()) > 0);
}

ca *ca_open(const char *name, const ca *above)
{
    ca *made = calloc(1, sizeof *made);

    made->key = EVP_EC_gen("P-256");
    made->certificate = begin(made->key, CA_TIME - 3000 * CA_DAY, CA_TIME + 3000 * CA_DAY);
    set_name(X509_get_subject_name(made->certificate), name);
    extend(made->certificate, made->certificate, NID_basic_constraints, "critical,CA:TRUE");
    extend(made->certificate, made->certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    extend(made->certificate, made->certificate, NID_subject_key_identifier, "hash");
    end(made->certificate, above != NULL ? above->certificate : made->certificate,
        above != NULL ? above->key : made->key);
    made->der = keep_certificate(made->certificate);
    return made;
}

void ca_close(ca *one)
{
    X509_free(one->certificate);
    EVP_PKEY_free(one->key);
    free(one);
}

lwsec_bytes ca_certificate(const ca *one)
{
    return one->der;
}

static void extend_as_wished(X509 *made, X509 *issuer, const ca_wish *wish)
{
    const char *usage = wish->usage != NULL ? wish->usage : "critical,digitalSignature";

    extend(made, issuer, NID_basic_constraints, wish->authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (usage[0] != '\0') {
        extend(made, issuer, NID_key_usage, wish->authority ? "critical,keyCertSign" : usage);
    }
    extend(made, issuer, NID_subject_key_identifier, "hash");
    extend(made, issuer, NID_ext_key_usage, wish->purpose != NULL ? wish->purpose : "clientAuth");
    if (wish->many_names) {
        char names[2048] = "DNS:device.example";
        for (unsigned i = 0; i < 60; i++) {
            const size_t size = strlen(names);
            (void)snprintf(&names[size], sizeof names - size, ",DNS:name-%u.device.example", i);
        }
        extend(made, issuer, NID_subject_alt_name, names);
    }
}

static X509 *issue(const ca *one, X509_REQ *request, const ca_wish *wish)
{
    const bool times = wish->begin != 0 || wish->end != 0;
    EVP_PKEY *key = wish->other_key ? EVP_EC_gen("P-256") : X509_REQ_get_pubkey(request);
    X509 *made = begin(key, CA_TIME + (times ? wish->begin : -CA_DAY),
                       CA_TIME + (times ? wish->end : 365 * CA_DAY));

    EVP_PKEY_free(key);
    if (wish->name != NULL) {
        set_name(X509_get_subject_name(made), wish->name);
    } else {
        assert_int_equal(X509_set_subject_name(made, X509_REQ_get_subject_name(request)), 1);
    }
    extend_as_wished(made, one->certificate, wish);
    end(made, one->certificate, one->key);
    return made;
}

lwsec_bytes ca_issue(const ca *one, lwsec_bytes request, const ca_wish *wish)
{
    const unsigned char *data = request.data;
    X509_REQ *read = d2i_X509_REQ(NULL, &data, (long)request.size);
    lwsec_bytes der = {NULL, 0};

    if (read != NULL && data == request.data + request.size &&
        X509_REQ_verify(read, X509_REQ_get0_pubkey(read)) == 1) {
        X509 *made = issue(one, read, wish);
        der = keep_certificate(made);
        X509_free(made);
    }
    X509_REQ_free(read);
    return der;
}

lwsec_bytes ca_pack(const lwsec_bytes *certificates, size_t count)
{
    PKCS7 *message = PKCS7_new();
    unsigned char *der = NULL;

    assert_int_equal(PKCS7_set_type(message, NID_pkcs7_signed), 1);
    assert_int_equal(PKCS7_content_new(message, NID_pkcs7_data), 1);
    PKCS7_set_detached(message, 1);
    for (size_t i = 0; i < count; i++) {
        const unsigned char *data = certificates[i].data;
        X509 *one = d2i_X509(NULL, &data, (long)certificates[i].size);
        assert_non_null(one);
        assert_int_equal(PKCS7_add_certificate(message, one), 1);
        X509_free(one);
    }
    const int size = i2d_PKCS7(message, &der);
    const lwsec_bytes packed = keep(der, size);
    OPENSSL_free(der);
    PKCS7_free(message);
    return packed;
}
