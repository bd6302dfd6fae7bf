/* The types and numbers of PKCS#11 that lwsec uses, out of the OASIS specifications 2.40 and 3.0.
 *
 * An own header, as the installed ones of others share one include guard, differ in what they have
 * (HKDF, CCM), and bring macros of their own. Layout: the platform's own alignment, as every module
 * on Unix is built. */
#ifndef LWSEC_PKCS11_P11_TYPES_H
#define LWSEC_PKCS11_P11_TYPES_H

#include <stdint.h>

typedef unsigned char CK_BYTE;
typedef unsigned char CK_BBOOL;
typedef unsigned long CK_ULONG;
typedef CK_ULONG CK_FLAGS;
typedef CK_ULONG CK_RV;
typedef CK_ULONG CK_SLOT_ID;
typedef CK_ULONG CK_SESSION_HANDLE;
typedef CK_ULONG CK_OBJECT_HANDLE;
typedef CK_ULONG CK_OBJECT_CLASS;
typedef CK_ULONG CK_KEY_TYPE;
typedef CK_ULONG CK_MECHANISM_TYPE;
typedef CK_ULONG CK_ATTRIBUTE_TYPE;
typedef CK_ULONG CK_USER_TYPE;
typedef CK_ULONG CK_STATE;

#define CK_TRUE ((CK_BBOOL)1)
#define CK_FALSE ((CK_BBOOL)0)
#define CK_UNAVAILABLE_INFORMATION (~(CK_ULONG)0)

typedef struct CK_VERSION {
    CK_BYTE major;
    CK_BYTE minor;
} CK_VERSION;

typedef struct CK_INFO {
    CK_VERSION cryptokiVersion;
    CK_BYTE manufacturerID[32];
    CK_FLAGS flags;
    CK_BYTE libraryDescription[32];
    CK_VERSION libraryVersion;
} CK_INFO;

typedef struct CK_SLOT_INFO {
    CK_BYTE slotDescription[64];
    CK_BYTE manufacturerID[32];
    CK_FLAGS flags;
    CK_VERSION hardwareVersion;
    CK_VERSION firmwareVersion;
} CK_SLOT_INFO;

typedef struct CK_TOKEN_INFO {
    CK_BYTE label[32];
    CK_BYTE manufacturerID[32];
    CK_BYTE model[16];
    CK_BYTE serialNumber[16];
    CK_FLAGS flags;
    CK_ULONG ulMaxSessionCount;
    CK_ULONG ulSessionCount;
    CK_ULONG ulMaxRwSessionCount;
    CK_ULONG ulRwSessionCount;
    CK_ULONG ulMaxPinLen;
    CK_ULONG ulMinPinLen;
    CK_ULONG ulTotalPublicMemory;
    CK_ULONG ulFreePublicMemory;
    CK_ULONG ulTotalPrivateMemory;
    CK_ULONG ulFreePrivateMemory;
    CK_VERSION hardwareVersion;
    CK_VERSION firmwareVersion;
    CK_BYTE utcTime[16];
} CK_TOKEN_INFO;

typedef struct CK_SESSION_INFO {
    CK_SLOT_ID slotID;
    CK_STATE state;
    CK_FLAGS flags;
    CK_ULONG ulDeviceError;
} CK_SESSION_INFO;

typedef struct CK_MECHANISM_INFO {
    CK_ULONG ulMinKeySize;
    CK_ULONG ulMaxKeySize;
    CK_FLAGS flags;
} CK_MECHANISM_INFO;

typedef struct CK_ATTRIBUTE {
    CK_ATTRIBUTE_TYPE type;
    void *pValue;
    CK_ULONG ulValueLen;
} CK_ATTRIBUTE;

typedef struct CK_MECHANISM {
    CK_MECHANISM_TYPE mechanism;
    void *pParameter;
    CK_ULONG ulParameterLen;
} CK_MECHANISM;

typedef CK_RV (*CK_NOTIFY)(CK_SESSION_HANDLE session, CK_ULONG event, void *application);

typedef struct CK_C_INITIALIZE_ARGS {
    CK_RV (*CreateMutex)(void **mutex);
    CK_RV (*DestroyMutex)(void *mutex);
    CK_RV (*LockMutex)(void *mutex);
    CK_RV (*UnlockMutex)(void *mutex);
    CK_FLAGS flags;
    void *pReserved;
} CK_C_INITIALIZE_ARGS;

typedef struct CK_AES_CTR_PARAMS {
    CK_ULONG ulCounterBits;
    CK_BYTE cb[16];
} CK_AES_CTR_PARAMS;

typedef struct CK_GCM_PARAMS {
    CK_BYTE *pIv;
    CK_ULONG ulIvLen;
    CK_ULONG ulIvBits;
    CK_BYTE *pAAD;
    CK_ULONG ulAADLen;
    CK_ULONG ulTagBits;
} CK_GCM_PARAMS;

typedef struct CK_CCM_PARAMS {
    CK_ULONG ulDataLen;
    CK_BYTE *pNonce;
    CK_ULONG ulNonceLen;
    CK_BYTE *pAAD;
    CK_ULONG ulAADLen;
    CK_ULONG ulMACLen;
} CK_CCM_PARAMS;

typedef struct CK_ECDH1_DERIVE_PARAMS {
    CK_ULONG kdf;
    CK_ULONG ulSharedDataLen;
    CK_BYTE *pSharedData;
    CK_ULONG ulPublicDataLen;
    CK_BYTE *pPublicData;
} CK_ECDH1_DERIVE_PARAMS;

typedef struct CK_HKDF_PARAMS {
    CK_BBOOL bExtract;
    CK_BBOOL bExpand;
    CK_MECHANISM_TYPE prfHashMechanism;
    CK_ULONG ulSaltType;
    CK_BYTE *pSalt;
    CK_ULONG ulSaltLen;
    CK_OBJECT_HANDLE hSaltKey;
    CK_BYTE *pInfo;
    CK_ULONG ulInfoLen;
} CK_HKDF_PARAMS;

/* C_Initialize; slots and tokens; sessions; users */
#define CKF_OS_LOCKING_OK 0x2UL
#define CKF_TOKEN_PRESENT 0x1UL
#define CKF_WRITE_PROTECTED 0x2UL
#define CKF_LOGIN_REQUIRED 0x4UL
#define CKF_USER_PIN_INITIALIZED 0x8UL
#define CKF_PROTECTED_AUTHENTICATION_PATH 0x100UL
#define CKF_TOKEN_INITIALIZED 0x400UL
#define CKF_USER_PIN_COUNT_LOW 0x10000UL
#define CKF_USER_PIN_FINAL_TRY 0x20000UL
#define CKF_USER_PIN_LOCKED 0x40000UL
#define CKF_RW_SESSION 0x2UL
#define CKF_SERIAL_SESSION 0x4UL
#define CKU_SO 0UL
#define CKU_USER 1UL
#define CKS_RO_PUBLIC_SESSION 0UL
#define CKS_RO_USER_FUNCTIONS 1UL
#define CKS_RW_PUBLIC_SESSION 2UL
#define CKS_RW_USER_FUNCTIONS 3UL

#define CKO_DATA 0UL
#define CKO_CERTIFICATE 1UL
#define CKO_PUBLIC_KEY 2UL
#define CKO_PRIVATE_KEY 3UL
#define CKO_SECRET_KEY 4UL
#define CKC_X_509 0UL
#define CKK_EC 0x3UL
#define CKK_GENERIC_SECRET 0x10UL
#define CKK_DES3 0x15UL
#define CKK_AES 0x1fUL
#define CKD_NULL 1UL
#define CKF_HKDF_SALT_NULL 1UL
#define CKF_HKDF_SALT_DATA 2UL

#define CKA_CLASS 0x0UL
#define CKA_TOKEN 0x1UL
#define CKA_PRIVATE 0x2UL
#define CKA_LABEL 0x3UL
#define CKA_APPLICATION 0x10UL
#define CKA_VALUE 0x11UL
#define CKA_CERTIFICATE_TYPE 0x80UL
#define CKA_ISSUER 0x81UL
#define CKA_SERIAL_NUMBER 0x82UL
#define CKA_KEY_TYPE 0x100UL
#define CKA_SUBJECT 0x101UL
#define CKA_ID 0x102UL
#define CKA_SENSITIVE 0x103UL
#define CKA_ENCRYPT 0x104UL
#define CKA_DECRYPT 0x105UL
#define CKA_WRAP 0x106UL
#define CKA_UNWRAP 0x107UL
#define CKA_SIGN 0x108UL
#define CKA_VERIFY 0x10aUL
#define CKA_DERIVE 0x10cUL
#define CKA_VALUE_LEN 0x161UL
#define CKA_EXTRACTABLE 0x162UL
#define CKA_MODIFIABLE 0x170UL
#define CKA_EC_PARAMS 0x180UL
#define CKA_EC_POINT 0x181UL
#define CKA_ALLOWED_MECHANISMS 0x40000600UL

#define CKM_DES2_KEY_GEN 0x130UL
#define CKM_DES3_KEY_GEN 0x131UL
#define CKM_DES3_ECB 0x132UL
#define CKM_DES3_CBC 0x133UL
#define CKM_SHA256 0x250UL
#define CKM_SHA256_HMAC 0x251UL
#define CKM_SHA384 0x260UL
#define CKM_SHA384_HMAC 0x261UL
#define CKM_SHA512 0x270UL
#define CKM_SHA512_HMAC 0x271UL
#define CKM_GENERIC_SECRET_KEY_GEN 0x350UL
#define CKM_EC_KEY_PAIR_GEN 0x1040UL
#define CKM_ECDSA 0x1041UL
#define CKM_ECDH1_DERIVE 0x1050UL
#define CKM_AES_KEY_GEN 0x1080UL
#define CKM_AES_ECB 0x1081UL
#define CKM_AES_CBC 0x1082UL
#define CKM_AES_CTR 0x1086UL
#define CKM_AES_GCM 0x1087UL
#define CKM_AES_CCM 0x1088UL
#define CKM_AES_CMAC 0x108aUL
#define CKM_HKDF_DERIVE 0x402aUL
#define CKM_HKDF_DATA 0x402bUL

#define CKR_OK 0x0UL
#define CKR_HOST_MEMORY 0x2UL
#define CKR_SLOT_ID_INVALID 0x3UL
#define CKR_GENERAL_ERROR 0x5UL
#define CKR_FUNCTION_FAILED 0x6UL
#define CKR_ARGUMENTS_BAD 0x7UL
#define CKR_CANT_LOCK 0xaUL
#define CKR_ATTRIBUTE_SENSITIVE 0x11UL
#define CKR_ATTRIBUTE_TYPE_INVALID 0x12UL
#define CKR_ATTRIBUTE_VALUE_INVALID 0x13UL
#define CKR_DATA_INVALID 0x20UL
#define CKR_DATA_LEN_RANGE 0x21UL
#define CKR_DEVICE_ERROR 0x30UL
#define CKR_DEVICE_MEMORY 0x31UL
#define CKR_DEVICE_REMOVED 0x32UL
#define CKR_ENCRYPTED_DATA_INVALID 0x40UL
#define CKR_ENCRYPTED_DATA_LEN_RANGE 0x41UL
#define CKR_FUNCTION_NOT_SUPPORTED 0x54UL
#define CKR_KEY_HANDLE_INVALID 0x60UL
#define CKR_KEY_SIZE_RANGE 0x62UL
#define CKR_KEY_TYPE_INCONSISTENT 0x63UL
#define CKR_KEY_FUNCTION_NOT_PERMITTED 0x68UL
#define CKR_MECHANISM_INVALID 0x70UL
#define CKR_MECHANISM_PARAM_INVALID 0x71UL
#define CKR_OBJECT_HANDLE_INVALID 0x82UL
#define CKR_OPERATION_ACTIVE 0x90UL
#define CKR_OPERATION_NOT_INITIALIZED 0x91UL
#define CKR_PIN_INCORRECT 0xa0UL
#define CKR_PIN_INVALID 0xa1UL
#define CKR_PIN_LEN_RANGE 0xa2UL
#define CKR_PIN_EXPIRED 0xa3UL
#define CKR_PIN_LOCKED 0xa4UL
#define CKR_SESSION_CLOSED 0xb0UL
#define CKR_SESSION_COUNT 0xb1UL
#define CKR_SESSION_HANDLE_INVALID 0xb3UL
#define CKR_SESSION_READ_ONLY 0xb5UL
#define CKR_SIGNATURE_INVALID 0xc0UL
#define CKR_SIGNATURE_LEN_RANGE 0xc1UL
#define CKR_TEMPLATE_INCOMPLETE 0xd0UL
#define CKR_TEMPLATE_INCONSISTENT 0xd1UL
#define CKR_TOKEN_NOT_PRESENT 0xe0UL
#define CKR_TOKEN_NOT_RECOGNIZED 0xe1UL
#define CKR_TOKEN_WRITE_PROTECTED 0xe2UL
#define CKR_USER_ALREADY_LOGGED_IN 0x100UL
#define CKR_USER_NOT_LOGGED_IN 0x101UL
#define CKR_USER_PIN_NOT_INITIALIZED 0x102UL
#define CKR_BUFFER_TOO_SMALL 0x150UL
#define CKR_CRYPTOKI_NOT_INITIALIZED 0x190UL
#define CKR_CRYPTOKI_ALREADY_INITIALIZED 0x191UL
#define CKR_FUNCTION_REJECTED 0x200UL

/* How each call looks. A name for those that are of one shape: init with a key; bytes to bytes. */
typedef CK_RV (*CK_KEY_INIT)(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                             CK_OBJECT_HANDLE key);
typedef CK_RV (*CK_CRYPT)(CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_size, CK_BYTE *out,
                          CK_ULONG *out_size);
typedef CK_RV (*CK_UPDATE)(CK_SESSION_HANDLE session, CK_BYTE *part, CK_ULONG size);
typedef CK_RV (*CK_FINAL)(CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *out_size);

/* What lwsec never calls stands here as a pointer of no shape. */
typedef CK_RV (*CK_UNUSED)(void);

/* The functions of a module, in the order of the specification; those of 2.x are the beginning of
 * what later versions have. */
typedef struct CK_FUNCTION_LIST {
    CK_VERSION version;
    CK_RV (*C_Initialize)(void *arguments);
    CK_RV (*C_Finalize)(void *reserved);
    CK_RV (*C_GetInfo)(CK_INFO *info);
    CK_RV (*C_GetFunctionList)(struct CK_FUNCTION_LIST **list);
    CK_RV (*C_GetSlotList)(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count);
    CK_RV (*C_GetSlotInfo)(CK_SLOT_ID slot, CK_SLOT_INFO *info);
    CK_RV (*C_GetTokenInfo)(CK_SLOT_ID slot, CK_TOKEN_INFO *info);
    CK_RV (*C_GetMechanismList)(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count);
    CK_RV (*C_GetMechanismInfo)(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info);
    CK_RV (*C_InitToken)(CK_SLOT_ID slot, CK_BYTE *pin, CK_ULONG pin_size, CK_BYTE *label);
    CK_RV (*C_InitPIN)(CK_SESSION_HANDLE session, CK_BYTE *pin, CK_ULONG pin_size);
    CK_RV(*C_SetPIN)
    (CK_SESSION_HANDLE session, CK_BYTE *old_pin, CK_ULONG old_size, CK_BYTE *new_pin,
     CK_ULONG new_size);
    CK_RV(*C_OpenSession)
    (CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
     CK_SESSION_HANDLE *session);
    CK_RV (*C_CloseSession)(CK_SESSION_HANDLE session);
    CK_RV (*C_CloseAllSessions)(CK_SLOT_ID slot);
    CK_RV (*C_GetSessionInfo)(CK_SESSION_HANDLE session, CK_SESSION_INFO *info);
    CK_FINAL C_GetOperationState;
    CK_UNUSED C_SetOperationState;
    CK_RV (*C_Login)(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG pin_size);
    CK_RV (*C_Logout)(CK_SESSION_HANDLE session);
    CK_RV(*C_CreateObject)
    (CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *object);
    CK_RV(*C_CopyObject)
    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, CK_ULONG count,
     CK_OBJECT_HANDLE *copy);
    CK_RV (*C_DestroyObject)(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object);
    CK_RV (*C_GetObjectSize)(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG *size);
    CK_RV(*C_GetAttributeValue)
    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, CK_ULONG count);
    CK_RV(*C_SetAttributeValue)
    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, CK_ULONG count);
    CK_RV (*C_FindObjectsInit)(CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes, CK_ULONG count);
    CK_RV(*C_FindObjects)
    (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room, CK_ULONG *count);
    CK_RV (*C_FindObjectsFinal)(CK_SESSION_HANDLE session);
    CK_KEY_INIT C_EncryptInit;
    CK_CRYPT C_Encrypt;
    CK_CRYPT C_EncryptUpdate;
    CK_FINAL C_EncryptFinal;
    CK_KEY_INIT C_DecryptInit;
    CK_CRYPT C_Decrypt;
    CK_CRYPT C_DecryptUpdate;
    CK_FINAL C_DecryptFinal;
    CK_RV (*C_DigestInit)(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism);
    CK_CRYPT C_Digest;
    CK_UPDATE C_DigestUpdate;
    CK_RV (*C_DigestKey)(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key);
    CK_FINAL C_DigestFinal;
    CK_KEY_INIT C_SignInit;
    CK_CRYPT C_Sign;
    CK_UPDATE C_SignUpdate;
    CK_FINAL C_SignFinal;
    CK_KEY_INIT C_SignRecoverInit;
    CK_CRYPT C_SignRecover;
    CK_KEY_INIT C_VerifyInit;
    CK_RV(*C_Verify)
    (CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG size, CK_BYTE *signature,
     CK_ULONG signature_size);
    CK_UPDATE C_VerifyUpdate;
    CK_UPDATE C_VerifyFinal;
    CK_KEY_INIT C_VerifyRecoverInit;
    CK_CRYPT C_VerifyRecover;
    CK_CRYPT C_DigestEncryptUpdate;
    CK_CRYPT C_DecryptDigestUpdate;
    CK_CRYPT C_SignEncryptUpdate;
    CK_CRYPT C_DecryptVerifyUpdate;
    CK_RV(*C_GenerateKey)
    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *attributes, CK_ULONG count,
     CK_OBJECT_HANDLE *key);
    CK_RV(*C_GenerateKeyPair)
    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public_attributes,
     CK_ULONG public_count, CK_ATTRIBUTE *private_attributes, CK_ULONG private_count,
     CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key);
    CK_UNUSED C_WrapKey;
    CK_UNUSED C_UnwrapKey;
    CK_RV(*C_DeriveKey)
    (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
     CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *key);
    CK_UPDATE C_SeedRandom;
    CK_UPDATE C_GenerateRandom;
    CK_UNUSED C_GetFunctionStatus;
    CK_UNUSED C_CancelFunction;
    CK_RV (*C_WaitForSlotEvent)(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved);
} CK_FUNCTION_LIST;

#endif
