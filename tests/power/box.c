/* Steps of a peer, and its notes. */
#include "tests/power/box.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static box *own_box;

const char *step_name(step at)
{
    static const char *const names[STEPS] = {
        [STEP_CREATE] = "before a file is made",
        [STEP_WRITE] = "before a file is written",
        [STEP_HALF_WRITTEN] = "half of a file written",
        [STEP_SYNC] = "before a file is synced",
        [STEP_RENAME] = "before a file is renamed",
        [STEP_FOLDER_SYNC] = "before the folder is synced",
        [STEP_FOLDER_SYNCED] = "after the folder is synced",
        [STEP_SEAL] = "before a seal",
        [STEP_SEALED] = "after a seal, nothing sent",
        [STEP_OPEN] = "before a message is opened",
        [STEP_OPENED] = "opened, not accepted",
        [STEP_DELIVER] = "accepted, not delivered",
        [STEP_DELIVERED] = "delivered, nobody told",
        [STEP_TOLD] = "after the answer is sent",
        [STEP_IDLE] = "between two calls",
        [STEP_ANY] = "at a random instant",
    };
    return names[at];
}

void *box_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return memory;
}

void box_enter(box *own)
{
    own_box = own;
}

box *box_own(void)
{
    return own_box;
}

bool box_ends_at(step at)
{
    return own_box->end_count > 0 && own_box->end_at == at && --own_box->end_count == 0;
}

void box_end(void)
{
    own_box->ended = true;
    for (;;) {
        (void)kill(getpid(), SIGKILL);
    }
}

void box_step(step at)
{
    if (box_ends_at(at)) {
        box_end();
    }
}

/* A note counts once it is whole. */
void box_note_seal(const seal *noted)
{
    const unsigned count = atomic_load(&own_box->seal_count);

    if (count < BOX_NOTES) {
        own_box->seals[count] = *noted;
    }
    atomic_store(&own_box->seal_count, count + 1);
}

void box_note_delivery(const delivery *noted)
{
    const unsigned count = atomic_load(&own_box->delivery_count);

    if (count < BOX_NOTES) {
        own_box->deliveries[count] = *noted;
    }
    atomic_store(&own_box->delivery_count, count + 1);
}
