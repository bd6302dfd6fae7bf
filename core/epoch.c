/* Fork detection: a page that the kernel empties in a child, or the process id where there is none.
 */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include "core/epoch.h"

#include <stdatomic.h>
#include <stddef.h>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#define HAVE_PROCESSES 1
#endif

#if defined(__linux__)
#include <sys/mman.h>
#endif

#if defined(__linux__) && defined(MADV_WIPEONFORK)

/* One atomic word at the start of a page of its own. The kernel zeroes the page in a child. */
static _Atomic(_Atomic uint32_t *) wiped_page;
/* Counts the lives of this memory image: copied to a child, which then adds one. */
static _Atomic uint32_t lives;

static _Atomic uint32_t *make_page(void)
{
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        return NULL;
    }
    if (madvise(memory, size, MADV_WIPEONFORK) != 0) {
        (void)munmap(memory, size);
        return NULL;
    }
    _Atomic uint32_t *page = memory;
    _Atomic uint32_t *other = NULL;
    if (!atomic_compare_exchange_strong(&wiped_page, &other, page)) {
        (void)munmap(memory, size); /* another thread was first */
        return other;
    }
    return page;
}

/*
 * The first call of a life: exactly one thread sets its number; the others see it. A number is
 * counted before it is shown, so that a child made at any moment counts on from a higher one.
 */
static uint32_t begin_life(_Atomic uint32_t *page)
{
    uint32_t seen = 0;
    const uint32_t next = atomic_fetch_add(&lives, 1) + 1;

    return atomic_compare_exchange_strong(page, &seen, next) ? next : seen;
}

uint32_t lwsec_epoch(void)
{
    _Atomic uint32_t *page = atomic_load_explicit(&wiped_page, memory_order_acquire);

    if (page == NULL) {
        page = make_page();
        if (page == NULL) {
            return (uint32_t)getpid(); /* an old kernel: dearer, as safe */
        }
    }
    const uint32_t epoch = atomic_load_explicit(page, memory_order_relaxed);
    return epoch != 0 ? epoch : begin_life(page);
}

#elif defined(HAVE_PROCESSES)

uint32_t lwsec_epoch(void)
{
    return (uint32_t)getpid();
}

#else /* no processes, no fork */

uint32_t lwsec_epoch(void)
{
    return 1;
}

#endif
