/* Accounts for tests: set by path in text, and looked at by finding. */
#ifndef LWSEC_TESTS_ACCOUNT_KIT_H
#define LWSEC_TESTS_ACCOUNT_KIT_H

#include "tests/support/test.h"

#include <lwsec/account.h>

#define KIT_BYTES 8192U

/* Empty accounts in memory of their own, one of four. */
lwsec_accounts *kit_open(size_t which, uint32_t flags);
lwsec_accounts *kit_open_config(size_t which, const lwsec_accounts_config *config);

/* "/0/1/2" or "/2/0/2/101". Fails the test on anything else. */
lwsec_path kit_path(const char *text);

/* Set a value, of the type that the resource has; each has to be taken. */
void kit_number(lwsec_accounts *accounts, const char *path, int64_t number);
void kit_text(lwsec_accounts *accounts, const char *path, const char *text);
void kit_bytes(lwsec_accounts *accounts, const char *path, lwsec_bytes bytes);
void kit_hex(lwsec_accounts *accounts, const char *path, const char *hex);
void kit_link(lwsec_accounts *accounts, const char *path, uint16_t object, uint16_t instance);
void kit_delete(lwsec_accounts *accounts, const char *path);

/* Tries to set bytes. */
lwsec_status kit_try(lwsec_accounts *accounts, const char *path, lwsec_bytes bytes,
                     lwsec_reason *reason);

/* A value of tests/vectors/credentials.txt. */
lwsec_bytes kit_credential(const char *name, const char *key);

/* A secret that nothing is wrong with; each number gives another one. */
lwsec_bytes kit_secret(uint8_t number, size_t size);

/* A whole account of a server with a pre-shared key: /0/n, /1/n, Short Server ID 101 + n. */
void kit_psk_account(lwsec_accounts *accounts, uint16_t n);

/* The same of other modes, with the credentials of pair 1 and 2. */
void kit_rpk_account(lwsec_accounts *accounts, uint16_t n);
void kit_certificate_account(lwsec_accounts *accounts, uint16_t n);

/* An OSCORE instance, and the link to it from /0/n. */
void kit_oscore(lwsec_accounts *accounts, uint16_t n, uint16_t instance);

/* How many findings there are; whether one of them is this, as strong as told. */
size_t kit_findings(const lwsec_accounts *accounts);
bool kit_finds(const lwsec_accounts *accounts, const char *path, const char *requirement,
               bool fatal);

/* Nothing is found but this. */
void kit_only(const lwsec_accounts *accounts, const char *path, const char *requirement,
              bool fatal);

/* Same values. */
bool kit_same(const lwsec_accounts *one, const lwsec_accounts *other);

#endif
