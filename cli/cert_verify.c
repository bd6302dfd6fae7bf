/* lwsec cert verify */
#include "arguments.h"
#include "certificates.h"
#include "engine.h"
#include "output.h"

#include <lwsec/cert.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHAIN, TRUST, CRL, OCSP, ASSOCIATION, FILES };

typedef struct verification {
    cli_number usage;
    cli_number matching;
    cli_number depth;
    const char *paths[FILES];
    cli_certificates files[FILES];
    const char *name;
    const char *ip;
    bool no_name;
    const char *sni;
    const char *time;
    const char *profile;
    const char *engine_name;
    bool client;
    bool json;
    const cli_engine *engine;
    lwsec_cert_check check;
} verification;

/* ---- Files ---- */

static const char *const certificate_labels[] = {"CERTIFICATE", NULL};
static const char *const association_labels[] = {"CERTIFICATE", "PUBLIC KEY", NULL};
static const char *const crl_labels[] = {"X509 CRL", NULL};
static const char *const ocsp_labels[] = {"OCSP RESPONSE", NULL};

static const struct {
    const char *option;
    const char *const *labels;
    const char *none; /* when no block has one of the labels */
} kinds[FILES] = {
    [CHAIN] = {"--chain", certificate_labels, "no PEM block is CERTIFICATE"},
    [TRUST] = {"--trust", certificate_labels, "no PEM block is CERTIFICATE"},
    [CRL] = {"--crl", crl_labels, "no PEM block is X509 CRL"},
    [OCSP] = {"--ocsp", ocsp_labels, "no PEM block is OCSP RESPONSE"},
    [ASSOCIATION] = {"--association", association_labels,
                     "no PEM block is CERTIFICATE or PUBLIC KEY"},
};

static int read_files(verification *given)
{
    for (int i = 0; i < FILES; i++) {
        const bool digest = i == ASSOCIATION && given->matching.value != LWSEC_CERT_EXACT;
        if (given->paths[i] == NULL) {
            continue;
        }
        const char *wrong =
            digest ? cli_digest_read(given->paths[i], &given->files[i])
                   : cli_certificates_read(given->paths[i], kinds[i].labels, &given->files[i]);
        if (wrong == NULL && given->files[i].count == 0) {
            wrong = kinds[i].none;
        }
        if (wrong == NULL && (i == OCSP || i == ASSOCIATION) && given->files[i].count > 1) {
            wrong = "there is more than one";
        }
        if (wrong != NULL) {
            return cli_error(kinds[i].option, wrong);
        }
    }
    return CLI_DONE;
}

/* ---- Time ---- */

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static int64_t days_since_1970(int year, int month, int day)
{
    const int64_t before = year - 1;
    int64_t days = before * 365 + before / 4 - before / 100 + before / 400 - 719162 + day - 1;

    for (int i = 1; i < month; i++) {
        days += days_of_month(year, i);
    }
    return days;
}

/* So many digits, which `text` then stands behind; -1 where there are others. */
static int read_digits(const char **text, int count)
{
    int number = 0;

    for (int i = 0; i < count; i++) {
        if (**text < '0' || **text > '9') {
            return -1;
        }
        number = 10 * number + (*(*text)++ - '0');
    }
    return number;
}

static bool takes(const char **text, const char *any_of)
{
    if (**text == '\0' || strchr(any_of, **text) == NULL) {
        return false;
    }
    (*text)++;
    return true;
}

/* Two digits thrice, or twice: hours, minutes and seconds. */
static bool read_clock(const char **text, int parts, int64_t *seconds)
{
    static const int most[] = {23, 59, 60};

    *seconds = 0;
    for (int i = 0; i < parts; i++) {
        const int number = i == 0 || takes(text, ":") ? read_digits(text, 2) : -1;
        if (number < 0 || number > most[i]) {
            return false;
        }
        *seconds = *seconds * 60 + number;
    }
    return true;
}

static bool read_date(const char **text, int64_t *days)
{
    const int year = read_digits(text, 4);
    const int month = takes(text, "-") ? read_digits(text, 2) : -1;
    const int day = takes(text, "-") ? read_digits(text, 2) : -1;

    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month)) {
        return false;
    }
    *days = days_since_1970(year, month, day);
    return true;
}

/* "Z", or what is ahead of UTC as in "+01:00"; in seconds. */
static bool read_zone(const char **text, int64_t *offset)
{
    const int64_t sign = **text == '-' ? -60 : 60;

    *offset = 0;
    if (takes(text, "Zz")) {
        return true;
    }
    const bool good = takes(text, "+-") && read_clock(text, 2, offset);
    *offset *= sign;
    return good;
}

/* RFC 3339; fractions of a second are rounded down. */
static bool seconds_of(const char *text, int64_t *seconds)
{
    int64_t days, clock, offset;

    if (!read_date(&text, &days) || !takes(&text, "Tt ") || !read_clock(&text, 3, &clock)) {
        return false;
    }
    if (takes(&text, ".")) {
        text += strspn(text, "0123456789");
    }
    if (!read_zone(&text, &offset) || *text != '\0') {
        return false;
    }
    *seconds = days * 86400 + clock - offset;
    return true;
}

static int set_time(verification *given)
{
    given->check.time.clock = LWSEC_CERT_CLOCK_TRUSTED;
    given->check.time.seconds = (int64_t)time(NULL);
    if (given->time != NULL && !seconds_of(given->time, &given->check.time.seconds)) {
        return cli_error("--time", "not a time as in 2030-01-01T00:00:00Z");
    }
    return CLI_DONE;
}

/* ---- Whom we mean ---- */

static lwsec_bytes text_bytes(const char *text)
{
    return lwsec_bytes_of(text, text != NULL ? strlen(text) : 0);
}

static int check_ways(const verification *given)
{
    const int ways =
        (given->name != NULL ? 1 : 0) + (given->ip != NULL ? 1 : 0) + (given->no_name ? 1 : 0);

    if (given->no_name && given->sni != NULL) {
        return cli_error("--sni", "and --no-name cannot be given together");
    }
    if (ways > 1) {
        return cli_error(NULL, "one of --name, --ip and --no-name is enough");
    }
    if (ways == 0 && given->sni == NULL && given->check.usage != LWSEC_CERT_DOMAIN_ISSUED) {
        return cli_error(NULL, "one of --name, --ip and --no-name is needed");
    }
    return CLI_DONE;
}

/* R-5.2.9.4-03: the SNI is the reference where it is there. */
static int set_reference(verification *given)
{
    lwsec_cert_reference *reference = &given->check.reference;
    const char *name = given->sni != NULL ? given->sni : given->name;
    const int answer = check_ways(given);

    reference->kind = LWSEC_CERT_REFERENCE_NONE;
    if (answer == CLI_DONE && given->ip != NULL &&
        (lwsec_cert_reference_of(text_bytes(NULL), text_bytes(given->ip), reference, NULL, NULL) !=
             LWSEC_OK ||
         reference->kind != LWSEC_CERT_REFERENCE_IP)) {
        return cli_error("--ip", "not an address");
    }
    if (name != NULL) {
        reference->kind = given->client ? LWSEC_CERT_REFERENCE_ENDPOINT : LWSEC_CERT_REFERENCE_DNS;
        reference->name = text_bytes(name);
    }
    return answer;
}

/* ---- What to check ---- */

static int set_profile(verification *given)
{
    const bool pkix = given->profile != NULL && strcmp(given->profile, "pkix") == 0;

    if (given->profile != NULL && !pkix && strcmp(given->profile, "lwm2m") != 0) {
        return cli_error("--profile", "lwm2m or pkix");
    }
    /* RFC 7925 has ECDSA; LwM2M does not forbid RSA. */
    given->check.policy = LWSEC_CERT_ALLOW_RSA | (pkix ? 0U : LWSEC_CERT_POLICY_LWM2M);
    if (!given->usage.given && !pkix) {
        return cli_error("--usage", "is missing");
    }
    given->check.usage =
        given->usage.given ? (lwsec_cert_usage)given->usage.value : LWSEC_CERT_PKIX;
    given->check.matching = (lwsec_cert_matching)given->matching.value;
    if ((given->paths[ASSOCIATION] != NULL) != given->usage.given) {
        return cli_error("--association", given->usage.given ? "is missing" : "needs --usage");
    }
    return CLI_DONE;
}

static int set_engine(verification *given)
{
    given->engine =
        given->engine_name != NULL ? cli_engine_find(given->engine_name) : cli_engine_at(0);
    return given->engine != NULL ? CLI_DONE
                                 : cli_error("--engine", "this build has no engine of that name");
}

static void set_files(verification *given)
{
    lwsec_cert_check *check = &given->check;

    check->size = sizeof *check;
    check->intermediates = given->depth.given ? 1 + (uint32_t)given->depth.value : 0;
    check->role = given->client ? LWSEC_CERT_OF_CLIENT : LWSEC_CERT_OF_SERVER;
    check->chain = given->files[CHAIN].items;
    check->chain_count = given->files[CHAIN].count;
    check->trust = given->files[TRUST].items;
    check->trust_count = given->files[TRUST].count;
    check->crls = given->files[CRL].items;
    check->crl_count = given->files[CRL].count;
    if (given->files[OCSP].count > 0) {
        check->ocsp = given->files[OCSP].items[0];
    }
    if (given->files[ASSOCIATION].count > 0) {
        check->association = given->files[ASSOCIATION].items[0];
    }
}

/* ---- The verdict ---- */

static const char *alert_name(uint8_t alert)
{
    switch (alert) {
    case 42: return "bad_certificate";
    case 43: return "unsupported_certificate";
    case 44: return "certificate_revoked";
    case 45: return "certificate_expired";
    case 46: return "certificate_unknown";
    case 48: return "unknown_ca";
    case 113: return "bad_certificate_status_response";
    default: return "internal_error";
    }
}

static void print_verdict(const json_t *object)
{
    const json_t *alert = json_object_get(object, "alert");

    if (alert == NULL) {
        (void)puts("accepted");
    } else {
        (void)printf("alert %d %s\n", (int)json_integer_value(alert),
                     json_string_value(json_object_get(object, "name")));
    }
}

static int refuse(const verification *given, lwsec_why why)
{
    const uint8_t alert = lwsec_cert_alert(why);
    json_t *object = json_pack("{s:s, s:i, s:s, s:s}", "verdict", "refused", "alert", (int)alert,
                               "name", alert_name(alert), "reason", lwsec_why_text(why));
    const int answer = cli_print(object, given->json, print_verdict);

    return answer == CLI_DONE ? cli_refuse(lwsec_why_text(why)) : answer;
}

static int judge(const verification *given)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status =
        lwsec_cert_verify(given->engine->certificates(), &given->check, &reason);

    switch (status) {
    case LWSEC_OK:
        return cli_print(json_pack("{s:s}", "verdict", "accepted"), given->json, print_verdict);
    case LWSEC_REJECT: return refuse(given, reason.why);
    case LWSEC_UNSUPPORTED: return cli_refuse("this engine cannot judge OCSP responses");
    default: return cli_fail(status, &reason);
    }
}

static int run(verification *given)
{
    typedef int (*part)(verification *);
    static const part parts[] = {set_profile, set_engine, set_time, set_reference, read_files};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const int answer = parts[i](given);
        if (answer != CLI_DONE) {
            return answer;
        }
    }
    set_files(given);
    return judge(given);
}

int cli_cert_verify(int argc, char **argv)
{
    verification given = {.json = false};
    const cli_option options[] = {
        {"usage", CLI_KIND_NUMBER, false, &given.usage, "0..3", "Certificate Usage", 3},
        {"association", CLI_KIND_FILE, false, &given.paths[ASSOCIATION], "FILE",
         "Server Public Key: a certificate, a public key, or their digest", 0},
        {"matching", CLI_KIND_NUMBER, false, &given.matching, "0..3",
         "exact, SHA-256, SHA-384 or SHA-512; default 0", 3},
        {"chain", CLI_KIND_FILE, true, &given.paths[CHAIN], "FILE",
         "what the peer sends, its own certificate first", 0},
        {"trust", CLI_KIND_FILE, false, &given.paths[TRUST], "FILE", "the trust store", 0},
        {"crl", CLI_KIND_FILE, false, &given.paths[CRL], "FILE", "revocation lists", 0},
        {"ocsp", CLI_KIND_FILE, false, &given.paths[OCSP], "FILE", "the stapled response", 0},
        {"name", CLI_KIND_TEXT, false, &given.name, "DNS",
         "the host of the server's URI; with --client the endpoint name", 0},
        {"ip", CLI_KIND_TEXT, false, &given.ip, "ADDR", "the same, as an address", 0},
        {"no-name", CLI_KIND_FLAG, false, &given.no_name, NULL, "compare no name", 0},
        {"sni", CLI_KIND_TEXT, false, &given.sni, "NAME",
         "the SNI resource, which is the reference then", 0},
        {"time", CLI_KIND_TEXT, false, &given.time, "RFC3339", "default: now", 0},
        {"depth", CLI_KIND_NUMBER, false, &given.depth, "N",
         "the most certificates between the peer's and the anchor; default 4", LWSEC_CERT_PATH_MAX},
        {"profile", CLI_KIND_TEXT, false, &given.profile, "lwm2m|pkix",
         "pkix: no common name, and no usage needed", 0},
        {"client", CLI_KIND_FLAG, false, &given.client, NULL, "the peer is a client", 0},
        {"engine", CLI_KIND_TEXT, false, &given.engine_name, "NAME",
         "openssl or mbedtls; default: the first of the build", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "cert verify",
        "Judges the certificates of a peer as the Certificate Usage of LwM2M says (Transport 1.2,\n"
        "section 5.2.9.7). Prints \"accepted\", or the alert that a refusal is sent with. Usage 3\n"
        "compares the certificate with the association, and looks neither at names nor at times\n"
        "nor at revocation. Files are PEM or DER; a digest may be hex digits.",
        {options, NULL}};

    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = run(&given);
    for (int i = 0; i < FILES; i++) {
        cli_certificates_free(&given.files[i]);
    }
    cli_arguments_free(&usage);
    return answer;
}
