/* What every command of the program is: a name, a line of help, and a function. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <lwsec/status.h>

/* What the program exits with. */
enum {
    CLI_DONE = 0,
    CLI_REFUSED = 1, /* by policy or by cryptography */
    CLI_USAGE = 2    /* a wrong call, or input that cannot be read */
};

typedef struct cli_command {
    const char *group; /* as in "oscore"; NULL: a command of one word */
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); /* what stands after the command's words */
} cli_command;

int cli_version(int argc, char **argv);
int cli_coap_decode(int argc, char **argv);
int cli_coap_client(int argc, char **argv);
int cli_coap_server(int argc, char **argv);
int cli_dtls_client(int argc, char **argv);
int cli_dtls_server(int argc, char **argv);
int cli_oscore_derive(int argc, char **argv);
int cli_oscore_protect(int argc, char **argv);
int cli_oscore_unprotect(int argc, char **argv);
int cli_alert(int argc, char **argv);
int cli_retry(int argc, char **argv);
int cli_sms_seal(int argc, char **argv);
int cli_sms_open(int argc, char **argv);
int cli_sms_inspect(int argc, char **argv);
int cli_sms_por(int argc, char **argv);
int cli_uicc_list(int argc, char **argv);
int cli_uicc_apdu(int argc, char **argv);
int cli_uicc_store(int argc, char **argv);
int cli_uicc_get(int argc, char **argv);
int cli_uicc_bootstrap(int argc, char **argv);
int cli_account_check(int argc, char **argv);
int cli_account_unbootstrap(int argc, char **argv);
int cli_cert_verify(int argc, char **argv);
int cli_key_generate(int argc, char **argv);
int cli_key_import(int argc, char **argv);
int cli_key_list(int argc, char **argv);
int cli_key_delete(int argc, char **argv);
int cli_key_csr(int argc, char **argv);
int cli_est_enroll(int argc, char **argv);

/* Prints the one line of a status that is not LWSEC_OK to stderr, and tells what to exit with. */
int cli_fail(lwsec_status status, const lwsec_reason *reason);

/* The same for refusals and errors that no status tells of. */
int cli_refuse(const char *text);
int cli_error(const char *what, const char *text); /* `what` may be NULL */

#endif
