/* DTLS endpoints out of account files and options. */
#ifndef CLI_DTLS_H
#define CLI_DTLS_H

#include <lwsec/account_dtls.h>
#include <lwsec/account_store.h>

#include "account_file.h"
#include "arguments.h"
#include "certificates.h"
#include "engine.h"
#include "key_store.h"

/* Who has a pre-shared key. The bytes are for engines that take no handle. */
typedef struct cli_dtls_peer {
    lwsec_bytes identity;
    cli_bytes psk;
    lwsec_key key;
} cli_dtls_peer;

typedef struct cli_dtls {
    /* as given */
    const char *account;
    cli_number instance; /* of the Security object */
    const char *trust;
    const char *crl;
    const char *psk_identity;
    cli_bytes psk;
    lwsec_bytes passphrase; /* of a store in a folder that has the private key of the account */
    const char *engine_name;
    cli_number timeout; /* of a handshake, in seconds */
    bool resumes;       /* a client */

    /* as opened; NULL: not */
    const cli_engine *engine;
    void *store_memory;
    lwsec_store *store;
    cli_account file;
    void *records_memory;
    lwsec_state *records;
    void *provisioning_memory;
    lwsec_provisioning *provisioning;
    char *reference; /* of a client's private key that stays in a store; NULL: none */
    lwsec_security_mode mode;
    cli_key_store keys;
    uint16_t chosen;                   /* the instance that it came to */
    lwsec_session_description session; /* of a client with an account */
    lwsec_account_dtls made;
    cli_bytes room; /* for certificates in PEM */
    cli_bytes own;  /* the same, of the certificates of a server */
    cli_dtls_peer *peers;
    size_t peer_count;
    cli_certificates trusted;
    cli_certificates revoked;
    lwsec_bytes *anchors; /* of a server */
    size_t anchor_count;
    lwsec_bytes *raw_keys; /* of its clients */
    size_t raw_key_count;
    lwsec_cert_check check; /* of a server */
    void *remembered;       /* of a server: sessions that may be resumed */
    void *memory;
    lwsec_dtls_endpoint *endpoint;
} cli_dtls;

/* The most of a handshake. */
#define CLI_DTLS_TIMEOUT_MAX 3600U

/*
 * A client's endpoint: of an account, or of --psk-identity and --psk. CLI_DONE, or what to exit
 * with, its line printed; so also below.
 */
int cli_dtls_open_client(cli_dtls *self);

/*
 * A server's endpoint. Each instance of the Security object in its account file is who it lets in:
 * mode 0: the identity (3) and the key (5) of a client; mode 2: its own certificates (3) and key
 * (5), in one instance, and what a client's certificate has to have a path to (4), in any; mode 1:
 * its own raw public key (3) and key (5) likewise, and that of a client (4).
 */
int cli_dtls_open_server(cli_dtls *self);

/* Wipes and frees; after the sessions. */
void cli_dtls_close(cli_dtls *self);

/* ---- For the files of this part ---- */

int cli_dtls_open_store(cli_dtls *self);
int cli_dtls_open_endpoint(cli_dtls *self, const lwsec_dtls_config *config);

/* A private key that the account names by key: is taken out of it before it is committed, and put
 * into the description behind it: the key itself stays where it is. */
int cli_dtls_take_reference(cli_dtls *self);
int cli_dtls_use_reference(cli_dtls *self);
void cli_dtls_close_reference(cli_dtls *self);

/* Room for one peer more; its bytes are taken over. */
int cli_dtls_add_peer(cli_dtls *self, lwsec_bytes identity, cli_bytes *psk);

/* Callbacks of endpoints, whose argument is a cli_dtls. */
lwsec_status cli_dtls_give_psk(void *self, lwsec_bytes identity, lwsec_buffer *secret);
lwsec_status cli_dtls_give_key(void *self, lwsec_bytes identity, lwsec_key *key);
lwsec_cert_time cli_dtls_time(void *self);

#endif
