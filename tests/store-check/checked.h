/* The store under check: loaded from a shared object, probed, and then one of the suite's stores.
 */
#ifndef LWSEC_TESTS_STORE_CHECK_CHECKED_H
#define LWSEC_TESTS_STORE_CHECK_CHECKED_H

#include <lwsec/key.h>

/* What a probe has found. */
typedef struct checked_answer {
    lwsec_status status;
    lwsec_tier tier; /* 0 where no key is needed */
} checked_answer;

/* Loads the plugin. False, with a message on standard error: it is none. */
bool checked_load(const char *path);

/* The store's own name. NULL, with a message: it cannot be opened. */
const char *checked_name(void);

/* Runs probe `index`. */
checked_answer checked_probe(size_t index);

#endif
