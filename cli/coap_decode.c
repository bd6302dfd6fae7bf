/* lwsec coap decode */
#include "arguments.h"
#include "describe.h"
#include "input.h"
#include "output.h"

static json_t *describe_option(const lwsec_coap_option *option)
{
    const endpoint_format format = endpoint_option_format(option->number);
    char name[24];
    uint32_t number;
    json_t *value;

    endpoint_option_name(option->number, name);
    if (format == ENDPOINT_UINT && lwsec_coap_option_uint(option->value, &number)) {
        value = json_integer((json_int_t)number);
    } else if (format == ENDPOINT_TEXT && endpoint_printable(option->value)) {
        value = json_stringn((const char *)option->value.data, option->value.size);
    } else {
        value = cli_json_hex(option->value);
    }
    return json_pack("{s:I, s:s, s:o, s:o}", "number", (json_int_t)option->number, "name", name,
                     "value", value, "hex", cli_json_hex(option->value));
}

static json_t *describe(const lwsec_coap_message *message)
{
    lwsec_coap_walk walk = lwsec_coap_options(message);
    const char *name = lwsec_coap_code_name(message->code);
    json_t *options = json_array();
    lwsec_coap_option option;
    char code[6];

    endpoint_code(message->code, code);
    while (lwsec_coap_options_next(&walk, &option)) {
        (void)json_array_append_new(options, describe_option(&option));
    }
    return json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:o}", "type",
                     lwsec_coap_type_name(message->type), "code", code, "name",
                     name != NULL ? name : "", "message-id", (int)message->message_id, "token",
                     cli_json_hex(message->token), "options", options, "payload",
                     cli_json_hex(message->payload));
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static const char *or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

static void option_as_text(const json_t *option)
{
    const json_t *value = json_object_get(option, "value");

    if (json_is_integer(value)) {
        (void)printf("option %s %lld\n", text_of(option, "name"),
                     (long long)json_integer_value(value));
    } else {
        (void)printf("option %s %s\n", text_of(option, "name"), or_dash(json_string_value(value)));
    }
}

static void as_text(const json_t *message)
{
    const json_t *options = json_object_get(message, "options");

    (void)printf("type %s\ncode %s %s\nmessage-id %lld\ntoken %s\n", text_of(message, "type"),
                 text_of(message, "code"), or_dash(text_of(message, "name")),
                 (long long)json_integer_value(json_object_get(message, "message-id")),
                 or_dash(text_of(message, "token")));
    for (size_t i = 0; i < json_array_size(options); i++) {
        option_as_text(json_array_get(options, i));
    }
    (void)printf("payload %s\n", or_dash(text_of(message, "payload")));
}

int cli_coap_decode(int argc, char **argv)
{
    cli_bytes message = {NULL, 0};
    lwsec_coap_message decoded;
    bool json = false;
    const cli_option options[] = {
        {"message", CLI_KIND_HEX, true, &message, "HEX", "the message, or - for standard input", 0},
        {"json", CLI_KIND_FLAG, false, &json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {"coap decode",
                             "Prints type, code, Message ID, token, options by name, and payload "
                             "of a CoAP\nmessage over UDP (RFC 7252). Strings are shown as text, "
                             "numbers decimal, all else in hex.",
                             {options, NULL}};

    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = cli_message_check("--message", &message, &decoded);
    if (answer == CLI_DONE) {
        answer = cli_print(describe(&decoded), json, as_text);
    }
    cli_arguments_free(&usage);
    return answer;
}
