/* What the files of the test card share: its memory, one command in work, and status words. */
#ifndef LWSEC_TESTS_UICC_CARD_INTERNAL_H
#define LWSEC_TESTS_UICC_CARD_INTERNAL_H

#include "tests/uicc/card/card.h"
#include "tests/uicc/card/ledger.h"
#include "tests/uicc/card/packet.h"
#include "tests/uicc/card/scp03.h"
#include "tests/uicc/card/tpdu.h"

#include <openssl/evp.h>

enum status_word {
    SW_OK = 0x9000,
    SW_PROACTIVE = 0x9100,
    SW_BUSY = 0x9300,
    SW_MORE = 0x6100,
    SW_NOT_AUTHENTIC = 0x6300,
    SW_WRONG_LENGTH = 0x6700,
    SW_NO_CHANNEL = 0x6881,
    SW_NO_SECURE_MESSAGING = 0x6882,
    SW_NO_FILE_STRUCTURE = 0x6981,
    SW_NOT_SECURED = 0x6982,
    SW_CONDITIONS = 0x6985,
    SW_NO_CURRENT_FILE = 0x6986,
    SW_WRONG_SECURE_MESSAGING = 0x6988,
    SW_WRONG_DATA = 0x6A80,
    SW_NOT_SUPPORTED = 0x6A81,
    SW_NO_FILE = 0x6A82,
    SW_NO_RECORD = 0x6A83,
    SW_NO_MEMORY = 0x6A84,
    SW_WRONG_P1P2 = 0x6A86,
    SW_NO_DATA = 0x6A88,
    SW_WRONG_OFFSET = 0x6B00,
    SW_WRONG_LE = 0x6C00,
    SW_NO_INSTRUCTION = 0x6D00,
    SW_NO_CLASS = 0x6E00,
    SW_BROKEN = 0x6F00
};

enum {
    CHANNELS = 4,
    FILES = 4,
    LE_MAX = 256,
    ANSWER_MAX = 1024,
    STORE_DATA_MAX = 512,
    INBOX = 4,
    OUTBOX = 2 * TPDU_PARTS
};

enum application { APPLICATION_NONE, APPLICATION_PKCS15, APPLICATION_LWM2M, APPLICATION_IOTSAFE };

/* A file. Its content is transparent if `record` is 0, else records of so many octets. */
struct file {
    uint16_t identifier;
    enum application parent;
    size_t record;
    struct octets content;
};

/* A logical channel: what is selected on it, its secure channel, blocks of STORE DATA. */
struct channel {
    bool open;
    enum application application;
    const struct file *file;
    struct scp03 secure;
    unsigned next_block;
    size_t stored;
    uint8_t store[STORE_DATA_MAX];
};

struct message {
    size_t size;
    uint8_t data[STORE_DATA_MAX];
};

struct submit {
    size_t size;
    uint8_t data[TPDU_MAX];
};

enum { IOTSAFE_PAIRS = 3, IOTSAFE_FILE = 500, IOTSAFE_TEXT_MAX = 1200 };

/* The IoT SAFE applet: its pairs, NULL where there is none yet, and what was begun. */
struct iotsafe {
    EVP_PKEY *pair[IOTSAFE_PAIRS];
    EVP_PKEY *peer;
    size_t signing; /* IOTSAFE_PAIRS: no signature was begun */
    uint8_t mode;
    bool putting;
    size_t text_size;
    uint8_t text[IOTSAFE_TEXT_MAX];
    unsigned quirks;
};

struct card {
    bool has_iotsafe;
    struct iotsafe iotsafe;
    uint8_t aid[CARD_AID_MAX];
    size_t aid_size;
    uint16_t get_data;
    bool require_secure_channel;
    bool has_scp03, has_packets, hears_everybody;
    struct scp03_keys scp03_keys;
    struct association association;
    uint8_t sender[TPDU_ADDRESS];
    size_t sender_size;
    struct ledger ledger;

    struct file file[FILES];
    uint8_t ef_dir[160], ef_odf[16], ef_dodf[64];
    uint8_t bootstrap[CARD_BOOTSTRAP_MAX];

    struct channel channel[CHANNELS];

    /* The rest of an answer, for GET RESPONSE. */
    uint8_t rest[ANSWER_MAX];
    size_t rest_size, rest_done;
    uint16_t rest_status;
    unsigned rest_channel;

    struct assemblies assemblies;
    struct message inbox[INBOX];
    size_t inbox_count;
    struct submit outbox[OUTBOX];
    size_t outbox_count;
    bool fetched;           /* the first of the outbox is with the terminal */
    uint8_t command_number; /* of the proactive command */
    uint8_t message_reference, reference;
};

/* One command: what it says, where it was sent, its answer. */
struct exchange {
    struct channel *channel;
    unsigned channel_number;
    uint8_t cla, ins, p1, p2;
    struct octets data;
    size_t le;     /* 1 to 256 where there is no data field */
    bool has_data; /* whether there is a data field: then Le is not known */
    bool secured;  /* came through the secure channel */
    struct room answer;
};

/*
 * T=0 says how long an answer is only by Le: true if this one is as long as Le, or longer than Le
 * can say. Else the status for it, 6Cxx, is in `*status` and the command must change nothing.
 */
bool le_fits(const struct exchange *exchange, size_t size, uint16_t *status);

/* files.c: puts the files on the card. False: the bootstrap file is too long. */
bool files_make(struct card *card, const struct card_setup *setup);

/* files.c: the AID of an application; empty for none. */
struct octets application_name(const struct card *card, enum application application);

/* Instructions. Each answers a status word. */
uint16_t do_select(struct card *card, struct exchange *exchange);
uint16_t do_manage_channel(struct card *card, struct exchange *exchange);
uint16_t do_read_binary(struct card *card, struct exchange *exchange);
uint16_t do_read_record(struct card *card, struct exchange *exchange);
uint16_t do_initialize_update(struct card *card, struct exchange *exchange);
uint16_t do_external_authenticate(struct card *card, struct exchange *exchange);
uint16_t do_get_data(struct card *card, struct exchange *exchange);
uint16_t do_store_data(struct card *card, struct exchange *exchange);
uint16_t do_terminal_profile(struct card *card, struct exchange *exchange);
uint16_t do_envelope(struct card *card, struct exchange *exchange);
uint16_t do_fetch(struct card *card, struct exchange *exchange);
uint16_t do_terminal_response(struct card *card, struct exchange *exchange);
uint16_t do_status(struct card *card, struct exchange *exchange);
uint16_t do_iotsafe(struct card *card, struct exchange *exchange);

/* iotsafe.c: keys are made with the card; a reset forgets what is volatile. */
bool iotsafe_make(struct card *card, const struct card_setup *setup);
void iotsafe_reset(struct card *card);
void iotsafe_close(struct card *card);

/* toolkit.c: the proactive command that waits for FETCH; empty if none does. */
struct octets proactive_command(const struct card *card, struct room *room);

/* channel.c: ends the secure channel and what was begun on a channel, and the selection. */
void channel_select(struct channel *channel, enum application application);

#endif
