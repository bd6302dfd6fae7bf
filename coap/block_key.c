/* Which requests belong to one body: RFC 9175 section 3.1, RFC 7252 section 5.4.2. */
#include "coap/block.h"
#include "coap/option.h"

/* R-5.6-01, R-6.x-adj-01: Request-Tag is among the options that count. */
static bool counts(uint32_t number)
{
    const bool elective = number % 2 == 0;
    const bool no_cache_key = (number & 0x1eU) == 0x1cU;

    return number != LWSEC_COAP_BLOCK1 && number != LWSEC_COAP_BLOCK2 &&
           !(elective && no_cache_key);
}

bool lwsec_block_key_next(lwsec_coap_walk *walk, lwsec_coap_option *option)
{
    while (lwsec_coap_options_next(walk, option)) {
        if (counts(option->number)) {
            return true;
        }
    }
    return false;
}

lwsec_status lwsec_block_key_set(lwsec_block_key *key, lwsec_bytes peer,
                                 const lwsec_coap_message *request)
{
    lwsec_writer writer = lwsec_writer_of(key->room.data, key->room.capacity);
    lwsec_coap_walk walk = lwsec_coap_options(request);
    lwsec_coap_option option;
    uint32_t previous = 0;

    key->room.size = 0;
    lwsec_writer_bytes(&writer, peer);
    while (lwsec_block_key_next(&walk, &option)) {
        lwsec_coap_write_option(&writer, previous, &option);
        previous = option.number;
    }
    if (writer.full) {
        return LWSEC_BUFFER;
    }
    key->peer_size = peer.size;
    key->code = request->code;
    key->room.size = writer.size;
    return LWSEC_OK;
}

bool lwsec_block_key_is(const lwsec_block_key *key, lwsec_bytes peer,
                        const lwsec_coap_message *request)
{
    const lwsec_bytes stored_peer = lwsec_bytes_of(key->room.data, key->peer_size);
    lwsec_coap_walk stored = {{NULL, 0}, 0};
    lwsec_coap_walk walk = lwsec_coap_options(request);
    lwsec_coap_option one;
    lwsec_coap_option other;

    if (key->code != request->code || !lwsec_block_same(stored_peer, peer)) {
        return false;
    }
    if (key->room.size > key->peer_size) {
        stored.rest =
            lwsec_bytes_of(&key->room.data[key->peer_size], key->room.size - key->peer_size);
    }
    while (lwsec_block_key_next(&walk, &one)) {
        if (!lwsec_coap_options_next(&stored, &other) || one.number != other.number ||
            !lwsec_block_same(one.value, other.value)) {
            return false;
        }
    }
    return !lwsec_coap_options_next(&stored, &other);
}
