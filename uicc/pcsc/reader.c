/* The transport to a card in a reader: SCardTransmit with the protocol that was negotiated. */
#include <lwsec/apdu_pcsc.h>

#include <winscard.h>

struct lwsec_pcsc {
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    lwsec_apdu *card;
    DWORD protocol;
    uint32_t error;
    bool connected; /* false after a failure: the next command connects again */
};

_Static_assert(sizeof(lwsec_pcsc) <= LWSEC_PCSC_SIZE, "the macro has to be enough");

size_t lwsec_pcsc_size(void)
{
    return sizeof(lwsec_pcsc);
}

lwsec_status lwsec_pcsc_list(lwsec_buffer *names)
{
    SCARDCONTEXT context;
    DWORD size = (DWORD)names->capacity;

    names->size = 0;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS) {
        return LWSEC_ENGINE;
    }
    const LONG answer = SCardListReaders(context, NULL, (LPSTR)names->data, &size);
    (void)SCardReleaseContext(context);
    if (answer == SCARD_E_NO_READERS_AVAILABLE) {
        return LWSEC_OK;
    }
    if (answer != SCARD_S_SUCCESS || size < 1) {
        return answer == SCARD_E_INSUFFICIENT_BUFFER ? LWSEC_BUFFER : LWSEC_ENGINE;
    }
    names->size = size - 1; /* the list ends with a NUL of its own */
    return LWSEC_OK;
}

static lwsec_status note(lwsec_pcsc *pcsc, LONG answer)
{
    pcsc->error = (uint32_t)answer;
    switch (answer) {
    case SCARD_S_SUCCESS: return LWSEC_OK;
    case SCARD_E_UNKNOWN_READER:
    case SCARD_E_READER_UNAVAILABLE:
    case SCARD_E_NO_SMARTCARD:
    case SCARD_W_REMOVED_CARD: return LWSEC_ABSENT;
    default: return LWSEC_ENGINE;
    }
}

/* The handle stays; the card behind it may be another one, and remembers nothing of us. */
static lwsec_status reconnect(lwsec_pcsc *pcsc)
{
    const lwsec_status status = note(pcsc, SCardReconnect(pcsc->handle, SCARD_SHARE_SHARED,
                                                          SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                                                          SCARD_RESET_CARD, &pcsc->protocol));

    pcsc->connected = status == LWSEC_OK;
    pcsc->card->t0 = pcsc->protocol == SCARD_PROTOCOL_T0;
    return status;
}

/* After a failure the core knows the card as lost, so what comes next is a SELECT. */
static lwsec_status failed(lwsec_pcsc *pcsc, LONG answer)
{
    pcsc->connected = false;
    return note(pcsc, answer);
}

static lwsec_status transmit(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    lwsec_pcsc *pcsc = context;
    DWORD size = (DWORD)response->capacity;

    response->size = 0;
    if (!pcsc->connected && reconnect(pcsc) != LWSEC_OK) {
        return LWSEC_ENGINE;
    }
    const SCARD_IO_REQUEST *protocol =
        pcsc->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    const LONG answer = SCardTransmit(pcsc->handle, protocol, command.data, (DWORD)command.size,
                                      NULL, response->data, &size);
    if (answer != SCARD_S_SUCCESS) {
        return failed(pcsc, answer);
    }
    response->size = size;
    return LWSEC_OK;
}

static lwsec_status begin(void *context)
{
    lwsec_pcsc *pcsc = context;

    if (!pcsc->connected && reconnect(pcsc) != LWSEC_OK) {
        return LWSEC_ENGINE;
    }
    const LONG answer = SCardBeginTransaction(pcsc->handle);

    return answer == SCARD_S_SUCCESS ? LWSEC_OK : failed(pcsc, answer);
}

static void end(void *context)
{
    lwsec_pcsc *pcsc = context;

    (void)SCardEndTransaction(pcsc->handle, SCARD_LEAVE_CARD);
}

static const lwsec_apdu_ops ops = {.abi = LWSEC_APDU_ABI,
                                   .size = sizeof(lwsec_apdu_ops),
                                   .transmit = transmit,
                                   .begin = begin,
                                   .end = end};

static lwsec_status connect(lwsec_pcsc *pcsc, const char *reader)
{
    lwsec_status status =
        note(pcsc, SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &pcsc->context));

    if (status != LWSEC_OK) {
        return status;
    }
    status = note(pcsc, SCardConnect(pcsc->context, reader, SCARD_SHARE_SHARED,
                                     SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &pcsc->handle,
                                     &pcsc->protocol));
    if (status != LWSEC_OK) {
        (void)SCardReleaseContext(pcsc->context);
    }
    pcsc->connected = status == LWSEC_OK;
    return status;
}

lwsec_status lwsec_pcsc_open(void *memory, size_t size, const char *reader, lwsec_apdu *card,
                             lwsec_pcsc **pcsc)
{
    static const lwsec_pcsc none;
    lwsec_pcsc *made = memory;

    *pcsc = NULL;
    if (memory == NULL || (uintptr_t)memory % _Alignof(uint64_t) != 0) {
        return LWSEC_USAGE;
    }
    if (size < sizeof *made) {
        return LWSEC_BUFFER;
    }
    *made = none;
    made->card = card;
    lwsec_status status = connect(made, reader);
    if (status == LWSEC_OK) {
        status = lwsec_apdu_init(card, &ops, made, made->protocol == SCARD_PROTOCOL_T0);
        *pcsc = made;
    }
    return status;
}

uint32_t lwsec_pcsc_error(const lwsec_pcsc *pcsc)
{
    return pcsc->error;
}

void lwsec_pcsc_close(lwsec_pcsc **pcsc)
{
    if (*pcsc != NULL) {
        const bool secured = (*pcsc)->card->secured;
        (void)SCardDisconnect((*pcsc)->handle, secured ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
        (void)SCardReleaseContext((*pcsc)->context);
        lwsec_wipe(*pcsc, sizeof **pcsc);
        *pcsc = NULL;
    }
}
