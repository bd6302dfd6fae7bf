/* The first reader of pcscd, and T=0 commands to the card in it. */
#ifndef LWSEC_TESTS_UICC_CARD_READER_H
#define LWSEC_TESTS_UICC_CARD_READER_H

#include "tests/uicc/card/octets.h"

#include <winscard.h>

enum { READER_NAMES = 1024, READER_RESPONSE = 258 };

struct reader {
    SCARDCONTEXT context;
    SCARDHANDLE card;
    char names[READER_NAMES];
};

/* Each prints what went wrong and answers false. Close a reader whatever happened. */
bool reader_open(struct reader *reader);    /* pcscd answers */
bool reader_wait(struct reader *reader);    /* the reader shows a card; for ten seconds */
bool reader_connect(struct reader *reader); /* shared with others, at T=0 */
void reader_close(struct reader *reader);

/* Keeps others out between commands that belong together. */
bool reader_begin(struct reader *reader);
void reader_end(struct reader *reader);

/* One command as it stands. The status, 0 if there was no answer, and the data before it. */
unsigned reader_once(const struct reader *reader, struct octets command, struct room *data);

/* The same, with 61xx and 6Cxx followed. */
unsigned reader_send(const struct reader *reader, struct octets command, struct room *data);

/* Octets out of hexadecimal text; false for anything else. */
bool reader_hex(const char *text, struct room *room);

#endif
