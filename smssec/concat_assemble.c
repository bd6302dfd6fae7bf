/* Parts put together, in bounded memory: 3GPP TS 23.040 clause 9.2.3.24.1. */
#include <lwsec/sms_concat.h>

#include "core/reason.h"
#include "smssec/tpdu.h"

#include <string.h>

#define MESSAGES_MAX 4096U

/* An unfinished message. Its parts lie in the assembler's `octets`. */
typedef struct unfinished {
    uint64_t begun; /* when the first part of it came */
    uint64_t order; /* the lower, the older; 0: free */
    lwsec_sms_address from;
    lwsec_sms_part key; /* `number` and `element` say nothing */
    uint8_t element;    /* what the first part says; plain until it is there */
    uint8_t received;
} unfinished;

struct lwsec_sms_assembler {
    lwsec_sms_assembler_config config;
    size_t size; /* of all its memory */
    uint64_t order;
    unfinished *slots;
    uint8_t *octets; /* for each slot: the size of each part, 0 while it is missing; the parts */
};

_Static_assert(sizeof(lwsec_sms_assembler) <= 128 && sizeof(unfinished) <= 64,
               "LWSEC_SMS_ASSEMBLER_SIZE is enough");
_Static_assert(_Alignof(lwsec_sms_assembler) <= _Alignof(uint64_t) &&
                   _Alignof(unfinished) <= _Alignof(uint64_t),
               "the promised alignment is enough");

/* ---- Memory ---- */

static size_t octets_of_slot(uint8_t parts)
{
    return (size_t)parts * (1 + LWSEC_SMS_PART_MAX);
}

static uint8_t *sizes_of(const lwsec_sms_assembler *assembler, const unfinished *slot)
{
    const size_t index = (size_t)(slot - assembler->slots);
    return &assembler->octets[index * octets_of_slot(assembler->config.parts)];
}

static uint8_t *part_of(const lwsec_sms_assembler *assembler, const unfinished *slot, size_t index)
{
    return &sizes_of(assembler, slot)[assembler->config.parts + index * LWSEC_SMS_PART_MAX];
}

size_t lwsec_sms_assembler_size(uint16_t messages, uint8_t parts)
{
    if (messages == 0 || messages > MESSAGES_MAX || parts < 2) {
        return 0;
    }
    return sizeof(lwsec_sms_assembler) + messages * (sizeof(unfinished) + octets_of_slot(parts));
}

lwsec_status lwsec_sms_assembler_init(void *memory, size_t size,
                                      const lwsec_sms_assembler_config *config,
                                      lwsec_sms_assembler **assembler, lwsec_reason *reason)
{
    const size_t needed = lwsec_sms_assembler_size(config->messages, config->parts);
    lwsec_sms_assembler *made = memory;

    *assembler = NULL;
    if (config->size != sizeof *config || needed == 0 || config->per_sender > config->messages) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (size < needed || (uintptr_t)memory % sizeof(uint64_t) != 0) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_NONE, 0, reason);
    }
    memset(memory, 0, needed);
    made->config = *config;
    made->config.per_sender = config->per_sender != 0 ? config->per_sender : 1;
    made->config.lifetime = config->lifetime != 0 ? config->lifetime : LWSEC_SMS_LIFETIME_DEFAULT;
    made->size = needed;
    made->slots = (unfinished *)(made + 1);
    made->octets = (uint8_t *)(made->slots + config->messages);
    *assembler = made;
    return lwsec_accept(reason);
}

void lwsec_sms_assembler_close(lwsec_sms_assembler **assembler)
{
    if (*assembler != NULL) {
        lwsec_wipe(*assembler, (*assembler)->size);
        *assembler = NULL;
    }
}

/* ---- Slots ---- */

static bool is_used(const unfinished *slot)
{
    return slot->order != 0;
}

/* The octets stay: a packet that was handed out lives until the next call. */
static void release(unfinished *slot)
{
    slot->order = 0;
}

size_t lwsec_sms_assembler_expire(lwsec_sms_assembler *assembler, uint64_t now)
{
    size_t used = 0;

    for (size_t i = 0; i < assembler->config.messages; i++) {
        unfinished *slot = &assembler->slots[i];
        /* With a time that went back, the difference is larger than any lifetime. */
        if (is_used(slot) && now - slot->begun >= assembler->config.lifetime) {
            release(slot);
        }
        used += is_used(slot);
    }
    return used;
}

static bool belongs(const unfinished *slot, const lwsec_sms_address *from,
                    const lwsec_sms_part *part)
{
    return is_used(slot) && slot->key.total == part->total &&
           slot->key.reference == part->reference && slot->key.wide == part->wide &&
           lwsec_sms_address_same(&slot->from, from);
}

static unfinished *find(const lwsec_sms_assembler *assembler, const lwsec_sms_address *from,
                        const lwsec_sms_part *part)
{
    for (size_t i = 0; i < assembler->config.messages; i++) {
        if (belongs(&assembler->slots[i], from, part)) {
            return &assembler->slots[i];
        }
    }
    return NULL;
}

/* A slot for one more message of that sender: the oldest of its own at its limit, and otherwise one
 * that is free. NULL: there is none. */
static unfinished *room_for(const lwsec_sms_assembler *assembler, const lwsec_sms_address *from)
{
    unfinished *free_slot = NULL;
    unfinished *oldest = NULL;
    size_t own = 0;

    for (size_t i = 0; i < assembler->config.messages; i++) {
        unfinished *slot = &assembler->slots[i];
        if (!is_used(slot)) {
            free_slot = free_slot != NULL ? free_slot : slot;
        } else if (lwsec_sms_address_same(&slot->from, from)) {
            own++;
            oldest = oldest != NULL && oldest->order < slot->order ? oldest : slot;
        }
    }
    return own >= assembler->config.per_sender ? oldest : free_slot;
}

static void claim(lwsec_sms_assembler *assembler, unfinished *slot, uint64_t now,
                  const lwsec_sms_address *from, const lwsec_sms_part *part)
{
    slot->begun = now;
    slot->order = ++assembler->order;
    slot->from = *from;
    slot->key = *part;
    slot->element = LWSEC_SMS_IE_NONE;
    slot->received = 0;
    memset(sizes_of(assembler, slot), 0, assembler->config.parts);
}

/* ---- Parts ---- */

/* Whether the part is in its place already, as it came now. */
static bool is_same(const lwsec_sms_assembler *assembler, const unfinished *slot,
                    const lwsec_sms_part *part, lwsec_bytes data)
{
    const size_t index = part->number - 1U;
    const lwsec_bytes here = {part_of(assembler, slot, index), sizes_of(assembler, slot)[index]};

    return lwsec_equal_secret(here, data) && (part->number != 1 || slot->element == part->element);
}

static void place(lwsec_sms_assembler *assembler, unfinished *slot, const lwsec_sms_part *part,
                  lwsec_bytes data)
{
    const size_t index = part->number - 1U;

    memcpy(part_of(assembler, slot, index), data.data, data.size);
    sizes_of(assembler, slot)[index] = (uint8_t)data.size;
    slot->received++;
    if (part->number == 1) {
        slot->element = part->element;
    }
}

/* Moves the parts together, where the first one lies, and gives the slot back. */
static void complete(lwsec_sms_assembler *assembler, unfinished *slot, lwsec_sms_message *message)
{
    uint8_t *packet = part_of(assembler, slot, 0);
    size_t size = 0;

    for (size_t i = 0; i < slot->key.total; i++) {
        memmove(&packet[size], part_of(assembler, slot, i), sizes_of(assembler, slot)[i]);
        size += sizes_of(assembler, slot)[i];
    }
    message->packet = lwsec_bytes_of(packet, size);
    message->element = slot->element;
    release(slot);
}

static lwsec_status add_part(lwsec_sms_assembler *assembler, uint64_t now,
                             const lwsec_sms_address *from, const lwsec_sms_part *part,
                             lwsec_bytes data, lwsec_sms_message *message, lwsec_reason *reason)
{
    unfinished *slot = find(assembler, from, part);

    if (slot == NULL) {
        slot = room_for(assembler, from);
        if (slot == NULL) {
            return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_ROOM, 0, reason);
        }
        claim(assembler, slot, now, from, part);
    } else if (sizes_of(assembler, slot)[part->number - 1] != 0) {
        return lwsec_refuse(is_same(assembler, slot, part, data) ? LWSEC_REPLAY : LWSEC_REJECT,
                            LWSEC_WHY_SMS_PART, 0, reason);
    }
    place(assembler, slot, part, data);
    if (slot->received == slot->key.total) {
        complete(assembler, slot, message);
    }
    return lwsec_accept(reason);
}

lwsec_status lwsec_sms_assembler_add(lwsec_sms_assembler *assembler, uint64_t now,
                                     const lwsec_sms_address *from, const lwsec_sms_tpdu *tpdu,
                                     lwsec_sms_message *message, lwsec_reason *reason)
{
    static const lwsec_sms_message nothing;
    lwsec_sms_part part;

    *message = nothing;
    (void)lwsec_sms_assembler_expire(assembler, now);
    const lwsec_status status = lwsec_sms_header_read(tpdu->header, &part, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (lwsec_sms_coding_septets(tpdu->coding)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_TPDU, 0, reason);
    }
    if (tpdu->data.size == 0) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_PART, 0, reason);
    }
    if (part.total == 1) {
        message->packet = tpdu->data;
        message->element = part.element;
        return lwsec_accept(reason);
    }
    if (part.total > assembler->config.parts) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_ROOM, 0, reason);
    }
    if (tpdu->data.size > LWSEC_SMS_PART_MAX) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_PART, 0, reason);
    }
    return add_part(assembler, now, from, &part, tpdu->data, message, reason);
}
