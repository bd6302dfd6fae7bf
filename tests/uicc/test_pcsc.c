/* Cards in readers, over a libpcsclite that does what the test says. */
#include "tests/support/test.h"

#include <lwsec/apdu_pcsc.h>

#include <winscard.h>

/* What the functions of winscard.h answer, and what they were asked. */
static struct {
    LONG establish;
    LONG connect;
    LONG transmit;
    LONG begin;
    LONG reconnect;
    LONG list;
    DWORD protocol;
    const char *readers; /* with a final NUL more */
    DWORD readers_size;
    const char *answer;

    unsigned contexts; /* that are open */
    unsigned handles;
    unsigned transactions;
    unsigned reconnections;
    unsigned transmissions;
    DWORD disposition;
    const SCARD_IO_REQUEST *pci;
    char reader[32];
} fake;

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST)};

LONG SCardEstablishContext(DWORD scope, LPCVOID one, LPCVOID two, LPSCARDCONTEXT context)
{
    (void)scope;
    (void)one;
    (void)two;
    if (fake.establish == SCARD_S_SUCCESS) {
        *context = 7;
        fake.contexts++;
    }
    return fake.establish;
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
    assert_int_equal(context, 7);
    fake.contexts--;
    return SCARD_S_SUCCESS;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR readers, LPDWORD size)
{
    assert_int_equal(context, 7);
    assert_null(groups);
    if (fake.list == SCARD_S_SUCCESS && *size < fake.readers_size) {
        return SCARD_E_INSUFFICIENT_BUFFER;
    }
    if (fake.list == SCARD_S_SUCCESS) {
        memcpy(readers, fake.readers, fake.readers_size);
        *size = fake.readers_size;
    }
    return fake.list;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD mode, DWORD protocols,
                  LPSCARDHANDLE handle, LPDWORD protocol)
{
    assert_int_equal(context, 7);
    assert_int_equal(mode, SCARD_SHARE_SHARED);
    assert_int_equal(protocols, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1);
    (void)snprintf(fake.reader, sizeof fake.reader, "%s", reader);
    if (fake.connect == SCARD_S_SUCCESS) {
        *handle = 9;
        *protocol = fake.protocol;
        fake.handles++;
    }
    return fake.connect;
}

LONG SCardReconnect(SCARDHANDLE handle, DWORD mode, DWORD protocols, DWORD initialization,
                    LPDWORD protocol)
{
    (void)mode;
    (void)protocols;
    assert_int_equal(handle, 9);
    assert_int_equal(initialization, SCARD_RESET_CARD);
    fake.reconnections++;
    if (fake.reconnect == SCARD_S_SUCCESS) {
        *protocol = fake.protocol;
    }
    return fake.reconnect;
}

LONG SCardDisconnect(SCARDHANDLE handle, DWORD disposition)
{
    assert_int_equal(handle, 9);
    fake.handles--;
    fake.disposition = disposition;
    return SCARD_S_SUCCESS;
}

LONG SCardBeginTransaction(SCARDHANDLE handle)
{
    assert_int_equal(handle, 9);
    fake.transactions += fake.begin == SCARD_S_SUCCESS ? 1 : 0;
    return fake.begin;
}

LONG SCardEndTransaction(SCARDHANDLE handle, DWORD disposition)
{
    assert_int_equal(handle, 9);
    assert_int_equal(disposition, SCARD_LEAVE_CARD);
    fake.transactions--;
    return SCARD_S_SUCCESS;
}

LONG SCardTransmit(SCARDHANDLE handle, const SCARD_IO_REQUEST *sent, LPCBYTE command, DWORD size,
                   SCARD_IO_REQUEST *received, LPBYTE response, LPDWORD room)
{
    assert_int_equal(handle, 9);
    assert_null(received);
    assert_true(size >= 4 && command != NULL);
    fake.transmissions++;
    fake.pci = sent;
    if (fake.transmit == SCARD_S_SUCCESS) {
        const lwsec_bytes answer = lwsec_test_hex(fake.answer);
        assert_true(answer.size <= *room);
        memcpy(response, answer.data, answer.size);
        *room = (DWORD)answer.size;
    }
    return fake.transmit;
}

/* ---- Tests ---- */

static uint64_t memory[LWSEC_PCSC_SIZE / 8];
static const lwsec_apdu_command get_data = {.cla = 0x80, .ins = 0xca, .le = 256};

static lwsec_pcsc *open_reader(lwsec_apdu *card, DWORD protocol)
{
    lwsec_pcsc *pcsc = NULL;

    memset(&fake, 0, sizeof fake);
    fake.protocol = protocol;
    fake.answer = "019000";
    assert_status(lwsec_pcsc_open(memory, sizeof memory, "Reader 00", card, &pcsc), LWSEC_OK);
    assert_string_equal(fake.reader, "Reader 00");
    return pcsc;
}

static void close_reader(lwsec_pcsc *pcsc)
{
    lwsec_pcsc_close(&pcsc);
    assert_null(pcsc);
    assert_int_equal(fake.contexts, 0);
    assert_int_equal(fake.handles, 0);
    assert_int_equal(fake.transactions, 0);
    lwsec_pcsc_close(&pcsc);
}

static lwsec_status send(lwsec_apdu *card)
{
    uint8_t room[16];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    return lwsec_apdu_exchange(card, &get_data, &out, NULL);
}

static void readers(void **state)
{
    uint8_t names[16];
    lwsec_buffer list = lwsec_buffer_of(names, sizeof names);

    (void)state;
    memset(&fake, 0, sizeof fake);
    fake.readers = "one\0two\0";
    fake.readers_size = 9;
    assert_status(lwsec_pcsc_list(&list), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&list), lwsec_bytes_of("one\0two", 8));
    list.capacity = 8;
    assert_status(lwsec_pcsc_list(&list), LWSEC_BUFFER);
    assert_int_equal(list.size, 0);
    fake.list = SCARD_E_NO_READERS_AVAILABLE;
    assert_status(lwsec_pcsc_list(&list), LWSEC_OK);
    assert_int_equal(list.size, 0);
    fake.list = SCARD_E_NO_SERVICE;
    assert_status(lwsec_pcsc_list(&list), LWSEC_ENGINE);
    fake.establish = SCARD_E_NO_SERVICE;
    assert_status(lwsec_pcsc_list(&list), LWSEC_ENGINE);
    assert_int_equal(fake.contexts, 0);
}

/* Another one than was negotiated is refused by pcscd. */
static void the_protocol_is_the_negotiated_one(void **state)
{
    lwsec_apdu card;
    lwsec_pcsc *pcsc = open_reader(&card, SCARD_PROTOCOL_T0);

    (void)state;
    assert_true(card.t0);
    assert_status(send(&card), LWSEC_OK);
    assert_ptr_equal(fake.pci, SCARD_PCI_T0);
    assert_int_equal(lwsec_pcsc_error(pcsc), 0);
    close_reader(pcsc);
    assert_int_equal(fake.disposition, SCARD_LEAVE_CARD);
    pcsc = open_reader(&card, SCARD_PROTOCOL_T1);
    assert_false(card.t0);
    assert_status(send(&card), LWSEC_OK);
    assert_ptr_equal(fake.pci, SCARD_PCI_T1);
    close_reader(pcsc);
}

static void what_cannot_be_opened(void **state)
{
    const struct {
        LONG answer;
        lwsec_status status;
    } cases[] = {{SCARD_E_UNKNOWN_READER, LWSEC_ABSENT},
                 {SCARD_E_NO_SMARTCARD, LWSEC_ABSENT},
                 {SCARD_W_REMOVED_CARD, LWSEC_ABSENT},
                 {SCARD_W_UNRESPONSIVE_CARD, LWSEC_ENGINE},
                 {SCARD_E_SHARING_VIOLATION, LWSEC_ENGINE}};
    lwsec_pcsc *pcsc = NULL;
    lwsec_apdu card;

    (void)state;
    memset(&fake, 0, sizeof fake);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fake.connect = cases[i].answer;
        assert_status(lwsec_pcsc_open(memory, sizeof memory, "x", &card, &pcsc), cases[i].status);
        assert_null(pcsc);
        assert_int_equal(fake.contexts, 0);
    }
    fake.establish = SCARD_E_NO_SERVICE;
    assert_status(lwsec_pcsc_open(memory, sizeof memory, "x", &card, &pcsc), LWSEC_ENGINE);
    assert_status(lwsec_pcsc_open(memory, lwsec_pcsc_size() - 1, "x", &card, &pcsc), LWSEC_BUFFER);
    assert_status(lwsec_pcsc_open(NULL, 1000, "x", &card, &pcsc), LWSEC_USAGE);
    assert_int_equal(fake.contexts, 0);
}

/* As measured: a removed card shows as not transacted first. It is reconnected by a SELECT alone.
 */
static void a_removed_card_has_to_be_selected_again(void **state)
{
    const LONG failures[] = {SCARD_E_NOT_TRANSACTED, SCARD_W_REMOVED_CARD, SCARD_W_RESET_CARD};
    const lwsec_bytes aid = lwsec_test_hex("d276000118");

    (void)state;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        lwsec_apdu card;
        lwsec_pcsc *pcsc = open_reader(&card, SCARD_PROTOCOL_T0);
        fake.transmit = failures[i];
        assert_status(send(&card), LWSEC_ENGINE);
        assert_int_equal(lwsec_pcsc_error(pcsc), (uint32_t)failures[i]);
        fake.transmit = SCARD_S_SUCCESS;
        assert_status(send(&card), LWSEC_ENGINE);
        assert_int_equal(fake.transmissions, 1);
        fake.reconnect = SCARD_E_NO_SMARTCARD;
        assert_status(lwsec_apdu_select(&card, aid, 0, NULL, NULL), LWSEC_ENGINE);
        assert_int_equal(fake.transmissions, 1);
        fake.reconnect = SCARD_S_SUCCESS;
        fake.protocol = SCARD_PROTOCOL_T1;
        fake.answer = "9000";
        assert_status(lwsec_apdu_select(&card, aid, 0, NULL, NULL), LWSEC_OK);
        assert_int_equal(fake.reconnections, 2);
        assert_ptr_equal(fake.pci, SCARD_PCI_T1);
        assert_false(card.t0);
        assert_status(send(&card), LWSEC_OK);
        assert_int_equal(fake.reconnections, 2);
        close_reader(pcsc);
    }
}

static void transactions(void **state)
{
    lwsec_apdu card;
    lwsec_pcsc *pcsc = open_reader(&card, SCARD_PROTOCOL_T1);

    (void)state;
    fake.answer = "9000";
    assert_status(lwsec_apdu_store_data(&card, 0, lwsec_test_hex("01"), NULL), LWSEC_OK);
    assert_int_equal(fake.transactions, 0);
    fake.begin = SCARD_W_RESET_CARD;
    assert_status(lwsec_apdu_store_data(&card, 0, lwsec_test_hex("01"), NULL), LWSEC_ENGINE);
    assert_int_equal(fake.transmissions, 1);
    assert_true(card.lost);
    close_reader(pcsc);
}

/* Also in the middle of a row of commands, which goes on. */
static void a_card_that_is_removed_in_a_row(void **state)
{
    lwsec_apdu card;
    lwsec_pcsc *pcsc = open_reader(&card, SCARD_PROTOCOL_T1);

    (void)state;
    assert_status(lwsec_apdu_begin(&card, NULL), LWSEC_OK);
    fake.transmit = SCARD_W_REMOVED_CARD;
    assert_status(send(&card), LWSEC_ENGINE);
    fake.transmit = SCARD_S_SUCCESS;
    fake.answer = "9000";
    assert_status(lwsec_apdu_select(&card, lwsec_test_hex("d276000118"), 0, NULL, NULL), LWSEC_OK);
    assert_int_equal(fake.reconnections, 1);
    assert_int_equal(fake.transactions, 1);
    lwsec_apdu_end(&card);
    close_reader(pcsc);
}

/* It would refuse the plain commands of whoever comes next. */
static void a_card_with_a_secure_channel_is_reset_at_the_end(void **state)
{
    lwsec_apdu card;
    lwsec_pcsc *pcsc = open_reader(&card, SCARD_PROTOCOL_T1);

    (void)state;
    card.secured = true;
    close_reader(pcsc);
    assert_int_equal(fake.disposition, SCARD_RESET_CARD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers),
        cmocka_unit_test(the_protocol_is_the_negotiated_one),
        cmocka_unit_test(what_cannot_be_opened),
        cmocka_unit_test(a_removed_card_has_to_be_selected_again),
        cmocka_unit_test(transactions),
        cmocka_unit_test(a_card_that_is_removed_in_a_row),
        cmocka_unit_test(a_card_with_a_secure_channel_is_reset_at_the_end),
    };
    return cmocka_run_group_tests_name("uicc-pcsc", tests, NULL, NULL);
}
