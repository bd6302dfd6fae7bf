/* A forked child has a copy of the parent's counters, and must not use them. */
#include "tests/oscore/pair.h"

#include <sys/wait.h>
#include <unistd.h>

/* What the child may not do. Its exit status is the number of the first call that it could do. */
static int child(pair *both, packet *sent, packet *fresh, packet *challenged, packet *received)
{
    static packet out;
    static packet request;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (protect(&both->client, plain_get(), &out) != LWSEC_FORKED || out.out.size != 0) {
        return 1;
    }
    if (out.reason.why != LWSEC_WHY_FORKED) {
        return 2;
    }
    if (unprotect(&both->server, bytes_of(fresh), &request) != LWSEC_FORKED) {
        return 3;
    }
    if (respond(&both->server, received, plain_content(), &out) != LWSEC_FORKED) {
        return 4;
    }
    if (respond_with_number(&both->server, received, plain_content(), &out) != LWSEC_FORKED) {
        return 5;
    }
    if (challenge(&both->client, challenged, bytes_of(fresh), &out) != LWSEC_FORKED) {
        return 6;
    }
    if (lwsec_oscore_reserve(both->client.context, &reason) != LWSEC_FORKED ||
        reason.why != LWSEC_WHY_FORKED) {
        return 7;
    }
    /* Nor can it make a context over what the parent opened. */
    lwsec_oscore_close(&both->client.context);
    if (lwsec_oscore_init(both->client.memory, sizeof both->client.memory, &both->client.config,
                          &both->client.context, &reason) != LWSEC_FORKED) {
        return 8;
    }
    (void)sent;
    return 0;
}

static void run_child(pair *both, unsigned seals_before)
{
    packet *sent = packet_new();
    packet *fresh = packet_new();
    packet *received = packet_new();
    packet *theirs = packet_new();
    packet *challenged = packet_new();
    int status = -1;

    for (unsigned i = 0; i < seals_before; i++) {
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    }
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(protect(&both->client, plain_get(), fresh), LWSEC_OK);
    assert_status(protect(&both->server, plain_get(), theirs), LWSEC_OK);
    assert_status(unprotect(&both->client, bytes_of(theirs), challenged), LWSEC_CHALLENGE);
    const lwsec_oscore_request response = received->request;

    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(child(both, sent, fresh, challenged, received));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    /* The parent goes on as if nothing had been. */
    received->request = response;
    assert_status(respond(&both->server, received, plain_content(), theirs), LWSEC_OK);
    exchange(both);
}

static void a_child_can_do_nothing_with_the_contexts_of_its_parent(void **state)
{
    pair *both = *state;

    both->client.config.flags = LWSEC_KEY_FRESH; /* so that it challenges */
    pair_open(both);
    run_child(both, 0);
}

static void a_child_can_do_nothing_when_its_parent_has_few_numbers_left(void **state)
{
    pair *both = *state;

    both->client.config.flags = LWSEC_KEY_FRESH;
    both->client.config.reserve = 8;
    pair_open(both);
    run_child(both, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(a_child_can_do_nothing_with_the_contexts_of_its_parent),
        pair_test(a_child_can_do_nothing_when_its_parent_has_few_numbers_left),
    };
    return cmocka_run_group_tests_name("oscore-processes", tests, NULL, NULL);
}
