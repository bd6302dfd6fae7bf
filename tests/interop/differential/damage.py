"""Ways to damage a protected message. Each gives a message that still has the header and token."""

import coap


def flags_of(option):
    return option[0] if option else 0


class Option:
    """The value of an OSCORE option in its parts (RFC 8613 section 6.1), to change one of them."""

    def __init__(self, value):
        flags = flags_of(value)
        rest = value[1:]
        self.reserved = 0
        self.piv, rest = rest[: flags & 7], rest[flags & 7 :]
        self.kid_context = None
        if flags & 16:
            self.kid_context, rest = rest[1 : 1 + rest[0]], rest[1 + rest[0] :]
        self.kid = rest if flags & 8 else None

    def encode(self):
        flags = self.reserved | len(self.piv)
        value = self.piv
        if self.kid_context is not None:
            flags |= 16
            value += bytes([len(self.kid_context)]) + self.kid_context
        if self.kid is not None:
            flags |= 8
            value += self.kid
        return bytes([flags]) + value if flags else b""


def change_option(wire, change):
    message = coap.decode(wire)
    option = Option(message.first(coap.OSCORE))
    change(option)
    others = message.without(coap.OSCORE).options
    return coap.encode(message.with_options(others + ((coap.OSCORE, option.encode()),)))


def other_bytes(random, value, longest):
    changed = value
    while changed == value:
        changed = random.randbytes(random.randint(0, longest))
    return changed


def flip_bits(random, wire):
    damaged = bytearray(wire)
    first = 4 + (wire[0] & 15)
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        damaged[random.randrange(first, len(wire))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def cut_or_extend(random, wire):
    if random.random() < 0.3:
        return wire + random.randbytes(random.randint(1, 20))
    return wire[: random.randrange(4 + (wire[0] & 15), len(wire))]


def change_kid(random, wire):
    def change(option):
        if option.kid is not None and random.random() < 0.3:
            option.kid = None
        else:
            option.kid = other_bytes(random, option.kid, 7)

    return change_option(wire, change)


def change_kid_context(random, wire):
    def change(option):
        if option.kid_context is not None and random.random() < 0.4:
            option.kid_context = None
        else:
            option.kid_context = other_bytes(random, option.kid_context, 40)

    return change_option(wire, change)


def change_piv(random, wire):
    def change(option):
        kind = random.random()
        if kind < 0.2:
            option.piv = b""
        elif kind < 0.4:
            option.piv = (b"\0" + option.piv)[:7]
        else:
            option.piv = other_bytes(random, option.piv, 7)

    return change_option(wire, change)


def change_flags(random, wire):
    def change(option):
        option.reserved = random.choice((0x20, 0x40, 0x80, 0xE0))

    return change_option(wire, change)


def change_outer_options(random, wire):
    """Adds options that anyone on the way may add, or takes one away; the OSCORE option stays."""
    message = coap.decode(wire)
    options = list(message.options)
    others = [option for option in options if option[0] != coap.OSCORE]
    if others and random.random() < 0.5:
        options.remove(random.choice(others))
    else:
        number = random.choice((1, 3, 4, 6, 7, 11, 14, 16, 21, 35, 39, 60, 2049, 65000))
        options.append((number, random.randbytes(random.randint(0, 3))))
    return coap.encode(message.with_options(options))


def drop_option(_random, wire):
    return coap.encode(coap.decode(wire).without(coap.OSCORE))


def change_code(random, wire):
    if wire[1] < 32:
        code = random.randint(1, 31)
    else:
        code = random.choice((2, 4, 5)) << 5 | random.randint(0, 31)
    return wire[:1] + bytes([code]) + wire[2:]


KINDS = {
    "bits": flip_bits,
    "length": cut_or_extend,
    "kid": change_kid,
    "kid-context": change_kid_context,
    "partial-iv": change_piv,
    "flags": change_flags,
    "outer-options": change_outer_options,
    "no-option": drop_option,
    "outer-code": change_code,
}
WEIGHTS = (30, 10, 10, 10, 10, 5, 15, 2, 8)


def damage(random, wire):
    """The kind of damage, and the damaged message, which differs from `wire`."""
    while True:
        kind = random.choices(list(KINDS), WEIGHTS)[0]
        damaged = KINDS[kind](random, wire)
        if damaged != wire:
            return kind, damaged
