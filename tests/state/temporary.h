/* Folders and files for one test. */
#ifndef LWSEC_TESTS_STATE_TEMPORARY_H
#define LWSEC_TESTS_STATE_TEMPORARY_H

#include "tests/support/test.h"

/* A new empty folder below the one that the test runs in. The path lives for seven more calls. */
const char *temporary_folder(void);

/* Removes a folder with the files in it. */
void temporary_remove(const char *path);

/* Whole files. Reading fails the test if there is none; the bytes live until the program ends. */
lwsec_bytes file_read(const char *folder, const char *name);
void file_write(const char *folder, const char *name, lwsec_bytes content);
bool file_exists(const char *folder, const char *name);

#endif
