/* Unbootstrapping (Transport 5.2.5): what goes when a Security instance is deleted. */
#ifndef LWSEC_UNBOOTSTRAP_H
#define LWSEC_UNBOOTSTRAP_H

#include <lwsec/account.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum lwsec_plan_action {
    LWSEC_PLAN_DELETE = 1,       /* everything below `path`, LWSEC_PATH_NONE standing for all */
    LWSEC_PLAN_OWNER,            /* `path` is an Access Control Owner: `ssid` is the new one */
    LWSEC_PLAN_FORGET_OBSERVERS, /* the observations of the server `ssid`; no path */
} lwsec_plan_action;

typedef struct lwsec_plan_step {
    lwsec_plan_action action;
    lwsec_path path;
    uint16_t ssid;
} lwsec_plan_step;

/*
 * The steps of unbootstrapping `/0/instance`, in their order: the Server instance; instances that
 * this server alone can access, each with its Access Control instance (but none of objects 0, 1, 2,
 * 21 and 23: those may be another account's); the server's ACL entries of shared instances, with a
 * new owner where it was theirs (of those that can access the instance, the one with the most of
 * Write and Delete, and the smallest Short Server ID of several); its observations; its OSCORE
 * instance; the Security instance itself, last, so that a plan that was interrupted can be made and
 * followed again.
 *
 * The client may send a De-register before it begins (R-5.2.5-03). Sessions and contexts of the
 * account are closed with it; its keys are destroyed by the commit.
 *
 * Writes up to `capacity` steps and gives how many there are; 0: there is no such instance.
 */
LWSEC_API size_t lwsec_unbootstrap_plan(const lwsec_accounts *accounts, uint16_t instance,
                                        lwsec_plan_step *steps, size_t capacity);

/* Follows the plan in a stage, as far as it has the objects. Instances of other objects and
 * observations are the caller's. LWSEC_BUFFER: no room. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_unbootstrap_apply(lwsec_accounts *accounts,
                                                                const lwsec_plan_step *steps,
                                                                size_t count);

#ifdef __cplusplus
}
#endif
#endif
