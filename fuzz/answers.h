/* A card whose answers are the input of a fuzz target: a length in one octet, then as many octets;
 * the length FF is a transport that fails. When the input is over, every answer is 9000. */
#ifndef LWSEC_FUZZ_ANSWERS_H
#define LWSEC_FUZZ_ANSWERS_H

#include <lwsec/apdu.h>

#include <stdlib.h>
#include <string.h>

typedef struct answers {
    const uint8_t *data;
    size_t size;
    size_t commands;   /* that came */
    bool nothing_more; /* a command that comes now is a defect */
} answers;

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static lwsec_status answer(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    answers *left = context;
    size_t size;

    require(command.size >= 4 && command.size <= LWSEC_APDU_COMMAND_SIZE);
    require(response->capacity == LWSEC_APDU_RESPONSE_SIZE && response->size == 0);
    require(!left->nothing_more);
    left->commands++;
    if (left->size == 0) {
        response->data[0] = 0x90;
        response->data[1] = 0x00;
        response->size = 2;
        return LWSEC_OK;
    }
    size = left->data[0];
    left->data++;
    left->size--;
    if (size == 0xff) {
        return LWSEC_ENGINE;
    }
    size = size < left->size ? size : left->size;
    memcpy(response->data, left->data, size);
    response->size = size;
    left->data += size;
    left->size -= size;
    return LWSEC_OK;
}

static const lwsec_apdu_ops answers_ops = {
    .abi = LWSEC_APDU_ABI, .size = sizeof(lwsec_apdu_ops), .transmit = answer};

#endif
