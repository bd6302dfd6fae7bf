/* Block-wise transfer: blocks in any order, of several senders, against a model that only appends.
 * What is delivered is what its own sender sent, in order and whole. */
#include <lwsec/coap_block.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX 256U
#define KEY_MAX 48U
#define TRANSFERS 2U
#define SENDERS 6U /* two peers, three Request-Tags: absent, empty, one byte */

/* What a receiver should have of one body. */
typedef struct model {
    uint8_t body[BODY_MAX];
    size_t size;
    uint8_t etag;
} model;

static uint64_t memory[LWSEC_BLOCK1_RECEIVER_SIZE(TRANSFERS, BODY_MAX, KEY_MAX) / 8];
static uint8_t message_room[256];
static model models[SENDERS];

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static uint8_t next_byte(const uint8_t **data, size_t *size)
{
    if (*size == 0) {
        return 0;
    }
    (*size)--;
    return *(*data)++;
}

/* One message of a sender: its block, and bytes that tell it from others. */
typedef struct sent {
    unsigned sender;
    lwsec_block block;
    uint8_t payload[64];
    size_t payload_size;
    uint8_t etag;
} sent;

static sent read_sent(const uint8_t **data, size_t *size)
{
    const uint8_t what = next_byte(data, size);
    const uint8_t where = next_byte(data, size);
    sent one = {.sender = what % SENDERS, .etag = (uint8_t)(what / SENDERS % 2U)};

    one.block.szx = (uint8_t)(where >> 7);
    one.block.more = (where >> 6 & 1U) != 0;
    one.block.number = where & 0x1fU;
    one.payload_size = lwsec_block_size(one.block.szx);
    if ((where >> 5 & 1U) != 0) {
        one.payload_size = next_byte(data, size) % sizeof one.payload;
    }
    memset(one.payload, next_byte(data, size), one.payload_size);
    return one;
}

/* Encodes and decodes it, as a stack would. */
static lwsec_coap_message make_message(uint8_t code, const lwsec_coap_option *options, size_t count,
                                       const sent *one)
{
    const lwsec_coap_message head = {.code = code,
                                     .payload = lwsec_bytes_of(one->payload, one->payload_size)};
    lwsec_buffer out = lwsec_buffer_of(message_room, sizeof message_room);
    lwsec_coap_message made;

    require(lwsec_coap_encode(LWSEC_COAP_UDP, &head, options, count, &out, NULL) == LWSEC_OK);
    require(lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(&out), &made, NULL) == LWSEC_OK);
    return made;
}

static void require_body(lwsec_bytes body, const model *expected)
{
    require(body.size == expected->size && body.size <= BODY_MAX);
    require(body.size == 0 || memcmp(body.data, expected->body, body.size) == 0);
}

/* The payload stands where the body ends, or is its last block once more. */
static void append(model *one, const sent *what)
{
    const size_t offset = lwsec_block_offset(&what->block);

    if (offset == 0) {
        one->size = 0;
    }
    require(offset + what->payload_size <= BODY_MAX);
    if (offset + what->payload_size == one->size && what->block.more) {
        require(memcmp(&one->body[offset], what->payload, what->payload_size) == 0);
        return;
    }
    require(offset == one->size);
    memcpy(&one->body[offset], what->payload, what->payload_size);
    one->size += what->payload_size;
}

static void give_to_receiver(lwsec_block1_receiver *receiver, const sent *what)
{
    static const uint8_t tag[] = {7};
    static const char *const peers[] = {"p", "q"};
    uint8_t room[4];
    const unsigned kind = what->sender % 3U;
    const lwsec_coap_option options[] = {{LWSEC_COAP_BLOCK1, lwsec_block_value(&what->block, room)},
                                         {LWSEC_COAP_REQUEST_TAG, lwsec_bytes_of(tag, kind - 1U)}};
    const lwsec_coap_message request =
        make_message(LWSEC_COAP_PUT, options, kind == 0 ? 1 : 2, what);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_block1_taken taken;

    const lwsec_status status = lwsec_block1_receive(
        receiver, lwsec_bytes_of(peers[what->sender / 3U], 1), &request, 0, &taken, &reason);
    require(taken.whole == (status == LWSEC_OK && taken.code == 0));
    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    if (status == LWSEC_OK) {
        append(&models[what->sender], what);
    }
    if (taken.whole) {
        require_body(taken.body, &models[what->sender]);
        models[what->sender].size = BODY_MAX + 1U; /* nothing can follow but a first block */
    }
}

/* False when the transfer has ended. */
static bool give_to_transfer(lwsec_block2_receive *transfer, model *one, const sent *what)
{
    uint8_t room[4];
    const lwsec_coap_option options[] = {
        {LWSEC_COAP_ETAG, lwsec_bytes_of(&what->etag, 1)},
        {LWSEC_COAP_BLOCK2, lwsec_block_value(&what->block, room)}};
    const lwsec_coap_message answer = make_message(LWSEC_COAP_CONTENT, options, 2, what);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_block2_taken taken;

    const lwsec_status status = lwsec_block2_receive_answer(transfer, &answer, &taken, &reason);
    if (status != LWSEC_OK) {
        require(status == LWSEC_REJECT && taken.block.size == 0 && taken.body.size == 0);
        return !transfer->closed;
    }
    if (taken.step == LWSEC_BLOCK_NEXT && taken.block.size == 0) {
        require(one->size > 0 && one->etag != what->etag);
        one->size = 0; /* begun anew */
        return true;
    }
    require(one->size == 0 || one->etag == what->etag);
    require(taken.offset == one->size);
    one->etag = what->etag;
    append(one, what);
    if (taken.step == LWSEC_BLOCK_DONE) {
        require_body(taken.body, one);
        return false;
    }
    return true;
}

static void fuzz_transfer(const uint8_t *data, size_t size)
{
    static uint8_t body[BODY_MAX];
    const lwsec_block2_receive_config config = {
        .size = sizeof config, .body = lwsec_buffer_of(body, sizeof body), .restarts = 2};
    lwsec_block2_receive transfer;
    model one = {.size = 0};

    require(lwsec_block2_receive_start(&transfer, &config, NULL) == LWSEC_OK);
    while (size > 0) {
        const sent what = read_sent(&data, &size);
        if (!give_to_transfer(&transfer, &one, &what)) {
            return;
        }
    }
}

static void fuzz_receiver(const uint8_t *data, size_t size)
{
    const lwsec_block1_receiver_config config = {.size = sizeof config,
                                                 .transfers = TRANSFERS,
                                                 .body_max = BODY_MAX,
                                                 .key_max = KEY_MAX,
                                                 .per_peer = TRANSFERS};
    lwsec_block1_receiver *receiver = NULL;

    memset(models, 0, sizeof models);
    require(lwsec_block1_receiver_init(memory, sizeof memory, &config, &receiver, NULL) ==
            LWSEC_OK);
    while (size > 0) {
        const sent what = read_sent(&data, &size);
        give_to_receiver(receiver, &what);
    }
    lwsec_block1_receiver_close(&receiver);
}

/* Options of any bytes, and what their encoding gives back. */
static void fuzz_option(const uint8_t *data, size_t size)
{
    uint8_t room[4];
    lwsec_block block;
    lwsec_block again;

    if (lwsec_block_decode(LWSEC_COAP_UDP, lwsec_bytes_of(data, size < 5 ? size : 5), &block,
                           NULL) == LWSEC_OK) {
        require(block.number <= LWSEC_BLOCK_NUMBER_MAX && block.szx <= LWSEC_BLOCK_SZX_MAX);
        require(lwsec_block_decode(LWSEC_COAP_UDP, lwsec_block_value(&block, room), &again, NULL) ==
                LWSEC_OK);
        require(again.number == block.number && again.szx == block.szx && again.more == block.more);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_option(data, size);
    fuzz_receiver(data, size);
    fuzz_transfer(data, size);
    return 0;
}
