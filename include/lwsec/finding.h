/* What is wrong with provisioned values: one finding of many. */
#ifndef LWSEC_FINDING_H
#define LWSEC_FINDING_H

#include <lwsec/status.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Something that is wrong with provisioned values. Nothing of it is secret. */
typedef struct lwsec_finding {
    const char *requirement; /* as in "R-5.5.7.1-02"; static text */
    const char *text;        /* one line of English; static text */
    uint16_t object;         /* the path: /object/instance/resource */
    uint16_t instance;
    uint16_t resource;
    /* A MUST is broken: there is no configuration with it. Otherwise it is a SHOULD, and the
     * values can be used. */
    bool fatal;
} lwsec_finding;

#ifdef __cplusplus
}
#endif
#endif
