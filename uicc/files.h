/* Files of a card: SELECT, READ BINARY, READ RECORD of TS 102 221. */
#ifndef LWSEC_UICC_FILES_H
#define LWSEC_UICC_FILES_H

#include <lwsec/smartcard_bootstrap.h>

/* What the FCP says of a file. */
typedef struct lwsec_card_file {
    size_t size;         /* of a transparent file */
    uint8_t record_size; /* of a linear fixed file, or 0 for a transparent one */
} lwsec_card_file;

/* Reads an FCP template. LWSEC_REJECT with CARD_FILE: none, or one without what is needed. */
LWSEC_MUST_CHECK lwsec_status lwsec_card_read_fcp(lwsec_bytes fcp, lwsec_card_file *file,
                                                  lwsec_reason *reason);

/* SELECT by path, with FCP: from the MF where the path begins with 3F00, or else from the current
 * application. LWSEC_ABSENT: no such file. */
LWSEC_MUST_CHECK lwsec_status lwsec_card_select(lwsec_apdu *card, const lwsec_smartcard_path *path,
                                                lwsec_card_file *file, lwsec_reason *reason);

/* The whole of the transparent file that is selected. */
LWSEC_MUST_CHECK lwsec_status lwsec_card_read_binary(lwsec_apdu *card, const lwsec_card_file *file,
                                                     lwsec_buffer *out, lwsec_reason *reason);

/* One record of the file that is selected. LWSEC_ABSENT: there is none of this number. */
LWSEC_MUST_CHECK lwsec_status lwsec_card_read_record(lwsec_apdu *card, const lwsec_card_file *file,
                                                     uint8_t number, lwsec_buffer *out,
                                                     lwsec_reason *reason);

#endif
