/* Messages sealed by hand: nonce and AAD are made here once more, apart from the library. */
#include "tests/oscore/forge.h"

#include "core/cbor.h"

#define NONCE_MAX 13U
#define TAG_ROOM 16U

static uint8_t rooms[8][PACKET_MAX];
static unsigned next;

static lwsec_writer start(uint8_t code)
{
    static const uint8_t rest[] = {0x5d, 0x1f, 0x00, 0x00, 0x39, 0x74};
    lwsec_writer writer = lwsec_writer_of(rooms[next++ % 8], PACKET_MAX);

    lwsec_writer_u8(&writer, 0x44);
    lwsec_writer_u8(&writer, code);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(rest, sizeof rest));
    return writer;
}

static void write_option(lwsec_writer *writer, lwsec_bytes value)
{
    assert_true(value.size < 13);
    lwsec_writer_u8(writer, (uint8_t)(0x90U | value.size));
    lwsec_writer_bytes(writer, value);
}

/* The shortest big-endian form, one byte for 0. */
static size_t partial_iv(uint64_t number, uint8_t piv[5])
{
    size_t size = 1;

    while (number >> (8 * size) != 0) {
        size++;
    }
    for (size_t i = 0; i < size; i++) {
        piv[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
    }
    return size;
}

/* RFC 8613 section 5.4. */
static lwsec_bytes write_aad(const lwsec_oscore *context, lwsec_bytes kid, uint64_t request_number,
                             uint8_t room[64])
{
    uint8_t piv[5];
    const size_t piv_size = partial_iv(request_number, piv);
    uint8_t inner[32];
    lwsec_writer external = lwsec_writer_of(inner, sizeof inner);
    lwsec_writer whole = lwsec_writer_of(room, 64);

    lwsec_cbor_write_array(&external, 5);
    lwsec_cbor_write_int(&external, 1);
    lwsec_cbor_write_array(&external, 1);
    lwsec_cbor_write_int(&external, context->aead->id);
    lwsec_cbor_write_bytes(&external, kid);
    lwsec_cbor_write_bytes(&external, lwsec_bytes_of(piv, piv_size));
    lwsec_cbor_write_bytes(&external, lwsec_bytes_of(NULL, 0));
    lwsec_cbor_write_array(&whole, 3);
    lwsec_cbor_write_text(&whole, "Encrypt0");
    lwsec_cbor_write_bytes(&whole, lwsec_bytes_of(NULL, 0));
    lwsec_cbor_write_bytes(&whole, lwsec_bytes_of(inner, external.size));
    assert_false(external.full || whole.full);
    return lwsec_bytes_of(room, whole.size);
}

/* RFC 8613 section 5.2. The Common IV stands in the last bytes of its block. */
static lwsec_bytes write_nonce(const lwsec_oscore *context, lwsec_bytes id, uint64_t number,
                               uint8_t room[NONCE_MAX])
{
    const size_t size = context->aead->nonce_size;

    memcpy(room, &context->common_iv[sizeof context->common_iv - size], size);
    room[0] ^= (uint8_t)id.size;
    for (size_t i = 0; i < id.size; i++) {
        room[size - 5 - id.size + i] ^= id.data[i];
    }
    for (size_t i = 0; i < 5; i++) {
        room[size - 1 - i] ^= (uint8_t)(number >> (8 * i));
    }
    return lwsec_bytes_of(room, size);
}

static lwsec_bytes seal(lwsec_writer *writer, const lwsec_oscore *context, lwsec_bytes nonce,
                        lwsec_bytes aad, lwsec_bytes inner)
{
    lwsec_writer_u8(writer, 0xff);
    const size_t size = inner.size + context->aead->tag_size;
    uint8_t *out = lwsec_writer_room(writer, size);
    assert_non_null(out);
    assert_status(lwsec_key_seal(context->sender, nonce, aad, inner, out, size), LWSEC_OK);
    return lwsec_bytes_of(writer->data, writer->size);
}

/* The value of the option of a request: no kid context. */
static size_t option_value(uint64_t number, lwsec_bytes kid, uint8_t value[13])
{
    const size_t piv_size = partial_iv(number, &value[1]);

    value[0] = (uint8_t)(0x08U | piv_size);
    if (kid.size > 0) {
        memcpy(&value[1 + piv_size], kid.data, kid.size);
    }
    return 1U + piv_size + kid.size;
}

lwsec_bytes forge_request(const endpoint *client, uint64_t number, lwsec_bytes inner,
                          const char *outer)
{
    const lwsec_oscore *context = client->context;
    const lwsec_bytes kid = client->config.sender_id;
    uint8_t nonce[NONCE_MAX];
    uint8_t aad[64];
    uint8_t value[13];
    lwsec_writer writer = start(LWSEC_COAP_POST);

    if (outer == NULL) {
        write_option(&writer, lwsec_bytes_of(value, option_value(number, kid, value)));
    } else {
        lwsec_writer_bytes(&writer, lwsec_test_hex(outer));
    }
    return seal(&writer, context, write_nonce(context, kid, number, nonce),
                write_aad(context, kid, number, aad), inner);
}

lwsec_bytes forge_response(const endpoint *server, uint64_t request_number, const uint64_t *number,
                           lwsec_bytes inner)
{
    const lwsec_oscore *context = server->context;
    uint8_t nonce_room[NONCE_MAX];
    uint8_t aad[64];
    uint8_t value[6];
    lwsec_writer writer = start(LWSEC_COAP_CHANGED);
    lwsec_bytes nonce;

    if (number == NULL) {
        write_option(&writer, lwsec_bytes_of(NULL, 0));
        nonce = write_nonce(context, server->config.recipient_id, request_number, nonce_room);
    } else {
        value[0] = (uint8_t)partial_iv(*number, &value[1]);
        write_option(&writer, lwsec_bytes_of(value, 1U + value[0]));
        nonce = write_nonce(context, server->config.sender_id, *number, nonce_room);
    }
    return seal(&writer, context, nonce,
                write_aad(context, server->config.recipient_id, request_number, aad), inner);
}

lwsec_bytes forge_blind(uint64_t number, lwsec_bytes kid, uint8_t filler)
{
    uint8_t value[13];
    lwsec_writer writer = start(LWSEC_COAP_POST);

    write_option(&writer, lwsec_bytes_of(value, option_value(number, kid, value)));
    lwsec_writer_u8(&writer, 0xff);
    memset(lwsec_writer_room(&writer, 5 + TAG_ROOM), filler, 5 + TAG_ROOM);
    return lwsec_bytes_of(writer.data, writer.size);
}
