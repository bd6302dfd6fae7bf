/* Firmware images of a megabyte by inner block-wise transfer, with an attacker between: each block
 * is verified alone and handed over as it comes. RFC 8613 section 4.1.3.4, RFC 9175 section 3. */
#include "tests/oscore/pair.h"

#include <lwsec/coap_block.h>

#define IMAGE_SIZE 1000003U
#define BLOCK 1024U
#define BLOCKS ((IMAGE_SIZE + BLOCK - 1U) / BLOCK)

static uint8_t images[2][IMAGE_SIZE];
static lwsec_reason reason;

static void make_images(void)
{
    for (uint32_t which = 0; which < 2; which++) {
        uint32_t random = which + 1U;
        for (size_t i = 0; i < IMAGE_SIZE; i++) {
            random = random * 1664525U + 1013904223U;
            images[which][i] = (uint8_t)(random >> 24);
        }
    }
}

static int set_up(void **state)
{
    make_images();
    const int answer = pair_set_up(state);
    pair_open(*state);
    return answer;
}

static lwsec_coap_message decoded(lwsec_bytes wire)
{
    lwsec_coap_message message;

    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, wire, &message, NULL), LWSEC_OK);
    return message;
}

static lwsec_coap_option image_path(unsigned which)
{
    static const char *const paths[] = {"a", "b"};
    return text_option(LWSEC_COAP_URI_PATH, paths[which]);
}

/* A message of a part, with the path of an image before its options. */
static lwsec_bytes with_path(uint8_t code, unsigned which, const lwsec_block_part *part)
{
    lwsec_coap_option options[1 + LWSEC_BLOCK_OPTIONS_MAX] = {image_path(which)};

    memcpy(&options[1], part->options, part->count * sizeof *options);
    return message(LWSEC_COAP_UDP, code, options, 1 + part->count, part->payload);
}

static lwsec_bytes flipped(lwsec_bytes wire, size_t from_end)
{
    static uint8_t copy[PACKET_MAX];

    memcpy(copy, wire.data, wire.size);
    copy[wire.size - 1U - from_end] ^= 0x10U;
    return lwsec_bytes_of(copy, wire.size);
}

/* ---- Pull: the device asks block by block ---- */

typedef struct download {
    unsigned which;
    lwsec_block2_receive transfer;
    packet request;
    packet answer;
    uint8_t flash[IMAGE_SIZE];
    uint32_t written; /* bytes, in order */
    unsigned blocks;
    bool done;
} download;

static download downloads[2];

static void start_download(unsigned which)
{
    const lwsec_block2_receive_config config = {.size = sizeof config, .body_max = IMAGE_SIZE};
    download *one = &downloads[which];

    memset(one, 0, sizeof *one);
    one->which = which;
    assert_status(lwsec_block2_receive_start(&one->transfer, &config, &reason), LWSEC_OK);
}

static void ask(pair *both, download *one)
{
    lwsec_block_part part;

    lwsec_block2_receive_next(&one->transfer, &part);
    assert_status(
        protect(&both->client, with_path(LWSEC_COAP_GET, one->which, &part), &one->request),
        LWSEC_OK);
}

/* The server answers what came; its answer is in one->answer. */
static void serve(pair *both, download *one)
{
    static packet received;
    const lwsec_block_source source = {.body = lwsec_bytes_of(images[one->which], IMAGE_SIZE),
                                       .etag = lwsec_bytes_of(one->which == 0 ? "A" : "B", 1)};
    lwsec_block_part part;
    uint8_t code;

    assert_status(unprotect(&both->server, bytes_of(&one->request), &received), LWSEC_OK);
    const lwsec_coap_message request = decoded(bytes_of(&received));
    assert_status(lwsec_block2_serve(&source, 6, &request, &part, &code, &reason), LWSEC_OK);
    assert_status(
        respond(&both->server, &received,
                message(LWSEC_COAP_UDP, LWSEC_COAP_CONTENT, part.options, part.count, part.payload),
                &one->answer),
        LWSEC_OK);
}

/* The device takes what came as the answer to `request`. What is handed over goes to the flash, at
 * once and for good. */
static lwsec_status take_for(pair *both, download *one, packet *request, lwsec_bytes wire)
{
    static packet opened;
    lwsec_block2_taken taken;
    const lwsec_status status = receive(&both->client, request, wire, &opened);

    reason = opened.reason;
    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_coap_message answer = decoded(bytes_of(&opened));
    const lwsec_status judged =
        lwsec_block2_receive_answer(&one->transfer, &answer, &taken, &reason);
    if (judged == LWSEC_OK) {
        assert_int_equal(taken.offset, one->written);
        assert_true(taken.block.size <= IMAGE_SIZE - one->written);
        memcpy(&one->flash[taken.offset], taken.block.data, taken.block.size);
        one->written += (uint32_t)taken.block.size;
        one->blocks++;
        one->done = taken.step == LWSEC_BLOCK_DONE;
        /* Never, at no time, is anything wrong in the flash. */
        assert_memory_equal(one->flash, images[one->which], one->written);
    }
    return judged;
}

static lwsec_status take(pair *both, download *one, lwsec_bytes wire)
{
    return take_for(both, one, &one->request, wire);
}

static void fetch_block(pair *both, download *one)
{
    ask(both, one);
    serve(both, one);
    assert_status(take(both, one, bytes_of(&one->answer)), LWSEC_OK);
}

static void assert_refused(lwsec_status status, lwsec_status expected, lwsec_why why,
                           const download *one, unsigned blocks)
{
    assert_status(status, expected);
    assert_int_equal(reason.why, why);
    assert_int_equal(one->blocks, blocks);
}

/* Bits flipped in the ciphertext, in the tag, in the option. */
static void flip_bits(pair *both, download *one)
{
    const unsigned blocks = one->blocks;

    ask(both, one);
    serve(both, one);
    const lwsec_bytes wire = bytes_of(&one->answer);
    for (size_t i = 0; i < 1000; i += 111) {
        assert_refused(take(both, one, flipped(wire, i)), LWSEC_REJECT, LWSEC_WHY_OSCORE_TAG, one,
                       blocks);
    }
    assert_status(take(both, one, wire), LWSEC_OK);
}

/* The answers of two transfers, of the same place in each image, change places. */
static void exchange_answers(pair *both, download *a, download *b)
{
    const unsigned blocks = a->blocks;

    ask(both, a);
    ask(both, b);
    serve(both, a);
    serve(both, b);
    assert_refused(take(both, a, bytes_of(&b->answer)), LWSEC_REJECT, LWSEC_WHY_OSCORE_TAG, a,
                   blocks);
    assert_refused(take(both, b, bytes_of(&a->answer)), LWSEC_REJECT, LWSEC_WHY_OSCORE_TAG, b,
                   blocks);
    assert_status(take(both, a, bytes_of(&a->answer)), LWSEC_OK);
    assert_status(take(both, b, bytes_of(&b->answer)), LWSEC_OK);
}

/* The requests change places: the server answers each, and each answer fits its own alone. */
static void exchange_requests(pair *both, download *a, download *b)
{
    ask(both, a);
    ask(both, b);
    serve(both, b);
    serve(both, a);
    assert_status(take(both, b, bytes_of(&b->answer)), LWSEC_OK);
    assert_status(take(both, a, bytes_of(&a->answer)), LWSEC_OK);
}

/* An answer is held back until the device has asked again, and two blocks further. */
static void delay(pair *both, download *one)
{
    static packet old_request, old_answer;

    ask(both, one);
    serve(both, one);
    old_request = one->request;
    old_answer = one->answer;
    old_answer.out.data = old_answer.data;
    fetch_block(both, one);
    fetch_block(both, one);
    ask(both, one);
    const unsigned blocks = one->blocks;
    assert_refused(take(both, one, bytes_of(&old_answer)), LWSEC_REJECT, LWSEC_WHY_OSCORE_TAG, one,
                   blocks);
    /* Even for a device that still waits for it, it is authentic, and too late. */
    assert_refused(take_for(both, one, &old_request, bytes_of(&old_answer)), LWSEC_REJECT,
                   LWSEC_WHY_COAP_BLOCK_ORDER, one, blocks);
    serve(both, one);
    assert_status(take(both, one, bytes_of(&one->answer)), LWSEC_OK);
}

/* An answer comes twice, and a request comes to the server twice. */
static void replay(pair *both, download *one)
{
    static packet again;

    fetch_block(both, one);
    assert_refused(take(both, one, bytes_of(&one->answer)), LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY,
                   one, one->blocks);
    assert_status(unprotect(&both->server, bytes_of(&one->request), &again), LWSEC_REPLAY);
}

static void images_arrive_by_block2_through_an_attacker(void **state)
{
    pair *both = *state;
    download *a = &downloads[0];
    download *b = &downloads[1];

    start_download(0);
    start_download(1);
    while (!a->done || !b->done) {
        if (a->blocks == b->blocks && a->blocks % 100 == 50) {
            flip_bits(both, a);
            flip_bits(both, b);
            exchange_answers(both, a, b);
            exchange_requests(both, a, b);
            delay(both, a);
            delay(both, b);
            replay(both, a);
            replay(both, b);
        } else {
            fetch_block(both, a);
            fetch_block(both, b);
        }
    }
    for (unsigned which = 0; which < 2; which++) {
        assert_int_equal(downloads[which].written, IMAGE_SIZE);
        assert_int_equal(downloads[which].blocks, BLOCKS);
        assert_memory_equal(downloads[which].flash, images[which], IMAGE_SIZE);
    }
    LWSEC_COVERS("R-5.1-13");
}

/* The server changes the image in between: what is there is not completed by parts of the new. */
static void an_image_that_changes_is_not_mixed(void **state)
{
    pair *both = *state;
    download *a = &downloads[0];
    static packet received, sent;
    const lwsec_block_source other = {.body = lwsec_bytes_of(images[1], IMAGE_SIZE),
                                      .etag = lwsec_bytes_of("B", 1)};
    lwsec_block_part part;
    uint8_t code;

    start_download(0);
    fetch_block(both, a);
    ask(both, a);
    assert_status(unprotect(&both->server, bytes_of(&a->request), &received), LWSEC_OK);
    const lwsec_coap_message request = decoded(bytes_of(&received));
    assert_status(lwsec_block2_serve(&other, 6, &request, &part, &code, &reason), LWSEC_OK);
    assert_status(
        respond(&both->server, &received,
                message(LWSEC_COAP_UDP, LWSEC_COAP_CONTENT, part.options, part.count, part.payload),
                &sent),
        LWSEC_OK);
    assert_refused(take(both, a, bytes_of(&sent)), LWSEC_REJECT, LWSEC_WHY_COAP_BLOCK_CHANGED, a,
                   1);
    LWSEC_COVERS("R-5.1-13");
}

/* ---- Push: the server sends block by block ---- */

#define KEY_MAX 64U
static uint64_t device_memory[LWSEC_BLOCK1_RECEIVER_SIZE(2, IMAGE_SIZE, KEY_MAX) / 8];
static lwsec_block1_receiver *device;
static lwsec_block1_taken taken;
static lwsec_request_tags tags;

typedef struct upload {
    unsigned path; /* where the image goes */
    lwsec_block1_send transfer;
    lwsec_request_tag tag;
    packet request;
    bool done;
} upload;

static upload uploads[2];

static void open_device(uint32_t tag_flags)
{
    const lwsec_block1_receiver_config config = {.size = sizeof config,
                                                 .transfers = 2,
                                                 .body_max = IMAGE_SIZE,
                                                 .key_max = KEY_MAX,
                                                 .per_peer = 2};

    assert_status(
        lwsec_block1_receiver_init(device_memory, sizeof device_memory, &config, &device, &reason),
        LWSEC_OK);
    lwsec_request_tags_init(&tags, tag_flags);
}

static void start_upload(upload *one, unsigned path, unsigned image, size_t size)
{
    const lwsec_block_source source = {.body = lwsec_bytes_of(images[image], size)};
    const lwsec_coap_option option = image_path(path);

    one->path = path;
    one->done = false;
    one->tag = lwsec_request_tag_begin(&tags, LWSEC_COAP_PUT, &option, 1);
    assert_status(lwsec_block1_send_start(&one->transfer, &source, 6, &one->tag, &reason),
                  LWSEC_OK);
}

static void push(pair *both, upload *one)
{
    lwsec_block_part part;

    assert_status(lwsec_block1_send_next(&one->transfer, &part, &reason), LWSEC_OK);
    assert_status(
        protect(&both->client, with_path(LWSEC_COAP_PUT, one->path, &part), &one->request),
        LWSEC_OK);
}

/* The device takes a request; `answer` is what it sends back. */
static lwsec_status take_request(pair *both, lwsec_bytes wire, packet *answer)
{
    static packet received;
    lwsec_status status = unprotect(&both->server, wire, &received);

    if (status == LWSEC_OK) {
        const lwsec_coap_message request = decoded(bytes_of(&received));
        status = lwsec_block1_receive(device, lwsec_bytes_of("s", 1), &request, 0, &taken, &reason);
        assert_status(
            respond(&both->server, &received,
                    message(LWSEC_COAP_UDP, taken.whole ? LWSEC_COAP_CHANGED : taken.code,
                            taken.part.options, taken.part.count, lwsec_bytes_of(NULL, 0)),
                    answer),
            LWSEC_OK);
    }
    return status;
}

static void take_answer(pair *both, upload *one, const packet *answer)
{
    static packet opened;
    lwsec_block_step step;

    assert_status(receive(&both->client, &one->request, bytes_of(answer), &opened), LWSEC_OK);
    const lwsec_coap_message message = decoded(bytes_of(&opened));
    assert_status(lwsec_block1_send_answer(&one->transfer, &message, &step, &reason), LWSEC_OK);
    one->done = step == LWSEC_BLOCK_DONE;
    if (one->done) {
        lwsec_request_tag_end(&one->tag);
    }
}

static void deliver(pair *both, upload *one)
{
    static packet answer;

    assert_status(take_request(both, bytes_of(&one->request), &answer), LWSEC_OK);
    take_answer(both, one, &answer);
}

static void push_block(pair *both, upload *one)
{
    push(both, one);
    deliver(both, one);
}

static void images_arrive_by_block1_through_an_attacker(void **state)
{
    static packet answer;
    pair *both = *state;
    upload *a = &uploads[0];
    upload *b = &uploads[1];
    unsigned whole = 0;

    open_device(0);
    start_upload(a, 0, 0, IMAGE_SIZE);
    start_upload(b, 1, 1, IMAGE_SIZE);
    for (unsigned block = 0; block < BLOCKS; block++) {
        push(both, a);
        push(both, b);
        if (block % 100 == 50) {
            assert_status(take_request(both, flipped(bytes_of(&a->request), block), &answer),
                          LWSEC_REJECT);
            /* The later one first, then the earlier one, then that again. */
            deliver(both, b);
            deliver(both, a);
            assert_status(take_request(both, bytes_of(&a->request), &answer), LWSEC_REPLAY);
            continue;
        }
        deliver(both, a);
        if (taken.whole) {
            assert_bytes(taken.body, lwsec_bytes_of(images[0], IMAGE_SIZE));
            whole++;
        }
        deliver(both, b);
        if (taken.whole) {
            assert_bytes(taken.body, lwsec_bytes_of(images[1], IMAGE_SIZE));
            whole++;
        }
    }
    assert_true(a->done && b->done);
    assert_int_equal(whole, 2);
    lwsec_block1_receiver_close(&device);
    LWSEC_COVERS("R-5.1-13");
}

#define SMALL_BLOCKS 5U
#define SMALL (SMALL_BLOCKS * BLOCK + 100U)

/*
 * RFC 9175 section 3.5.1: an upload of image 0 is given up before its end, and its last request
 * held back. Image 1 follows, to the same place. When all but its last block is there, the attacker
 * sends the old last block, which is authentic and no replay.
 */
static void send_old_end_into_new_body(pair *both, uint32_t tag_flags)
{
    static packet held, answer;
    upload *old = &uploads[0];
    upload *fresh = &uploads[1];

    open_device(tag_flags);
    start_upload(old, 0, 0, SMALL);
    for (unsigned i = 0; i < SMALL_BLOCKS; i++) {
        push_block(both, old);
    }
    push(both, old);
    held = old->request;
    held.out.data = held.data;
    lwsec_request_tag_end(&old->tag);

    start_upload(fresh, 0, 1, SMALL);
    for (unsigned i = 0; i < SMALL_BLOCKS; i++) {
        push_block(both, fresh);
    }
    assert_status(take_request(both, bytes_of(&held), &answer), LWSEC_OK);
    assert_true(taken.whole);
}

static void an_old_block_does_not_get_into_a_later_body(void **state)
{
    pair *both = *state;

    send_old_end_into_new_body(both, 0);
    assert_bytes(taken.body, lwsec_bytes_of(images[0], SMALL)); /* its own body, nothing else */
    push_block(both, &uploads[1]);
    assert_true(taken.whole && uploads[1].done);
    assert_bytes(taken.body, lwsec_bytes_of(images[1], SMALL));
    lwsec_block1_receiver_close(&device);
    LWSEC_COVERS("R-5.6-01");
}

/* What the tag is for: without one, OSCORE alone lets it happen. */
static void without_request_tags_it_would(void **state)
{
    pair *both = *state;

    send_old_end_into_new_body(both, LWSEC_REQUEST_TAGS_UNNEEDED);
    assert_int_equal(taken.body.size, SMALL);
    assert_memory_equal(taken.body.data, images[1], SMALL_BLOCKS * BLOCK);
    assert_memory_equal(&taken.body.data[SMALL_BLOCKS * BLOCK], &images[0][SMALL_BLOCKS * BLOCK],
                        100);
    lwsec_block1_receiver_close(&device);
}

#define firmware_test(test) cmocka_unit_test_setup_teardown((test), set_up, pair_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        firmware_test(images_arrive_by_block2_through_an_attacker),
        firmware_test(an_image_that_changes_is_not_mixed),
        firmware_test(images_arrive_by_block1_through_an_attacker),
        firmware_test(an_old_block_does_not_get_into_a_later_body),
        firmware_test(without_request_tags_it_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
