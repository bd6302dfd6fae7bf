"""One end of an OSCORE context in each implementation, with the same three calls.

An answer of a call is an Answer: bytes, or None with the reason of the refusal.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import coap

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import aiocoap  # noqa: E402 (needs the line above)
from aiocoap_context import MemoryContext, oscore  # noqa: E402
from aiocoap.numbers import OptionNumber  # noqa: E402
from aiocoap.optiontypes import OpaqueOption  # noqa: E402

KEY_FRESH, NO_FIRST_ECHO, OMIT_KID_CONTEXT = 1, 2, 8
REQUEST_SLOTS = 256


@dataclass(frozen=True)
class Answer:
    wire: bytes | None
    reason: str = ""

    @property
    def accepted(self):
        return self.wire is not None

    def __str__(self):
        return self.wire.hex() if self.accepted else f"refused: {self.reason}"


class Driver:
    """The program oscore-driver, behind two pipes."""

    def __init__(self, to_driver, from_driver):
        self.to_driver = to_driver
        self.from_driver = from_driver
        self.next_request = 0

    def call(self, *words):
        self.to_driver.write(" ".join(map(str, words)).encode() + b"\n")
        self.to_driver.flush()
        line = self.from_driver.readline().decode()
        if not line.endswith("\n"):
            raise SystemExit("differential: the driver has ended")
        verdict, _, rest = line.strip().partition(" ")
        return Answer(bytes.fromhex(rest)) if verdict == "ok" else Answer(None, rest)

    def new_request(self):
        self.next_request = (self.next_request + 1) % REQUEST_SLOTS
        return self.next_request


def hex_field(value):
    return "none" if value is None else value.hex() or "-"


class Lwsec:
    def __init__(self, driver, slot, parameters, end):
        self.driver = driver
        self.slot = slot
        flags = KEY_FRESH | NO_FIRST_ECHO
        flags |= 0 if parameters.send_kid_context else OMIT_KID_CONTEXT
        bytes_fields = (parameters.secret, parameters.salt, parameters.ids[end])
        bytes_fields += (parameters.ids[1 - end], parameters.id_context)
        answer = driver.call(
            "context", slot, parameters.aead, parameters.hmac, parameters.window,
            parameters.starts[end], flags, *map(hex_field, bytes_fields)
        )  # fmt: skip
        if not answer.accepted:
            raise SystemExit(f"differential: no context: {answer.reason}")

    def protect_request(self, wire):
        request = self.driver.new_request()
        return self.driver.call("protect-request", self.slot, request, wire.hex()), request

    def unprotect_request(self, wire):
        request = self.driver.new_request()
        return self.driver.call("unprotect-request", self.slot, request, wire.hex()), request

    def protect_response(self, wire, request, own_piv):
        own = int(own_piv)
        return self.driver.call("protect-response", self.slot, request, own, wire.hex())

    def unprotect_response(self, wire, request):
        return self.driver.call("unprotect-response", self.slot, request, wire.hex())


def keep_option_values():
    """aiocoap reads the value of an option by its type, and writes its own form of it: 00 01
    becomes 01. That is outside of OSCORE; here every value passes as it is. Observe alone has to be
    a number, as oscore.py compares it with one."""
    for number in list(OptionNumber):
        if number != OptionNumber.OBSERVE:
            number._format = OpaqueOption


keep_option_values()
# Rule ssn-max of rules.py.
oscore.MAX_SEQNO = 2**40


class Aiocoap:
    """aiocoap's oscore.py, with what its stack does around it; `rules` counts what differs."""

    def __init__(self, parameters, end, rules):
        self.context = MemoryContext(parameters.fields(end), challenge=False)
        self.context.sender_sequence_number = parameters.starts[end]
        window = oscore.ReplayWindow(parameters.window, lambda: None)
        window.initialize_empty()
        self.context.recipient_replay_window = window
        self.kid_context = parameters.send_kid_context
        self.rules = rules

    def protect(self, wire, **arguments):
        """Protects; answers the bytes and aiocoap's request identifiers."""
        plain = coap.decode(wire)
        inside, outside = self.rules.split_for_aiocoap(plain)
        if self.context.sender_sequence_number == 2**40 - 1:
            self.rules.count("ssn-max")
        try:
            message = aiocoap.Message.decode(coap.encode(inside))
            outer, request = self.context.protect(message, **arguments)
        except oscore.ContextUnavailable as reason:
            return Answer(None, str(reason)), None
        outer.mtype, outer.mid, outer.token = plain.type, plain.message_id, plain.token
        result = coap.decode(outer.encode())
        return Answer(coap.encode(result.with_options(list(result.options) + outside))), request

    def protect_request(self, wire):
        return self.protect(wire, kid_context=self.kid_context)

    def protect_response(self, wire, request, own_piv):
        request.can_reuse_nonce = request.can_reuse_nonce and not own_piv
        answer, _ = self.protect(wire, request_id=request)
        return self.rules.outer_code(wire, answer)

    def unprotect(self, wire, request):
        try:
            message = aiocoap.Message.decode(wire)
            plain, request = self.context.unprotect(message, request)
        except Exception as reason:  # the stack around it drops the message, whatever it is
            return Answer(None, f"{type(reason).__name__}: {reason}"), None
        observe = plain.opt.observe
        plain.opt.observe = None
        plain.mtype, plain.mid, plain.token = message.mtype, message.mid, message.token
        inside = coap.decode(plain.encode())
        return Answer(coap.encode(self.rules.join_of_aiocoap(inside, observe, wire))), request

    def unprotect_request(self, wire):
        if self.rules.no_context_for(wire):
            return Answer(None, "no kid"), None
        return self.unprotect(wire, None)

    def unprotect_response(self, wire, request):
        return self.unprotect(wire, request)[0]
