/* What happens before and after each call of the fake token: counts, faults, threads, forks. */
#define _POSIX_C_SOURCE 200809L

#include "tests/tokens/fake/control.h"
#include "tests/tokens/fake/fake.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FUNCTIONS 80U

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char name[32];
    unsigned calls;
} functions[FUNCTIONS];
static fake_fault fault;
static char fault_function[32];
static unsigned calls_seen; /* of what the fault is for, since it was set */
static unsigned faults_done;
static fake_kind late; /* what fake_leave has to do to the call that is running */
static unsigned long delay;
static bool fork_survives;
static pid_t owner;

void fake_lock(void)
{
    (void)pthread_mutex_lock(&lock);
}

void fake_unlock(void)
{
    (void)pthread_mutex_unlock(&lock);
}

static void count(const char *function)
{
    size_t i = 0;

    while (functions[i].name[0] != '\0' && strcmp(functions[i].name, function) != 0) {
        i++; /* fewer functions than room */
    }
    (void)snprintf(functions[i].name, sizeof functions[i].name, "%s", function);
    functions[i].calls++;
}

/* Whether the fault strikes this call. */
static bool strikes(const char *function)
{
    if (fault.kind == 0 || (fault_function[0] != '\0' && strcmp(fault_function, function) != 0)) {
        return false;
    }
    calls_seen++;
    if (calls_seen < fault.nth || calls_seen >= fault.nth + fault.times) {
        return false;
    }
    faults_done++;
    return true;
}

static CK_RV strike(void)
{
    switch (fault.kind) {
    case FAKE_ANSWER: return fault.rv;
    case FAKE_SESSIONS_LOST: fake_close_sessions(); return CKR_OK;
    case FAKE_LOGIN_LOST: fake_lose_login(); return CKR_OK;
    case FAKE_REMOVED: fake_remove(); return CKR_OK;
    default: late = fault.kind; return CKR_OK;
    }
}

bool fake_finds_all(void)
{
    return late == FAKE_FINDS_ALL;
}

/* One thread at a time in a session, also between an Init and what follows: real tokens crash or
 * mix up keys. Others get a chance to break it. */
static void occupy(const char *function, CK_SESSION_HANDLE handle)
{
    fake_session *session = fake_session_of(handle);
    bool active = false;

    if (session == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof session->active / sizeof session->active[0]; i++) {
        active = active || session->active[i].on;
    }
    active = (active || session->finding) && strcmp(function, "C_CloseSession") != 0;
    if (session->busy || (active && !pthread_equal(session->thread, pthread_self()))) {
        (void)fprintf(stderr, "fake token: %s in a session that another thread uses\n", function);
        abort();
    }
    session->busy = true;
    session->thread = pthread_self();
    fake_unlock();
    (void)sched_yield();
    fake_lock();
}

/* The lock is held on return. */
CK_RV fake_enter(const char *function, CK_SESSION_HANDLE session)
{
    CK_RV rv = CKR_OK;

    fake_lock();
    if (owner == 0 || strcmp(function, "C_Initialize") == 0) {
        owner = getpid();
    }
    if (owner != getpid() && !fork_survives) {
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    }
    count(function);
    if (strikes(function)) {
        rv = strike();
    }
    if (rv == CKR_OK && session != 0) {
        rv = !fake_is_present()                 ? CKR_DEVICE_REMOVED
             : fake_session_of(session) == NULL ? CKR_SESSION_HANDLE_INVALID
                                                : CKR_OK;
    }
    if (rv == CKR_OK) {
        occupy(function, session);
    }
    return rv;
}

static void wait_a_little(unsigned long nanoseconds)
{
    const struct timespec time = {(time_t)(nanoseconds / 1000000000UL),
                                  (long)(nanoseconds % 1000000000UL)};

    if (nanoseconds != 0) {
        (void)nanosleep(&time, NULL);
    }
}

/* The lock is held, and given back. `size`: the length that the call tells, if it tells one. */
CK_RV fake_leave(const char *function, CK_SESSION_HANDLE session, CK_RV rv, CK_ULONG *size)
{
    fake_session *left = fake_session_of(session);
    const unsigned long pause = size != NULL ? delay : 0;

    (void)function;
    if (late != 0 && rv == CKR_OK) {
        if (late == FAKE_ANSWER_LATE) {
            rv = fault.rv;
        } else if (size != NULL && late == FAKE_LENGTH_SHORT && *size > 0) {
            (*size)--;
        } else if (size != NULL && late == FAKE_LENGTH_LONG) {
            (*size)++;
        } else if (left != NULL && late == FAKE_STAYS_ACTIVE) {
            left->active[FAKE_ENCRYPT].on = true;
            left->active[FAKE_SIGN].on = true;
        }
    }
    late = (fake_kind)0;
    fake_unlock();
    wait_a_little(pause);
    fake_lock();
    left = fake_session_of(session);
    if (left != NULL) {
        left->busy = false;
    }
    fake_unlock();
    return rv;
}

static void set_fault(const fake_fault *wanted)
{
    static const fake_fault none;

    fake_lock();
    fault = wanted != NULL ? *wanted : none;
    fault_function[0] = '\0';
    if (wanted != NULL && wanted->function != NULL) {
        (void)snprintf(fault_function, sizeof fault_function, "%s", wanted->function);
    }
    calls_seen = 0;
    faults_done = 0;
    fake_unlock();
}

static void clear_calls(void)
{
    fake_lock();
    memset(functions, 0, sizeof functions);
    fake_unlock();
}

static void reset(void)
{
    set_fault(NULL);
    clear_calls();
    fake_lock();
    delay = 0;
    fork_survives = false;
    fake_reset_token();
    fake_destroy_objects();
    fake_forget_value_was_read();
    fake_unlock();
}

static unsigned get_faults_done(void)
{
    fake_lock();
    const unsigned done = faults_done;
    fake_unlock();
    return done;
}

static unsigned get_calls(const char *function)
{
    unsigned calls = 0;

    fake_lock();
    for (size_t i = 0; i < FUNCTIONS && functions[i].name[0] != '\0'; i++) {
        if (function == NULL || strcmp(functions[i].name, function) == 0) {
            calls += functions[i].calls;
        }
    }
    fake_unlock();
    return calls;
}

static void set_delay(unsigned long nanoseconds)
{
    fake_lock();
    delay = nanoseconds;
    fake_unlock();
}

static void set_fork(bool survives)
{
    fake_lock();
    fork_survives = survives;
    fake_unlock();
}

static void return_token(void)
{
    fake_lock();
    fake_return_token();
    fake_unlock();
}

static void set_tries(unsigned left)
{
    fake_lock();
    fake_set_tries(left);
    fake_unlock();
}

static bool value_was_read(void)
{
    fake_lock();
    const bool was = fake_value_was_read();
    fake_unlock();
    return was;
}

static unsigned open_sessions(void)
{
    fake_lock();
    const unsigned open = fake_count_sessions();
    fake_unlock();
    return open;
}

static unsigned session_objects(void)
{
    fake_lock();
    const unsigned objects = fake_count_session_objects();
    fake_unlock();
    return objects;
}

__attribute__((visibility("default"))) const fake_control fake_token = {
    reset,     set_fault, return_token, get_faults_done, get_calls,     clear_calls,
    set_tries, set_delay, set_fork,     value_was_read,  open_sessions, session_objects};
