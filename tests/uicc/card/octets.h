/* Octet strings of the test card: what is read is taken from the front, what is written is put. */
#ifndef LWSEC_TESTS_UICC_CARD_OCTETS_H
#define LWSEC_TESTS_UICC_CARD_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets that somebody else holds. */
struct octets {
    const uint8_t *data;
    size_t size;
};

/* Memory that is written from its front. Once something did not fit, it is full and stays so. */
struct room {
    uint8_t *data;
    size_t capacity;
    size_t size;
    bool full;
};

#define ROOM_OF(array)                                                                             \
    {                                                                                              \
        .data = (array), .capacity = sizeof(array)                                                 \
    }

bool octets_equal(struct octets a, struct octets b);

/* Each takes from the front and answers false, with nothing taken, if there is too little. */
bool octets_take(struct octets *from, size_t size, struct octets *piece);
bool octets_take_number(struct octets *from, size_t width, uint64_t *number);

/* A BER-TLV with a tag of one octet and a length in the shortest of its forms up to 82 xx xx. */
bool octets_take_tlv(struct octets *from, uint8_t *tag, struct octets *value);

void room_put(struct room *room, struct octets octets);
void room_put_zeros(struct room *room, size_t count);
void room_put_number(struct room *room, size_t width, uint64_t number);
void room_put_tlv(struct room *room, uint8_t tag, struct octets value);
struct octets room_octets(const struct room *room);

#endif
