/* What accounts say about retries: parameters of the retry engine. */
#ifndef LWSEC_ACCOUNT_RETRY_H
#define LWSEC_ACCOUNT_RETRY_H

#include <lwsec/account.h>
#include <lwsec/retry.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The accounts of a client, as far as retries go: to be pointed to by an lwsec_retry_config. */
typedef struct lwsec_retry_accounts {
    lwsec_retry_server servers[LWSEC_RETRY_SERVERS_MAX];
    size_t count;
    lwsec_retry_bootstrap_server bootstrap;
    bool has_bootstrap;
} lwsec_retry_accounts;

/*
 * Reads resources 13 to 20 of each instance of the Server object that has a Short Server ID, and
 * the Client Hold Off Time of the Bootstrap-Server account. Numbers that are higher than a wait or
 * a count can be are LWSEC_RETRY_NEVER.
 *
 * LWSEC_LIMIT: more Servers than LWSEC_RETRY_SERVERS_MAX.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_retry(const lwsec_accounts *accounts,
                                                             lwsec_retry_accounts *retry);

#ifdef __cplusplus
}
#endif
#endif
