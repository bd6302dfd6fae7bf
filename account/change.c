/* What a change of credentials means for what runs on them: 5.2.4. */
#include <lwsec/account_session.h>

#include "account/image.h"

/* The next entry of one instance. */
static bool next_of(const lwsec_accounts *accounts, uint16_t object, uint16_t instance,
                    size_t *position, lwsec_entry *entry)
{
    while (lwsec_image_next(accounts, position, entry)) {
        if (entry->path.object == object && entry->path.instance == instance) {
            return true;
        }
    }
    return false;
}

/* Resources that secure nothing: the times of bootstrapping. */
static bool secures(const lwsec_entry *entry)
{
    return entry->path.object != LWSEC_OBJECT_SECURITY ||
           (entry->path.resource != LWSEC_SECURITY_HOLD_OFF &&
            entry->path.resource != LWSEC_SECURITY_ACCOUNT_TIMEOUT);
}

static bool next_that_secures(const lwsec_accounts *accounts, uint16_t object, uint16_t instance,
                              size_t *position, lwsec_entry *entry)
{
    while (next_of(accounts, object, instance, position, entry)) {
        if (secures(entry)) {
            return true;
        }
    }
    return false;
}

static bool same_entry(const lwsec_entry *one, const lwsec_entry *other)
{
    return lwsec_path_key(one->path) == lwsec_path_key(other->path) && one->form == other->form &&
           lwsec_equal_secret(one->value, other->value);
}

static bool same_instance(const lwsec_accounts *before, const lwsec_accounts *after,
                          uint16_t object, uint16_t instance)
{
    size_t first = 0;
    size_t second = 0;
    lwsec_entry one;
    lwsec_entry other;

    for (;;) {
        const bool was = next_that_secures(before, object, instance, &first, &one);
        const bool is = next_that_secures(after, object, instance, &second, &other);
        if (!was || !is) {
            return was == is;
        }
        if (!same_entry(&one, &other)) {
            return false;
        }
    }
}

static bool is_there(const lwsec_accounts *accounts, uint16_t instance)
{
    uint16_t found = instance;

    return lwsec_image_instance(accounts, LWSEC_OBJECT_SECURITY, &found) && found == instance;
}

/* R-5.2.4-10, R-5.2.4-11: credentials may change at any time; closing is a policy, and the
 * default. R-5.5.3-11: so may what an OSCORE context is made of. */
lwsec_change lwsec_accounts_change(const lwsec_accounts *before, const lwsec_accounts *after,
                                   uint16_t instance, lwsec_change_policy policy)
{
    const lwsec_path link = lwsec_path_of(LWSEC_OBJECT_SECURITY, instance, LWSEC_SECURITY_OSCORE);
    uint16_t object;
    uint16_t oscore;

    if (!is_there(after, instance)) {
        return is_there(before, instance) ? LWSEC_CHANGE_CLOSE : LWSEC_CHANGE_NONE;
    }
    const bool same = same_instance(before, after, LWSEC_OBJECT_SECURITY, instance) &&
                      (!lwsec_image_link(after, link, &object, &oscore) ||
                       same_instance(before, after, object, oscore));
    if (same) {
        return LWSEC_CHANGE_NONE;
    }
    return policy == LWSEC_CHANGE_KEEPS ? LWSEC_CHANGE_KEEP : LWSEC_CHANGE_CLOSE;
}
