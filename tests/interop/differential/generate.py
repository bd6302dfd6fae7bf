"""Random OSCORE contexts and CoAP messages. The same random.Random gives the same ones."""

from dataclasses import dataclass

import coap

# COSE number: nonce length. Every AEAD that both implementations have.
AEADS = {1: 12, 2: 12, 3: 12, 10: 13, 11: 13, 12: 7, 13: 7}
AEADS |= {24: 12, 30: 13, 31: 13, 32: 7, 33: 7}
HMACS = (5, 6, 7)
SSN_MAX = 2**40 - 1

REGISTRATION, CANCELLATION = b"", b"\x01"


@dataclass(frozen=True)
class Parameters:
    """What two ends share. `ids` and `starts` are those of end 0 and end 1."""

    aead: int
    hmac: int
    secret: bytes
    salt: bytes
    ids: tuple
    id_context: bytes | None
    send_kid_context: bool
    window: int
    starts: tuple

    def fields(self, end):
        """As tests/interop/aiocoap_context.py takes it."""
        fields = {
            "aead": self.aead,
            "hmac": self.hmac,
            "secret": self.secret.hex(),
            "salt": self.salt.hex(),
            "sender_id": self.ids[end].hex(),
            "recipient_id": self.ids[1 - end].hex(),
        }
        if self.id_context is not None:
            fields["id_context"] = self.id_context.hex()
        return fields


def parameters(random, aead):
    id_max = AEADS[aead] - 6
    first = random.randbytes(random.randint(0, id_max))
    second = first
    while second == first:
        second = random.randbytes(random.randint(0, id_max))
    kind = random.choice(("absent", "absent", "empty", "short", "long"))
    sizes = {"empty": (0, 0), "short": (1, 24), "long": (25, 255)}
    return Parameters(
        aead=aead,
        hmac=random.choice(HMACS),
        secret=random.randbytes(random.choice((16, 16, 32, random.randint(1, 255)))),
        salt=random.randbytes(random.choice((0, 8, random.randint(1, 255)))),
        ids=(first, second),
        id_context=None if kind == "absent" else random.randbytes(random.randint(*sizes[kind])),
        send_kid_context=random.random() < 0.8,
        window=random.choice((1, 2, 16, 32, 32, 33, 64, 65, random.randint(1, 200))),
        starts=(start(random), start(random)),
    )


def start(random):
    """A first number of any length, often around a border: of a byte, and of all numbers."""
    kind = random.random()
    if kind < 0.2:
        return 0
    if kind < 0.35:
        return SSN_MAX - random.randint(0, 40)
    if kind < 0.6:
        return max(0, 2 ** random.choice((8, 16, 24, 32)) - random.randint(0, 20))
    return random.getrandbits(random.randint(1, 40))


def payload_of(random):
    kind = random.random()
    if kind < 0.15:
        return b""
    if kind < 0.7:
        return random.randbytes(random.randint(1, 80))
    if kind < 0.99:
        return random.randbytes(random.randint(1, 1200))
    return random.randbytes(random.randint(1201, 20000))


def value_of(random):
    kind = random.random()
    if kind < 0.2:
        return b""
    if kind < 0.85:
        return random.randbytes(random.randint(1, 12))
    if kind < 0.97:
        return random.randbytes(random.randint(13, 268))
    return random.randbytes(random.randint(269, 700))


# Options of class E that are common, and those around which the coding of a delta changes.
COMMON = (1, 4, 5, 8, 11, 12, 14, 15, 17, 20, 23, 27, 28, 60, 252, 258, 292)
BORDERS = (2, 10, 13, 22, 256, 257, 268, 269, 270, 524, 65534, 65535)


def class_e(random):
    """Some options of class E; many repeat."""
    options = []
    for _ in range(random.choice((0, 1, 1, 2, 3, 5, 12))):
        kind = random.random()
        if kind < 0.7:
            number = random.choice(COMMON)
        elif kind < 0.85:
            number = random.choice(BORDERS)
        else:
            number = random.randint(0, 65535)
        if number not in coap.CLASS_U + (coap.OBSERVE, coap.OSCORE, coap.PROXY_URI):
            options += [(number, value_of(random)) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    return options


def class_u(random):
    """Seldom any; each at most once, as none of them may be repeated."""
    if random.random() < 0.7:
        return []
    chosen = random.sample(coap.CLASS_U, random.choice((1, 1, 2, 3, 5)))
    return [(number, value_of(random)) for number in chosen]


def message(random, code, options):
    return coap.Message(
        type=random.randint(0, 3),
        code=code,
        message_id=random.getrandbits(16),
        token=random.randbytes(random.randint(0, 8)),
        payload=payload_of(random),
    ).with_options(options)


def request(random):
    code = random.choice((1, 1, 2, 2, 3, 4, 5, 6, 7, random.randint(1, 31)))
    options = class_e(random) + class_u(random)
    kind = random.random()
    if kind < 0.2:
        options.append((coap.OBSERVE, REGISTRATION))
    elif kind < 0.25:
        options.append((coap.OBSERVE, CANCELLATION))
    return message(random, code, options)


def response(random, observe=False):
    code = random.choice((2, 2, 4, 5)) << 5 | random.choice((0, 1, 4, 5, random.randint(0, 31)))
    options = class_e(random) + class_u(random)
    if observe:
        number = random.getrandbits(random.randint(0, 24))
        options.append((coap.OBSERVE, number.to_bytes((number.bit_length() + 7) // 8, "big")))
    return message(random, code, options)
