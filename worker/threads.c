/* The threads of a store: each takes the operation that has waited longest. */
#define _POSIX_C_SOURCE 200809L /* sigset_t */

#include "worker/worker.h"

#include <signal.h>

/* The next job, or NULL when the store closes. The lock is held. */
static lwsec_job *take(lwsec_worker *worker)
{
    lwsec_job *job = NULL;

    while (!worker->stop && (job = lwsec_job_next(worker)) == NULL) {
        (void)pthread_cond_wait(&worker->work, &worker->lock);
    }
    if (worker->stop) {
        return NULL;
    }
    job->state = LWSEC_JOB_RUNNING;
    return job;
}

/* Whether somebody waits for the answer. The lock is held. */
static bool put_back(lwsec_worker *worker, lwsec_job *job, lwsec_status status)
{
    const bool wanted = job->state == LWSEC_JOB_RUNNING;

    if (wanted) {
        job->status = status;
        job->state = LWSEC_JOB_DONE;
    } else {
        lwsec_job_free(worker, job);
    }
    (void)pthread_cond_broadcast(&worker->ended);
    return wanted;
}

static void *work(void *argument)
{
    lwsec_worker *worker = argument;
    lwsec_job *job;

    (void)pthread_mutex_lock(&worker->lock);
    while ((job = take(worker)) != NULL) {
        (void)pthread_mutex_unlock(&worker->lock);
        /* No thread can wait for an inner store that is slow itself. */
        const lwsec_status answer = job->order.run(job);
        const lwsec_status status = answer == LWSEC_PENDING ? LWSEC_UNSUPPORTED : answer;
        if (answer == LWSEC_PENDING) {
            (void)lwsec_key_cancel(job->key);
        }
        (void)pthread_mutex_lock(&worker->lock);
        const bool wanted = put_back(worker, job, status);
        if (wanted && worker->ready != NULL) {
            (void)pthread_mutex_unlock(&worker->lock);
            worker->ready(worker->context);
            (void)pthread_mutex_lock(&worker->lock);
        }
    }
    (void)pthread_mutex_unlock(&worker->lock);
    return NULL;
}

void lwsec_worker_stop(lwsec_worker *worker)
{
    (void)pthread_mutex_lock(&worker->lock);
    worker->stop = true;
    (void)pthread_cond_broadcast(&worker->work);
    (void)pthread_mutex_unlock(&worker->lock);
    for (uint32_t i = 0; i < worker->thread_count; i++) {
        (void)pthread_join(worker->threads[i], NULL);
    }
    worker->thread_count = 0;
}

static bool start_threads(lwsec_worker *worker, uint32_t threads)
{
    while (worker->thread_count < threads) {
        pthread_t *next = &worker->threads[worker->thread_count];
        if (pthread_create(next, NULL, work, worker) != 0) {
            return false;
        }
        worker->thread_count++;
    }
    return true;
}

lwsec_status lwsec_worker_start(lwsec_worker *worker, uint32_t threads)
{
    sigset_t all, before;

    /* Signals are for the threads of the program. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool started = start_threads(worker, threads);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!started) {
        lwsec_worker_stop(worker);
    }
    return started ? LWSEC_OK : LWSEC_ENGINE;
}
