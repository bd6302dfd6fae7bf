/* Bootstrap from a smartcard: the files of Appendix G of LwM2M Core, and the way to them. */
#ifndef LWSEC_SMARTCARD_BOOTSTRAP_H
#define LWSEC_SMARTCARD_BOOTSTRAP_H

#include <lwsec/apdu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most that EF LwM2M_Bootstrap may have (G.3.3). */
#define LWSEC_SMARTCARD_FILE_MAX 32768U
/* Octets of the longest path of a file. */
#define LWSEC_SMARTCARD_PATH_MAX 16U

/* One object out of EF LwM2M_Bootstrap, as it is stored. */
typedef struct lwsec_smartcard_object {
    uint16_t id;
    uint8_t major; /* 0 and 0: the implicit version, 1.0 or that of the enabler */
    uint8_t minor;
    lwsec_bytes instances; /* LwM2M TLV of the object's instances; may be empty */
} lwsec_smartcard_object;

/* A place in EF LwM2M_Bootstrap. Filled by lwsec_smartcard_objects. */
typedef struct lwsec_smartcard_walk {
    lwsec_bytes rest;
} lwsec_smartcard_walk;

/*
 * Checks the frame of the whole content of EF LwM2M_Bootstrap: number of objects, size, and each
 * object with id, version and length, all big-endian (G.3.3). A file may be longer than its
 * content, by octets of FF or of 00. The TLV inside of an object is not looked at.
 *
 * LWSEC_REJECT: lengths or the number of objects do not fit, an object stands twice, or what is
 * behind the content is no filler; with CARD_FILE where no other reason tells more.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_smartcard_objects(lwsec_bytes file,
                                                                lwsec_smartcard_walk *walk,
                                                                lwsec_reason *reason);

/* The next object, which points into the file; false behind the last. */
LWSEC_API bool lwsec_smartcard_next(lwsec_smartcard_walk *walk, lwsec_smartcard_object *object);

/* The path of a file, as a PKCS#15 file gives it. */
typedef struct lwsec_smartcard_path {
    uint8_t octets[LWSEC_SMARTCARD_PATH_MAX];
    uint8_t size; /* even, 2 to LWSEC_SMARTCARD_PATH_MAX */
} lwsec_smartcard_path;

/*
 * EF(ODF): the path of data object directory number `index`, in their order of priority (tag A7).
 * EF(DODF-bootstrap): the path of the first data object for LwM2M bootstrap, by its object
 * identifier 2.23.43.9.1, also where a card has wrapped that once more (06 06 06 04 67 2B 09 01).
 *
 * LWSEC_ABSENT: there is none (or no more). LWSEC_REJECT with CARD_FILE: malformed.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_smartcard_read_odf(lwsec_bytes file, size_t index,
                                                                 lwsec_smartcard_path *path,
                                                                 lwsec_reason *reason);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_smartcard_read_dodf(lwsec_bytes file,
                                                                  lwsec_smartcard_path *path,
                                                                  lwsec_reason *reason);

/* A record of EF(DIR): the AID of a PKCS#15 application (tag 61 with a 4F that begins with A0 00 00
 * 00 63 and "PKCS-15"). LWSEC_ABSENT: of another application, or empty. LWSEC_REJECT: malformed. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_smartcard_read_dir(lwsec_bytes record,
                                                                 lwsec_bytes *aid,
                                                                 lwsec_reason *reason);

/*
 * The way to the application (G.2.1): EF(DIR) on the basic channel, MANAGE CHANNEL, SELECT. An
 * `aid` that is not empty is taken instead of that in EF(DIR), for cards without it, or for one
 * that had a secure channel: EF(DIR) is read in the clear.
 *
 * A secure channel (Appendix H) is opened next, by lwsec_scp03_open, before anything is read.
 * LWSEC_ABSENT: no PKCS#15 application. Those of lwsec_apdu_exchange and lwsec_apdu_select. The
 * logical channel is closed again on any answer but LWSEC_OK, if the card lets it.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_smartcard_select(lwsec_apdu *card, lwsec_bytes aid,
                                                               lwsec_reason *reason);

/*
 * Reads EF LwM2M_Bootstrap into `file`: EF(ODF) 5031, each EF(DODF) until one names it, then the
 * file, as long as its FCP says. It is checked by lwsec_smartcard_objects, and cut to its content.
 * A file that wants a PIN first is refused by the card (6982): VERIFY is the caller's, before this.
 *
 * Nobody comes between the commands. LWSEC_ABSENT: a file is not there, or none is for LwM2M.
 * LWSEC_REJECT with CARD_FILE: malformed, or longer than may be. LWSEC_BUFFER: `file` holds less
 * than the file has (LWSEC_SMARTCARD_FILE_MAX is always enough). On any answer but LWSEC_OK `file`
 * is wiped.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_smartcard_read(lwsec_apdu *card, lwsec_buffer *file,
                                                             lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
