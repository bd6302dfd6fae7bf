/* Resources 3, 4 and 5 of the Security object, mode by mode: sections 5.2.4 and 5.2.9. */
#include "account/der.h"
#include "account/entropy.h"
#include "account/keys.h"
#include "account/pem.h"
#include "account/report.h"

#include <string.h>

#define IDENTITY_MAX 128U
#define PSK_MAX 64U
#define PSK_RECOMMENDED 16U
#define LOW_ENTROPY_BITS 64U
#define STRENGTH_BITS 128U

#define ID LWSEC_SECURITY_IDENTITY
#define SERVER LWSEC_SECURITY_SERVER_KEY
#define SECRET LWSEC_SECURITY_SECRET

/* What differs between modes 1 and 2: the requirements that a finding breaks. */
typedef struct rules {
    const char *identity;
    const char *secret;
    const char *other_private; /* forms of private keys that are not supported */
    const char *server;
    const char *suites;
} rules;

static const rules rpk_rules = {"R-5.2.9.2-09", "R-5.2.9.2-10", "R-5.2.9.2-10", "R-5.2.9.2-11",
                                "R-5.2.9.2-06"};
static const rules certificate_rules = {"R-5.2.9.3-13", "R-5.2.9.3-16", "R-5.2.9.3-17",
                                        "R-5.2.9.3-18", "R-5.2.9.3-10"};
/* R-5.2.4-14: the same for the server of EST. */
static const rules est_rules = {NULL, NULL, NULL, "R-5.2.4-14", "R-5.2.9.3-10"};

/* ---- Mode 0 ---- */

/* R-5.2.4-06: no low-entropy secret or password. R-5.2.9.1-10: 16 bytes or more. */
static void check_strength(const lwsec_subject *subject, lwsec_bytes secret)
{
    const bool allowed = (subject->report->accounts->flags & LWSEC_ACCOUNTS_WEAK_SECRETS) != 0;
    const size_t bits = lwsec_entropy_bound(secret);

    if (secret.size < PSK_RECOMMENDED && bits < LOW_ENTROPY_BITS) {
        lwsec_tell(subject, SECRET, "R-5.2.4-06", LWSEC_BREAKS_MUST,
                   "the key is short and looks like a password: it is worth less than 64 bits");
    } else if (secret.size >= PSK_RECOMMENDED && bits < STRENGTH_BITS) {
        lwsec_tell(subject, SECRET, "R-5.2.4-06", !allowed,
                   "the key has a pattern or an alphabet that leaves it under 128 bits");
    }
    if (secret.size < PSK_RECOMMENDED) {
        lwsec_tell(subject, SECRET, "R-5.2.9.1-10", LWSEC_BREAKS_SHOULD,
                   "the key is shorter than 16 bytes");
    }
}

/* R-5.2.9.1-07 to R-5.2.9.1-13. */
static void check_psk(const lwsec_subject *subject)
{
    const lwsec_bytes secret = lwsec_subject_bytes(subject, SECRET);

    if (!lwsec_subject_filled(subject, ID)) {
        lwsec_tell(subject, ID, "R-5.2.9.1-07", LWSEC_BREAKS_MUST,
                   "the PSK identity is missing or empty");
    } else if (lwsec_subject_bytes(subject, ID).size > IDENTITY_MAX) {
        lwsec_tell(subject, ID, "R-5.2.9.1-08", LWSEC_BREAKS_MUST,
                   "the PSK identity is longer than 128 bytes, which no end has to support");
    }
    if (!lwsec_subject_filled(subject, SECRET)) {
        lwsec_tell(subject, SECRET, "R-5.2.9.1-09", LWSEC_BREAKS_MUST,
                   "the pre-shared key is missing or empty");
    } else if (secret.size > PSK_MAX) {
        lwsec_tell(subject, SECRET, "R-5.2.9.1-11", LWSEC_BREAKS_MUST,
                   "the pre-shared key is longer than 64 bytes, which no end has to support");
    } else if (secret.size > 0) {
        check_strength(subject, secret);
    }
    if (lwsec_subject_filled(subject, SERVER)) {
        lwsec_tell(subject, SERVER, "R-5.2.9.1-13", LWSEC_BREAKS_MUST,
                   "Server Public Key is not used in Pre-Shared Key mode, and is set");
    }
}

/* ---- Keys on curves ---- */

/* R-5.2.3-03, R-5.2.9.3-04: no group under 255 bits. R-5.2.9.2-06, R-5.2.9.3-10: ECDSA. */
static void check_curve(const lwsec_subject *subject, uint16_t resource, lwsec_curve curve,
                        const rules *of)
{
    if (curve == LWSEC_CURVE_SMALL) {
        lwsec_tell(subject, resource, "R-5.2.3-03", LWSEC_BREAKS_MUST,
                   "the key is on a curve of less than 255 bits");
    } else if (curve == LWSEC_CURVE_NONE) {
        lwsec_tell(subject, resource, of->suites, LWSEC_BREAKS_SHOULD,
                   "the key is none for ECDSA, which authentication should use");
    }
}

/* R-5.2.9.2-10, R-5.2.9.3-16, R-5.2.9.3-17: OneAsymmetricKey, version 1, not encrypted. `point`:
 * the public key that it should belong to. */
static void check_private_key(const lwsec_subject *subject, const rules *of, lwsec_bytes point)
{
    static const char *const texts[] = {
        [LWSEC_PRIVATE_MALFORMED] = "the private key is no OneAsymmetricKey in DER",
        [LWSEC_PRIVATE_VERSION_2] = "the OneAsymmetricKey is of version 2, which is not supported",
        [LWSEC_PRIVATE_ENCRYPTED] = "the private key is encrypted, which is not supported",
        [LWSEC_PRIVATE_SEC1] = "the private key is a bare ECPrivateKey, no OneAsymmetricKey"};
    const lwsec_bytes der = lwsec_subject_bytes(subject, SECRET);
    lwsec_private_key key = {.curve = LWSEC_CURVE_NONE};

    if (!lwsec_subject_filled(subject, SECRET)) {
        lwsec_tell(subject, SECRET, of->secret, LWSEC_BREAKS_MUST,
                   "the private key is missing or empty");
        return;
    }
    if (der.size == 0) {
        return; /* a key of the store by now */
    }
    const lwsec_private_form form = lwsec_der_private_key(der, &key);
    if (form != LWSEC_PRIVATE_GOOD) {
        const bool known = form != LWSEC_PRIVATE_MALFORMED;
        lwsec_tell(subject, SECRET, known ? of->other_private : of->secret, LWSEC_BREAKS_MUST,
                   texts[form]);
        return;
    }
    check_curve(subject, SECRET, key.curve, of);
    if (key.point.size > 0 && point.size == key.point.size &&
        !lwsec_equal_secret(key.point, point)) {
        lwsec_tell(subject, SECRET, of->secret, LWSEC_BREAKS_MUST,
                   "the private key is not that of Public Key or Identity");
    }
}

/* R-5.2.9.2-09, R-5.2.9.2-11. Gives the key. */
static lwsec_bytes check_spki(const lwsec_subject *subject, uint16_t resource,
                              const char *requirement, const char *missing)
{
    lwsec_spki spki = {.curve = LWSEC_CURVE_NONE};

    if (!lwsec_subject_filled(subject, resource)) {
        lwsec_tell(subject, resource, requirement, LWSEC_BREAKS_MUST, missing);
    } else if (!lwsec_der_spki(lwsec_subject_bytes(subject, resource), &spki)) {
        lwsec_tell(subject, resource, requirement, LWSEC_BREAKS_MUST,
                   "the public key is no SubjectPublicKeyInfo in DER");
    } else {
        check_curve(subject, resource, spki.curve, &rpk_rules);
        return spki.point;
    }
    return lwsec_bytes_of(NULL, 0);
}

static void check_rpk(const lwsec_subject *subject)
{
    const lwsec_bytes point = check_spki(subject, ID, rpk_rules.identity,
                                         "the public key of the client is missing or empty");

    check_private_key(subject, &rpk_rules, point);
    (void)check_spki(subject, SERVER, rpk_rules.server,
                     "the public key of the server is missing or empty");
}

/* ---- Certificates ---- */

/* One PEM certificate is decoded here. */
#define PEM_CERTIFICATE_MAX 2048U

typedef struct chain {
    size_t count;
    lwsec_curve curve; /* of the first certificate */
    bool small;        /* one of them has a small curve */
    bool self_issued;  /* the first one */
    size_t point_size;
    uint8_t point[65];
} chain;

static void note(chain *of, const lwsec_certificate *certificate)
{
    of->small = of->small || certificate->spki.curve == LWSEC_CURVE_SMALL;
    if (of->count++ > 0) {
        return;
    }
    of->curve = certificate->spki.curve;
    of->self_issued = lwsec_equal_secret(certificate->issuer, certificate->subject);
    if (certificate->spki.point.size == sizeof of->point) {
        of->point_size = sizeof of->point;
        memcpy(of->point, certificate->spki.point.data, sizeof of->point);
    }
}

static bool read_pem_chain(lwsec_bytes value, chain *found)
{
    uint8_t room[PEM_CERTIFICATE_MAX];
    lwsec_certificate certificate;
    lwsec_reader text = lwsec_reader_of(value);

    while (lwsec_reader_left(&text) > 0 && !lwsec_reader_failed(&text)) {
        lwsec_writer out = lwsec_writer_of(room, sizeof room);
        lwsec_pem_certificate(&text, &out);
        lwsec_reader der = lwsec_reader_of(lwsec_bytes_of(room, out.size));
        if (lwsec_reader_failed(&text)) {
            break;
        }
        lwsec_der_certificate(&der, &certificate);
        if (lwsec_reader_finish(&der, NULL) != LWSEC_OK) {
            return false;
        }
        note(found, &certificate);
    }
    return !lwsec_reader_failed(&text);
}

/* R-5.2.9.3-14, R-5.2.9.3-15: DER or PEM, the certificate first and then those above it. */
static bool read_chain(lwsec_bytes value, chain *found)
{
    lwsec_certificate certificate;
    lwsec_reader der = lwsec_reader_of(value);

    *found = (chain){.count = 0};
    if (lwsec_pem_is_certificate(value)) {
        return read_pem_chain(value, found) && found->count > 0;
    }
    while (lwsec_reader_left(&der) > 0) {
        lwsec_der_certificate(&der, &certificate);
        if (lwsec_reader_failed(&der)) {
            return false;
        }
        note(found, &certificate);
    }
    return found->count > 0;
}

static void check_chain_curves(const lwsec_subject *subject, uint16_t resource, const chain *found,
                               const rules *of)
{
    check_curve(subject, resource, found->small ? LWSEC_CURVE_SMALL : found->curve, of);
}

static void check_client_certificate(const lwsec_subject *subject, chain *found)
{
    const lwsec_bytes value = lwsec_subject_bytes(subject, ID);

    *found = (chain){.count = 0};
    if (!lwsec_subject_filled(subject, ID)) {
        lwsec_tell(subject, ID, "R-5.2.9.3-13", LWSEC_BREAKS_MUST,
                   "the certificate of the client is missing or empty");
    } else if (!read_chain(value, found)) {
        lwsec_tell(subject, ID, lwsec_pem_is_certificate(value) ? "R-5.2.9.3-15" : "R-5.2.9.3-14",
                   LWSEC_BREAKS_MUST, "the value is no X.509 certificate in DER or PEM");
        found->point_size = 0;
    } else {
        check_chain_curves(subject, ID, found, &certificate_rules);
    }
}

/* Bytes of a digest: R-5.2.9.7-13. */
static size_t digest_size(int64_t matching)
{
    return matching == 1 ? 32 : matching == 2 ? 48 : matching == 3 ? 64 : 0;
}

/* R-5.2.9.7-01: a certificate or a raw key. T-08: without Certificate Usage, a trust anchor never
 * matches. */
static void check_association(const lwsec_subject *subject, const rules *of, lwsec_bytes value)
{
    chain found;
    lwsec_spki spki;

    if (lwsec_der_spki(value, &spki)) {
        check_curve(subject, SERVER, spki.curve, of);
    } else if (!read_chain(value, &found)) {
        lwsec_tell(subject, SERVER, of->server, LWSEC_BREAKS_MUST,
                   "Server Public Key is neither certificate nor SubjectPublicKeyInfo, in DER or "
                   "PEM");
    } else if (found.count > 1) {
        lwsec_tell(subject, SERVER, of->server, LWSEC_BREAKS_MUST,
                   "Server Public Key has more than one certificate");
    } else {
        check_chain_curves(subject, SERVER, &found, of);
        if (found.self_issued && !lwsec_subject_has(subject, LWSEC_SECURITY_USAGE)) {
            lwsec_tell(subject, SERVER, "R-5.2.9.7-13", LWSEC_BREAKS_SHOULD,
                       "a self-issued certificate without Certificate Usage: as a trust anchor "
                       "it needs usage 0 or 2");
        }
    }
}

/* R-5.2.9.3-18, R-5.2.4-14, R-5.2.9.7-13. R-5.2.9.3-19, R-5.2.9.3-20: in DER or PEM. */
static void check_server_certificate(const lwsec_subject *subject, const rules *of)
{
    const int64_t matching = lwsec_subject_number(subject, LWSEC_SECURITY_MATCHING, 0);
    const lwsec_bytes value = lwsec_subject_bytes(subject, SERVER);

    if (!lwsec_subject_filled(subject, SERVER)) {
        lwsec_tell(subject, SERVER, of->server, LWSEC_BREAKS_MUST,
                   "Server Public Key is missing or empty");
    } else if (matching == 0) {
        check_association(subject, of, value);
    } else if (value.size != digest_size(matching)) {
        lwsec_tell(subject, SERVER, "R-5.2.9.7-13", LWSEC_BREAKS_MUST,
                   "Server Public Key is no digest of the size that Matching Type says");
    }
}

static void check_certificate(const lwsec_subject *subject)
{
    chain found;

    check_client_certificate(subject, &found);
    check_private_key(subject, &certificate_rules, lwsec_bytes_of(found.point, found.point_size));
    check_server_certificate(subject, &certificate_rules);
}

bool lwsec_account_public_point(const lwsec_accounts *accounts, uint16_t instance,
                                uint8_t point[65])
{
    chain found;
    lwsec_spki spki;
    const lwsec_bytes identity =
        lwsec_image_bytes(accounts, lwsec_path_of(LWSEC_OBJECT_SECURITY, instance, ID));

    if (lwsec_der_spki(identity, &spki)) {
        if (spki.curve != LWSEC_CURVE_P256 || spki.point.size != sizeof found.point) {
            return false;
        }
        memcpy(point, spki.point.data, sizeof found.point);
        return true;
    }
    if (!read_chain(identity, &found) || found.curve != LWSEC_CURVE_P256 ||
        found.point_size != sizeof found.point) {
        return false;
    }
    memcpy(point, found.point, sizeof found.point);
    return true;
}

/* ---- Modes that do not use them ---- */

/* R-5.2.4-20: EST uses neither; R-5.2.4-19: the private key is made on the device. */
static void check_est(const lwsec_subject *subject)
{
    check_server_certificate(subject, &est_rules);
    if (lwsec_subject_filled(subject, ID)) {
        lwsec_tell(subject, ID, "R-5.2.4-20", LWSEC_BREAKS_SHOULD,
                   "Public Key or Identity is not used in mode 4, and is set");
    }
    if (lwsec_subject_filled(subject, SECRET)) {
        lwsec_tell(subject, SECRET, "R-5.2.4-19", LWSEC_BREAKS_SHOULD,
                   "Secret Key is not used in mode 4, and is set: the key is made on the device");
    }
}

static void check_unused(const lwsec_subject *subject)
{
    for (unsigned i = ID; i <= SECRET; i++) {
        const uint16_t resource = (uint16_t)i;
        if (lwsec_subject_filled(subject, resource)) {
            lwsec_tell(subject, resource, "R-5.2.4-02", LWSEC_BREAKS_SHOULD,
                       "the resource is not used in NoSec mode, and is set");
        }
    }
}

/* R-5.2.9.1-06, R-5.2.9.2-08, R-5.2.9.3-12, R-5.2.4-13: the mode alone says what they hold. */
void lwsec_check_credentials(const lwsec_subject *subject, int64_t mode)
{
    switch (mode) {
    case LWSEC_MODE_PSK: check_psk(subject); break;
    case LWSEC_MODE_RPK: check_rpk(subject); break;
    case LWSEC_MODE_CERTIFICATE: check_certificate(subject); break;
    case LWSEC_MODE_EST: check_est(subject); break;
    default: check_unused(subject); break;
    }
}
