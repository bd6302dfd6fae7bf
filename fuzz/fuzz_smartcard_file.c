/* Covers uicc/: the contents of a card's files. The first byte chooses which one. */
#include "uicc/files.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void require_inside(lwsec_bytes field, lwsec_bytes file)
{
    if (field.size > 0) {
        const uintptr_t offset = (uintptr_t)field.data - (uintptr_t)file.data;
        require(offset < file.size && field.size <= file.size - offset);
    }
}

/* The objects take exactly what the header says, and no more than there is. */
static void check_objects(lwsec_bytes file)
{
    lwsec_smartcard_object object;
    lwsec_smartcard_walk walk;
    unsigned count = 0;
    size_t size = 0;

    if (lwsec_smartcard_objects(file, &walk, NULL) != LWSEC_OK) {
        return;
    }
    while (lwsec_smartcard_next(&walk, &object)) {
        require_inside(object.instances, file);
        size += object.instances.size + (object.major != 0 ? 6U : 5U);
        count++;
    }
    require(count == ((unsigned)file.data[0] << 8 | file.data[1]));
    require(size == ((size_t)file.data[2] << 8 | file.data[3]) && size + 4 <= file.size);
}

static void require_path(const lwsec_smartcard_path *path)
{
    require(path->size >= 2 && path->size % 2 == 0 && path->size <= sizeof path->octets);
}

static void check_directories(lwsec_bytes file)
{
    lwsec_smartcard_path path;

    for (size_t i = 0; lwsec_smartcard_read_odf(file, i, &path, NULL) == LWSEC_OK; i++) {
        require_path(&path);
        require(i <= file.size);
    }
    if (lwsec_smartcard_read_dodf(file, &path, NULL) == LWSEC_OK) {
        require_path(&path);
    }
}

static void check_record(lwsec_bytes record)
{
    lwsec_bytes aid;
    lwsec_card_file file;

    if (lwsec_smartcard_read_dir(record, &aid, NULL) == LWSEC_OK) {
        require_inside(aid, record);
        require(aid.size >= 12 && aid.size <= 16);
    }
    if (lwsec_card_read_fcp(record, &file, NULL) == LWSEC_OK) {
        require(record.size > 8);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    const lwsec_bytes file = lwsec_bytes_of(&data[1], size - 1);
    switch (data[0] % 3) {
    case 0: check_objects(file); break;
    case 1: check_directories(file); break;
    default: check_record(file); break;
    }
    return 0;
}
