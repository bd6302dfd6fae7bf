/* The files of Appendix G: EF(DIR), EF(ODF), EF(DODF-bootstrap), EF(LwM2M_Bootstrap). */
/*
 * EF(ODF) has one data object directory, by path. EF(DODF-bootstrap) has one object of the kind
 * opaque: label and flags, the OID 2.23.43.9.1, the path of the bootstrap file.
 */
#include "tests/uicc/card/internal.h"

#include <string.h>

enum {
    EF_DIR = 0x2F00,
    EF_ODF = 0x5031,
    EF_DODF = 0x6430,
    EF_BOOTSTRAP = 0x6432,
    DIR_RECORD = 0x30,
    TEMPLATE = 0x61,
    AID = 0x4F,
    LABEL = 0x50,
    PATH = 0x51,
    SEQUENCE = 0x30,
    UTF8 = 0x0C,
    BIT_STRING = 0x03,
    OCTET_STRING = 0x04,
    OID = 0x06,
    TYPE_ATTRIBUTES = 0xA1,
    DATA_OBJECTS = 0xA7
};

struct octets application_name(const struct card *card, enum application application)
{
    static const uint8_t pkcs15[] = {0xA0, 0x00, 0x00, 0x00, 0x63, 0x50,
                                     0x4B, 0x43, 0x53, 0x2D, 0x31, 0x35};
    static const uint8_t iotsafe[] = {0xA0, 0x00, 0x00, 0x05, 0x59, 0x00, 0x10};

    switch (application) {
    case APPLICATION_LWM2M: return (struct octets){card->aid, card->aid_size};
    case APPLICATION_PKCS15: return (struct octets){pkcs15, sizeof(pkcs15)};
    case APPLICATION_IOTSAFE: return (struct octets){iotsafe, sizeof(iotsafe)};
    default: return (struct octets){0};
    }
}

static struct octets text(const char *string)
{
    return (struct octets){(const uint8_t *)string, strlen(string)};
}

/* One application's template; up to a record's size with FF where EF(DIR) has records. */
static void put_template(struct room *dir, struct octets aid, const char *label, struct octets path,
                         bool transparent)
{
    uint8_t bytes[DIR_RECORD];
    struct room template = ROOM_OF(bytes);
    const size_t before = dir->size;

    room_put_tlv(&template, AID, aid);
    room_put_tlv(&template, LABEL, text(label));
    if (path.size > 0) {
        room_put_tlv(&template, PATH, path);
    }
    room_put_tlv(dir, TEMPLATE, room_octets(&template));
    while (!transparent && !dir->full && dir->size - before < DIR_RECORD) {
        room_put_number(dir, 1, 0xFF);
    }
}

static bool make_dir(struct card *card, bool transparent)
{
    static const uint8_t path[] = {0x3F, 0x00, 0x7F, 0x50};
    struct room dir = ROOM_OF(card->ef_dir);

    put_template(&dir, application_name(card, APPLICATION_LWM2M), "LwM2M", (struct octets){0},
                 transparent);
    put_template(&dir, application_name(card, APPLICATION_PKCS15), "PKCS#15",
                 (struct octets){path, sizeof(path)}, transparent);
    card->file[0] =
        (struct file){EF_DIR, APPLICATION_NONE, transparent ? 0 : DIR_RECORD, room_octets(&dir)};
    return !dir.full;
}

/* SEQUENCE { OCTET STRING file identifier } */
static void put_path(struct room *room, uint16_t identifier)
{
    uint8_t file[2], bytes[4];
    struct room name = ROOM_OF(file), path = ROOM_OF(bytes);

    room_put_number(&name, 2, identifier);
    room_put_tlv(&path, OCTET_STRING, room_octets(&name));
    room_put_tlv(room, SEQUENCE, room_octets(&path));
}

static bool make_odf(struct card *card)
{
    uint8_t bytes[8];
    struct room path = ROOM_OF(bytes), odf = ROOM_OF(card->ef_odf);

    put_path(&path, EF_DODF);
    room_put_tlv(&odf, DATA_OBJECTS, room_octets(&path));
    card->file[1] = (struct file){EF_ODF, APPLICATION_PKCS15, 0, room_octets(&odf)};
    return !path.full && !odf.full;
}

static bool make_dodf(struct card *card)
{
    static const uint8_t lwm2m[] = {0x67, 0x2B, 0x09, 0x01};
    static const uint8_t no_flags[] = {0x00}; /* neither private nor modifiable */
    uint8_t common_bytes[32], class_bytes[8], type_bytes[8], object_bytes[60];
    struct room common = ROOM_OF(common_bytes), class = ROOM_OF(class_bytes);
    struct room type = ROOM_OF(type_bytes), object = ROOM_OF(object_bytes);
    struct room dodf = ROOM_OF(card->ef_dodf);

    room_put_tlv(&common, UTF8, text("LwM2M Bootstrap"));
    room_put_tlv(&common, BIT_STRING, (struct octets){no_flags, sizeof(no_flags)});
    room_put_tlv(&class, OID, (struct octets){lwm2m, sizeof(lwm2m)});
    put_path(&type, EF_BOOTSTRAP);
    room_put_tlv(&object, SEQUENCE, room_octets(&common));
    room_put_tlv(&object, SEQUENCE, room_octets(&class));
    room_put_tlv(&object, TYPE_ATTRIBUTES, room_octets(&type));
    room_put_tlv(&dodf, SEQUENCE, room_octets(&object));
    card->file[2] = (struct file){EF_DODF, APPLICATION_PKCS15, 0, room_octets(&dodf)};
    return !common.full && !class.full && !type.full && !object.full && !dodf.full;
}

/*
 * One Security instance: coap://bs.example.com:5683, a bootstrap server, mode 3 (NoSec). One
 * object, its identifier 0, the implicit version, the length, an instance that has three resources.
 */
static struct octets built_in(void)
{
    static const uint8_t content[] = {0x00, 0x01, 0x00, 0x2B, 0x00, 0x00, 0x00, 0x00, 0x26, 0x08,
                                      0x00, 0x23, 0xC8, 0x00, 0x1A, 'c',  'o',  'a',  'p',  ':',
                                      '/',  '/',  'b',  's',  '.',  'e',  'x',  'a',  'm',  'p',
                                      'l',  'e',  '.',  'c',  'o',  'm',  ':',  '5',  '6',  '8',
                                      '3',  0xC1, 0x01, 0x01, 0xC1, 0x02, 0x03};

    return (struct octets){content, sizeof(content)};
}

static bool make_bootstrap(struct card *card, struct octets content)
{
    struct room file = ROOM_OF(card->bootstrap);

    room_put(&file, content.size > 0 ? content : built_in());
    card->file[3] = (struct file){EF_BOOTSTRAP, APPLICATION_PKCS15, 0, room_octets(&file)};
    return !file.full;
}

bool files_make(struct card *card, const struct card_setup *setup)
{
    return make_dir(card, setup->transparent_ef_dir) && make_odf(card) && make_dodf(card) &&
           make_bootstrap(card, setup->bootstrap);
}
