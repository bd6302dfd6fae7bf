/* lwsec oscore derive */
#include <lwsec/oscore_debug.h>

#include "context.h"
#include "output.h"

/* Of a key in a store: what is no secret, and a refusal for the rest. */
static int derive_public(cli_context *context, bool json)
{
    uint8_t iv[13];
    size_t size = 0;

    int answer = cli_context_open_once(context, 0);
    if (answer != CLI_DONE) {
        return answer;
    }
    lwsec_oscore_debug_common_iv(context->oscore, iv, &size);
    answer = cli_print(json_pack("{s:o}", "common-iv", cli_json_hex(lwsec_bytes_of(iv, size))),
                       json, cli_text_lines);
    return answer == CLI_DONE ? cli_refuse("the keys stay in their store") : answer;
}

static int derive(cli_context *context, bool json)
{
    const lwsec_oscore_config config = cli_context_config(context);
    lwsec_oscore_material material;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const int answer = cli_context_open_store(context);
    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status = lwsec_oscore_debug_derive(
        context->store, cli_view(&context->secret.bytes), &config, &material, &reason);
    if (status != LWSEC_OK) {
        return cli_fail(status, &reason);
    }
    json_t *result = json_pack(
        "{s:o, s:o, s:o}", "sender-key",
        cli_json_hex(lwsec_bytes_of(material.sender_key, material.key_size)), "recipient-key",
        cli_json_hex(lwsec_bytes_of(material.recipient_key, material.key_size)), "common-iv",
        cli_json_hex(lwsec_bytes_of(material.common_iv, material.iv_size)));
    lwsec_wipe(&material, sizeof material);
    return cli_print(result, json, cli_text_lines);
}

int cli_oscore_derive(int argc, char **argv)
{
    cli_context context = {0};
    cli_option ctx[CLI_CONTEXT_OPTIONS];
    bool json = false;
    const cli_option options[] = {
        {"json", CLI_KIND_FLAG, false, &json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "oscore derive",
        "Prints sender-key, recipient-key and common-iv (RFC 8613 section "
        "3.2.1).\nThese are secrets: mind where the output goes. Of a key in a "
        "store, prints\ncommon-iv alone and refuses the others.",
        {options, ctx}};

    cli_context_options(&context, ctx);
    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer =
        context.secret.reference != NULL ? derive_public(&context, json) : derive(&context, json);
    cli_context_close(&context);
    cli_arguments_free(&usage);
    return answer;
}
