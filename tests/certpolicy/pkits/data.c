/* The files of PKITS, and the certificates that a path may need. */
#include "tests/certpolicy/pkits/data.h"

#include "certpolicy/der_certificate.h"

#include <dirent.h>

#define CERTIFICATES_MAX 512
#define NAME_MAX_SIZE 96
#define ANCHOR "TrustAnchorRootCertificate"
#define PKITS_TIME INT64_C(1577836800) /* 2020-01-01: PKITS is valid from 2010 to 2030 */

typedef struct file {
    char name[NAME_MAX_SIZE]; /* without its ending */
    lwsec_bytes der;
    lwsec_cert_view view; /* of a certificate; version 0: cannot be read */
} file;

typedef struct files {
    file all[CERTIFICATES_MAX];
    size_t count;
} files;

static uint8_t bytes[1 << 20];
static size_t bytes_used;
static files certificates, lists;

static const char *folder_of_pkits(void)
{
    const char *named = getenv("LWSEC_PKITS");

    return named != NULL ? named : LWSEC_TEST_PKITS;
}

static lwsec_bytes read_bytes(const char *path)
{
    FILE *stream = fopen(path, "rb");
    uint8_t *begin = &bytes[bytes_used];

    assert_non_null(stream);
    const size_t size = fread(begin, 1, sizeof bytes - bytes_used, stream);
    assert_true(size > 0 && size < sizeof bytes - bytes_used);
    (void)fclose(stream);
    bytes_used += size;
    return lwsec_bytes_of(begin, size);
}

static void read_file(const char *folder, const char *name, files *into)
{
    const size_t length = strlen(name);
    char path[1024];

    if (length < 5 || length - 4 >= NAME_MAX_SIZE) {
        return; /* the folder itself, and the one above */
    }
    assert_true(into->count < CERTIFICATES_MAX);
    file *one = &into->all[into->count++];
    memcpy(one->name, name, length - 4);
    one->name[length - 4] = '\0';
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    one->der = read_bytes(path);
    if (lwsec_cert_view_read(one->der, &one->view, NULL) != LWSEC_OK) {
        one->view.version = 0;
    }
}

static void read_folder(const char *name, files *into)
{
    char folder[512];
    const struct dirent *entry;

    (void)snprintf(folder, sizeof folder, "%s/%s", folder_of_pkits(), name);
    DIR *stream = opendir(folder);
    if (stream == NULL) {
        fail_msg("%s is not there: install python3-cryptography-vectors (tools/packages.sh), or "
                 "name the folder of PKITS by LWSEC_PKITS",
                 folder);
        return;
    }
    into->count = 0;
    while ((entry = readdir(stream)) != NULL) {
        read_file(folder, entry->d_name, into);
    }
    (void)closedir(stream);
}

void pkits_read(void)
{
    bytes_used = 0;
    read_folder("certs", &certificates);
    read_folder("crls", &lists);
    assert_int_equal(certificates.count, 405);
    assert_int_equal(lists.count, 173);
}

static const file *certificate_of(const char *name)
{
    for (size_t i = 0; i < certificates.count; i++) {
        if (strcmp(certificates.all[i].name, name) == 0) {
            return &certificates.all[i];
        }
    }
    fail_msg("PKITS has no certificate %s", name);
    return NULL;
}

/* By name, as it stands, or by key: PKITS has names that differ on purpose. */
static bool may_have_issued(const lwsec_cert_view *issuer, const lwsec_cert_view *below)
{
    return lwsec_der_same(issuer->subject, below->issuer) ||
           (below->authority_key_id.size > 0 &&
            lwsec_der_same(issuer->subject_key_id, below->authority_key_id));
}

static bool is_sent(const pkits_case *one, lwsec_bytes der)
{
    for (size_t i = 0; i < one->check.chain_count; i++) {
        if (one->chain[i].data == der.data) {
            return true;
        }
    }
    return one->trust[0].data == der.data;
}

/* What may have issued certificate `index` of the chain is sent with it. */
static void send_issuers(pkits_case *one, size_t index)
{
    lwsec_cert_view below;

    if (lwsec_cert_view_read(one->chain[index], &below, NULL) != LWSEC_OK) {
        return;
    }
    for (size_t i = 0; i < certificates.count; i++) {
        const file *issuer = &certificates.all[i];
        if (issuer->view.version > 0 && may_have_issued(&issuer->view, &below) &&
            !is_sent(one, issuer->der)) {
            assert_true(one->check.chain_count < LWSEC_CERT_CHAIN_MAX);
            one->chain[one->check.chain_count++] = issuer->der;
        }
    }
}

void pkits_case_of(const char *end_entity, pkits_case *one)
{
    lwsec_cert_check *check = &one->check;

    memset(one, 0, sizeof *one);
    one->chain[0] = certificate_of(end_entity)->der;
    one->trust[0] = certificate_of(ANCHOR)->der;
    check->size = sizeof *check;
    check->chain = one->chain;
    check->chain_count = 1;
    check->trust = one->trust;
    check->trust_count = 1;
    check->crls = one->lists;
    check->usage = LWSEC_CERT_PKIX;
    check->reference.kind = LWSEC_CERT_REFERENCE_NONE;
    check->time.clock = LWSEC_CERT_CLOCK_TRUSTED;
    check->time.seconds = PKITS_TIME;
    check->policy = LWSEC_CERT_ALLOW_RSA | LWSEC_CERT_NEED_WHOLE_STATUS;
    check->intermediates = 1 + LWSEC_CERT_PATH_MAX;
    for (size_t i = 0; i < check->chain_count; i++) {
        send_issuers(one, i);
    }
    assert_true(lists.count <= PKITS_LISTS_MAX);
    for (check->crl_count = 0; check->crl_count < lists.count; check->crl_count++) {
        one->lists[check->crl_count] = lists.all[check->crl_count].der;
    }
}
