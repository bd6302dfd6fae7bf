"""CoAP messages over UDP (RFC 7252 section 3) as plain data: neither lwsec's code nor aiocoap's."""

from dataclasses import dataclass, field, replace

URI_HOST, OBSERVE, URI_PORT, OSCORE, HOP_LIMIT, EDHOC = 3, 6, 7, 9, 16, 21
PROXY_URI, PROXY_SCHEME = 35, 39
# RFC 8613 figure 5, RFC 8768 and RFC 9668: what is not encrypted.
CLASS_U = (URI_HOST, URI_PORT, HOP_LIMIT, EDHOC, PROXY_SCHEME)


class Malformed(Exception):
    """Not a CoAP message."""


@dataclass(frozen=True)
class Message:
    type: int
    code: int
    message_id: int
    token: bytes
    options: tuple = field(default=())  # of (number, value), in ascending order
    payload: bytes = b""

    def with_options(self, options):
        """The same with other options; those of one number stay in their order."""
        return replace(self, options=tuple(sorted(options, key=lambda option: option[0])))

    def without(self, *numbers):
        return self.with_options(option for option in self.options if option[0] not in numbers)

    def only(self, *numbers):
        return [option for option in self.options if option[0] in numbers]

    def first(self, number):
        """The value of the first such option, or None."""
        return next((value for found, value in self.options if found == number), None)

    @property
    def is_request(self):
        return self.code < 32


def extended(number):
    """The nibble of an option delta or length, and the bytes that follow."""
    if number < 13:
        return number, b""
    if number < 269:
        return 13, bytes([number - 13])
    return 14, (number - 269).to_bytes(2, "big")


def encode(message):
    wire = bytearray([0x40 | message.type << 4 | len(message.token), message.code])
    wire += message.message_id.to_bytes(2, "big") + message.token
    previous = 0
    for number, value in message.options:
        delta, delta_bytes = extended(number - previous)
        length, length_bytes = extended(len(value))
        wire += bytes([delta << 4 | length]) + delta_bytes + length_bytes + value
        previous = number
    if message.payload:
        wire += b"\xff" + message.payload
    return bytes(wire)


def read_extended(nibble, wire, position):
    size = {13: 1, 14: 2}.get(nibble, 0)
    if nibble == 15 or position + size > len(wire):
        raise Malformed
    if size == 0:
        return nibble, position
    value = int.from_bytes(wire[position : position + size], "big")
    return value + (13 if size == 1 else 269), position + size


def decode(wire):
    """Takes what this test makes, and what is left of it after damage behind the token."""
    body = 4 + (wire[0] & 15)
    options, number, position = [], 0, body
    while position < len(wire) and wire[position] != 0xFF:
        head = wire[position]
        delta, position = read_extended(head >> 4, wire, position + 1)
        length, position = read_extended(head & 15, wire, position)
        if position + length > len(wire):
            raise Malformed
        number += delta
        options.append((number, wire[position : position + length]))
        position += length
    return Message(
        type=wire[0] >> 4 & 3,
        code=wire[1],
        message_id=int.from_bytes(wire[2:4], "big"),
        token=wire[4:body],
        options=tuple(options),
        payload=wire[position + 1 :],
    )
