/* A lock for the few places where threads share mutable state. */
#ifndef LWSEC_CORE_LOCK_H
#define LWSEC_CORE_LOCK_H

#include <lwsec/status.h>

#if !defined(__STDC_NO_THREADS__) && (defined(__unix__) || defined(__APPLE__))
#include <pthread.h>
typedef pthread_mutex_t lwsec_lock;
#else
typedef int lwsec_lock; /* a platform without threads */
#endif

/* Exported for the back ends in their own libraries, not for applications. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_lock_init(lwsec_lock *lock);
LWSEC_API void lwsec_lock_take(lwsec_lock *lock);
LWSEC_API void lwsec_lock_release(lwsec_lock *lock);
LWSEC_API void lwsec_lock_destroy(lwsec_lock *lock);

#endif
