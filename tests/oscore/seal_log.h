/* Stands between the library and a store and notes every seal: no (key, nonce) may come twice. */
#ifndef LWSEC_TESTS_OSCORE_SEAL_LOG_H
#define LWSEC_TESTS_OSCORE_SEAL_LOG_H

#include <lwsec/store.h>

/* Notes the seals of this store from now on, until seal_log_stop. One store at a time. */
void seal_log_start(lwsec_store *store);
void seal_log_stop(void);

/* Seals so far. */
size_t seal_log_count(void);

/* Fails the test if two seals had the same key (the same bytes, whatever their slot) and nonce. */
void assert_no_nonce_twice(void);

#endif
