/* The certificates and lists of NIST's PKITS, as checks of lwsec: LWSEC_PKITS names the folder. */
#ifndef LWSEC_TESTS_CERTPOLICY_PKITS_DATA_H
#define LWSEC_TESTS_CERTPOLICY_PKITS_DATA_H

#include "tests/support/test.h"

#include <lwsec/cert.h>

#define PKITS_LISTS_MAX 256

/* One path of PKITS. `check` points into it: it must not be moved. */
typedef struct pkits_case {
    lwsec_bytes chain[LWSEC_CERT_CHAIN_MAX];
    lwsec_bytes trust[1];
    lwsec_bytes lists[PKITS_LISTS_MAX];
    lwsec_cert_check check;
} pkits_case;

/* Reads all files. Fails the test, and says what to install, if they are not there. */
void pkits_read(void);

/*
 * The check of an end entity, by the name of its file without ".crt": with every certificate that
 * may be on its way up, to PKITS's one anchor, and all lists there are. The status of each
 * certificate must be known. Fails the test if there is no such file.
 */
void pkits_case_of(const char *end_entity, pkits_case *one);

#endif
