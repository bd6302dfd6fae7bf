/* The task that is measured: a server seals CoAP messages for a device, by SMS-DELIVER. */
#include "bench/sms.h"

#include <lwsec/sms_association.h>
#include <lwsec/sms_concat.h>
#include <lwsec/state_memory.h>

#include <stdlib.h>
#include <string.h>

#define STORE_ROOM 65536U
#define STATE_RECORDS 4U
#define STATE_VALUE 256U
#define COAP_MAX 366U
#define PACKET_MAX (COAP_MAX + LWSEC_SMS_OVERHEAD + 4U)
#define LIFETIME 60000U

typedef struct end {
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(STATE_RECORDS, STATE_VALUE) / 8];
    uint64_t memory[LWSEC_SMS_SIZE / 8];
    lwsec_state *state;
    lwsec_sms *association;
} end;

typedef struct wire {
    uint8_t bytes[LWSEC_SMS_TPDU_MAX];
    size_t size;
} wire;

struct sms_exchange {
    const block_engine *with;
    unsigned parts;
    uint64_t store_memory[STORE_ROOM / 8];
    lwsec_store *store;
    end server;
    end device;
    uint64_t assembler_memory[LWSEC_SMS_ASSEMBLER_SIZE(4, SMS_PARTS_MAX) / 8];
    lwsec_sms_assembler *assembler;
    lwsec_sms_address number;
    uint8_t coap[COAP_MAX];
    size_t coap_size;
    uint8_t packet[SMS_BATCH][PACKET_MAX];
    size_t packet_size;
    wire wires[SMS_BATCH][SMS_PARTS_MAX];
};

static void open_end(const sms_exchange *x, end *one, lwsec_key kic, lwsec_key kid)
{
    const lwsec_sms_parameters parameters = {0x12, 0x12, 0x16, 0, LWSEC_SMS_TAR_LWM2M};

    must(lwsec_state_memory_open(one->state_memory, sizeof one->state_memory, STATE_RECORDS,
                                 STATE_VALUE, &one->state),
         "state");
    const lwsec_sms_config config = {.size = sizeof config,
                                     .parameters = parameters,
                                     .kic_key = kic,
                                     .kid_key = kid,
                                     .state = one->state,
                                     .flags = LWSEC_KEY_FRESH};
    must(lwsec_sms_init(one->memory, sizeof one->memory, &config, &one->association, NULL),
         x->with->name);
}

static void open_ends(sms_exchange *x)
{
    static const uint8_t raw[] = "0123456789abcdeffedcba9876543210";
    const lwsec_sms_parameters parameters = {0x12, 0x12, 0x16, 0, LWSEC_SMS_TAR_LWM2M};
    lwsec_key kic;
    lwsec_key kid;

    must(lwsec_sms_keys_import(x->store, &parameters, lwsec_bytes_of(raw, 32), 0, &kic, &kid, NULL),
         "keys");
    open_end(x, &x->server, kic, kid);
    open_end(x, &x->device, kic, kid);
}

/* The most that fits: 96 octets of CoAP into one TPDU, 366 into three. */
static void write_coap(sms_exchange *x)
{
    static const uint8_t head[] = {0x54, LWSEC_SMS_KEY_AES, 0x12, 0x34, 1, 2, 3, 4, 0xff};

    x->coap_size = x->parts == 1 ? 96 : COAP_MAX;
    memset(x->coap, 'p', x->coap_size);
    memcpy(x->coap, head, sizeof head);
}

sms_exchange *sms_exchange_open(const block_engine *with, unsigned parts)
{
    const lwsec_sms_assembler_config config = {sizeof config, 4, 4, SMS_PARTS_MAX, LIFETIME};
    sms_exchange *x = calloc(1, sizeof *x);

    if (x == NULL) {
        must(LWSEC_BUFFER, "memory");
        return NULL;
    }
    x->with = with;
    x->parts = parts;
    must(with->open(x->store_memory, sizeof x->store_memory, BENCH_SLOTS, &x->store), "store");
    open_ends(x);
    must(lwsec_sms_assembler_init(x->assembler_memory, sizeof x->assembler_memory, &config,
                                  &x->assembler, NULL),
         "assembler");
    must(lwsec_sms_address_of("+4915112345678", &x->number), "number");
    write_coap(x);
    sms_exchange_seal(x);
    sms_exchange_receive(x);
    must(lwsec_sms_parts(LWSEC_SMS_IE_COMMAND, x->packet_size) == parts ? LWSEC_OK : LWSEC_USAGE,
         "size of the message");
    return x;
}

void sms_exchange_close(sms_exchange *x)
{
    lwsec_sms_close(&x->server.association);
    lwsec_sms_close(&x->device.association);
    lwsec_state_memory_close(&x->server.state);
    lwsec_state_memory_close(&x->device.state);
    lwsec_sms_assembler_close(&x->assembler);
    x->with->close(&x->store);
    free(x);
}

size_t sms_exchange_covered(const sms_exchange *x)
{
    return x->packet_size - 8; /* all but the checksum */
}

size_t sms_exchange_ciphered(const sms_exchange *x)
{
    return x->packet_size - 10; /* CPL to TAR are in the clear */
}

/* ---- Packets ---- */

static void seal_one(sms_exchange *x, size_t i)
{
    lwsec_buffer out = lwsec_buffer_of(x->packet[i], PACKET_MAX);

    must(lwsec_sms_seal(x->server.association, lwsec_bytes_of(x->coap, x->coap_size), NULL, &out,
                        NULL),
         "seal");
    x->packet_size = out.size;
}

static void open_one(sms_exchange *x, lwsec_bytes packet)
{
    uint8_t coap[PACKET_MAX];
    lwsec_buffer out = lwsec_buffer_of(coap, sizeof coap);
    lwsec_sms_received received;

    must(lwsec_sms_open(x->device.association, packet, &received, &out, NULL), "open");
}

void sms_exchange_seal_packets(sms_exchange *x)
{
    for (size_t i = 0; i < SMS_BATCH; i++) {
        seal_one(x, i);
    }
}

void sms_exchange_open_packets(sms_exchange *x)
{
    for (size_t i = 0; i < SMS_BATCH; i++) {
        open_one(x, lwsec_bytes_of(x->packet[i], x->packet_size));
    }
}

/* ---- TPDUs ---- */

static void split_one(sms_exchange *x, size_t i)
{
    const lwsec_sms_split split = {lwsec_bytes_of(x->packet[i], x->packet_size),
                                   LWSEC_SMS_IE_COMMAND, (uint8_t)i};
    lwsec_sms_tpdu tpdu = {.kind = LWSEC_SMS_DELIVER,
                           .protocol = LWSEC_SMS_PID_DOWNLOAD,
                           .coding = LWSEC_SMS_DCS_CLASS2,
                           .address = x->number};

    for (unsigned number = 1; number <= x->parts; number++) {
        uint8_t header[LWSEC_SMS_HEADER_ROOM];
        wire *to = &x->wires[i][number - 1];
        lwsec_buffer out = lwsec_buffer_of(to->bytes, sizeof to->bytes);
        must(lwsec_sms_split_part(&split, number, header, &tpdu), "split");
        must(lwsec_sms_tpdu_encode(&tpdu, &out, NULL), "encode");
        to->size = out.size;
    }
}

void sms_exchange_seal(sms_exchange *x)
{
    for (size_t i = 0; i < SMS_BATCH; i++) {
        seal_one(x, i);
        split_one(x, i);
    }
}

void sms_exchange_receive(sms_exchange *x)
{
    for (size_t i = 0; i < SMS_BATCH; i++) {
        lwsec_sms_message message = {.packet = {NULL, 0}};
        for (unsigned part = 0; part < x->parts; part++) {
            const wire *from = &x->wires[i][part];
            lwsec_sms_tpdu tpdu;
            must(lwsec_sms_tpdu_decode(LWSEC_SMS_DELIVER, lwsec_bytes_of(from->bytes, from->size),
                                       &tpdu, NULL),
                 "decode");
            must(lwsec_sms_assembler_add(x->assembler, 0, &tpdu.address, &tpdu, &message, NULL),
                 "assemble");
        }
        open_one(x, message.packet);
    }
}
