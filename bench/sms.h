/* SMS packets: the floor of each engine, and messages of one or three TPDUs to pass between ends.
 */
#ifndef LWSEC_BENCH_SMS_H
#define LWSEC_BENCH_SMS_H

#include "bench/engine.h"

/* The floor: AES-128-CBC from a vector of zeros, and AES-CMAC, both with a key that is set once.
 * Aborts if the engine fails. */
typedef struct raw_block {
    void (*start)(const uint8_t kic[16], const uint8_t kid[16]);
    void (*encrypt)(uint8_t *text, size_t size); /* in place */
    void (*decrypt)(uint8_t *text, size_t size);
    void (*mac)(const uint8_t *text, size_t size, uint8_t mac[16]);
    void (*stop)(void);
} raw_block;

extern const raw_block raw_block_openssl;
extern const raw_block raw_block_mbedtls;

typedef struct block_engine {
    const char *name;
    lwsec_status (*open)(void *memory, size_t size, uint32_t slots, lwsec_store **store);
    void (*close)(lwsec_store **store);
    const raw_block *raw;
} block_engine;

/* All engines of this build that have AES-CBC and AES-CMAC, ended by one without a name. */
extern const block_engine block_engines[];

#define SMS_BATCH 128U
#define SMS_PARTS_MAX 3U

/* ---- An exchange ---- */

typedef struct sms_exchange sms_exchange;

/* CoAP messages that fill so many TPDUs. */
sms_exchange *sms_exchange_open(const block_engine *with, unsigned parts);
void sms_exchange_close(sms_exchange *x);

/* Octets under the checksum of such a packet, and those that are ciphered. */
size_t sms_exchange_covered(const sms_exchange *x);
size_t sms_exchange_ciphered(const sms_exchange *x);

/* SMS_BATCH messages: sealed into TPDUs, and put together again and opened. */
void sms_exchange_seal(sms_exchange *x);
void sms_exchange_receive(sms_exchange *x);

/* The same messages as packets alone, without TPDUs: the last batch that was sealed. */
void sms_exchange_seal_packets(sms_exchange *x);
void sms_exchange_open_packets(sms_exchange *x);

#endif
