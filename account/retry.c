/* From the Server objects and the Bootstrap-Server account to the retry engine. */
#include <lwsec/account_retry.h>

/* Resources of the Server object. */
enum {
    SHORT_ID = 0,
    PRIORITY = 13,
    INITIAL_DELAY = 14,
    FAILURE_BLOCK = 15,
    BOOTSTRAP = 16,
    RETRY_COUNT = 17,
    RETRY_TIMER = 18,
    SEQUENCE_DELAY = 19,
    SEQUENCE_COUNT = 20
};

static uint32_t number_of(const lwsec_value *value)
{
    const uint64_t number = value->type == LWSEC_VALUE_UNSIGNED
                                ? value->unsigned_integer
                                : (uint64_t)(value->integer > 0 ? value->integer : 0);

    return number < LWSEC_RETRY_NEVER ? (uint32_t)number : LWSEC_RETRY_NEVER;
}

/* A resource of the Server object, and that it is there. */
static uint32_t take(const lwsec_accounts *accounts, uint16_t instance, uint16_t resource,
                     uint32_t has, uint32_t *present)
{
    lwsec_value value;

    if (lwsec_accounts_get(accounts, lwsec_path_of(LWSEC_OBJECT_SERVER, instance, resource),
                           &value) != LWSEC_OK) {
        return 0;
    }
    *present |= has;
    return number_of(&value);
}

static lwsec_retry_server server_of(const lwsec_accounts *accounts, uint16_t instance, uint16_t id)
{
    lwsec_retry_server server = {.size = sizeof server, .id = id};
    uint32_t *present = &server.present;

    server.priority = take(accounts, instance, PRIORITY, LWSEC_RETRY_HAS_PRIORITY, present);
    server.initial_delay =
        take(accounts, instance, INITIAL_DELAY, LWSEC_RETRY_HAS_INITIAL_DELAY, present);
    server.failure_block =
        take(accounts, instance, FAILURE_BLOCK, LWSEC_RETRY_HAS_FAILURE_BLOCK, present) != 0;
    server.bootstrap_on_failure =
        take(accounts, instance, BOOTSTRAP, LWSEC_RETRY_HAS_BOOTSTRAP, present) != 0;
    server.retry_count = take(accounts, instance, RETRY_COUNT, LWSEC_RETRY_HAS_COUNT, present);
    server.retry_timer = take(accounts, instance, RETRY_TIMER, LWSEC_RETRY_HAS_TIMER, present);
    server.sequence_delay =
        take(accounts, instance, SEQUENCE_DELAY, LWSEC_RETRY_HAS_SEQUENCE_DELAY, present);
    server.sequence_retry_count =
        take(accounts, instance, SEQUENCE_COUNT, LWSEC_RETRY_HAS_SEQUENCE_COUNT, present);
    return server;
}

/* Whether the instance is the account of the Bootstrap-Server; takes what it says then. */
static void take_bootstrap(const lwsec_accounts *accounts, uint16_t instance,
                           const lwsec_value *is_bootstrap, lwsec_retry_accounts *retry)
{
    lwsec_value value;

    if (is_bootstrap->integer == 0) {
        return;
    }
    retry->has_bootstrap = true;
    if (lwsec_accounts_get(accounts,
                           lwsec_path_of(LWSEC_OBJECT_SECURITY, instance, LWSEC_SECURITY_HOLD_OFF),
                           &value) == LWSEC_OK) {
        retry->bootstrap.hold_off = number_of(&value);
    }
}

/* R-5.2.10-07, R-5.2.10-10: what the Server object says about attempts, if it does. */
lwsec_status lwsec_accounts_retry(const lwsec_accounts *accounts, lwsec_retry_accounts *retry)
{
    lwsec_retry_accounts found = {.count = 0};
    size_t position = 0;
    lwsec_value value;
    lwsec_path path;

    found.bootstrap.size = sizeof found.bootstrap;
    while (lwsec_accounts_next(accounts, &position, &path, &value)) {
        if (path.object == LWSEC_OBJECT_SECURITY && path.resource == LWSEC_SECURITY_BOOTSTRAP) {
            take_bootstrap(accounts, path.instance, &value, &found);
        } else if (path.object == LWSEC_OBJECT_SERVER && path.resource == SHORT_ID) {
            if (found.count == LWSEC_RETRY_SERVERS_MAX) {
                return LWSEC_LIMIT;
            }
            found.servers[found.count++] =
                server_of(accounts, path.instance, (uint16_t)number_of(&value));
        }
    }
    *retry = found;
    return LWSEC_OK;
}
