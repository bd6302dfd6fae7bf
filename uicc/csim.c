/* The transport to the card of a modem. */
#include <lwsec/apdu_csim.h>

static lwsec_status command_line(const lwsec_csim *modem, lwsec_bytes command, char *line,
                                 size_t capacity)
{
    return modem->session != 0 ? lwsec_cgla_command(modem->session, command, line, capacity)
                               : lwsec_csim_command(command, line, capacity);
}

static lwsec_status ask(const lwsec_csim *modem, const char *line, char *answer, size_t capacity,
                        lwsec_buffer *response)
{
    size_t length = 0;
    const lwsec_status status = modem->exchange(modem->context, line, answer, capacity, &length);

    if (status != LWSEC_OK) {
        return status;
    }
    return length <= capacity ? lwsec_csim_response(answer, length, response, NULL) : LWSEC_REJECT;
}

static lwsec_status transmit(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    const lwsec_csim *modem = context;
    char line[LWSEC_CSIM_COMMAND_SIZE];
    char answer[LWSEC_CSIM_RESPONSE_SIZE];

    lwsec_status status = command_line(modem, command, line, sizeof line);
    if (status == LWSEC_OK) {
        status = ask(modem, line, answer, sizeof answer, response);
    }
    lwsec_wipe(line, sizeof line);
    lwsec_wipe(answer, sizeof answer);
    return status;
}

static const lwsec_apdu_ops ops = {
    .abi = LWSEC_APDU_ABI, .size = sizeof(lwsec_apdu_ops), .transmit = transmit};

lwsec_status lwsec_apdu_init_csim(lwsec_apdu *card, lwsec_csim *modem)
{
    if (modem->size != sizeof *modem || modem->exchange == NULL) {
        return LWSEC_USAGE;
    }
    return lwsec_apdu_init(card, &ops, modem, false);
}
