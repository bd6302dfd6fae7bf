/* Operations that wait, run, are done, or were given up. */
#include "worker/worker.h"

#include "core/epoch.h"
#include "crypto/slot.h"

#include <string.h>

/* Bytes of the inputs and the output; more than there are in the world where that overflows. */
static size_t room_of(const lwsec_job_order *order)
{
    size_t size = order->out_size;

    for (size_t i = 0; i < LWSEC_JOB_INPUTS; i++) {
        if (order->in[i].size > SIZE_MAX - size) {
            return SIZE_MAX;
        }
        size += order->in[i].size;
    }
    return size;
}

static void fill(lwsec_job *job, const lwsec_job_order *order)
{
    uint8_t *place = job->room;

    job->order = *order;
    for (size_t i = 0; i < LWSEC_JOB_INPUTS; i++) {
        lwsec_bytes *input = &job->order.in[i];
        if (input->size > 0) {
            memcpy(place, input->data, input->size);
        }
        if (input->data != NULL) {
            input->data = place;
        }
        place += input->size;
    }
    job->result = place;
}

static uint32_t free_job(const lwsec_worker *worker)
{
    for (uint32_t i = 0; i < worker->job_count; i++) {
        if (worker->jobs[i].state == LWSEC_JOB_FREE) {
            return i;
        }
    }
    return LWSEC_WORKER_NO_JOB;
}

static lwsec_status post_locked(lwsec_worker *worker, uint32_t slot, const lwsec_job_order *order)
{
    const uint32_t index = free_job(worker);

    if (worker->slots[slot].job != LWSEC_WORKER_NO_JOB || index == LWSEC_WORKER_NO_JOB) {
        return LWSEC_LIMIT;
    }
    lwsec_job *job = &worker->jobs[index];
    fill(job, order);
    job->slot = slot;
    job->key = worker->slots[slot].inner;
    job->generation = atomic_load(&lwsec_slot_at(&worker->head, slot)->generation);
    job->told = false;
    job->number = worker->begun++;
    job->state = LWSEC_JOB_WAITING;
    worker->slots[slot].job = index;
    (void)pthread_cond_signal(&worker->work);
    return LWSEC_PENDING;
}

lwsec_status lwsec_job_post(lwsec_worker *worker, uint32_t slot, const lwsec_job_order *order)
{
    if (room_of(order) > worker->room) {
        return LWSEC_BUFFER;
    }
    (void)pthread_mutex_lock(&worker->lock);
    const lwsec_status status = post_locked(worker, slot, order);
    (void)pthread_mutex_unlock(&worker->lock);
    return status;
}

lwsec_job *lwsec_job_next(const lwsec_worker *worker)
{
    lwsec_job *next = NULL;

    for (uint32_t i = 0; i < worker->job_count; i++) {
        lwsec_job *job = &worker->jobs[i];
        if (job->state == LWSEC_JOB_WAITING && (next == NULL || job->number < next->number)) {
            next = job;
        }
    }
    return next;
}

void lwsec_job_free(const lwsec_worker *worker, lwsec_job *job)
{
    lwsec_wipe(job->room, worker->room);
    job->state = LWSEC_JOB_FREE;
}

static bool runs(const lwsec_job *job)
{
    return job->state == LWSEC_JOB_RUNNING || job->state == LWSEC_JOB_DROPPED;
}

static bool slot_runs(const lwsec_worker *worker, uint32_t slot)
{
    for (uint32_t i = 0; i < worker->job_count; i++) {
        if (worker->jobs[i].slot == slot && runs(&worker->jobs[i])) {
            return true;
        }
    }
    return false;
}

void lwsec_job_await_slot(lwsec_worker *worker, uint32_t slot)
{
    if (worker->head.epoch != lwsec_epoch()) {
        return; /* a child has none of its parent's threads */
    }
    (void)pthread_mutex_lock(&worker->lock);
    while (slot_runs(worker, slot)) {
        (void)pthread_cond_wait(&worker->ended, &worker->lock);
    }
    (void)pthread_mutex_unlock(&worker->lock);
}

/* Gives the output to the caller, or zeros. */
static lwsec_status hand_over(const lwsec_job *job)
{
    if (job->order.out_size > 0 && job->status == LWSEC_OK) {
        memcpy(job->order.out, job->result, job->order.out_size);
    } else if (job->order.out_size > 0) {
        lwsec_wipe(job->order.out, job->order.out_size);
    }
    return job->status;
}

static lwsec_status poll_locked(lwsec_worker *worker, lwsec_worker_slot *slot)
{
    if (slot->job == LWSEC_WORKER_NO_JOB) {
        return LWSEC_USAGE;
    }
    lwsec_job *job = &worker->jobs[slot->job];
    if (job->state != LWSEC_JOB_DONE) {
        return LWSEC_PENDING;
    }
    const lwsec_status status = hand_over(job);
    lwsec_job_free(worker, job);
    slot->job = LWSEC_WORKER_NO_JOB;
    return status;
}

lwsec_status lwsec_job_poll(lwsec_store *store, uint32_t slot)
{
    lwsec_worker *worker = lwsec_worker_of(store);

    (void)pthread_mutex_lock(&worker->lock);
    const lwsec_status status = poll_locked(worker, &worker->slots[slot]);
    (void)pthread_mutex_unlock(&worker->lock);
    return status;
}

static void cancel_locked(lwsec_worker *worker, lwsec_worker_slot *slot)
{
    if (slot->job == LWSEC_WORKER_NO_JOB) {
        return;
    }
    lwsec_job *job = &worker->jobs[slot->job];
    if (job->state == LWSEC_JOB_RUNNING) {
        job->state = LWSEC_JOB_DROPPED; /* its thread wipes it */
    } else {
        lwsec_job_free(worker, job);
    }
    slot->job = LWSEC_WORKER_NO_JOB;
}

lwsec_status lwsec_job_cancel(lwsec_store *store, uint32_t slot)
{
    lwsec_worker *worker = lwsec_worker_of(store);

    if (worker->head.epoch != lwsec_epoch()) {
        return LWSEC_FORKED; /* the lock may be held by a thread that this process has not */
    }
    (void)pthread_mutex_lock(&worker->lock);
    cancel_locked(worker, &worker->slots[slot]);
    (void)pthread_mutex_unlock(&worker->lock);
    return LWSEC_OK;
}

static lwsec_job *next_ready(const lwsec_worker *worker)
{
    lwsec_job *next = NULL;

    for (uint32_t i = 0; i < worker->job_count; i++) {
        lwsec_job *job = &worker->jobs[i];
        if (job->state == LWSEC_JOB_DONE && !job->told &&
            (next == NULL || job->number < next->number)) {
            next = job;
        }
    }
    return next;
}

lwsec_status lwsec_worker_next_ready(lwsec_store *store, lwsec_key *key)
{
    lwsec_worker *worker = lwsec_worker_of(store);

    if (worker->head.epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    (void)pthread_mutex_lock(&worker->lock);
    lwsec_job *job = next_ready(worker);
    if (job != NULL) {
        job->told = true;
        key->store = store;
        key->slot = job->slot;
        key->generation = job->generation;
    }
    (void)pthread_mutex_unlock(&worker->lock);
    return job != NULL ? LWSEC_OK : LWSEC_ABSENT;
}
