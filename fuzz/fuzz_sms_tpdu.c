/* TPDUs of every kind, their headers, times and addresses, and the payloads of a card: what is read
 * lies within the input and is written as it was. The first byte chooses what the rest is. */
#include <lwsec/sms_card.h>
#include <lwsec/sms_tpdu.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Whether a part lies inside of the whole, in offsets that cannot wrap. */
static void require_inside(lwsec_bytes part, lwsec_bytes whole)
{
    if (part.data != NULL) {
        const uintptr_t offset = (uintptr_t)part.data - (uintptr_t)whole.data;
        require(offset <= whole.size && part.size <= whole.size - offset);
    }
}

static bool same(lwsec_bytes one, lwsec_bytes other)
{
    return one.size == other.size && (one.data == NULL) == (other.data == NULL) &&
           (one.size == 0 || memcmp(one.data, other.data, one.size) == 0);
}

static void check_address(const lwsec_sms_address *address)
{
    char text[LWSEC_SMS_NUMBER_MAX];
    lwsec_sms_address back;

    if (lwsec_sms_address_text(address, text) != LWSEC_OK) {
        require(address->digits == 0 || lwsec_sms_ton(address) == LWSEC_SMS_TON_ALPHANUMERIC);
        return;
    }
    require(strlen(text) >= address->digits && strlen(text) <= address->digits + 1U);
    if (lwsec_sms_address_of(text, &back) == LWSEC_OK) {
        require(back.digits == address->digits);
        require(memcmp(back.value, address->value, sizeof back.value) == 0);
    }
}

static void check_header(lwsec_bytes header)
{
    lwsec_sms_part part;

    if (lwsec_sms_header_read(header, &part, NULL) == LWSEC_OK) {
        require(part.number >= 1 && part.number <= part.total);
        require(part.element == LWSEC_SMS_IE_NONE || part.number == 1);
        require(part.wide || part.reference <= 0xff);
    }
}

static void check_time(const uint8_t wire[7])
{
    lwsec_sms_time time;
    uint8_t back[7];

    if (lwsec_sms_time_read(wire, &time) == LWSEC_OK) {
        require(lwsec_sms_time_write(&time, back) == LWSEC_OK);
        /* Zero has two signs. */
        require(memcmp(back, wire, 6) == 0 && (back[6] == wire[6] || time.zone == 0));
    }
}

/* What is written is read as the same; what could be written was not too long to be read. */
static void check_round_trip(const lwsec_sms_tpdu *tpdu, size_t wire_size)
{
    uint8_t room[LWSEC_SMS_TPDU_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_sms_tpdu back;

    if (lwsec_sms_tpdu_encode(tpdu, &out, NULL) != LWSEC_OK) {
        return; /* 7-bit text */
    }
    /* A report may have had fields that came later. */
    require(tpdu->kind >= LWSEC_SMS_REPORT ? out.size <= wire_size : out.size == wire_size);
    require(lwsec_sms_tpdu_decode(tpdu->kind, lwsec_buffer_bytes(&out), &back, NULL) == LWSEC_OK);
    require(back.flags == tpdu->flags && back.reference == tpdu->reference);
    require(back.cause == tpdu->cause && back.present == tpdu->present);
    require(back.protocol == tpdu->protocol && back.coding == tpdu->coding);
    require(back.validity_format == tpdu->validity_format);
    require(memcmp(back.validity, tpdu->validity, sizeof back.validity) == 0);
    require(memcmp(back.timestamp, tpdu->timestamp, sizeof back.timestamp) == 0);
    require(lwsec_sms_address_same(&back.address, &tpdu->address));
    require(same(back.header, tpdu->header) && back.data.size == tpdu->data.size);
    require(back.data.size == 0 || memcmp(back.data.data, tpdu->data.data, back.data.size) == 0);
}

static void check_tpdu(lwsec_sms_tpdu_kind kind, lwsec_bytes wire)
{
    lwsec_sms_tpdu tpdu;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_sms_tpdu_decode(kind, wire, &tpdu, &reason);

    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    if (status != LWSEC_OK) {
        require(status == LWSEC_REJECT && reason.offset <= wire.size);
        return;
    }
    require_inside(tpdu.header, wire);
    require_inside(tpdu.data, wire);
    check_address(&tpdu.address);
    check_header(tpdu.header);
    check_time(tpdu.timestamp);
    check_time(tpdu.validity);
    check_round_trip(&tpdu, wire.size);
    (void)lwsec_sms_plain_response(&tpdu);
    require_inside(tpdu.header, wire);
    require_inside(tpdu.data, wire);
}

static void check_card(uint8_t choice, lwsec_bytes payload)
{
    static uint8_t room[0x10000 + LWSEC_SMS_CARD_OVERHEAD];
    const lwsec_sms_card_format format = {.size = sizeof format,
                                          .tag = (choice & 8U) != 0 ? 0x80 : 0,
                                          .little_endian = (choice & 16U) != 0,
                                          .bare = (choice & 32U) != 0};
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_sms_address address;
    lwsec_bytes coap;

    if (lwsec_sms_card_read(&format, payload, &address, &coap, NULL) == LWSEC_OK &&
        coap.size <= 0xffff) {
        require_inside(coap, payload);
        require(lwsec_sms_card_write(&format, &address, coap, &out, NULL) == LWSEC_OK);
        require(same(lwsec_buffer_bytes(&out), payload));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const lwsec_bytes rest = lwsec_bytes_of(size > 1 ? &data[1] : NULL, size - 1);
    switch (data[0] & 7U) {
    case 4: check_header(rest); break;
    case 5: check_card(data[0], rest); break;
    case 6:
    case 7: break;
    default: check_tpdu((lwsec_sms_tpdu_kind)(data[0] & 3U), rest); break;
    }
    return 0;
}
