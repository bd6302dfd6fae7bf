/* lwsec alert */
#include "arguments.h"
#include "output.h"

#include <lwsec/alert.h>

#include <stdlib.h>
#include <string.h>

static void as_text(const json_t *object)
{
    (void)printf("%lld %s %s\n", (long long)json_integer_value(json_object_get(object, "alert")),
                 json_string_value(json_object_get(object, "name")),
                 json_string_value(json_object_get(object, "recommendation")));
}

static const char *effect_name(const lwsec_alert *alert)
{
    switch (lwsec_alert_judge(alert)) {
    case LWSEC_ALERT_COUNTS: return "counts";
    case LWSEC_ALERT_DOUBTFUL: return "doubtful";
    case LWSEC_ALERT_ENDS: return "ends";
    }
    return "unknown";
}

static int print(uint8_t number, bool sent, bool json)
{
    const lwsec_alert_row *row = lwsec_alert_find(number);
    const lwsec_alert alert = {.number = number, .sent = sent};

    return cli_print(json_pack("{s:i, s:s, s:s, s:s, s:s}", "alert", (int)number, "name", row->name,
                               "recommendation", lwsec_alert_advice_name(row->advice), "direction",
                               sent ? "sent" : "received", "effect", effect_name(&alert)),
                     json, as_text);
}

/* Takes the word that is no option out of the arguments; NULL if there is none. */
static const char *take_word(int *argc, char **argv)
{
    for (int i = 0; i < *argc; i++) {
        if (argv[i][0] != '-') {
            const char *word = argv[i];
            memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i - 1) * sizeof argv[0]);
            --*argc;
            return word;
        }
    }
    return NULL;
}

static int read_number(const char *word, uint8_t *number)
{
    char *end = NULL;

    if (word == NULL) {
        return cli_error("N", "is missing");
    }
    const unsigned long value = word[0] >= '0' && word[0] <= '9' ? strtoul(word, &end, 10) : 256;
    if (value > 255 || *end != '\0') {
        return cli_error("N", "not a number from 0 to 255");
    }
    *number = (uint8_t)value;
    return CLI_DONE;
}

int cli_alert(int argc, char **argv)
{
    bool sent = false;
    bool received = false;
    bool json = false;
    const cli_option options[] = {
        {"sent", CLI_KIND_FLAG, false, &sent, NULL, "this client sent it", 0},
        {"received", CLI_KIND_FLAG, false, &received, NULL, "it was received (the default)", 0},
        {"json", CLI_KIND_FLAG, false, &json, NULL, "print one JSON object, with its effect", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "alert N",
        "Prints name and recommendation of a (D)TLS alert (LwM2M Transport 5.2.10). The\n"
        "recommendation is the same in both directions; the effect, shown with --json, is not:\n"
        "a fail that was sent ends the attempts, one that anybody may have sent is doubtful.",
        {options, NULL}};
    uint8_t number = 0;

    const char *word = take_word(&argc, argv);
    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    if (sent && received) {
        return cli_error("--sent", "and --received cannot be given together");
    }
    answer = read_number(word, &number);
    return answer == CLI_DONE ? print(number, sent, json) : answer;
}
