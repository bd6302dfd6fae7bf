/* The options of a message: the walk, the search, and values that are numbers. */
#include "coap/option.h"

lwsec_coap_walk lwsec_coap_options(const lwsec_coap_message *message)
{
    lwsec_coap_walk walk = {message->options, 0};
    return walk;
}

bool lwsec_coap_options_next(lwsec_coap_walk *walk, lwsec_coap_option *option)
{
    lwsec_reader reader = lwsec_reader_of(walk->rest);

    if (!lwsec_coap_at_option(&reader)) {
        return false;
    }
    const lwsec_coap_option next = lwsec_coap_read_option(&reader, walk->number);
    if (lwsec_reader_failed(&reader)) {
        /* Not the options of a decoded message: whatever they are, the walk ends here. */
        walk->rest = lwsec_bytes_of(NULL, 0);
        return false;
    }
    walk->rest = lwsec_reader_rest(&reader);
    walk->number = next.number;
    *option = next;
    return true;
}

bool lwsec_coap_option_find(const lwsec_coap_message *message, uint32_t number,
                            lwsec_coap_option *option)
{
    lwsec_coap_walk walk = lwsec_coap_options(message);
    lwsec_coap_option next;

    while (lwsec_coap_options_next(&walk, &next) && next.number <= number) {
        if (next.number == number) {
            *option = next;
            return true;
        }
    }
    return false;
}

bool lwsec_coap_option_uint(lwsec_bytes value, uint32_t *number)
{
    lwsec_reader reader = lwsec_reader_of(value);

    if (value.size > sizeof *number) {
        return false;
    }
    *number = (uint32_t)lwsec_reader_uint(&reader, value.size);
    return true;
}

lwsec_bytes lwsec_coap_uint_value(uint32_t number, uint8_t room[4])
{
    lwsec_writer writer = lwsec_writer_of(room, 4);
    size_t size = 0;

    for (uint32_t rest = number; rest > 0; rest >>= 8) {
        size++;
    }
    lwsec_writer_uint(&writer, number, size);
    return lwsec_bytes_of(room, size);
}
