/* Files of sealed keys: whatever they hold, reading ends, and what is read stands in the file. */
#include "crypto/sealed_file/wrap.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A pointer that is not inside of the file would be a defect that no sanitizer sees. */
static void check_inside(lwsec_bytes part, const uint8_t *file, size_t size)
{
    if (part.size > 0 && (part.data < file || part.data + part.size > file + size)) {
        abort();
    }
}

static void look(const uint8_t *file, size_t size)
{
    static const uint8_t key[LWSEC_BOX_KEY];
    uint8_t secret[LWSEC_SEALED_SECRET_MAX];
    lwsec_sealed_image image;
    lwsec_sealed_entry entry;

    if (lwsec_sealed_parse(lwsec_bytes_of(file, size), 8, &image, NULL) != LWSEC_OK) {
        return;
    }
    lwsec_reader entries = lwsec_reader_of(image.entries);
    uint32_t count = 0;
    check_inside(image.wrap.wrapped, file, size);
    while (lwsec_sealed_next(&entries, &entry)) {
        check_inside(entry.name, file, size);
        check_inside(entry.sealed, file, size);
        (void)lwsec_sealed_open_entry(&image, &entry, key, secret);
        count++;
    }
    if (count != image.count) {
        abort();
    }
    (void)lwsec_sealed_verify(&image, key);
}

/* As it is, and with the digest that it should have: else nothing gets past it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t file[4096];

    if (size > sizeof file - LWSEC_BOX_DIGEST || !lwsec_box_start()) {
        return 0;
    }
    look(data, size);
    if (size > 0) {
        memcpy(file, data, size);
    }
    lwsec_box_digest(lwsec_bytes_of(file, size), &file[size]);
    look(file, size + LWSEC_BOX_DIGEST);
    return 0;
}
