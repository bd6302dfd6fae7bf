/* Payloads in the TLV format of LwM2M: nothing is set unless all of it fits; what was set is
 * written and read again. The first byte of an input chooses. */
#include <lwsec/lwm2m_tlv.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES 4096U

static uint64_t memory[2][LWSEC_ACCOUNTS_SIZE(BYTES) / 8];
static uint8_t room[2][2 * BYTES];

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static lwsec_accounts *open_accounts(size_t which, uint32_t flags)
{
    lwsec_accounts *accounts = NULL;
    const lwsec_accounts_config config = {.size = sizeof config, .flags = flags};

    require(lwsec_accounts_init(memory[which], sizeof memory[which], &config, &accounts) ==
            LWSEC_OK);
    return accounts;
}

static bool is_empty(const lwsec_accounts *accounts)
{
    size_t position = 0;
    lwsec_path path;
    lwsec_value value;

    return !lwsec_accounts_next(accounts, &position, &path, &value);
}

/* Items, one behind the other, stay inside and are written as the same item again. */
static void check_items(lwsec_bytes input)
{
    size_t position = 0;
    size_t last = 0;
    lwsec_tlv item;
    lwsec_tlv again;

    while (lwsec_tlv_read(input, &position, &item, NULL) == LWSEC_OK) {
        size_t start = 0;
        lwsec_buffer out = lwsec_buffer_of(room[0], sizeof room[0]);
        require(position > last && position <= input.size);
        require(item.value.size < position - last);
        last = position;
        if (item.value.size + 6 > out.capacity) {
            continue;
        }
        require(lwsec_tlv_write(&item, &out) == LWSEC_OK);
        require(lwsec_tlv_read(lwsec_buffer_bytes(&out), &start, &again, NULL) == LWSEC_OK);
        require(start == out.size && again.kind == item.kind && again.id == item.id);
        require(lwsec_equal_secret(again.value, item.value));
    }
}

static void check_round_trip(const lwsec_accounts *accounts, uint16_t object, uint32_t flags)
{
    lwsec_accounts *other = open_accounts(1, flags);
    lwsec_buffer out = lwsec_buffer_of(room[0], sizeof room[0]);
    lwsec_buffer again = lwsec_buffer_of(room[1], sizeof room[1]);

    require(lwsec_accounts_write_tlv(accounts, object, LWSEC_PATH_NONE, LWSEC_TLV_SECRETS, &out) ==
            LWSEC_OK);
    require(lwsec_accounts_read_tlv(other, object, LWSEC_PATH_NONE, lwsec_buffer_bytes(&out),
                                    NULL) == LWSEC_OK);
    require(lwsec_accounts_write_tlv(other, object, LWSEC_PATH_NONE, LWSEC_TLV_SECRETS, &again) ==
            LWSEC_OK);
    require(lwsec_equal_secret(lwsec_buffer_bytes(&out), lwsec_buffer_bytes(&again)));
    lwsec_accounts_close(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t objects[] = {0, 1, 2, 21, 23, 3, 0, 0};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (size < 1 || size > BYTES) {
        return 0;
    }
    const uint16_t object = objects[data[0] & 7U];
    const uint16_t instance = (data[0] & 8U) != 0 ? LWSEC_PATH_NONE : data[0] >> 4;
    const uint32_t flags = (data[0] & 0x10U) != 0 ? (uint32_t)LWSEC_ACCOUNTS_LAX : 0U;
    const lwsec_bytes payload = lwsec_bytes_of(&data[1], size - 1);
    lwsec_accounts *accounts = open_accounts(0, flags);

    check_items(payload);
    const lwsec_status status =
        lwsec_accounts_read_tlv(accounts, object, instance, payload, &reason);
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    require(status == LWSEC_OK || is_empty(accounts));
    if (!is_empty(accounts)) {
        check_round_trip(accounts, object, flags);
        (void)lwsec_accounts_check(accounts, NULL, 0);
    }
    lwsec_accounts_close(&accounts);
    return 0;
}
