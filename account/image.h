/* Where values lie: entries in the order of their paths, one behind the other, in one memory. */
#ifndef LWSEC_ACCOUNT_IMAGE_H
#define LWSEC_ACCOUNT_IMAGE_H

#include <lwsec/account.h>

/* What stands in the place of a value. */
typedef enum lwsec_form {
    LWSEC_FORM_PLAIN = 0,  /* the value; numbers are 8 bytes, a link 4, big-endian */
    LWSEC_FORM_NAME = 1,   /* the name of a key that a commit has imported */
    LWSEC_FORM_HANDLE = 2, /* one or two lwsec_key: never leaves this process */
    LWSEC_FORM_GIVEN = 3   /* the name of a key that somebody else has put there */
} lwsec_form;

/* The object of entries that hold names of keys which are to be destroyed. */
#define LWSEC_OBJECT_DOOMED 65535U

/* object (2), instance (2), resource (2), resource instance (2), form (1), size (2). */
#define LWSEC_ENTRY_HEADER ((size_t)11)

struct lwsec_accounts {
    uint16_t versions[5]; /* of objects 0, 1, 2, 21, 23 */
    uint32_t flags;
    size_t capacity; /* of `image` */
    size_t size;     /* of `image` that is used */
    uint8_t image[];
};

typedef struct lwsec_entry {
    lwsec_path path;
    lwsec_form form;
    lwsec_bytes value; /* not NULL */
    size_t begin;      /* in the image */
    size_t end;
} lwsec_entry;

/* Where a path stands in the order. */
static inline uint64_t lwsec_path_key(lwsec_path path)
{
    return (uint64_t)path.object << 48 | (uint64_t)path.instance << 32 |
           (uint64_t)path.resource << 16 | path.resource_instance;
}

/* The next entry, doomed names among them; false at the end. */
bool lwsec_image_next(const lwsec_accounts *accounts, size_t *position, lwsec_entry *entry);

/* The entry of a path, or false: `entry->begin` is where it would stand. */
bool lwsec_image_find(const lwsec_accounts *accounts, lwsec_path path, lwsec_entry *entry);

/* Puts an entry in its place, instead of one that is there. LWSEC_BUFFER: nothing has changed. */
LWSEC_MUST_CHECK lwsec_status lwsec_image_put(lwsec_accounts *accounts, lwsec_path path,
                                              lwsec_form form, lwsec_bytes value);

/* Removes an entry and wipes it. The name of a key that a commit has imported is doomed. */
void lwsec_image_remove(lwsec_accounts *accounts, const lwsec_entry *entry);

/* Puts another value in the place of an entry; a name that was there is not doomed. */
LWSEC_MUST_CHECK lwsec_status lwsec_image_replace(lwsec_accounts *accounts,
                                                  const lwsec_entry *entry, lwsec_form form,
                                                  lwsec_bytes value);

/* Takes an entry out and wipes it; a name that was there is not doomed. */
void lwsec_image_forget(lwsec_accounts *accounts, const lwsec_entry *entry);

/* Lets go of the keys of handles, which these accounts alone have. */
void lwsec_image_release_keys(lwsec_accounts *accounts);

/* Removes all entries and wipes them. */
void lwsec_image_clear(lwsec_accounts *accounts);

/* ---- What checks ask ---- */

bool lwsec_image_has(const lwsec_accounts *accounts, lwsec_path path);

/* The bytes of a plain value; {NULL, 0} where there is none. */
lwsec_bytes lwsec_image_bytes(const lwsec_accounts *accounts, lwsec_path path);

/* The number of a plain INTEGER, UNSIGNED, BOOLEAN or TIME; `absent` where there is none. */
int64_t lwsec_image_number(const lwsec_accounts *accounts, lwsec_path path, int64_t absent);

/* A link that leads somewhere: not 65535:65535. */
bool lwsec_image_link(const lwsec_accounts *accounts, lwsec_path path, uint16_t *object,
                      uint16_t *instance);

/* The first instance of an object from `*instance` on; false: there is none. */
bool lwsec_image_instance(const lwsec_accounts *accounts, uint16_t object, uint16_t *instance);

/* Walks over the instances of an object: `for (uint32_t at = 0; next(..., &at, &instance);)`. */
bool lwsec_image_each(const lwsec_accounts *accounts, uint16_t object, uint32_t *at,
                      uint16_t *instance);

/* A big-endian number of up to 8 bytes. */
uint64_t lwsec_image_uint(lwsec_bytes bytes);

#endif
