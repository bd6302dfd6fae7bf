/* What the files of a PKCS#15 application and EF(DIR) say: PKCS#15 v1.1, TS 102 221 section 13.1.
 */
#include <lwsec/smartcard_bootstrap.h>

#include "core/reason.h"
#include "uicc/ber.h"

#include <string.h>

/* Tags. */
enum {
    OCTET_STRING = 0x04,
    OBJECT_IDENTIFIER = 0x06,
    SEQUENCE = 0x30,
    APPLICATION_TEMPLATE = 0x61,
    APPLICATION_IDENTIFIER = 0x4f,
    TYPE_ATTRIBUTES = 0xa1,
    OID_DATA_OBJECT = 0xa1,
    DATA_OBJECTS = 0xa7
};

static const uint8_t pkcs15_aid[] = {0xa0, 0x00, 0x00, 0x00, 0x63, 'P',
                                     'K',  'C',  'S',  '-',  '1',  '5'};
/* 2.23.43.9.1, as some cards have it: with tag and length before it. It ends as it should be. */
static const uint8_t bootstrap_oid[] = {OBJECT_IDENTIFIER, 0x04, 0x67, 0x2b, 0x09, 0x01};

static bool same(lwsec_bytes value, const uint8_t *other, size_t size)
{
    return lwsec_equal_secret(value, lwsec_bytes_of(other, size));
}

static bool is_bootstrap(lwsec_bytes oid)
{
    return same(oid, &bootstrap_oid[2], sizeof bootstrap_oid - 2) ||
           same(oid, bootstrap_oid, sizeof bootstrap_oid);
}

/* Path ::= SEQUENCE { path OCTET STRING, ... }. */
static bool take_path(lwsec_reader *reader, lwsec_smartcard_path *path)
{
    const lwsec_ber sequence = lwsec_ber_find(reader, SEQUENCE);
    lwsec_reader inside = lwsec_reader_of(sequence.value);
    const lwsec_ber octets = lwsec_ber_find(&inside, OCTET_STRING);

    if (octets.tag == 0 || octets.value.size < 2 || octets.value.size % 2 != 0 ||
        octets.value.size > sizeof path->octets) {
        return false;
    }
    memcpy(path->octets, octets.value.data, octets.value.size);
    path->size = (uint8_t)octets.value.size;
    return true;
}

static lwsec_status malformed(const lwsec_reader *reader, lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_FILE, reader->position, reason);
}

static lwsec_status absent(lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_CARD_FILE, 0, reason);
}

lwsec_status lwsec_smartcard_read_odf(lwsec_bytes file, size_t index, lwsec_smartcard_path *path,
                                      lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(file);
    lwsec_smartcard_path found;
    lwsec_ber entry = lwsec_ber_find(&reader, DATA_OBJECTS);

    for (size_t i = 0; i < index && entry.tag != 0; i++) {
        entry = lwsec_ber_find(&reader, DATA_OBJECTS);
    }
    if (lwsec_reader_failed(&reader)) {
        return malformed(&reader, reason);
    }
    if (entry.tag == 0) {
        return absent(reason);
    }
    lwsec_reader inside = lwsec_reader_of(entry.value);
    if (!take_path(&inside, &found)) {
        return malformed(&reader, reason);
    }
    *path = found;
    return lwsec_accept(reason);
}

/* Whether an object identifier for bootstrap is among the TLVs, or in a SEQUENCE of them. */
static bool names_bootstrap(lwsec_bytes attributes)
{
    lwsec_reader reader = lwsec_reader_of(attributes);
    const lwsec_ber oid = lwsec_ber_find(&reader, OBJECT_IDENTIFIER);

    return oid.tag != 0 && is_bootstrap(oid.value);
}

/*
 * A data object is common attributes, class attributes with the application's name and OID, and
 * type attributes with the value. In an oidDO the OID stands in the type attributes, before it.
 */
static bool take_object(const lwsec_ber *entry, bool *names, lwsec_smartcard_path *path)
{
    lwsec_reader reader = lwsec_reader_of(entry->value);
    const lwsec_ber common = lwsec_ber_next(&reader);
    const lwsec_ber class = lwsec_ber_next(&reader);
    const lwsec_ber type = lwsec_ber_find(&reader, TYPE_ATTRIBUTES);
    lwsec_reader value = lwsec_reader_of(type.value);

    if (common.tag != SEQUENCE || class.tag != SEQUENCE || lwsec_reader_failed(&reader)) {
        return false;
    }
    *names = names_bootstrap(class.value);
    if (entry->tag == OID_DATA_OBJECT) {
        const lwsec_ber oid_do = lwsec_ber_find(&value, SEQUENCE);
        *names = *names || names_bootstrap(oid_do.value);
        value = lwsec_reader_of(oid_do.value);
    }
    return !*names || take_path(&value, path);
}

lwsec_status lwsec_smartcard_read_dodf(lwsec_bytes file, lwsec_smartcard_path *path,
                                       lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(file);
    lwsec_smartcard_path found;
    bool names = false;

    for (;;) {
        const lwsec_ber entry = lwsec_ber_next(&reader);
        if (lwsec_reader_failed(&reader)) {
            return malformed(&reader, reason);
        }
        if (entry.tag == 0) {
            return absent(reason);
        }
        if (entry.tag != SEQUENCE && entry.tag != OID_DATA_OBJECT) {
            continue; /* an object of a kind that is not ours */
        }
        if (!take_object(&entry, &names, &found)) {
            return malformed(&reader, reason);
        }
        if (names) {
            *path = found;
            return lwsec_accept(reason);
        }
    }
}

lwsec_status lwsec_smartcard_read_dir(lwsec_bytes record, lwsec_bytes *aid, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(record);
    const lwsec_ber template = lwsec_ber_find(&reader, APPLICATION_TEMPLATE);
    lwsec_reader inside = lwsec_reader_of(template.value);
    const lwsec_ber found = lwsec_ber_find(&inside, APPLICATION_IDENTIFIER);

    if (lwsec_reader_failed(&reader) || lwsec_reader_failed(&inside) || found.value.size > 16) {
        return malformed(&reader, reason);
    }
    if (found.value.size < sizeof pkcs15_aid ||
        !same(lwsec_bytes_of(found.value.data, sizeof pkcs15_aid), pkcs15_aid, sizeof pkcs15_aid)) {
        return absent(reason);
    }
    *aid = found.value;
    return lwsec_accept(reason);
}
