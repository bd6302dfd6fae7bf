/* The lwsec program: finds the command and runs it. */
#include "command.h"
#include "output.h"

#include <stdio.h>
#include <string.h>

static const cli_command commands[] = {
    {NULL, "version", "versions of the library and its engines, and what this build can do",
     cli_version},
    {"coap", "decode", "show a CoAP message field by field", cli_coap_decode},
    {"coap", "client", "send a request over UDP with OSCORE, DTLS or both", cli_coap_client},
    {"coap", "server", "answer requests over UDP with OSCORE, DTLS or both", cli_coap_server},
#ifdef LWSEC_DEBUG_TOOLS
    {"oscore", "derive", "derive the keys and the Common IV of a context", cli_oscore_derive},
#endif
    {"oscore", "protect", "protect a CoAP message", cli_oscore_protect},
    {"oscore", "unprotect", "check and decrypt a protected CoAP message", cli_oscore_unprotect},
    {"sms", "seal", "make an SMS secured packet", cli_sms_seal},
    {"sms", "open", "check and decrypt an SMS secured packet", cli_sms_open},
    {"sms", "inspect", "show an SMS secured packet field by field, without keys", cli_sms_inspect},
    {"sms", "por", "check and show a Proof of Receipt", cli_sms_por},
    {"dtls", "client", "open a DTLS session out of an account, and send CoAP messages",
     cli_dtls_client},
    {"dtls", "server", "answer DTLS clients, and show what they send", cli_dtls_server},
    {"key", "generate", "make a new key in a store of keys", cli_key_generate},
    {"key", "import", "put a key into a store of keys", cli_key_import},
    {"key", "list", "list the keys of a store", cli_key_list},
    {"key", "delete", "destroy a key of a store", cli_key_delete},
    {"key", "csr", "write a certificate request for a pair of a store", cli_key_csr},
    {"est", "enroll", "get a certificate for a pair of a store, or renew one", cli_est_enroll},
    {NULL, "alert", "name and recommendation of a (D)TLS alert", cli_alert},
    {NULL, "retry", "run a script of events through the retry engine", cli_retry},
#ifdef CLI_PCSC
    {"uicc", "list", "list readers of smartcards", cli_uicc_list},
    {"uicc", "apdu", "send a command to a smartcard", cli_uicc_apdu},
    {"uicc", "store", "give a message to the LwM2M application of a smartcard", cli_uicc_store},
    {"uicc", "get", "fetch a message from the LwM2M application of a smartcard", cli_uicc_get},
    {"uicc", "bootstrap", "show the objects that a smartcard holds for bootstrap",
     cli_uicc_bootstrap},
#endif
    {"account", "check", "check provisioned accounts against the rules", cli_account_check},
    {"account", "unbootstrap", "plan what goes with a Security instance", cli_account_unbootstrap},
    {"cert", "verify", "judge the certificates of a peer by usage, name, time and revocation",
     cli_cert_verify},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static int help(const char *group)
{
    (void)puts("usage: lwsec COMMAND [OPTIONS]     lwsec COMMAND --help\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        const cli_command *command = &commands[i];
        char words[32];

        if (group != NULL && (command->group == NULL || strcmp(command->group, group) != 0)) {
            continue;
        }
        (void)snprintf(words, sizeof words, "%s%s%s", command->group != NULL ? command->group : "",
                       command->group != NULL ? " " : "", command->name);
        (void)printf("  %-20s %s\n", words, command->summary);
    }
    (void)puts("\nExit: 0 done, 1 refused by policy or cryptography, 2 wrong usage or unreadable "
               "input.");
    return cli_flush();
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool is_group(const char *word)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (commands[i].group != NULL && strcmp(commands[i].group, word) == 0) {
            return true;
        }
    }
    return false;
}

/* `group` may be NULL; the word that is no command is not repeated. */
static int fail_unknown(const char *group, bool alone)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%s command; see lwsec %s%s--help",
                   group != NULL && alone ? "no" : "unknown", group != NULL ? group : "",
                   group != NULL ? " " : "");
    return cli_error(NULL, text);
}

static const cli_command *find_command(const char *group, const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const cli_command *command = &commands[i];
        const bool same_group = group != NULL
                                    ? command->group != NULL && strcmp(command->group, group) == 0
                                    : command->group == NULL;
        if (same_group && strcmp(command->name, name) == 0) {
            return command;
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    cli_wipe_json_memory();
    if (argc < 2) {
        return cli_error(NULL, "no command; see lwsec --help");
    }
    if (is_help(argv[1])) {
        return help(NULL);
    }
    const bool grouped = is_group(argv[1]);
    if (grouped && argc > 2 && is_help(argv[2])) {
        return help(argv[1]);
    }
    const int words = grouped ? 3 : 2;
    const char *name = argc >= words ? argv[words - 1] : "";
    const cli_command *command = find_command(grouped ? argv[1] : NULL, name);
    if (command != NULL) {
        return command->run(argc - words, &argv[words]);
    }
    return fail_unknown(grouped ? argv[1] : NULL, argc == 2);
}
