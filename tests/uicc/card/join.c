/* Messages that come in parts: kept by sender, reference and number of parts. */
#include "tests/uicc/card/tpdu.h"

#include <string.h>

static bool belongs(const struct assembly *assembly, const struct delivered *part)
{
    const struct octets address = {assembly->address, assembly->address_size};

    return assembly->age != 0 && assembly->reference == part->reference &&
           assembly->parts == part->parts && octets_equal(address, part->address);
}

static struct assembly *oldest(struct assemblies *assemblies)
{
    struct assembly *found = &assemblies->of[0];

    for (size_t i = 1; i < TPDU_ASSEMBLIES; i++) {
        if (assemblies->of[i].age < found->age) {
            found = &assemblies->of[i];
        }
    }
    return found;
}

static struct assembly *assembly_of(struct assemblies *assemblies, const struct delivered *part)
{
    for (size_t i = 0; i < TPDU_ASSEMBLIES; i++) {
        if (belongs(&assemblies->of[i], part)) {
            return &assemblies->of[i];
        }
    }
    struct assembly *const assembly = oldest(assemblies);
    *assembly = (struct assembly){
        .age = ++assemblies->age,
        .address_size = part->address.size,
        .reference = part->reference,
        .parts = part->parts,
    };
    memcpy(assembly->address, part->address.data, part->address.size);
    return assembly;
}

static bool is_complete(const struct assembly *assembly)
{
    for (unsigned i = 0; i < assembly->parts; i++) {
        if (!assembly->part[i].here) {
            return false;
        }
    }
    return true;
}

bool tpdu_join(struct assemblies *assemblies, const struct delivered *part, struct room *packet)
{
    const size_t index = part->number - 1;

    if (part->parts > TPDU_PARTS || part->address.size > TPDU_ADDRESS ||
        part->data.size > TPDU_USER_DATA) {
        return false;
    }
    struct assembly *const assembly = assembly_of(assemblies, part);
    const struct octets had = {assembly->part[index].data, assembly->part[index].size};
    if (assembly->part[index].here) {
        if (!octets_equal(had, part->data)) {
            *assembly = (struct assembly){0};
        }
        return false;
    }
    memcpy(assembly->part[index].data, part->data.data, part->data.size);
    assembly->part[index].size = part->data.size;
    assembly->part[index].here = true;
    if (!is_complete(assembly)) {
        return false;
    }
    for (unsigned i = 0; i < assembly->parts; i++) {
        room_put(packet, (struct octets){assembly->part[i].data, assembly->part[i].size});
    }
    *assembly = (struct assembly){0};
    return !packet->full;
}
