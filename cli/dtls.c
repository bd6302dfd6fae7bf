/* DTLS endpoints of clients: out of an account, or out of a pre-shared key. */
#include "dtls.h"

#include <lwsec/state_memory.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEY_SLOTS 64U
#define RECORDS 600U
#define RECORD_SIZE 1024U
#define MILLISECONDS 1000U

/* ---- What clients and servers share ---- */

/* The one place that decides which store holds the keys. */
int cli_dtls_open_store(cli_dtls *self)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};

    self->engine =
        self->engine_name != NULL ? cli_engine_find(self->engine_name) : cli_engine_at(0);
    if (self->engine == NULL) {
        return cli_error("--engine", "this build has no engine of that name");
    }
    const size_t size = self->engine->size(KEY_SLOTS);
    self->store_memory = cli_allocate(size);
    const lwsec_status status =
        self->engine->open(self->store_memory, size, KEY_SLOTS, &self->store);
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &none);
}

int cli_dtls_open_endpoint(cli_dtls *self, const lwsec_dtls_config *config)
{
    const lwsec_dtls_engine *engine = self->engine->dtls();
    const size_t size = lwsec_dtls_endpoint_size(engine);
    lwsec_dtls_config whole = *config;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (self->resumes) {
        whole.flags |= (uint32_t)LWSEC_DTLS_ALLOW_RESUME;
    }
    if (self->timeout.given) {
        whole.handshake_max = (uint32_t)self->timeout.value * MILLISECONDS;
    }
    self->memory = cli_allocate(size);
    const lwsec_status status =
        lwsec_dtls_endpoint_open(engine, &whole, self->memory, size, &self->endpoint, &reason);
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &reason);
}

lwsec_cert_time cli_dtls_time(void *self)
{
    const lwsec_cert_time now = {LWSEC_CERT_CLOCK_TRUSTED, (int64_t)time(NULL)};

    (void)self;
    return now;
}

static const char *read_certificates(const char *path, const char *label, cli_certificates *found)
{
    const char *const labels[] = {label, NULL};

    return path != NULL ? cli_certificates_read(path, labels, found) : NULL;
}

static int read_trust(cli_dtls *self)
{
    const char *wrong = read_certificates(self->trust, "CERTIFICATE", &self->trusted);

    if (wrong != NULL) {
        return cli_error("--trust", wrong);
    }
    wrong = read_certificates(self->crl, "X509 CRL", &self->revoked);
    return wrong == NULL ? CLI_DONE : cli_error("--crl", wrong);
}

/* ---- Accounts ---- */

static int open_provisioning(cli_dtls *self)
{
    const size_t size = lwsec_state_memory_size(RECORDS, RECORD_SIZE);
    lwsec_provisioning_config config = {.size = sizeof config, .flags = LWSEC_PROVISIONING_SEALED};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    self->records_memory = cli_allocate(size);
    self->provisioning_memory = cli_allocate(lwsec_provisioning_size());
    lwsec_status status =
        lwsec_state_memory_open(self->records_memory, size, RECORDS, RECORD_SIZE, &self->records);
    if (status == LWSEC_OK) {
        config.state = self->records;
        config.store = self->store;
        status = lwsec_provisioning_open(self->provisioning_memory, lwsec_provisioning_size(),
                                         &config, &self->provisioning);
    }
    if (status == LWSEC_OK) {
        status = lwsec_provisioning_begin(self->provisioning, self->file.accounts, 0, &reason);
    }
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &reason);
}

/* The bytes of a pre-shared key, while they are there: some engines take nothing else. */
static int keep_psk(cli_dtls *self, uint16_t instance)
{
    lwsec_value identity, secret;
    cli_bytes psk = {NULL, 0};

    if (lwsec_accounts_get(self->file.accounts,
                           lwsec_path_of(LWSEC_OBJECT_SECURITY, instance, LWSEC_SECURITY_IDENTITY),
                           &identity) != LWSEC_OK ||
        lwsec_accounts_get(self->file.accounts,
                           lwsec_path_of(LWSEC_OBJECT_SECURITY, instance, LWSEC_SECURITY_SECRET),
                           &secret) != LWSEC_OK ||
        secret.type == LWSEC_VALUE_KEY || secret.bytes.size > LWSEC_DTLS_PSK_MAX) {
        return CLI_DONE;
    }
    psk.data = cli_allocate(secret.bytes.size + 1);
    psk.size = secret.bytes.size;
    memcpy(psk.data, secret.bytes.data, secret.bytes.size);
    self->peers = cli_allocate(sizeof *self->peers);
    self->peers[0].psk = psk;
    self->peer_count = 1;
    return CLI_DONE;
}

static int fail_commit(lwsec_status status, const lwsec_finding *findings, size_t count,
                       const lwsec_reason *reason)
{
    char text[256];

    for (size_t i = 0; status == LWSEC_REJECT && i < count; i++) {
        if (findings[i].fatal) {
            (void)snprintf(text, sizeof text, "%s /%u/%u/%u %s", findings[i].requirement,
                           findings[i].object, findings[i].instance, findings[i].resource,
                           findings[i].text);
            return cli_refuse(text);
        }
    }
    return cli_fail(status, reason);
}

#define FINDINGS 64U

/* Keys of tests and examples are let through; for a file without Server objects somebody else keeps
 * them. */
static int commit(cli_dtls *self)
{
    const uint32_t flags =
        (uint32_t)LWSEC_ACCOUNTS_LAX | (uint32_t)LWSEC_ACCOUNTS_WEAK_SECRETS |
        (cli_account_has_servers(self->file.accounts) ? 0U : (uint32_t)LWSEC_ACCOUNTS_NO_SERVERS);
    lwsec_finding findings[FINDINGS];
    size_t count = 0;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    lwsec_status status = lwsec_accounts_set_flags(self->file.accounts, flags);
    if (status == LWSEC_OK) {
        status = lwsec_provisioning_commit(self->provisioning, self->file.accounts, findings,
                                           FINDINGS, &count, &reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_provisioning_load(self->provisioning, self->file.accounts, &reason);
    }
    return status == LWSEC_OK
               ? CLI_DONE
               : fail_commit(status, findings, count < FINDINGS ? count : FINDINGS, &reason);
}

/* As asked for, or the first account of a Server, or the first of all. */
static int choose_instance(const cli_dtls *self, uint16_t *instance)
{
    size_t position = 0;
    lwsec_path path;
    lwsec_value value;
    bool any = false;

    if (self->instance.given) {
        *instance = (uint16_t)self->instance.value;
        return CLI_DONE;
    }
    while (lwsec_accounts_next(self->file.accounts, &position, &path, &value)) {
        if (path.object != LWSEC_OBJECT_SECURITY) {
            continue;
        }
        if (!any) {
            *instance = path.instance;
            any = true;
        }
        if (path.resource == LWSEC_SECURITY_BOOTSTRAP && value.integer == 0) {
            *instance = path.instance;
            return CLI_DONE;
        }
    }
    return any ? CLI_DONE : cli_error("--account", "there is no instance of the Security object");
}

static int make(cli_dtls *self)
{
    const lwsec_account_dtls_input input = {.size = sizeof input,
                                            .session = &self->session,
                                            .argument = self,
                                            .psk = self->peer_count > 0 ? cli_dtls_give_psk : NULL,
                                            .clock = cli_dtls_time,
                                            .trust = self->trusted.items,
                                            .trust_count = self->trusted.count,
                                            .crls = self->revoked.items,
                                            .crl_count = self->revoked.count,
                                            .policy = LWSEC_CERT_POLICY_LWM2M,
                                            .room =
                                                lwsec_buffer_of(self->room.data, self->room.size)};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status =
        lwsec_account_dtls_make(self->engine->dtls(), &input, &self->made, &reason);

    return status == LWSEC_OK ? cli_dtls_open_endpoint(self, &self->made.config)
                              : cli_fail(status, &reason);
}

static int describe(cli_dtls *self)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    self->session.size = sizeof self->session;
    const lwsec_status status =
        lwsec_accounts_session(self->file.accounts, self->chosen, &self->session, &reason);
    if (status == LWSEC_ABSENT) {
        return cli_refuse("the account has no credentials for a session");
    }
    if (status != LWSEC_OK) {
        return cli_fail(status, &reason);
    }
    const int answer = cli_dtls_use_reference(self);
    if (answer != CLI_DONE) {
        return answer;
    }
    self->room.size = self->session.identity.size + self->session.server_key.size + 1;
    self->room.data = cli_allocate(self->room.size);
    if (self->peer_count > 0) {
        self->peers[0].identity = self->session.identity;
    }
    return make(self);
}

static int open_account(cli_dtls *self)
{
    int answer = cli_account_open(0, &self->file);

    if (answer == CLI_DONE) {
        answer = open_provisioning(self);
    }
    if (answer == CLI_DONE) {
        answer = cli_account_fill(self->account, &self->file);
    }
    if (answer == CLI_DONE) {
        answer = choose_instance(self, &self->chosen);
    }
    if (answer == CLI_DONE) {
        answer = cli_dtls_take_reference(self);
    }
    if (answer == CLI_DONE) {
        answer = keep_psk(self, self->chosen);
    }
    if (answer == CLI_DONE) {
        answer = commit(self);
    }
    return answer == CLI_DONE ? describe(self) : answer;
}

/* ---- A pre-shared key alone ---- */

static int open_psk(cli_dtls *self)
{
    const bool handles =
        (lwsec_dtls_capabilities(self->engine->dtls()) & LWSEC_DTLS_PSK_HANDLE) != 0;
    const lwsec_dtls_config config = {
        .size = sizeof config,
        .role = LWSEC_DTLS_CLIENT,
        .argument = self,
        .identity = lwsec_bytes_of(self->psk_identity, strlen(self->psk_identity)),
        .psk = handles ? NULL : cli_dtls_give_psk,
        .psk_key = handles ? cli_dtls_give_key : NULL};
    const int answer = cli_dtls_add_peer(self, config.identity, &self->psk);

    return answer == CLI_DONE ? cli_dtls_open_endpoint(self, &config) : answer;
}

int cli_dtls_open_client(cli_dtls *self)
{
    int answer = cli_dtls_open_store(self);

    if (answer == CLI_DONE) {
        answer = read_trust(self);
    }
    if (answer != CLI_DONE) {
        return answer;
    }
    return self->account != NULL ? open_account(self) : open_psk(self);
}

void cli_dtls_close(cli_dtls *self)
{
    lwsec_dtls_endpoint_close(&self->endpoint);
    cli_dtls_close_reference(self);
    if (self->file.memory != NULL) {
        cli_account_close(&self->file);
    }
    lwsec_provisioning_close(&self->provisioning);
    if (self->records != NULL) {
        lwsec_state_memory_close(&self->records);
    }
    if (self->store != NULL) {
        self->engine->close(&self->store);
    }
    for (size_t i = 0; i < self->peer_count; i++) {
        cli_bytes_free(&self->peers[i].psk);
    }
    cli_bytes_free(&self->room);
    cli_bytes_free(&self->own);
    cli_bytes_free(&self->psk);
    cli_certificates_free(&self->trusted);
    cli_certificates_free(&self->revoked);
    free(self->peers);
    free(self->anchors);
    free(self->raw_keys);
    free(self->remembered);
    free(self->memory);
    free(self->provisioning_memory);
    free(self->records_memory);
    free(self->store_memory);
}
