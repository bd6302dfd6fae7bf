/* What a store with threads holds, and what its parts do for each other. */
#ifndef LWSEC_WORKER_WORKER_H
#define LWSEC_WORKER_WORKER_H

#include <lwsec/store.h>
#include <lwsec/worker.h>

#include <pthread.h>

#define LWSEC_WORKER_NO_JOB UINT32_MAX
#define LWSEC_JOB_INPUTS 3U

typedef enum lwsec_job_state {
    LWSEC_JOB_FREE = 0,
    LWSEC_JOB_WAITING,
    LWSEC_JOB_RUNNING,
    LWSEC_JOB_DROPPED, /* running, and nobody waits for the answer */
    LWSEC_JOB_DONE
} lwsec_job_state;

typedef struct lwsec_job lwsec_job;

/* An operation: with the inner key, inputs and output of the job, by a thread. */
typedef lwsec_status (*lwsec_job_run)(lwsec_job *job);

/* What the caller gives of an operation. Copied whole into a job. */
typedef struct lwsec_job_order {
    lwsec_job_run run;
    lwsec_bytes in[LWSEC_JOB_INPUTS];
    uint8_t *out;
    size_t out_size;
    int32_t hmac;
    lwsec_direction direction;
} lwsec_job_order;

/* One operation. All but what `run` uses is guarded by the store's lock. */
struct lwsec_job {
    lwsec_job_state state;
    bool told; /* by lwsec_worker_next_ready */
    uint32_t slot;
    uint32_t generation;   /* of the slot */
    uint64_t number;       /* in the order in which they were begun */
    lwsec_job_order order; /* its inputs lie in `room` */
    uint8_t *result;       /* in `room` too: what goes to order.out */
    lwsec_key key;         /* of the inner store */
    lwsec_status status;
    uint8_t *room;
};

typedef struct lwsec_worker_slot {
    lwsec_key inner;
    const lwsec_algorithm *algorithm;
    uint32_t job; /* that is pending, or LWSEC_WORKER_NO_JOB */
} lwsec_worker_slot;

typedef struct lwsec_worker {
    lwsec_store head;
    lwsec_store_ops ops;
    lwsec_store *inner;
    lwsec_worker_slot *slots;
    lwsec_job *jobs;
    size_t size; /* of all the memory */
    size_t room;
    uint32_t job_count;
    uint64_t begun; /* number of the next job */
    void (*ready)(void *context);
    void *context;

    pthread_mutex_t lock; /* guards jobs, and `job` of each slot */
    pthread_cond_t work;  /* there is a job that waits, or the end */
    pthread_cond_t ended; /* a job runs no more */
    bool stop;
    uint32_t thread_count;
    pthread_t threads[LWSEC_WORKER_THREADS_MAX];
} lwsec_worker;

static inline lwsec_worker *lwsec_worker_of(lwsec_store *store)
{
    return (lwsec_worker *)store;
}

/* threads.c: starts all or none; ends all. */
LWSEC_MUST_CHECK lwsec_status lwsec_worker_start(lwsec_worker *worker, uint32_t threads);
void lwsec_worker_stop(lwsec_worker *worker);

/* jobs.c. Posts an operation: LWSEC_PENDING, LWSEC_LIMIT or LWSEC_BUFFER. */
LWSEC_MUST_CHECK lwsec_status lwsec_job_post(lwsec_worker *worker, uint32_t slot,
                                             const lwsec_job_order *order);
/* The one that has waited longest, or NULL. The lock is held. */
lwsec_job *lwsec_job_next(const lwsec_worker *worker);
/* Wipes a job, so that another can take its place. The lock is held. */
void lwsec_job_free(const lwsec_worker *worker, lwsec_job *job);
/* Returns when no thread uses the slot's key. */
void lwsec_job_await_slot(lwsec_worker *worker, uint32_t slot);
lwsec_status lwsec_job_poll(lwsec_store *store, uint32_t slot);
lwsec_status lwsec_job_cancel(lwsec_store *store, uint32_t slot);

/* operations.c, keys.c: their entries of the table. */
void lwsec_worker_set_operations(lwsec_store_ops *ops);
void lwsec_worker_set_keys(lwsec_store_ops *ops);

#endif
