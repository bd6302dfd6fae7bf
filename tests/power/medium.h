/* The medium of a peer: real files, and a model of what of them is durable.
 *
 * Inside of a peer it stands between the library and the system (the program is linked with --wrap
 * for mkdir, openat, write, fsync, renameat and unlinkat) and writes down each change in the box.
 * Nothing is really synced: a killed process loses nothing of what it wrote, and what a power cut
 * loses comes from the model.
 */
#ifndef LWSEC_TESTS_POWER_MEDIUM_H
#define LWSEC_TESTS_POWER_MEDIUM_H

#include "tests/power/box.h"

/* What power cuts have done so far. */
typedef struct medium_damage {
    unsigned lost;    /* changes of the folder that are gone */
    unsigned kept;    /* that are there although nothing was synced */
    unsigned reorder; /* that are there while an earlier one is gone */
    unsigned torn;    /* files whose last bytes are gone, zero, or garbage */
    unsigned folders; /* folders that are gone with all in them */
} medium_damage;

/* A new medium: nothing is at `path`. */
void medium_begin(medium *own, const char *path);

/* The peer is dead, and its files are as it left them. */
void medium_settle(medium *own);

/* The power was cut: of what was not synced anything may be lost, torn, or there. */
void medium_cut(medium *own, medium_damage *damage);

/* Everything is deleted. */
void medium_erase(medium *own);

#endif
