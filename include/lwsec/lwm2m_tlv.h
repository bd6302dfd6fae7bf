/* The TLV format of LwM2M (Core 7.4.5): items, and whole instances of accounts. */
#ifndef LWSEC_LWM2M_TLV_H
#define LWSEC_LWM2M_TLV_H

#include <lwsec/account.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an item is: bits 7 and 6 of its type. */
typedef enum lwsec_tlv_kind {
    LWSEC_TLV_INSTANCE = 0,          /* an Object Instance: holds resources */
    LWSEC_TLV_RESOURCE_INSTANCE = 1, /* one of the values of a multiple resource */
    LWSEC_TLV_MULTIPLE = 2,          /* a multiple resource: holds Resource Instances */
    LWSEC_TLV_RESOURCE = 3           /* a single resource with its value */
} lwsec_tlv_kind;

typedef struct lwsec_tlv {
    lwsec_tlv_kind kind;
    uint16_t id;
    lwsec_bytes value;
} lwsec_tlv;

/* The longest value: 24 bits of length. */
#define LWSEC_TLV_VALUE_MAX 0xffffffU

/*
 * Reads the item at `*position` and moves behind it. All forms of type, identifier and length are
 * taken, also longer ones than needed. The value is not looked at.
 *
 * LWSEC_ABSENT: `*position` is the end. LWSEC_REJECT with TRUNCATED: the item goes past the end.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_tlv_read(lwsec_bytes input, size_t *position,
                                                       lwsec_tlv *item, lwsec_reason *reason);

/* Writes an item behind what `out` holds, in the shortest form. LWSEC_BUFFER: it does not fit, and
 * `out` is as before. LWSEC_USAGE: a value over LWSEC_TLV_VALUE_MAX. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_tlv_write(const lwsec_tlv *item, lwsec_buffer *out);

/*
 * Sets what a payload holds: that of a Write on /object/instance, which has resources, or with
 * LWSEC_PATH_NONE on /object, which has instances. A multiple resource takes the place of all its
 * former instances; other values that are there stay. Resources that the version of the object does
 * not have are passed over, as are those without a value.
 *
 * Nothing is set unless all of it fits. LWSEC_REJECT: TRUNCATED or TRAILING_BYTES; WHY_VALUE a
 * value that its resource cannot have, an item where there may be none of its kind, an instance
 * 65535. LWSEC_ABSENT with WHY_RESOURCE: an object that makes no accounts. LWSEC_BUFFER: no room.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_read_tlv(lwsec_accounts *accounts,
                                                                uint16_t object, uint16_t instance,
                                                                lwsec_bytes payload,
                                                                lwsec_reason *reason);

/* Write the secrets of a stage, too. Without it they are left out; keys are in any case. */
#define LWSEC_TLV_SECRETS 0x1U

/*
 * Writes /object/instance, or with LWSEC_PATH_NONE all instances of an object, as the payload of a
 * Write. LWSEC_ABSENT: there is none. LWSEC_BUFFER: `out` is too small. With LWSEC_TLV_SECRETS the
 * output is the caller's to wipe.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_accounts_write_tlv(const lwsec_accounts *accounts,
                                                                 uint16_t object, uint16_t instance,
                                                                 uint32_t flags, lwsec_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
