/* lwsec version */
#include <lwsec/version.h>

#include "arguments.h"
#include "engine.h"
#include "output.h"

static const char *const capabilities[] = {
    "oscore",
#ifdef LWSEC_DEBUG_TOOLS
    "oscore-debug",
#endif
#ifdef CLI_PCSC
    "pcsc",
#endif
#ifdef CLI_OPENSSL
    "ocsp",
#endif
#ifdef CLI_PKCS11
    "pkcs11",
#endif
#ifdef CLI_SEALED_FILE
    "sealed-file",
#endif
};

/* What sessions can do on one engine at least. */
static const struct {
    uint32_t bit;
    const char *name;
} of_dtls[] = {
    {LWSEC_DTLS_PSK, "psk"},
    {LWSEC_DTLS_X509, "x509"},
    {LWSEC_DTLS_RPK, "rpk"},
    {LWSEC_DTLS_CID, "cid"},
    {LWSEC_DTLS_VIRTUAL_TIME, "virtual-time"},
    {LWSEC_DTLS_ASYNC_SIGN, "async-sign"},
    {LWSEC_DTLS_IDENTITY_NUL, "psk-identity-zero"},
    {LWSEC_DTLS_PSK_HANDLE, "psk-handle"},
};

static void as_text(const json_t *object)
{
    const char *name;
    json_t *value;
    size_t i;

    (void)printf("lwsec %s\n", json_string_value(json_object_get(object, "version")));
    json_object_foreach(json_object_get(object, "engines"), name, value)
    {
        (void)printf("%s %s\n", name, json_string_value(value));
    }
    json_array_foreach(json_object_get(object, "capabilities"), i, value)
    {
        (void)puts(json_string_value(value));
    }
}

static void add_dtls(json_t *able)
{
    uint32_t bits = 0;
    const cli_engine *engine;

    for (size_t i = 0; (engine = cli_engine_at(i)) != NULL; i++) {
        bits |= lwsec_dtls_capabilities(engine->dtls());
    }
    for (size_t i = 0; i < sizeof of_dtls / sizeof of_dtls[0]; i++) {
        if ((bits & of_dtls[i].bit) != 0) {
            (void)json_array_append_new(able, json_string(of_dtls[i].name));
        }
    }
}

static json_t *describe(void)
{
    json_t *engines = json_object();
    json_t *able = json_array();
    const cli_engine *engine;

    for (size_t i = 0; (engine = cli_engine_at(i)) != NULL; i++) {
        char text[32];
        engine->version(text, sizeof text);
        (void)json_object_set_new(engines, engine->name, json_string(text));
    }
    for (size_t i = 0; i < sizeof capabilities / sizeof capabilities[0]; i++) {
        (void)json_array_append_new(able, json_string(capabilities[i]));
    }
    add_dtls(able);
    return json_pack("{s:s, s:o, s:o}", "version", lwsec_version(), "engines", engines,
                     "capabilities", able);
}

int cli_version(int argc, char **argv)
{
    bool json = false;
    const cli_option options[] = {
        {"json", CLI_KIND_FLAG, false, &json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {"version",
                             "Prints the version of the library, a line for each engine with its "
                             "version,\nand a line for each thing that this build can do.",
                             {options, NULL}};
    const int answer = cli_arguments(&usage, argc, argv);

    return answer == CLI_DONE ? cli_print(describe(), json, as_text) : cli_exit(answer);
}
