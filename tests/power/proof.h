/* How a proof begins: its arguments, its dice, a folder for the files of the peers. */
#ifndef LWSEC_TESTS_POWER_PROOF_H
#define LWSEC_TESTS_POWER_PROOF_H

/* Reads `NUMBER SEED`, rolls the dice, makes the folder. What the number counts is `unit`. Ends the
 * program where that cannot be. A failed proof leaves the folder, which may tell why. */
unsigned long proof_begin(int count, char **arguments, const char *unit);

/* The folder. */
const char *proof_folder(void);

/* Ends the program if something was never shown. */
void proof_happened(const char *name, unsigned count);

#endif
