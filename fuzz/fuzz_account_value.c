/* Values of accounts in any order: what was set comes back, what was refused changes nothing, and
 * the checks and plans get through all of it. */
#include <lwsec/account_session.h>
#include <lwsec/lwm2m_tlv.h>
#include <lwsec/unbootstrap.h>

#include "core/reader.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES 2048U
#define FINDINGS 48U
#define STEPS 16U

static uint64_t memory[2][LWSEC_ACCOUNTS_SIZE(BYTES) / 8];

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static lwsec_accounts *open_accounts(size_t which, uint8_t choice)
{
    lwsec_accounts *accounts = NULL;
    const lwsec_accounts_config config = {.size = sizeof config,
                                          .oscore_version =
                                              (choice & 16) != 0 ? LWSEC_VERSION(1, 1) : 0,
                                          .flags = choice & 15U};

    require(lwsec_accounts_init(memory[which], sizeof memory[which], &config, &accounts) ==
            LWSEC_OK);
    return accounts;
}

/* Paths in order, values of known types, all of it inside. */
static size_t walk(const lwsec_accounts *accounts)
{
    size_t position = 0;
    size_t count = 0;
    uint64_t last = 0;
    lwsec_path path;
    lwsec_value value;

    while (lwsec_accounts_next(accounts, &position, &path, &value)) {
        const uint64_t here = (uint64_t)path.object << 48 | (uint64_t)path.instance << 32 |
                              (uint64_t)path.resource << 16 | path.resource_instance;
        require(count == 0 || here > last);
        require(value.type != LWSEC_VALUE_NONE);
        require(value.bytes.size <= BYTES);
        last = here;
        count++;
    }
    return count;
}

static bool same_value(const lwsec_value *one, const lwsec_value *other)
{
    return one->type == other->type && one->integer == other->integer &&
           one->unsigned_integer == other->unsigned_integer &&
           one->link_object == other->link_object && one->link_instance == other->link_instance &&
           lwsec_equal_secret(one->bytes, other->bytes);
}

static lwsec_value read_value(lwsec_reader *reader)
{
    const uint8_t type = lwsec_reader_u8(reader) % 9;
    const uint8_t size = lwsec_reader_u8(reader);
    const lwsec_bytes bytes = lwsec_reader_take(reader, size);
    lwsec_reader number = lwsec_reader_of(bytes);
    const uint64_t raw = lwsec_reader_uint(&number, bytes.size < 8 ? bytes.size : 8);
    lwsec_value value = {.type = (lwsec_value_type)type};

    switch (value.type) {
    case LWSEC_VALUE_INTEGER:
    case LWSEC_VALUE_TIME:
    case LWSEC_VALUE_BOOLEAN: value.integer = (int64_t)raw; break;
    case LWSEC_VALUE_UNSIGNED: value.unsigned_integer = raw; break;
    case LWSEC_VALUE_LINK:
        value.link_object = (uint16_t)(raw >> 16);
        value.link_instance = (uint16_t)raw;
        break;
    default: value.bytes = bytes.data != NULL ? bytes : lwsec_bytes_of("", 0); break;
    }
    return value;
}

static void step(lwsec_accounts *accounts, lwsec_reader *reader)
{
    static const uint16_t objects[] = {0, 1, 2, 21, 23, 3, 65535, 0};
    const uint8_t operation = lwsec_reader_u8(reader);
    const uint8_t where = lwsec_reader_u8(reader);
    lwsec_path path = {objects[operation & 7U], where & 3U, where >> 2 & 31U, LWSEC_PATH_NONE};
    lwsec_value got;

    if ((operation & 8U) != 0) {
        path.resource_instance = (uint16_t)lwsec_reader_uint(reader, 2);
    }
    if ((operation & 0xc0U) == 0xc0) {
        const size_t before = walk(accounts);
        const lwsec_status status = lwsec_accounts_delete(accounts, path);
        require((status == LWSEC_OK) == (walk(accounts) < before));
        return;
    }
    const lwsec_value value = read_value(reader);
    if (lwsec_reader_failed(reader)) {
        return;
    }
    const size_t before = walk(accounts);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_accounts_set(accounts, path, &value, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    if (status != LWSEC_OK) {
        require(walk(accounts) == before);
    } else if (value.type != LWSEC_VALUE_KEY) {
        require(lwsec_accounts_get(accounts, path, &got) == LWSEC_OK);
        require(same_value(&value, &got));
    }
}

static void check(const lwsec_accounts *accounts)
{
    static lwsec_finding found[FINDINGS];
    lwsec_finding few[1];
    const size_t count = lwsec_accounts_check(accounts, found, FINDINGS);

    for (size_t i = 0; i < count && i < FINDINGS; i++) {
        require(found[i].requirement != NULL && found[i].text != NULL);
        require(strncmp(found[i].requirement, "R-", 2) == 0);
    }
    require(lwsec_accounts_check(accounts, few, 1) == count);
}

/* What is written as TLV is read again as the same, but for what no key and no range lets through.
 */
static void round_trip(const lwsec_accounts *accounts, uint8_t choice, uint16_t object)
{
    static uint8_t room[2 * BYTES];
    static uint8_t second[2 * BYTES];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_buffer again = lwsec_buffer_of(second, sizeof second);
    lwsec_accounts *other = open_accounts(1, choice);

    if (lwsec_accounts_write_tlv(accounts, object, LWSEC_PATH_NONE, LWSEC_TLV_SECRETS, &out) ==
        LWSEC_OK) {
        require(lwsec_accounts_read_tlv(other, object, LWSEC_PATH_NONE, lwsec_buffer_bytes(&out),
                                        NULL) == LWSEC_OK);
        require(lwsec_accounts_write_tlv(other, object, LWSEC_PATH_NONE, LWSEC_TLV_SECRETS,
                                         &again) == LWSEC_OK);
        require(lwsec_equal_secret(lwsec_buffer_bytes(&out), lwsec_buffer_bytes(&again)));
    }
    lwsec_accounts_close(&other);
}

/* A plan that was followed has nothing left to do. */
static void unbootstrap(lwsec_accounts *accounts, uint16_t instance)
{
    static lwsec_plan_step steps[STEPS];
    const size_t count = lwsec_unbootstrap_plan(accounts, instance, steps, STEPS);

    if (count <= STEPS) {
        require(lwsec_unbootstrap_apply(accounts, steps, count) != LWSEC_USAGE);
        (void)walk(accounts);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(data, size));
    const uint8_t choice = lwsec_reader_u8(&reader);
    lwsec_accounts *accounts = open_accounts(0, choice);
    lwsec_session_description session = {.size = sizeof session};
    lwsec_firmware_choice firmware;

    while (lwsec_reader_left(&reader) > 0 && !lwsec_reader_failed(&reader)) {
        step(accounts, &reader);
    }
    check(accounts);
    round_trip(accounts, choice, 0);
    round_trip(accounts, choice, 1);
    round_trip(accounts, choice, 2);
    round_trip(accounts, choice, 21);
    if (lwsec_accounts_session(accounts, 0, &session, NULL) == LWSEC_OK) {
        require(session.usage <= 3 || (choice & LWSEC_ACCOUNTS_LAX) != 0);
    }
    if (lwsec_firmware_choose(accounts, lwsec_bytes_of(data, size), 1, 3, &firmware, NULL) ==
        LWSEC_OK) {
        require(firmware.instance == LWSEC_PATH_NONE || firmware.instance < 4);
    }
    unbootstrap(accounts, 0);
    unbootstrap(accounts, 1);
    lwsec_accounts_close(&accounts);
    return 0;
}
