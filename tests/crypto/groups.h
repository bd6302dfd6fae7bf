/* The tests that hold for every store, as groups: each is a test program, and all of them together
 * are what lwsec-store-check runs. */
#ifndef LWSEC_TESTS_CRYPTO_GROUPS_H
#define LWSEC_TESTS_CRYPTO_GROUPS_H

#include "tests/crypto/suite.h"

extern const suite_group suite_known_answers;
extern const suite_group suite_keys;
extern const suite_group suite_aead;
extern const suite_group suite_aead_refusals;
extern const suite_group suite_mac;
extern const suite_group suite_cipher;
extern const suite_group suite_derive;
extern const suite_group suite_p256;
extern const suite_group suite_threads;
extern const suite_group suite_fork;
extern const suite_group suite_kept;  /* for stores that keep keys */
extern const suite_group suite_given; /* for stores that have keys already, and take no others */

#endif
