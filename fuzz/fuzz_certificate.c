/* Certificates, revocation lists, PEM and names: nothing is read outside of the input, and what is
 * true of names stays true.
 */
#include "certpolicy/der_crl.h"
#include "certpolicy/name.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void require_inside(lwsec_bytes part, lwsec_bytes whole)
{
    require(part.size == 0 || (part.data >= whole.data && part.size <= whole.size &&
                               (size_t)(part.data - whole.data) <= whole.size - part.size));
}

/* The first part, up to a NUL, and what is behind it. */
static lwsec_bytes split(lwsec_bytes *rest)
{
    size_t end = 0;

    while (end < rest->size && rest->data[end] != 0) {
        end++;
    }
    const lwsec_bytes first = lwsec_bytes_of(rest->data, end);
    *rest = end < rest->size ? lwsec_bytes_of(&rest->data[end + 1], rest->size - end - 1)
                             : lwsec_bytes_of(NULL, 0);
    return first;
}

static void check_view(lwsec_bytes der)
{
    lwsec_cert_reference reference = {.kind = LWSEC_CERT_REFERENCE_DNS,
                                      .name = lwsec_bytes_of("server.example", 14)};
    lwsec_bytes name = {NULL, 0};
    lwsec_cert_view view;
    uint32_t comparisons = 1000;

    if (lwsec_cert_view_read(der, &view, NULL) != LWSEC_OK) {
        require(view.version == 0 && view.der.data == NULL);
        require(lwsec_cert_common_name(der, &name) == LWSEC_REJECT);
        return;
    }
    require_inside(view.seal.tbs, der);
    require_inside(view.seal.signature, der);
    require_inside(view.key, view.seal.tbs);
    require_inside(view.subject, view.seal.tbs);
    require_inside(view.issuer, view.seal.tbs);
    require_inside(view.alt_names, view.seal.tbs);
    require_inside(view.permitted, view.seal.tbs);
    require_inside(view.excluded, view.seal.tbs);
    require_inside(view.authority_issuer, view.seal.tbs);
    require_inside(view.subject_key_id, view.seal.tbs);
    require(view.serial.size > 0 && (view.critical & ~view.present) == 0);
    require(lwsec_name_same(view.subject, view.subject));
    require(lwsec_name_same(view.subject, view.issuer) ==
            lwsec_name_same(view.issuer, view.subject));
    require(lwsec_name_begins(view.subject, view.issuer, false) ||
            !lwsec_name_same(view.subject, view.issuer));
    require(lwsec_name_begins(view.subject, view.issuer, true) ||
            !lwsec_name_begins(view.subject, view.issuer, false));
    (void)lwsec_name_identifies(&view, &reference, true);
    (void)lwsec_name_constraints_kept(&view, &view, true, &comparisons);
    if (lwsec_cert_common_name(der, &name) == LWSEC_OK) {
        require_inside(name, view.subject);
    }
}

static void check_list(lwsec_bytes der)
{
    static const uint8_t serial[] = {1};
    lwsec_crl_view list;

    if (lwsec_crl_view_read(der, &list, NULL) == LWSEC_OK) {
        require_inside(list.seal.tbs, der);
        require_inside(list.issuer, list.seal.tbs);
        require_inside(list.entries, list.seal.tbs);
        (void)lwsec_crl_has(&list, lwsec_bytes_of(serial, sizeof serial));
    }
}

static void check_pem(lwsec_bytes text)
{
    static uint8_t room[1 << 16];
    size_t position = 0, before = 0;
    lwsec_buffer der = lwsec_buffer_of(room, sizeof room);

    while (lwsec_pem_next(text, "X", &position, &der, NULL) == LWSEC_OK) {
        require(position > before && position <= text.size && der.size > 0);
        before = position;
    }
    require(der.size == 0 && position == before);
}

/* A presented name and a reference. */
static void check_dns(lwsec_bytes rest)
{
    const lwsec_bytes presented = split(&rest);
    const bool matches = lwsec_name_dns_matches(presented, rest);

    require(!matches || (rest.size > 0 && presented.size > 0));
    if (lwsec_name_is_dns(rest)) {
        require(lwsec_name_dns_matches(rest, rest));
        require(matches == lwsec_name_same_text(presented, rest) || presented.data[0] == '*');
    }
}

static void check_reference(lwsec_bytes rest)
{
    lwsec_bytes sni = split(&rest), server_name;
    lwsec_cert_reference reference;
    uint8_t address[16];

    if (sni.size == 0) {
        sni.data = NULL;
    }
    if (lwsec_cert_reference_of(sni, rest, &reference, &server_name, NULL) != LWSEC_OK) {
        return;
    }
    const bool is_address = reference.kind == LWSEC_CERT_REFERENCE_IP;
    require(is_address == (server_name.data == NULL));
    require(!is_address ||
            (sni.data == NULL && (reference.address_size == 4 || reference.address_size == 16)));
    require(is_address || lwsec_name_is_dns(reference.name));
    (void)lwsec_name_read_address(rest, address);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const lwsec_bytes rest = lwsec_bytes_of(size > 1 ? &data[1] : NULL, size - 1);
    switch (data[0] & 7U) {
    case 0: check_view(rest); break;
    case 1: check_list(rest); break;
    case 2: check_pem(rest); break;
    case 3: check_dns(rest); break;
    case 4: check_reference(rest); break;
    default: break;
    }
    return 0;
}
