/* What outlives a killed peer: memory that it shares with the program that watches it. */
#ifndef LWSEC_TESTS_POWER_BOX_H
#define LWSEC_TESTS_POWER_BOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Places at which a peer may end. The first ones are told by the peer itself as it comes to them.
 */
typedef enum step {
    STEP_CREATE,        /* a file is about to be made */
    STEP_WRITE,         /* it is about to be written */
    STEP_HALF_WRITTEN,  /* half of it is written */
    STEP_SYNC,          /* it is about to be synced */
    STEP_RENAME,        /* it is synced and about to be renamed */
    STEP_FOLDER_SYNC,   /* it is renamed; the folder is about to be synced */
    STEP_FOLDER_SYNCED, /* all is durable, and the library does not know it yet */
    STEP_SEAL,          /* a seal is noted and about to be done */
    STEP_SEALED,        /* it is done; nothing is sent */
    STEP_OPEN,          /* a message is about to be opened */
    STEP_OPENED,        /* it is authentic; nothing is accepted */
    STEP_DELIVER,       /* it is accepted; nothing is delivered */
    STEP_DELIVERED,     /* it is delivered; nobody has heard of it */
    STEP_TOLD,          /* what the call made is on its way */
    STEP_IDLE,          /* between two calls */
    STEP_ANY,           /* at a random instant, whatever the peer does */
    STEPS
} step;

const char *step_name(step at);

/* One seal, written down before it is done. */
typedef struct seal {
    uint8_t key[8]; /* tells equal keys from others, whatever their slots */
    uint8_t nonce[13];
    uint8_t nonce_size;
} seal;

/* One message, written down when the peer's application gets it. */
typedef struct delivery {
    uint64_t id;
    uint64_t about; /* of a response: the request that it was taken for */
    bool response;
    bool intact; /* its text is the one of that id */
} delivery;

#define BOX_NOTES 16U /* more than one call makes */

/* ---- The files of a peer ---- */

#define MEDIUM_NAME 48U
#define MEDIUM_NAMES 256U
#define MEDIUM_INODES 300U
#define MEDIUM_CONTENT 512U
#define MEDIUM_CHANGES 16U

typedef struct medium_file {
    uint32_t size;
    uint32_t synced; /* so much of it outlives a power cut */
    uint8_t bytes[MEDIUM_CONTENT];
} medium_file;

/* Inodes count from 1; 0 is none. */
typedef struct entry {
    char name[MEDIUM_NAME];
    uint32_t inode;
} entry;

typedef enum change_kind {
    CHANGE_NONE,
    CHANGE_CREATE,
    CHANGE_WRITE,
    CHANGE_RENAME,
    CHANGE_REMOVE
} change_kind;

typedef struct change {
    change_kind kind;
    uint32_t inode;
    char name[MEDIUM_NAME]; /* that is there afterwards, or that is gone */
    char from[MEDIUM_NAME];
} change;

typedef struct medium {
    char path[160];
    bool made; /* the folder's own entry is durable */
    medium_file inodes[MEDIUM_INODES];
    entry durable[MEDIUM_NAMES];
    change pending[MEDIUM_CHANGES]; /* made since the folder was synced */
    uint32_t pending_count;
    change doing; /* began; whether it was done, the folder itself tells */
    uint32_t doing_count;
} medium;

/* ---- All of it ---- */

typedef struct box {
    /* The peer ends itself when it comes to `end_at` for the `end_count`th time; 0: never. */
    step end_at;
    uint32_t end_count;
    bool ended; /* it did */

    medium medium;
    atomic_uint seal_count;
    seal seals[BOX_NOTES];
    atomic_uint delivery_count;
    delivery deliveries[BOX_NOTES];
} box;

/* Memory that this process and its children share. */
void *box_memory(size_t size);

/* In the peer: it lives in this box from now on. */
void box_enter(box *own);
box *box_own(void);

/* In the peer: it comes to a step, and goes no further if it should end there. */
void box_step(step at);
/* Likewise, for a step that needs something done first: the caller ends it by box_end. */
bool box_ends_at(step at);
void box_end(void);

void box_note_seal(const seal *noted);
void box_note_delivery(const delivery *noted);

#endif
