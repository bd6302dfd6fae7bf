/* A store whose operations stand before a gate, and a store with threads over it. */
#include "tests/worker/gate.h"

#include <lwsec/memory_openssl.h>

#include <pthread.h>

const uint8_t gate_bytes[65] = "what is sealed, opened and authenticated by a slow store of keys";

static uint64_t inner_memory[LWSEC_MEMORY_OPENSSL_SIZE(GATE_SLOTS) / 8 + 1];
static uint64_t worker_memory[LWSEC_WORKER_SIZE(GATE_SLOTS, GATE_JOBS, GATE_ROOM) / 8 + 1];
static const lwsec_store_ops *real;
static lwsec_store_ops gated;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool closed;
static unsigned entered, left, ready_calls, ready_awaited;

static void pass(void)
{
    (void)pthread_mutex_lock(&lock);
    entered++;
    (void)pthread_cond_broadcast(&changed);
    while (closed) {
        (void)pthread_cond_wait(&changed, &lock);
    }
    left++;
    (void)pthread_mutex_unlock(&lock);
}

static lwsec_status seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                         lwsec_bytes plaintext, uint8_t *out)
{
    pass();
    return real->seal(store, slot, nonce, aad, plaintext, out);
}

static lwsec_status open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                         lwsec_bytes ciphertext, uint8_t *out)
{
    pass();
    return real->open(store, slot, nonce, aad, ciphertext, out);
}

static lwsec_status mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                        uint8_t *out)
{
    pass();
    return real->mac(store, slot, hmac, message, out);
}

static void note_ready(void *context)
{
    assert_ptr_equal(context, &ready_calls);
    (void)pthread_mutex_lock(&lock);
    ready_calls++;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

void gate_begin(gate *self, uint32_t threads)
{
    const size_t size = lwsec_worker_size(GATE_SLOTS, GATE_JOBS, GATE_ROOM);

    closed = false;
    entered = left = ready_calls = ready_awaited = 0;
    assert_status(
        lwsec_memory_openssl_open(inner_memory, sizeof inner_memory, GATE_SLOTS, &self->inner),
        LWSEC_OK);
    real = self->inner->ops;
    gated = *real;
    gated.seal = seal;
    gated.open = open;
    gated.mac = mac;
    self->inner->ops = &gated;
    const lwsec_worker_config config = {.size = sizeof config,
                                        .inner = self->inner,
                                        .threads = threads,
                                        .jobs = GATE_JOBS,
                                        .room = GATE_ROOM,
                                        .ready = note_ready,
                                        .context = &ready_calls};
    assert_true(size <= sizeof worker_memory);
    assert_status(
        lwsec_worker_open(worker_memory, sizeof worker_memory, GATE_SLOTS, &config, &self->worker),
        LWSEC_OK);
}

void gate_end(gate *self)
{
    gate_open();
    lwsec_worker_close(&self->worker);
    assert_null(self->worker);
    lwsec_memory_openssl_close(&self->inner);
}

static void set_closed(bool now)
{
    (void)pthread_mutex_lock(&lock);
    closed = now;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

void gate_close(void)
{
    set_closed(true);
}

void gate_open(void)
{
    set_closed(false);
}

void gate_await_entered(unsigned count)
{
    (void)pthread_mutex_lock(&lock);
    while (entered < count) {
        (void)pthread_cond_wait(&changed, &lock);
    }
    (void)pthread_mutex_unlock(&lock);
}

static unsigned read_locked(const unsigned *count)
{
    (void)pthread_mutex_lock(&lock);
    const unsigned now = *count;
    (void)pthread_mutex_unlock(&lock);
    return now;
}

unsigned gate_left(void)
{
    return read_locked(&left);
}

unsigned gate_ready_calls(void)
{
    return read_locked(&ready_calls);
}

void gate_await_ready(void)
{
    (void)pthread_mutex_lock(&lock);
    ready_awaited++;
    while (ready_calls < ready_awaited) {
        (void)pthread_cond_wait(&changed, &lock);
    }
    (void)pthread_mutex_unlock(&lock);
}

bool gate_memory_holds(lwsec_bytes bytes)
{
    const uint8_t *memory = (const uint8_t *)worker_memory;

    for (size_t i = 0; i + bytes.size <= sizeof worker_memory; i++) {
        if (memcmp(&memory[i], bytes.data, bytes.size) == 0) {
            return true;
        }
    }
    return false;
}

lwsec_status gate_finish(lwsec_key key, lwsec_status begun)
{
    assert_status(begun, LWSEC_PENDING);
    gate_await_ready();
    return lwsec_key_poll(key);
}

lwsec_key gate_import(lwsec_store *store, int32_t algorithm, uint32_t usage, size_t size)
{
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_import(store, &attributes, lwsec_bytes_of(gate_bytes, size), &key),
                  LWSEC_OK);
    return key;
}
