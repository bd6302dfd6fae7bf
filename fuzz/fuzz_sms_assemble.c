/* Parts of short messages against a simple model: what is kept, what is complete, what is dropped.
 * An input is a row of steps of STEP bytes: choice, reference, total, number, size, content, time.
 */
#include <lwsec/sms_concat.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEP 7U
#define SENDERS 4U
#define MESSAGES 3U
#define PER_SENDER 2U
#define PARTS 6U
#define LIFETIME 1000U
#define MODEL_PARTS (MESSAGES * PARTS)

/* Bits of the first byte of a step; the lowest two are the sender. */
enum { WIDE = 4, PACKET = 8, TICK = 16, BACK = 32 };

/* A part that was taken. The model is a list of them; a message is those with the same key. */
typedef struct part {
    bool there;
    uint32_t key; /* sender, size of the reference, reference, total */
    uint8_t number;
    uint8_t total;
    uint8_t element;
    uint8_t size;
    uint8_t content;
    uint64_t begun; /* of its message */
    uint64_t order; /* of its message */
} part;

static part parts[MODEL_PARTS];
static uint64_t orders;
static lwsec_sms_address senders[SENDERS];
static uint64_t memory[LWSEC_SMS_ASSEMBLER_SIZE(MESSAGES, PARTS) / 8];

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static unsigned sender_of(uint32_t key)
{
    return key & 3U;
}

/* ---- The model ---- */

static part *first_of(uint32_t key)
{
    for (size_t i = 0; i < MODEL_PARTS; i++) {
        if (parts[i].there && parts[i].key == key) {
            return &parts[i];
        }
    }
    return NULL;
}

static part *part_of(uint32_t key, uint8_t number)
{
    for (size_t i = 0; i < MODEL_PARTS; i++) {
        if (parts[i].there && parts[i].key == key && parts[i].number == number) {
            return &parts[i];
        }
    }
    return NULL;
}

static void drop(uint32_t key)
{
    for (size_t i = 0; i < MODEL_PARTS; i++) {
        parts[i].there = parts[i].there && parts[i].key != key;
    }
}

static void drop_old(uint64_t now)
{
    for (size_t i = 0; i < MODEL_PARTS; i++) {
        parts[i].there = parts[i].there && now >= parts[i].begun && now - parts[i].begun < LIFETIME;
    }
}

/* How many messages there are, of one sender or of all (SENDERS); and the oldest of them. */
static size_t count_messages(unsigned sender, part **oldest)
{
    size_t count = 0;

    for (size_t i = 0; i < MODEL_PARTS; i++) {
        part *one = &parts[i];
        if (one->there && first_of(one->key) == one &&
            (sender == SENDERS || sender_of(one->key) == sender)) {
            *oldest = count == 0 || one->order < (*oldest)->order ? one : *oldest;
            count++;
        }
    }
    return count;
}

static void put(part made, uint64_t now)
{
    const part *first = first_of(made.key);

    made.there = true;
    made.begun = first != NULL ? first->begun : now;
    made.order = first != NULL ? first->order : ++orders;
    for (size_t i = 0; i < MODEL_PARTS; i++) {
        if (!parts[i].there) {
            parts[i] = made;
            return;
        }
    }
    require(false); /* the limits bound the list */
}

static lwsec_status expect(const part *came, uint64_t now)
{
    part *oldest = NULL;

    drop_old(now);
    const part *here = part_of(came->key, came->number);
    if (came->number == 0 || came->number > came->total || came->size == 0 ||
        (came->element != LWSEC_SMS_IE_NONE && came->number != 1)) {
        return LWSEC_REJECT;
    }
    if (came->total == 1) {
        return LWSEC_OK;
    }
    if (came->total > PARTS || came->size > LWSEC_SMS_PART_MAX) {
        return LWSEC_REJECT;
    }
    if (here != NULL) {
        return here->size == came->size && here->content == came->content &&
                       here->element == came->element
                   ? LWSEC_REPLAY
                   : LWSEC_REJECT;
    }
    if (first_of(came->key) == NULL) {
        if (count_messages(sender_of(came->key), &oldest) >= PER_SENDER) {
            drop(oldest->key);
        } else if (count_messages(SENDERS, &oldest) == MESSAGES) {
            return LWSEC_REJECT;
        }
    }
    put(*came, now);
    return LWSEC_OK;
}

/* The packet of a complete message into `room`; 0 while a part is missing. */
static size_t join(const part *came, uint8_t *room)
{
    size_t size = 0;

    for (unsigned number = 1; number <= came->total; number++) {
        const part *one = came->total == 1 ? came : part_of(came->key, (uint8_t)number);
        if (one == NULL) {
            return 0;
        }
        memset(&room[size], one->content, one->size);
        size += one->size;
    }
    return size;
}

/* ---- A step ---- */

static lwsec_bytes header_of(const part *came, const uint8_t *step, uint8_t room[10])
{
    size_t size = 0;

    if (came->element != LWSEC_SMS_IE_NONE) {
        room[size++] = came->element;
        room[size++] = 0;
    }
    room[size++] = (step[0] & WIDE) != 0 ? 8 : 0;
    room[size++] = (step[0] & WIDE) != 0 ? 4 : 3;
    if ((step[0] & WIDE) != 0) {
        room[size++] = 0;
    }
    room[size++] = step[1];
    room[size++] = came->total;
    room[size++] = came->number;
    return lwsec_bytes_of(room, size);
}

static void take_step(lwsec_sms_assembler *assembler, const uint8_t *step, uint64_t now)
{
    const part came = {.key = (step[0] & 7U) | (uint32_t)step[1] << 8 | (uint32_t)step[2] << 16,
                       .total = step[2],
                       .number = step[3],
                       .element =
                           (step[0] & PACKET) != 0 ? LWSEC_SMS_IE_COMMAND : LWSEC_SMS_IE_NONE,
                       .size = step[4],
                       .content = step[5]};
    uint8_t header[10];
    uint8_t content[256];
    uint8_t packet[PARTS * 256];
    part *oldest = NULL;
    lwsec_sms_message message;
    const lwsec_sms_tpdu tpdu = {.coding = LWSEC_SMS_DCS_8BIT,
                                 .header = header_of(&came, step, header),
                                 .data = lwsec_bytes_of(content, came.size)};

    memset(content, came.content, sizeof content);
    const lwsec_status expected = expect(&came, now);
    require(lwsec_sms_assembler_add(assembler, now, &senders[sender_of(came.key)], &tpdu, &message,
                                    NULL) == expected);
    const size_t size = expected == LWSEC_OK ? join(&came, packet) : 0;
    require(message.packet.size == size && (message.packet.data != NULL) == (size > 0));
    if (size > 0) {
        const part *first = came.total == 1 ? &came : part_of(came.key, 1);
        require(memcmp(message.packet.data, packet, size) == 0);
        require(message.element == first->element);
        drop(came.key);
    }
    require(lwsec_sms_assembler_expire(assembler, now) == count_messages(SENDERS, &oldest));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const numbers[SENDERS] = {"+1", "1", "+12", "+21"};
    const lwsec_sms_assembler_config config = {sizeof config, MESSAGES, PER_SENDER, PARTS,
                                               LIFETIME};
    lwsec_sms_assembler *assembler;
    uint64_t now = 100000;

    memset(parts, 0, sizeof parts);
    for (size_t i = 0; i < SENDERS; i++) {
        require(lwsec_sms_address_of(numbers[i], &senders[i]) == LWSEC_OK);
    }
    require(lwsec_sms_assembler_init(memory, sizeof memory, &config, &assembler, NULL) == LWSEC_OK);
    for (; size >= STEP; data += STEP, size -= STEP) {
        now += (data[0] & TICK) != 0 ? data[6] * 8U : 0;
        now -= (data[0] & BACK) != 0 ? data[6] : 0;
        take_step(assembler, data, now);
    }
    lwsec_sms_assembler_close(&assembler);
    return 0;
}
