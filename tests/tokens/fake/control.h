/* What a test asks of the fake token: faults, counts, a state that is lost. Found by dlsym. */
#ifndef LWSEC_TESTS_PKCS11_FAKE_CONTROL_H
#define LWSEC_TESTS_PKCS11_FAKE_CONTROL_H

#include "pkcs11/p11_types.h"

#include <stdbool.h>

typedef enum fake_kind {
    FAKE_ANSWER = 1,    /* the call answers `rv` and does nothing */
    FAKE_ANSWER_LATE,   /* the call does its work, also its outputs, and answers `rv` */
    FAKE_SESSIONS_LOST, /* before the call, all sessions close, as after a reset of the token */
    FAKE_LOGIN_LOST,    /* before the call, the user is logged out: private handles die */
    FAKE_REMOVED,       /* before the call, the token goes, until fake_return */
    FAKE_LENGTH_SHORT,  /* the call tells one byte less than it wrote */
    FAKE_LENGTH_LONG,   /* and one more */
    FAKE_STAYS_ACTIVE,  /* the call does its work; its operation stays active */
    FAKE_FINDS_ALL      /* a search begins, and passes over what was asked for */
} fake_kind;

/* One fault. It strikes at the `nth` call (1, 2, ...) of `function` (NULL: of any) from now on, and
 * `times` times from there. */
typedef struct fake_fault {
    fake_kind kind;
    const char *function;
    unsigned nth;
    unsigned times;
    CK_RV rv;
} fake_fault;

typedef struct fake_control {
    /* Everything as it is in a new process: no objects, PIN "1234", counts of zero, no fault. */
    void (*reset)(void);
    void (*set_fault)(const fake_fault *fault); /* NULL: none */
    void (*return_token)(void);                 /* after FAKE_REMOVED */
    unsigned (*faults_done)(void);
    unsigned (*calls)(const char *function); /* since reset or clear_calls; NULL: of all */
    void (*clear_calls)(void);
    void (*set_tries)(unsigned left); /* 3 is a fresh token, 1 its final try, 0 locked */
    void (*set_delay)(unsigned long nanoseconds); /* of each operation with a key */
    void (*set_fork)(bool survives);              /* a child may go on with what it inherited */
    bool (*value_was_read)(void);                 /* somebody asked for CKA_VALUE of a key */
    unsigned (*open_sessions)(void);
    unsigned (*session_objects)(void);
} fake_control;

/* The symbol "fake_token" of the module. */
extern const fake_control fake_token;

#endif
