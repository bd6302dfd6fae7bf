/* TPDUs out of a packet. */
#include "sms_tpdu.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- The time of the service centre ---- */

static bool two_digits(const char *text, uint8_t *value)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') {
        return false;
    }
    *value = (uint8_t)((text[0] - '0') * 10 + (text[1] - '0'));
    return true;
}

/* Of the years 2000 to 2099, in which each fourth one is a leap year. */
static bool day_exists(const lwsec_sms_time *stamp)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (stamp->month < 1 || stamp->month > 12) {
        return false;
    }
    const bool leap_day = stamp->month == 2 && stamp->year % 4 == 0;
    return stamp->day >= 1 && stamp->day <= days[stamp->month - 1] + (leap_day ? 1 : 0);
}

/* "2026-01-31T23:59:59Z": RFC 3339, in UTC. */
static bool read_time(const char *text, lwsec_sms_time *stamp)
{
    static const char separators[] = "20__-__-__T__:__:__Z";
    uint8_t *const fields[] = {&stamp->year, &stamp->month,  &stamp->day,
                               &stamp->hour, &stamp->minute, &stamp->second};

    if (strlen(text) != strlen(separators)) {
        return false;
    }
    for (size_t i = 0; i < strlen(separators); i++) {
        if (separators[i] != '_' && text[i] != separators[i]) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!two_digits(&text[2 + 3 * i], fields[i])) {
            return false;
        }
    }
    return day_exists(stamp);
}

static bool now(lwsec_sms_time *stamp)
{
    const time_t seconds = time(NULL);
    struct tm utc;

    if (gmtime_r(&seconds, &utc) == NULL) {
        return false;
    }
    *stamp = (lwsec_sms_time){(uint8_t)(utc.tm_year % 100),
                              (uint8_t)(utc.tm_mon + 1),
                              (uint8_t)utc.tm_mday,
                              (uint8_t)utc.tm_hour,
                              (uint8_t)utc.tm_min,
                              (uint8_t)(utc.tm_sec % 60), /* a leap second has no code */
                              0};
    return true;
}

/* ---- Options ---- */

static int read_kind(cli_sms_split *given)
{
    if (strcmp(given->kind, "deliver") == 0) {
        given->first.kind = LWSEC_SMS_DELIVER;
    } else if (strcmp(given->kind, "submit") == 0) {
        given->first.kind = LWSEC_SMS_SUBMIT;
    } else {
        return cli_error("--tpdu", "is deliver or submit");
    }
    return CLI_DONE;
}

static int read_stamp(cli_sms_split *given)
{
    lwsec_sms_time stamp = {0};

    if (given->first.kind != LWSEC_SMS_DELIVER) {
        return given->time == NULL ? CLI_DONE : cli_error("--time", "is for --tpdu deliver");
    }
    const bool known = given->time != NULL ? read_time(given->time, &stamp) : now(&stamp);
    return known && lwsec_sms_time_write(&stamp, given->first.timestamp) == LWSEC_OK
               ? CLI_DONE
               : cli_error("--time", "is not a time like 2026-01-31T23:59:59Z");
}

int cli_sms_split_check(cli_sms_split *given)
{
    if (given->kind == NULL) {
        return given->address == NULL && given->time == NULL && !given->reference.given
                   ? CLI_DONE
                   : cli_error(NULL, "--address, --reference and --time are for --tpdu");
    }
    given->first =
        (lwsec_sms_tpdu){.protocol = LWSEC_SMS_PID_DOWNLOAD, .coding = LWSEC_SMS_DCS_CLASS2};
    const int answer = read_kind(given);
    if (answer != CLI_DONE) {
        return answer;
    }
    if (given->address == NULL) {
        return cli_error("--address", "is missing");
    }
    if (lwsec_sms_address_of(given->address, &given->first.address) != LWSEC_OK) {
        return cli_error("--address", "is not a number of up to 20 digits");
    }
    return read_stamp(given);
}

/* ---- TPDUs ---- */

/* One part in hex. A message of its own to the service centre, it has a TP-MR of its own. */
static lwsec_status encode_part(const cli_sms_split *given, const lwsec_sms_split *split,
                                unsigned number, json_t *list, lwsec_reason *reason)
{
    uint8_t header[LWSEC_SMS_HEADER_ROOM];
    uint8_t wire[LWSEC_SMS_TPDU_MAX];
    lwsec_buffer out = lwsec_buffer_of(wire, sizeof wire);
    lwsec_sms_tpdu tpdu = given->first;

    tpdu.reference = (uint8_t)(split->reference + number - 1);
    lwsec_status status = lwsec_sms_split_part(split, number, header, &tpdu);
    if (status == LWSEC_OK) {
        status = lwsec_sms_tpdu_encode(&tpdu, &out, reason);
    }
    if (status == LWSEC_OK) {
        (void)json_array_append_new(list, cli_json_hex(lwsec_buffer_bytes(&out)));
    }
    return status;
}

json_t *cli_sms_split_packet(const cli_sms_split *given, lwsec_bytes packet)
{
    const lwsec_sms_split split = {packet, LWSEC_SMS_IE_COMMAND, (uint8_t)given->reference.value};
    const unsigned parts = lwsec_sms_parts(split.element, packet.size);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    json_t *list = json_array();

    lwsec_status status = parts > 0 ? LWSEC_OK : LWSEC_USAGE;
    for (unsigned number = 1; number <= parts && status == LWSEC_OK; number++) {
        status = encode_part(given, &split, number, list, &reason);
    }
    if (status != LWSEC_OK) {
        (void)cli_error("--tpdu", "the packet does not fit into 255 parts");
        json_decref(list);
        return NULL;
    }
    return list;
}
