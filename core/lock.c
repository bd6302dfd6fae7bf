/* The lock: a mutex where there are threads. */
#include "core/lock.h"

#if !defined(__STDC_NO_THREADS__) && (defined(__unix__) || defined(__APPLE__))

lwsec_status lwsec_lock_init(lwsec_lock *lock)
{
    return pthread_mutex_init(lock, NULL) == 0 ? LWSEC_OK : LWSEC_ENGINE;
}

void lwsec_lock_take(lwsec_lock *lock)
{
    (void)pthread_mutex_lock(lock); /* cannot fail for a default mutex that is not held */
}

void lwsec_lock_release(lwsec_lock *lock)
{
    (void)pthread_mutex_unlock(lock);
}

void lwsec_lock_destroy(lwsec_lock *lock)
{
    (void)pthread_mutex_destroy(lock);
}

#else

lwsec_status lwsec_lock_init(lwsec_lock *lock)
{
    *lock = 0;
    return LWSEC_OK;
}

void lwsec_lock_take(lwsec_lock *lock)
{
    (void)lock;
}

void lwsec_lock_release(lwsec_lock *lock)
{
    (void)lock;
}

void lwsec_lock_destroy(lwsec_lock *lock)
{
    (void)lock;
}

#endif
