/* Block-wise transfer (RFC 7959) and Request-Tag (RFC 9175 section 3), in the caller's memory. */
#ifndef LWSEC_COAP_BLOCK_H
#define LWSEC_COAP_BLOCK_H

#include <lwsec/coap.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The machines here sit between an application and what protects its messages: they cut a body into
 * payloads and put payloads together, each in a message of its own. Under OSCORE this is the inner
 * block-wise transfer of RFC 8613 section 4.1.3.4.1: each block is verified alone. R-5.1-13.
 *
 * A machine gives a part: a payload, and options to be added to a message. A machine takes decoded
 * messages, which were opened before. It sends nothing and knows no time but that which it is told.
 */

/* ---- The Block option: RFC 7959 section 2.2 ---- */

#define LWSEC_BLOCK_SZX_MAX 6U          /* blocks of 1024 bytes */
#define LWSEC_BLOCK_NUMBER_MAX 0xfffffU /* 20 bits */
#define LWSEC_BLOCK_SIZE_MAX 1024U

typedef struct lwsec_block {
    uint32_t number; /* of the block, counted in blocks of this size */
    uint8_t szx;     /* 0 to 6: blocks of 2^(szx + 4) bytes, 16 to 1024 */
    bool more;       /* M: another block follows */
} lwsec_block;

/* The size of a block in bytes, and where it stands in its body. */
static inline size_t lwsec_block_size(uint8_t szx)
{
    return (size_t)16 << szx;
}
static inline uint32_t lwsec_block_offset(const lwsec_block *block)
{
    return block->number << (block->szx + 4U);
}

/*
 * Decodes an option value. LWSEC_REJECT: longer than 3 bytes (COAP_OPTION_LENGTH), or the reserved
 * size 7 (COAP_BLOCK). LWSEC_UNSUPPORTED: size 7 over TCP, where it means several blocks in one
 * message (RFC 8323 section 6), which is not done here.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_block_decode(lwsec_coap_framing framing,
                                                           lwsec_bytes value, lwsec_block *block,
                                                           lwsec_reason *reason);

/* Writes an option value in the fewest bytes into `room`. The block is in its ranges. */
LWSEC_API lwsec_bytes lwsec_block_value(const lwsec_block *block, uint8_t room[4]);

/* The option LWSEC_COAP_BLOCK1 or LWSEC_COAP_BLOCK2 of a message, for UDP. LWSEC_ABSENT: there is
 * none. LWSEC_REJECT as lwsec_block_decode, and for a second one (COAP_OPTION_TWICE). */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_block_find(const lwsec_coap_message *message,
                                                         uint32_t number, lwsec_block *block,
                                                         lwsec_reason *reason);

/* ---- What goes into a message ---- */

#define LWSEC_BLOCK_OPTIONS_MAX 4U

/* The payload of a message, and options to add, in ascending order. The values of options lie in
 * `values`: a part is not copied. The payload is the caller's, as each call says. */
typedef struct lwsec_block_part {
    lwsec_bytes payload;
    lwsec_coap_option options[LWSEC_BLOCK_OPTIONS_MAX];
    size_t count;
    uint8_t values[LWSEC_BLOCK_OPTIONS_MAX][8];
} lwsec_block_part;

/* What comes after an answer was taken. */
typedef enum lwsec_block_step {
    LWSEC_BLOCK_DONE = 0, /* this answer ends the transfer */
    LWSEC_BLOCK_NEXT = 1  /* another request is to be sent */
} lwsec_block_step;

/* Reads `size` bytes of a body at `offset` into `data`; any answer but LWSEC_OK is given on. */
typedef lwsec_status (*lwsec_block_read)(void *context, uint32_t offset, uint8_t *data,
                                         size_t size);

/* A body to be sent. It stays as it is until the transfer ends. */
typedef struct lwsec_block_source {
    lwsec_bytes body;      /* with `read`: its size counts, and data is NULL */
    lwsec_block_read read; /* NULL: the body is in memory */
    void *context;         /* of `read` */
    lwsec_buffer room;     /* with `read`: holds the present payload, one block */
    lwsec_bytes etag;      /* of a representation: 1 to 8 bytes; empty: none */
} lwsec_block_source;

/* ---- Request-Tag: RFC 9175 section 3 ---- */

#define LWSEC_REQUEST_TAGS 8U

enum {
    /* The transport itself lets no old message through: TCP, TLS, or DTLS with a window of 1. No
     * tag is ever set. */
    LWSEC_REQUEST_TAGS_UNNEEDED = 1 << 0
};

/*
 * The operations of one client in one security context, and which of their messages could still
 * reach the server: those that no authentic answer came to (RFC 9175 section 3.5.1). An attacker
 * who kept such a message could put its block into a later body for the same resource, so that the
 * later one needs another Request-Tag. R-5.6-01.
 *
 * All zeros is a context without operations. Its members are private. Where more operations are
 * open than it has room for, the oldest are forgotten and their tags are never used again.
 */
typedef struct lwsec_request_tags {
    uint32_t flags;
    uint32_t floor;  /* values below it are not used any more */
    uint32_t serial; /* of the last operation */
    struct {
        uint64_t resource;
        uint32_t serial; /* 0: a free place */
        uint32_t value;
        uint32_t unanswered;
        bool running;
    } operations[LWSEC_REQUEST_TAGS];
} lwsec_request_tags;

/* One operation: all requests of one body, and of its large answer. All zeros: without a tag. */
typedef struct lwsec_request_tag {
    lwsec_request_tags *tags;
    uint64_t resource;
    uint32_t serial;
    uint32_t value; /* 0: no option; 1: an empty one; then one more byte string each */
} lwsec_request_tag;

LWSEC_API void lwsec_request_tags_init(lwsec_request_tags *tags, uint32_t flags);

/* All earlier messages are void: the security context has new keys. Operations that are not ended
 * may go on under them. */
LWSEC_API void lwsec_request_tags_rekeyed(lwsec_request_tags *tags);

/*
 * Begins an operation that sends a body in more than one block, or a FETCH or POST whose answer may
 * be that large. `options` are those of its requests. The tag is absent where it can be, then
 * fresh; a value comes back when each message that carried it was answered.
 */
LWSEC_API lwsec_request_tag lwsec_request_tag_begin(lwsec_request_tags *tags, uint8_t code,
                                                    const lwsec_coap_option *options, size_t count);

/* Ends it. Messages without an answer keep its value from being used again. */
LWSEC_API void lwsec_request_tag_end(lwsec_request_tag *tag);

/* A message was made, or answered authentically. The machines below call them; whoever makes one
 * more message out of a part (an Echo challenge answered) has to call the first. */
LWSEC_API void lwsec_request_tag_sent(const lwsec_request_tag *tag);
LWSEC_API void lwsec_request_tag_answered(const lwsec_request_tag *tag);

/* ---- Client: a body in requests (Block1) ---- */

/* One body on its way. Its members are private. */
typedef struct lwsec_block1_send {
    lwsec_block_source source;
    lwsec_request_tag *tag;
    uint32_t offset; /* up to here the server has it */
    uint32_t end;    /* up to here it was sent */
    uint8_t szx;
    bool blockwise;
    bool waiting;
    bool restarted;
    bool closed;
} lwsec_block1_send;

/*
 * Starts to send a body in blocks of at most 2^(szx + 4) bytes. A body that fits into one, or an
 * empty one, goes without a Block option. `source` is copied; what it points to, and `tag` (NULL:
 * no tag), stay until the end.
 *
 * LWSEC_USAGE: szx over 6. LWSEC_REJECT: over 2^20 blocks (COAP_BODY).
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_block1_send_start(lwsec_block1_send *transfer,
                                                                const lwsec_block_source *source,
                                                                uint8_t szx, lwsec_request_tag *tag,
                                                                lwsec_reason *reason);

/* The next request: payload, Block1, Size1 in the first one, Request-Tag. Once a message: to
 * retransmit, send the same bytes again. LWSEC_USAGE: the last one is not answered yet, or nothing
 * is left. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_block1_send_next(lwsec_block1_send *transfer,
                                                               lwsec_block_part *part,
                                                               lwsec_reason *reason);

/*
 * Takes the answer to the last request. LWSEC_BLOCK_DONE: it answers the whole body, or refuses it:
 * its code tells. A smaller block size of the server is followed, in 4.13 too; after the first 4.08
 * the body is sent again from its start, with another tag where that is needed.
 *
 * LWSEC_REJECT: the answer does not fit the request; the transfer has failed.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_block1_send_answer(lwsec_block1_send *transfer,
                                                                 const lwsec_coap_message *answer,
                                                                 lwsec_block_step *step,
                                                                 lwsec_reason *reason);

/* ---- Server: bodies out of requests (Block1) ---- */

/*
 * What makes requests those of one body (RFC 9175 section 3.1): who sends, the code, and all
 * options but those that no cache looks at (RFC 7252 section 5.4.2: Size1, Echo) and Block1 and
 * Block2. So Request-Tag counts, as a list of values byte by byte: absent is not empty.
 */
typedef struct lwsec_block_key {
    lwsec_buffer room; /* the caller's, for peer and options */
    size_t peer_size;
    uint8_t code;
} lwsec_block_key;

/* Notes the key of a request: also for a server that keeps a large answer to a POST or FETCH.
 * `peer` names the sender and its security context. LWSEC_BUFFER: the room is too small. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_block_key_set(lwsec_block_key *key, lwsec_bytes peer,
                                                            const lwsec_coap_message *request);
LWSEC_API bool lwsec_block_key_is(const lwsec_block_key *key, lwsec_bytes peer,
                                  const lwsec_coap_message *request);

typedef struct lwsec_block1_receiver lwsec_block1_receiver;

typedef struct lwsec_block1_receiver_config {
    size_t size;        /* sizeof(lwsec_block1_receiver_config) */
    uint32_t transfers; /* bodies at a time; 0: 1 */
    uint32_t body_max;  /* bytes of a body, at most; 0: nothing in blocks */
    uint32_t key_max;   /* bytes of peer and options, at most; 0: 256 */
    uint32_t lifetime;  /* milliseconds without a block until a body is forgotten; 0:
                         * EXCHANGE_LIFETIME, 247 s */
    uint8_t szx;        /* the largest block to ask for, as szx + 1; 0: 1024 bytes */
    uint32_t per_peer;  /* bodies of one peer at a time; 0: 1 */
} lwsec_block1_receiver_config;

/* Bytes of memory that it takes, aligned as for uint64_t, with key_max as it is used. */
#define LWSEC_BLOCK1_RECEIVER_SIZE(transfers, body_max, key_max)                                   \
    (64U + (size_t)(transfers) * (96U + (((size_t)(body_max) + 7U) / 8U * 8U) +                    \
                                  (((size_t)(key_max) + 7U) / 8U * 8U)))
LWSEC_API size_t lwsec_block1_receiver_size(const lwsec_block1_receiver_config *config);

/* LWSEC_USAGE: a field out of its range. LWSEC_BUFFER: `size` is too small. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_block1_receiver_init(void *memory, size_t size, const lwsec_block1_receiver_config *config,
                           lwsec_block1_receiver **receiver, lwsec_reason *reason);

/* Wipes it and zeroes the pointer. */
LWSEC_API void lwsec_block1_receiver_close(lwsec_block1_receiver **receiver);

/* What becomes of a request. */
typedef struct lwsec_block1_taken {
    bool whole;            /* the body is complete: hand the request over with this body */
    lwsec_bytes body;      /* valid until the next call for this receiver, or in the request */
    uint8_t code;          /* if not whole: the code to answer with, 2.31 or an error */
    lwsec_block_part part; /* options for the answer, in any case */
} lwsec_block1_taken;

/*
 * Takes a request that was opened. `now` is in milliseconds and never goes back.
 *
 * LWSEC_OK: it is whole (a request without Block1 is so at once), or 2.31 asks for the next block.
 * A last block that comes twice is answered as before and added once. A first block begins the body
 * of its key anew; blocks of different keys never come together. R-5.6-01.
 *
 * LWSEC_REJECT, with `taken` filled for the answer: 4.08 for a block that does not follow the last
 * one (COAP_BLOCK_ORDER), which leaves what is there as it is; and with the body forgotten, 4.13
 * with Size1 for one over `body_max` (COAP_BODY), 4.00 for a payload that is not of its block's
 * size (COAP_BLOCK). 4.02 or 4.00 for a malformed option. LWSEC_LIMIT, with 5.03: all places are
 * taken by other peers, or the key is too long. Where a peer begins one body more than it may have,
 * or than there is room for, its own oldest one gives way.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_block1_receive(
    lwsec_block1_receiver *receiver, lwsec_bytes peer, const lwsec_coap_message *request,
    uint64_t now, lwsec_block1_taken *taken, lwsec_reason *reason);

/* ---- Server: a representation in answers (Block2) ---- */

/*
 * The block that a request asks for, of blocks of at most 2^(szx + 4) bytes: payload, ETag, Block2,
 * and Size2 in the first one; nothing but the payload and ETag if the representation fits into one
 * block and none was asked for. A larger block that is asked for late is answered with the
 * first smaller one at its place. Needs no state: each request stands alone, and the ETag tells the
 * client whether the representation is still the same.
 *
 * LWSEC_REJECT, with the code to answer in `code`: 4.00 for a block past the end (COAP_BLOCK_ORDER)
 * or of size 7, 4.02 for a malformed option. LWSEC_USAGE: szx over 6, an ETag over 8 bytes, over
 * 2^20 blocks, no room for `read`.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_block2_serve(const lwsec_block_source *source,
                                                           uint8_t szx,
                                                           const lwsec_coap_message *request,
                                                           lwsec_block_part *part, uint8_t *code,
                                                           lwsec_reason *reason);

/* ---- Client: a representation out of answers (Block2) ---- */

typedef struct lwsec_block2_receive_config {
    size_t size;       /* sizeof(lwsec_block2_receive_config) */
    lwsec_buffer body; /* room for the whole of it; capacity 0: each block is handed over alone */
    uint32_t body_max; /* bytes, at most, where blocks are handed over alone; 0: no answer in
                        * blocks */
    uint32_t restarts; /* of a GET, with `body`: how often to begin anew when it changes */
    uint8_t szx;       /* the largest block to ask for, as szx + 1; 0: 1024 bytes */
    lwsec_request_tag *tag; /* of a FETCH or POST; NULL: none. It stays until the end */
} lwsec_block2_receive_config;

/* One representation on its way. Its members are private. */
typedef struct lwsec_block2_receive {
    lwsec_block2_receive_config config;
    uint32_t offset; /* up to here it is there */
    uint32_t restarted;
    uint8_t szx;
    uint8_t code;
    uint8_t etag_size;
    uint8_t etag[8];
    bool begun;
    bool closed; /* whole, or failed */
} lwsec_block2_receive;

/* What an answer brought. */
typedef struct lwsec_block2_taken {
    lwsec_block_step step;
    uint32_t offset;   /* of the block in the body */
    lwsec_bytes block; /* its bytes, in the answer: they are authentic and in their place */
    lwsec_bytes body;  /* with a room for the body, on LWSEC_BLOCK_DONE: all of it */
} lwsec_block2_taken;

/* LWSEC_USAGE: a field out of its range. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_block2_receive_start(lwsec_block2_receive *transfer,
                           const lwsec_block2_receive_config *config, lwsec_reason *reason);

/* The options of the next request. In the first one, to be added to that of a GET or to those of
 * lwsec_block1_send_next: Block2, only if blocks under 1024 bytes are wanted. Later ones repeat the
 * first one without its payload, Block1 and Size1, with Block2 and Request-Tag of this part. */
LWSEC_API void lwsec_block2_receive_next(lwsec_block2_receive *transfer, lwsec_block_part *part);

/*
 * Takes an answer. With LWSEC_OK its block is new, authentic as far as the answer is, and stands
 * where the last one ended; a change of representation that allows a restart gives no block and
 * LWSEC_BLOCK_NEXT. An answer without Block2 is whole, an error too.
 *
 * LWSEC_REJECT: another block than the one asked for (COAP_BLOCK_ORDER), a payload not of its
 * block's size or a larger block (COAP_BLOCK): nothing has changed, the right answer may follow.
 * Another ETag or code (COAP_BLOCK_CHANGED), a body over its bound or of more than 2^20 blocks
 * (COAP_BODY): the transfer has failed. R-5.6-01.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_block2_receive_answer(lwsec_block2_receive *transfer, const lwsec_coap_message *answer,
                            lwsec_block2_taken *taken, lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
