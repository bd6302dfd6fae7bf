/* An authority that issues what it is asked for, right or wrong: made with OpenSSL. */
#ifndef LWSEC_TESTS_EST_CA_H
#define LWSEC_TESTS_EST_CA_H

#include "tests/support/test.h"

/* 2030-01-01T00:00:00Z */
#define CA_TIME INT64_C(1893456000)
#define CA_DAY INT64_C(86400)

typedef struct ca ca;

/* A root, or an authority that another one has certified. All is freed by ca_close. */
ca *ca_open(const char *name, const ca *above);
void ca_close(ca *one);

lwsec_bytes ca_certificate(const ca *one);

/* How a certificate differs from a good one. All zeros: it does not. */
typedef struct ca_wish {
    const char *name;    /* another common name */
    const char *purpose; /* instead of "clientAuth" */
    const char *usage;   /* instead of "critical,digitalSignature"; "": none */
    int64_t begin;       /* seconds from CA_TIME; both 0: from a day before to a year after */
    int64_t end;
    bool other_key;  /* not the key of the request */
    bool authority;  /* as that of an authority */
    bool many_names; /* so many alternative names that it is over 1 kB */
} ca_wish;

/* A certificate for a request whose signature verifies; {NULL, 0} for any other. Freed at the end
 * of the program. */
lwsec_bytes ca_issue(const ca *one, lwsec_bytes request, const ca_wish *wish);

/* Certificates as a certs-only message. */
lwsec_bytes ca_pack(const lwsec_bytes *certificates, size_t count);

#endif
