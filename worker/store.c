/* Opening and closing a store with threads. */
#include "worker/worker.h"

#include "core/epoch.h"

#include <string.h>

_Static_assert(sizeof(lwsec_worker) <= 2048, "LWSEC_WORKER_SIZE holds the store");
_Static_assert(sizeof(lwsec_worker_slot) + sizeof(lwsec_key_slot) <= 64, "each handle");
_Static_assert(sizeof(lwsec_job) <= 256, "and each job");
_Static_assert(sizeof(lwsec_worker) % 8 == 0 && sizeof(lwsec_worker_slot) % 8 == 0 &&
                   sizeof(lwsec_job) % 8 == 0,
               "what follows is aligned");

static size_t padded(size_t room)
{
    return (room + 7U) / 8U * 8U;
}

size_t lwsec_worker_size(uint32_t slots, uint32_t jobs, size_t room)
{
    return LWSEC_WORKER_SIZE(slots, jobs, room);
}

static lwsec_status check(const void *memory, size_t size, uint32_t slots,
                          const lwsec_worker_config *config)
{
    if (config->size != sizeof *config || config->inner == NULL) {
        return LWSEC_USAGE;
    }
    if (memory == NULL || (uintptr_t)memory % _Alignof(uint64_t) != 0 || slots == 0 ||
        config->jobs == 0 || config->room < 256) {
        return LWSEC_USAGE;
    }
    if (config->threads == 0 || config->threads > LWSEC_WORKER_THREADS_MAX) {
        return LWSEC_USAGE;
    }
    /* So that no size overflows. */
    if (config->room > UINT32_MAX || slots > UINT16_MAX || config->jobs > UINT16_MAX ||
        size < lwsec_worker_size(slots, config->jobs, config->room)) {
        return LWSEC_BUFFER;
    }
    return config->inner->epoch == lwsec_epoch() ? LWSEC_OK : LWSEC_FORKED;
}

/* Places slots, jobs and their rooms behind the store. */
static lwsec_key_slot *lay_out(lwsec_worker *worker, uint32_t slots)
{
    uint8_t *place = (uint8_t *)worker + sizeof *worker;

    worker->slots = (lwsec_worker_slot *)place;
    place += slots * sizeof *worker->slots;
    worker->jobs = (lwsec_job *)place;
    place += worker->job_count * sizeof *worker->jobs;
    for (uint32_t i = 0; i < slots; i++) {
        worker->slots[i].job = LWSEC_WORKER_NO_JOB;
    }
    for (uint32_t i = 0; i < worker->job_count; i++) {
        worker->jobs[i].room = place;
        place += padded(worker->room);
    }
    return (lwsec_key_slot *)place;
}

static bool make_locks(lwsec_worker *worker)
{
    if (pthread_mutex_init(&worker->lock, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&worker->work, NULL) != 0) {
        (void)pthread_mutex_destroy(&worker->lock);
        return false;
    }
    if (pthread_cond_init(&worker->ended, NULL) != 0) {
        (void)pthread_cond_destroy(&worker->work);
        (void)pthread_mutex_destroy(&worker->lock);
        return false;
    }
    return true;
}

static void destroy_locks(lwsec_worker *worker)
{
    (void)pthread_cond_destroy(&worker->ended);
    (void)pthread_cond_destroy(&worker->work);
    (void)pthread_mutex_destroy(&worker->lock);
}

static void set_ops(lwsec_worker *worker)
{
    worker->ops.abi = LWSEC_STORE_ABI;
    worker->ops.size = sizeof worker->ops;
    worker->ops.name = "worker";
    worker->ops.tier = worker->inner->ops->tier;
    lwsec_worker_set_keys(&worker->ops);
    lwsec_worker_set_operations(&worker->ops);
}

lwsec_status lwsec_worker_open(void *memory, size_t size, uint32_t slots,
                               const lwsec_worker_config *config, lwsec_store **store)
{
    lwsec_worker *worker = memory;

    lwsec_status status = check(memory, size, slots, config);
    if (status != LWSEC_OK) {
        return status;
    }
    const size_t needed = lwsec_worker_size(slots, config->jobs, config->room);
    memset(memory, 0, needed);
    worker->size = needed;
    worker->inner = config->inner;
    worker->room = config->room;
    worker->job_count = config->jobs;
    worker->ready = config->ready;
    worker->context = config->context;
    set_ops(worker);
    status = lwsec_store_init(&worker->head, &worker->ops, lay_out(worker, slots), slots);
    if (status != LWSEC_OK) {
        return status;
    }
    if (!make_locks(worker)) {
        return LWSEC_ENGINE;
    }
    status = lwsec_worker_start(worker, config->threads);
    if (status != LWSEC_OK) {
        destroy_locks(worker);
        return status;
    }
    *store = &worker->head;
    return LWSEC_OK;
}

void lwsec_worker_close(lwsec_store **store)
{
    if (store == NULL || *store == NULL) {
        return;
    }
    lwsec_worker *worker = lwsec_worker_of(*store);
    const bool ours = worker->head.epoch == lwsec_epoch();

    if (ours) {
        lwsec_worker_stop(worker);
    }
    lwsec_store_release_all(&worker->head);
    if (ours) {
        destroy_locks(worker);
    }
    lwsec_wipe(worker, worker->size);
    *store = NULL;
}
