/* The certificates, lists and responses of certificates.txt and doubtful.txt, by name. */
#ifndef LWSEC_TESTS_CERTPOLICY_CERTIFICATES_H
#define LWSEC_TESTS_CERTPOLICY_CERTIFICATES_H

#include "tests/support/test.h"

#include <lwsec/cert.h>

/* 2030-01-01T00:00:00Z, which they were made for. */
#define TEST_TIME INT64_C(1893456000)

/* DER, and the SubjectPublicKeyInfo of a certificate. Fails the test if there is none. */
lwsec_bytes test_certificate(const char *name);
lwsec_bytes test_certificate_key(const char *name);

/* Everything in the files, one after the other; {NULL, 0} past the end. */
lwsec_bytes test_certificate_at(size_t index);

#define TEST_CHAIN_MAX 10

/* A check of named certificates. `check` points into it: it must not be moved. */
typedef struct test_check {
    lwsec_cert_check check;
    lwsec_bytes chain[TEST_CHAIN_MAX];
    lwsec_bytes trust[TEST_CHAIN_MAX];
    lwsec_bytes crls[TEST_CHAIN_MAX];
} test_check;

/* Names, separated by blanks: what the peer sends, and the trust store. Usage PKIX, a reference of
 * server.example, the time of the tests, policy 0. */
void test_check_init(test_check *check, const char *chain, const char *trust);

/* Lists by name. */
void test_check_crls(test_check *check, const char *names);

/* Usage, with the association as it is: "NAME", or "key NAME". */
void test_check_usage(test_check *check, lwsec_cert_usage usage, const char *association);

/* With each engine: accepted, or refused for this reason. */
void test_accepts(const test_check *check);
void test_refuses(const test_check *check, lwsec_why why);

#endif
