/* Scripts of events, run through the retry engine with virtual time. */
#ifndef CLI_RETRY_SCRIPT_H
#define CLI_RETRY_SCRIPT_H

#include <lwsec/account_retry.h>

typedef struct retry_line {
    uint64_t seconds;
    lwsec_retry_decision decision;
} retry_line;

typedef void (*retry_emit)(void *argument, const retry_line *line);

/*
 * A script has one event a line, `at SECONDS EVENT`, in the order of time; `#` begins a comment.
 *
 *   start                          the client starts
 *   registered | bootstrapped      the attempt succeeded
 *   alert N [sent | authenticated] an alert ended it
 *   timeout                        no answer came
 *   response C.DD                  Register or Bootstrap-Request was refused
 *   lost                           a registration is gone
 *   bootstrap                      somebody asks to bootstrap
 *   clock trusted | doubted | unset
 *   reset                          the device starts again, with what was stored
 *   end                            nothing comes after it
 *
 * `server=SSID` at the end says whose event it is, 0 for the Bootstrap-Server. Without it, it
 * belongs to the one attempt that is going on, or to the only Server.
 *
 * NULL, or what is wrong, static text, in line `*number` (0: in the accounts). `text` is a string.
 */
const char *retry_script_run(const char *text, const lwsec_retry_accounts *accounts,
                             retry_emit emit, void *argument, unsigned *number);

#define RETRY_TEXT_MAX 128

/* "T=SECONDS server=SSID DECISION". */
void retry_line_text(const retry_line *line, char text[RETRY_TEXT_MAX]);

/* The first word of a decision. */
const char *retry_action_name(lwsec_retry_action action);

#endif
