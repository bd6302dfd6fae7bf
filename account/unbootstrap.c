/* What goes when a Security instance is deleted: section 5.2.5, and 5.5.4 for OSCORE. */
#include <lwsec/unbootstrap.h>

#include "account/image.h"

#include <lwsec/oscore_object.h>

#define GUARDED_OBJECT 0U
#define GUARDED_INSTANCE 1U
#define ACL 2U
#define OWNER 3U
#define DEFAULT_RIGHTS 0U /* the ACL entry for servers without one */

#define RIGHT_WRITE 2U
#define RIGHT_DELETE 8U

typedef struct plan {
    const lwsec_accounts *accounts;
    lwsec_plan_step *steps;
    size_t capacity;
    size_t count;
    uint16_t ssid;   /* of the server that goes */
    uint32_t server; /* its Server instance; LWSEC_PATH_NONE: none */
} plan;

static void add(plan *to, lwsec_plan_action action, lwsec_path path, uint16_t ssid)
{
    if (to->count < to->capacity) {
        to->steps[to->count] = (lwsec_plan_step){action, path, ssid};
    }
    to->count++;
}

static void delete_instance(plan *to, uint16_t object, uint16_t instance)
{
    add(to, LWSEC_PLAN_DELETE, lwsec_path_of(object, instance, LWSEC_PATH_NONE), 0);
}

static uint16_t number_at(const plan *of, uint16_t object, uint16_t instance, uint16_t resource,
                          uint16_t absent)
{
    return (uint16_t)lwsec_image_number(of->accounts, lwsec_path_of(object, instance, resource),
                                        absent);
}

/* ---- Who may do what ---- */

static lwsec_path acl_of(uint16_t access, uint16_t ssid)
{
    const lwsec_path path = {LWSEC_OBJECT_ACCESS, access, ACL, ssid};

    return path;
}

/* The rights of a server by its own entry, or else by the default one. */
static uint64_t rights_of(const plan *of, uint16_t access, uint16_t ssid)
{
    const int64_t other = lwsec_image_number(of->accounts, acl_of(access, DEFAULT_RIGHTS), 0);

    return (uint64_t)lwsec_image_number(of->accounts, acl_of(access, ssid), other);
}

/* R-5.2.5-07: Write and Delete count one each. */
static unsigned worth(uint64_t rights)
{
    return ((rights & RIGHT_WRITE) != 0 ? 1U : 0U) + ((rights & RIGHT_DELETE) != 0 ? 1U : 0U);
}

/* The best of those that were looked at. */
typedef struct heir {
    uint16_t ssid; /* 0: nobody else can access the instance */
    unsigned worth;
} heir;

/* R-5.2.5-08: of equals, the client picks: the smallest number. */
static void consider(const plan *of, uint16_t access, uint16_t ssid, heir *best)
{
    const uint64_t rights = rights_of(of, access, ssid);

    if (ssid == of->ssid || ssid == DEFAULT_RIGHTS || rights == 0) {
        return;
    }
    if (best->ssid == 0 || worth(rights) > best->worth ||
        (worth(rights) == best->worth && ssid < best->ssid)) {
        *best = (heir){ssid, worth(rights)};
    }
}

/* Servers that have an instance: by an entry of their own, or by the default one. An entry for a
 * number without a server gives nobody access; a later server of that number is not its heir. */
static heir find_heir(const plan *of, uint16_t access)
{
    heir best = {0, 0};
    uint16_t server;

    for (uint32_t at = 0; lwsec_image_each(of->accounts, LWSEC_OBJECT_SERVER, &at, &server);) {
        consider(of, access, number_at(of, LWSEC_OBJECT_SERVER, server, 0, 0), &best);
    }
    return best;
}

static bool is_owner(const plan *of, uint16_t access)
{
    return number_at(of, LWSEC_OBJECT_ACCESS, access, OWNER, LWSEC_PATH_NONE) == of->ssid;
}

/* ---- The steps ---- */

/* Whether the Access Control instance guards what the first step deletes. */
static bool guards_the_server(const plan *of, uint16_t access)
{
    return of->server != LWSEC_PATH_NONE &&
           number_at(of, LWSEC_OBJECT_ACCESS, access, GUARDED_OBJECT, 0) == LWSEC_OBJECT_SERVER &&
           number_at(of, LWSEC_OBJECT_ACCESS, access, GUARDED_INSTANCE, 0) == of->server;
}

static bool is_alone(const plan *of, uint16_t access)
{
    return is_owner(of, access) && find_heir(of, access).ssid == 0;
}

/* R-5.2.5-02. */
static void delete_server(plan *to)
{
    uint16_t server;

    for (uint32_t at = 0; lwsec_image_each(to->accounts, LWSEC_OBJECT_SERVER, &at, &server);) {
        if (number_at(to, LWSEC_OBJECT_SERVER, server, 0, 0) == to->ssid) {
            to->server = server;
            delete_instance(to, LWSEC_OBJECT_SERVER, server);
        }
    }
}

/* R-5.2.5-04: what this server alone can access goes with its Access Control instance. The number
 * 65535 guards an object, which stays, and so do instances that make accounts: those of this server
 * have steps of their own, and those of others are not its to take along. */
static void delete_its_own(plan *to, uint16_t access)
{
    const uint16_t object =
        number_at(to, LWSEC_OBJECT_ACCESS, access, GUARDED_OBJECT, LWSEC_PATH_NONE);
    const uint16_t instance =
        number_at(to, LWSEC_OBJECT_ACCESS, access, GUARDED_INSTANCE, LWSEC_PATH_NONE);

    if (object != LWSEC_PATH_NONE && instance != LWSEC_PATH_NONE &&
        lwsec_accounts_version(to->accounts, object) == 0) {
        delete_instance(to, object, instance);
    }
    delete_instance(to, LWSEC_OBJECT_ACCESS, access);
}

/* R-5.2.5-05, R-5.2.5-06, R-5.2.5-07, R-5.2.5-08: of what is shared, its entry goes, and another
 * one owns it. */
static void leave_shared(plan *to, uint16_t access)
{
    if (lwsec_image_has(to->accounts, acl_of(access, to->ssid))) {
        add(to, LWSEC_PLAN_DELETE, acl_of(access, to->ssid), 0);
    }
    if (is_owner(to, access)) {
        add(to, LWSEC_PLAN_OWNER, lwsec_path_of(LWSEC_OBJECT_ACCESS, access, OWNER),
            find_heir(to, access).ssid);
    }
}

static void plan_access(plan *to)
{
    uint16_t access;

    for (uint32_t at = 0; lwsec_image_each(to->accounts, LWSEC_OBJECT_ACCESS, &at, &access);) {
        if (is_alone(to, access) || guards_the_server(to, access)) {
            delete_its_own(to, access);
        }
    }
    for (uint32_t at = 0; lwsec_image_each(to->accounts, LWSEC_OBJECT_ACCESS, &at, &access);) {
        if (!is_alone(to, access) && !guards_the_server(to, access)) {
            leave_shared(to, access);
        }
    }
}

/* R-5.5.4-01: the OSCORE instance of the account, unless another account has it, too. */
static void delete_oscore(plan *to, uint16_t security)
{
    uint16_t object;
    uint16_t instance;
    uint16_t other;
    uint16_t linked;

    if (!lwsec_image_link(to->accounts,
                          lwsec_path_of(LWSEC_OBJECT_SECURITY, security, LWSEC_SECURITY_OSCORE),
                          &object, &instance) ||
        object != LWSEC_OBJECT_OSCORE) {
        return;
    }
    for (uint32_t at = 0; lwsec_image_each(to->accounts, LWSEC_OBJECT_SECURITY, &at, &other);) {
        if (other != security &&
            lwsec_image_link(to->accounts,
                             lwsec_path_of(LWSEC_OBJECT_SECURITY, other, LWSEC_SECURITY_OSCORE),
                             &object, &linked) &&
            linked == instance) {
            return;
        }
    }
    linked = instance;
    if (lwsec_image_instance(to->accounts, LWSEC_OBJECT_OSCORE, &linked) && linked == instance) {
        delete_instance(to, LWSEC_OBJECT_OSCORE, instance);
    }
}

/* R-5.2.5-01. R-5.2.5-09: its observations. */
size_t lwsec_unbootstrap_plan(const lwsec_accounts *accounts, uint16_t instance,
                              lwsec_plan_step *steps, size_t capacity)
{
    plan to = {accounts, steps, capacity, 0, 0, LWSEC_PATH_NONE};
    uint16_t found = instance;

    if (!lwsec_image_instance(accounts, LWSEC_OBJECT_SECURITY, &found) || found != instance) {
        return 0;
    }
    const bool bootstrap =
        number_at(&to, LWSEC_OBJECT_SECURITY, instance, LWSEC_SECURITY_BOOTSTRAP, 0) == 1;
    to.ssid = number_at(&to, LWSEC_OBJECT_SECURITY, instance, LWSEC_SECURITY_SSID, 0);
    if (!bootstrap && to.ssid != 0) {
        delete_server(&to);
        plan_access(&to);
        add(&to, LWSEC_PLAN_FORGET_OBSERVERS,
            lwsec_path_of(LWSEC_PATH_NONE, LWSEC_PATH_NONE, LWSEC_PATH_NONE), to.ssid);
    }
    delete_oscore(&to, instance);
    delete_instance(&to, LWSEC_OBJECT_SECURITY, instance);
    return to.count;
}

lwsec_status lwsec_unbootstrap_apply(lwsec_accounts *accounts, const lwsec_plan_step *steps,
                                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const lwsec_value owner = {.type = LWSEC_VALUE_INTEGER, .integer = steps[i].ssid};
        lwsec_status status = LWSEC_OK;
        if (steps[i].action == LWSEC_PLAN_DELETE) {
            status = lwsec_accounts_delete(accounts, steps[i].path);
        } else if (steps[i].action == LWSEC_PLAN_OWNER) {
            status = lwsec_accounts_set(accounts, steps[i].path, &owner, NULL);
        }
        if (status != LWSEC_OK && status != LWSEC_ABSENT) {
            return status;
        }
    }
    return LWSEC_OK;
}
