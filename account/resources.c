/* The resources of objects 0, 1, 2, 21 and 23, as the registry of OMA defines them. */
#include <lwsec/account.h>

#include "account/resources.h"

#define V10 LWSEC_VERSION(1, 0)
#define V11 LWSEC_VERSION(1, 1)
#define V12 LWSEC_VERSION(1, 2)
#define V20 LWSEC_VERSION(2, 0)
#define LAST UINT16_MAX
#define ANY_SIZE UINT16_MAX

/* T-19: SMS Binding Key Parameters have 7 bytes where the registry says 6. T-32: cipher suites and
 * bits are numbers of 16 bits. SMS Binding Secret Keys may also be two AES-256 keys. */
static const lwsec_resource resources[] = {
    {0, 0, V10, LAST, LWSEC_VALUE_STRING, false, true, false, 0, 255, "LWM2M Server URI"},
    {0, 1, V10, LAST, LWSEC_VALUE_BOOLEAN, false, true, false, 0, 1, "Bootstrap-Server"},
    {0, 2, V10, LAST, LWSEC_VALUE_INTEGER, false, true, false, 0, 4, "Security Mode"},
    {0, 3, V10, LAST, LWSEC_VALUE_OPAQUE, false, true, false, 0, ANY_SIZE,
     "Public Key or Identity"},
    {0, 4, V10, LAST, LWSEC_VALUE_OPAQUE, false, true, false, 0, ANY_SIZE, "Server Public Key"},
    {0, 5, V10, LAST, LWSEC_VALUE_OPAQUE, false, true, true, 0, ANY_SIZE, "Secret Key"},
    {0, 6, V10, LAST, LWSEC_VALUE_INTEGER, false, false, false, 0, 255, "SMS Security Mode"},
    {0, 7, V10, LAST, LWSEC_VALUE_OPAQUE, false, false, false, 6, 7, "SMS Binding Key Parameters"},
    {0, 8, V10, LAST, LWSEC_VALUE_OPAQUE, false, false, true, 16, 64, "SMS Binding Secret Key(s)"},
    {0, 9, V10, LAST, LWSEC_VALUE_STRING, false, false, false, 0, ANY_SIZE,
     "LwM2M Server SMS Number"},
    {0, 10, V10, LAST, LWSEC_VALUE_INTEGER, false, false, false, 1, 65534, "Short Server ID"},
    {0, 11, V10, LAST, LWSEC_VALUE_INTEGER, false, false, false, INT64_MIN, INT64_MAX,
     "Client Hold Off Time"},
    {0, 12, V10, LAST, LWSEC_VALUE_INTEGER, false, false, false, INT64_MIN, INT64_MAX,
     "Bootstrap-Server Account Timeout"},
    {0, 13, V11, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, 3, "Matching Type"},
    {0, 14, V11, LAST, LWSEC_VALUE_STRING, false, false, false, 0, ANY_SIZE, "SNI"},
    {0, 15, V11, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, 3, "Certificate Usage"},
    {0, 16, V11, LAST, LWSEC_VALUE_UNSIGNED, true, false, false, 0, 65535, "DTLS/TLS Ciphersuite"},
    {0, 17, V11, LAST, LWSEC_VALUE_LINK, false, false, false, 0, 0, "OSCORE Security Mode"},
    {0, 18, V12, LAST, LWSEC_VALUE_UNSIGNED, true, false, false, 0, 65535,
     "Groups To Use by Client"},
    {0, 19, V12, LAST, LWSEC_VALUE_UNSIGNED, true, false, false, 0, 65535,
     "Signature Algorithms Supported by Server"},
    {0, 20, V12, LAST, LWSEC_VALUE_UNSIGNED, true, false, false, 0, 65535,
     "Signature Algorithms To Use by Client"},
    {0, 21, V12, LAST, LWSEC_VALUE_UNSIGNED, true, false, false, 0, 65535,
     "Signature Algorithm Certs Supported by Server"},
    {0, 22, V12, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, 65535,
     "TLS 1.3 Features To Use by Client"},
    {0, 23, V12, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, 65535,
     "TLS Extensions Supported by Server"},
    {0, 24, V12, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, 65535,
     "TLS Extensions To Use by Client"},
    {0, 25, V12, LAST, LWSEC_VALUE_STRING, true, false, false, 0, 255,
     "Secondary LwM2M Server URI"},
    {0, 26, V12, LAST, LWSEC_VALUE_LINK, false, false, false, 0, 0, "MQTT Server"},
    {0, 27, V12, LAST, LWSEC_VALUE_LINK, true, false, false, 0, 0, "LwM2M COSE Security"},
    {0, 28, V12, LAST, LWSEC_VALUE_INTEGER, false, false, false, 0, 15, "RDS Destination Port"},
    {0, 29, V12, LAST, LWSEC_VALUE_INTEGER, false, false, false, 0, 15, "RDS Source Port"},
    {0, 30, V12, LAST, LWSEC_VALUE_STRING, false, false, false, 0, ANY_SIZE, "RDS Application ID"},
    {1, 0, V10, V10, LWSEC_VALUE_INTEGER, false, true, false, 1, 65535, "Short Server ID"},
    {1, 0, V11, LAST, LWSEC_VALUE_INTEGER, false, true, false, 1, 65534, "Short Server ID"},
    {1, 1, V10, LAST, LWSEC_VALUE_INTEGER, false, true, false, INT64_MIN, INT64_MAX, "Lifetime"},
    {1, 2, V10, LAST, LWSEC_VALUE_INTEGER, false, false, false, INT64_MIN, INT64_MAX,
     "Default Minimum Period"},
    {1, 3, V10, LAST, LWSEC_VALUE_INTEGER, false, false, false, INT64_MIN, INT64_MAX,
     "Default Maximum Period"},
    {1, 4, V10, LAST, LWSEC_VALUE_NONE, false, false, false, 0, 0, "Disable"},
    {1, 5, V10, LAST, LWSEC_VALUE_INTEGER, false, false, false, INT64_MIN, INT64_MAX,
     "Disable Timeout"},
    {1, 6, V10, LAST, LWSEC_VALUE_BOOLEAN, false, true, false, 0, 1,
     "Notification Storing When Disabled or Offline"},
    {1, 7, V10, LAST, LWSEC_VALUE_STRING, false, true, false, 0, ANY_SIZE, "Binding"},
    {1, 8, V10, LAST, LWSEC_VALUE_NONE, false, true, false, 0, 0, "Registration Update Trigger"},
    {1, 9, V11, LAST, LWSEC_VALUE_NONE, false, false, false, 0, 0, "Bootstrap-Request Trigger"},
    {1, 10, V11, LAST, LWSEC_VALUE_LINK, false, false, false, 0, 0, "APN Link"},
    {1, 11, V11, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, 255, "TLS-DTLS Alert Code"},
    {1, 12, V11, LAST, LWSEC_VALUE_TIME, false, false, false, INT64_MIN, INT64_MAX,
     "Last Bootstrapped"},
    {1, 13, V11, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, INT64_MAX,
     "Registration Priority Order"},
    {1, 14, V11, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, INT64_MAX,
     "Initial Registration Delay Timer"},
    {1, 15, V11, LAST, LWSEC_VALUE_BOOLEAN, false, false, false, 0, 1,
     "Registration Failure Block"},
    {1, 16, V11, LAST, LWSEC_VALUE_BOOLEAN, false, false, false, 0, 1,
     "Bootstrap on Registration Failure"},
    {1, 17, V11, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, INT64_MAX,
     "Communication Retry Count"},
    {1, 18, V11, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, INT64_MAX,
     "Communication Retry Timer"},
    {1, 19, V11, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, INT64_MAX,
     "Communication Sequence Delay Timer"},
    {1, 20, V11, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, INT64_MAX,
     "Communication Sequence Retry Count"},
    {1, 21, V11, LAST, LWSEC_VALUE_BOOLEAN, false, false, false, 0, 1, "Trigger"},
    {1, 22, V11, LAST, LWSEC_VALUE_STRING, false, false, false, 0, ANY_SIZE, "Preferred Transport"},
    {1, 23, V11, LAST, LWSEC_VALUE_BOOLEAN, false, false, false, 0, 1, "Mute Send"},
    {1, 24, V12, LAST, LWSEC_VALUE_LINK, true, false, false, 0, 0, "Alternate APN Links"},
    {1, 25, V12, LAST, LWSEC_VALUE_STRING, true, false, false, 0, ANY_SIZE,
     "Supported Server Versions"},
    {1, 26, V12, LAST, LWSEC_VALUE_INTEGER, false, false, false, 0, 1, "Default Notification Mode"},
    {1, 27, V12, LAST, LWSEC_VALUE_UNSIGNED, false, false, false, 0, 255,
     "Profile ID Hash Algorithm"},
    {2, 0, V10, LAST, LWSEC_VALUE_INTEGER, false, true, false, 1, 65534, "Object ID"},
    {2, 1, V10, LAST, LWSEC_VALUE_INTEGER, false, true, false, 0, 65535, "Object Instance ID"},
    {2, 2, V10, V10, LWSEC_VALUE_INTEGER, true, false, false, 0, 65535, "ACL"},
    {2, 2, V11, LAST, LWSEC_VALUE_INTEGER, true, false, false, 0, 31, "ACL"},
    {2, 3, V10, LAST, LWSEC_VALUE_INTEGER, false, true, false, 0, 65535, "Access Control Owner"},
    {21, 0, V10, V11, LWSEC_VALUE_STRING, false, true, true, 0, ANY_SIZE, "OSCORE Master Secret"},
    {21, 0, V20, LAST, LWSEC_VALUE_OPAQUE, false, true, true, 0, ANY_SIZE, "OSCORE Master Secret"},
    {21, 1, V10, V11, LWSEC_VALUE_STRING, false, true, false, 0, ANY_SIZE, "OSCORE Sender ID"},
    {21, 1, V20, LAST, LWSEC_VALUE_OPAQUE, false, true, false, 0, ANY_SIZE, "OSCORE Sender ID"},
    {21, 2, V10, V11, LWSEC_VALUE_STRING, false, true, false, 0, ANY_SIZE, "OSCORE Recipient ID"},
    {21, 2, V20, LAST, LWSEC_VALUE_OPAQUE, false, true, false, 0, ANY_SIZE, "OSCORE Recipient ID"},
    {21, 3, V10, LAST, LWSEC_VALUE_INTEGER, false, false, false, INT64_MIN, INT64_MAX,
     "OSCORE AEAD Algorithm"},
    {21, 4, V10, LAST, LWSEC_VALUE_INTEGER, false, false, false, INT64_MIN, INT64_MAX,
     "OSCORE HMAC Algorithm"},
    {21, 5, V10, V11, LWSEC_VALUE_STRING, false, false, false, 0, ANY_SIZE, "OSCORE Master Salt"},
    {21, 5, V20, LAST, LWSEC_VALUE_OPAQUE, false, false, false, 0, ANY_SIZE, "OSCORE Master Salt"},
    {21, 6, V11, V11, LWSEC_VALUE_STRING, false, false, false, 0, ANY_SIZE, "OSCORE ID Context"},
    {21, 6, V20, LAST, LWSEC_VALUE_OPAQUE, false, false, false, 0, ANY_SIZE, "OSCORE ID Context"},
    {23, 0, V10, LAST, LWSEC_VALUE_STRING, false, true, false, 0, ANY_SIZE, "KID"},
    {23, 1, V10, LAST, LWSEC_VALUE_INTEGER, false, true, false, INT64_MIN, INT64_MAX,
     "AEAD Algorithm"},
    {23, 2, V10, LAST, LWSEC_VALUE_STRING, false, true, true, 0, ANY_SIZE, "Key"},
};

#define RESOURCES (sizeof resources / sizeof resources[0])

const lwsec_resource *lwsec_resource_at(size_t index)
{
    return index < RESOURCES ? &resources[index] : NULL;
}

uint16_t lwsec_object_newest(uint16_t object)
{
    switch (object) {
    case LWSEC_OBJECT_SECURITY:
    case LWSEC_OBJECT_SERVER: return V12;
    case LWSEC_OBJECT_ACCESS: return V11;
    case LWSEC_OBJECT_OSCORE: return V20;
    case LWSEC_OBJECT_COSE: return V10;
    default: return 0;
    }
}

bool lwsec_object_has_version(uint16_t object, uint16_t version)
{
    const uint16_t newest = lwsec_object_newest(object);

    return newest != 0 &&
           (version == newest || (version >= V10 && version <= V11 && version < newest));
}

const lwsec_resource *lwsec_resource_find(uint16_t object, uint16_t version, uint16_t resource)
{
    const uint16_t asked = version != 0 ? version : lwsec_object_newest(object);

    for (size_t i = 0; i < RESOURCES; i++) {
        if (resources[i].object == object && resources[i].id == resource &&
            asked >= resources[i].since && asked <= resources[i].until) {
            return &resources[i];
        }
    }
    return NULL;
}
