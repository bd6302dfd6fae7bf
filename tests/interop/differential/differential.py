"""Compares lwsec's OSCORE with aiocoap's over random contexts and messages, byte for byte.

Started by tools/test-interop.sh: stdin and stdout are the pipes from and to oscore-driver. Prints
what was compared on stderr; exit 1 if anything differed, or if too little was compared.
"""

import argparse
import dataclasses
import random
import sys
from collections import Counter

import coap
import generate
from damage import damage
from ends import Aiocoap, Driver, Lwsec
from rules import RULES, Rules

LEAST_MESSAGES = 20000
EXCHANGES_PER_CONTEXT = 16
DAMAGED_SHARE = 0.35
LATE_SHARE = 0.12
SHOWN = 400  # characters of a message in the report; a replay has the rest


class Difference(Exception):
    """Both implementations should have done the same and did not."""


class Session:
    """Both ends of one random context, in both implementations, and what goes between them."""

    def __init__(self, driver, rules, counts, seed, number):
        self.random = random.Random(f"{seed}/{number}")
        self.rules = rules
        self.counts = counts
        aeads = list(generate.AEADS)
        self.parameters = generate.parameters(self.random, aeads[number % len(aeads)])
        self.lwsec = [Lwsec(driver, end, self.parameters, end) for end in (0, 1)]
        self.aiocoap = [Aiocoap(self.parameters, end, rules) for end in (0, 1)]
        self.make_strangers(driver)
        self.late = []
        self.last = None
        counts["contexts"] += 1
        counts[f"contexts with AEAD {self.parameters.aead}"] += 1
        counts[f"contexts with HMAC {self.parameters.hmac}"] += 1

    def make_strangers(self, driver):
        """The receiving end of a context that differs in one input of the keys."""
        one = self.parameters
        field = self.random.choice(("secret", "salt", "hmac", "id_context"))
        if field == "hmac":
            value = generate.HMACS[one.hmac % 3]
        else:
            value = (getattr(one, field) or b"") + b"\x01"
            value = value[-255:] if value[-255:] != getattr(one, field) else b"\x02" + value[1:255]
        other = dataclasses.replace(one, **{field: value})
        self.strangers = Lwsec(driver, 2, other, 1), Aiocoap(other, 1, self.rules)

    def run(self):
        for _ in range(EXCHANGES_PER_CONTEXT):
            self.exchange(0 if self.random.random() < 0.75 else 1)
            while self.late and self.random.random() < 0.5:
                self.deliver_late()
        while self.late:
            self.deliver_late()

    # ---- Comparing ----

    def differ(self, what, **details):
        lines = [f"{what}", f"  {self.parameters}"]
        lines += [f"  {name}: {str(detail)[:SHOWN]}" for name, detail in details.items()]
        raise Difference("\n".join(lines))

    def compare_protected(self, what, plain, ours, theirs):
        """Both refused, or both made the same bytes; answers them, or None."""
        if ours.accepted != theirs.accepted:
            self.differ(f"{what}: accepted", plain=plain.hex(), lwsec=ours, aiocoap=theirs)
        if not ours.accepted:
            self.counts[f"protecting refused: {ours.reason}"] += 1
            return None
        if ours.wire != theirs.wire:
            self.differ(f"{what}: bytes", plain=plain.hex(), lwsec=ours, aiocoap=theirs)
        self.counts["messages"] += 1
        self.counts[f"messages: {what}"] += 1
        return ours.wire

    def compare_opened(self, what, wire, original, ours, theirs):
        """The same verdict, and the same plain message; answers whether it was accepted."""
        if ours.accepted != theirs.accepted:
            if self.rules.allowed_verdicts(wire, ours, theirs):
                return None
            self.differ(f"{what}: verdict", wire=wire.hex(), original=original.hex(),
                        lwsec=ours, aiocoap=theirs)  # fmt: skip
        if ours.accepted and not self.rules.same_plain(ours.wire, theirs.wire, wire, original):
            self.differ(f"{what}: plain message", wire=wire.hex(), original=original.hex(),
                        lwsec=ours, aiocoap=theirs)  # fmt: skip
        self.counts[f"{'accepted' if ours.accepted else 'refused'}: {what}"] += 1
        return ours.accepted

    # ---- Requests ----

    def exchange(self, client):
        message = generate.request(self.random)
        plain = coap.encode(message)
        ours, our_request = self.lwsec[client].protect_request(plain)
        theirs, their_request = self.aiocoap[client].protect_request(plain)
        wire = self.compare_protected("request", plain, ours, theirs)
        if wire is None:
            return
        flight = (client, message, wire, (our_request, their_request))
        if self.random.random() < LATE_SHARE:
            self.late.append(flight)
        else:
            self.deliver(flight, "request")

    def deliver_late(self):
        flight = self.late.pop(self.random.randrange(len(self.late)))
        self.deliver(flight, "late request")

    def open_request(self, what, server, wire, original):
        ours, our_request = self.lwsec[server].unprotect_request(wire)
        theirs, their_request = self.aiocoap[server].unprotect_request(wire)
        accepted = self.compare_opened(what, wire, original, ours, theirs)
        return accepted, ours, (our_request, their_request)

    def deliver(self, flight, what):
        client, message, wire, sent = flight
        server = 1 - client
        replayed = self.random.random() < 0.1
        if server == 1 and self.random.random() < 0.1:
            self.open_as_stranger(wire)
        if self.random.random() < DAMAGED_SHARE:
            kind, damaged = damage(self.random, wire)
            accepted, _, _ = self.open_request(kind, server, damaged, wire)
            if accepted is None:
                # Only lwsec took it. aiocoap gets it whole, so that the windows stay the same.
                self.aiocoap[server].unprotect_request(wire)
                return
            replayed |= accepted
            if accepted:
                what = "replay of a changed request"
        accepted, opened, received = self.open_request(what, server, wire, wire)
        if not accepted:
            return
        if coap.decode(opened.wire) != message:
            self.differ("request: not what was sent", plain=coap.encode(message).hex(), ours=opened)
        if replayed:
            self.open_request("replay", server, wire, wire)
        self.answer(client, message, sent, received)

    def open_as_stranger(self, wire):
        ours, _ = self.strangers[0].unprotect_request(wire)
        theirs, _ = self.strangers[1].unprotect_request(wire)
        self.compare_opened("other context", wire, wire, ours, theirs)

    # ---- Responses ----

    def answer(self, client, request, sent, received):
        registers = request.first(coap.OBSERVE) == generate.REGISTRATION
        if registers and self.random.random() < 0.8:
            for _ in range(self.random.randint(1, 4)):
                self.respond(client, sent, received, "notification", True, True)
            return
        for count in range(self.random.choice((0, 1, 1, 1, 1, 2))):
            own_piv = self.random.random() < 0.3
            what = "response with a number" if own_piv or count else "response"
            # The client takes one response to a request; a server may still send another.
            if not self.respond(client, sent, received, what, own_piv, count == 0):
                return

    def respond(self, client, sent, received, what, own_piv, delivered):
        """Answers whether there was a response; without a number there is none."""
        server = 1 - client
        message = generate.response(self.random, observe=what == "notification")
        plain = coap.encode(message)
        ours = self.lwsec[server].protect_response(plain, received[0], own_piv)
        theirs = self.aiocoap[server].protect_response(plain, received[1], own_piv)
        wire = self.compare_protected(what, plain, ours, theirs)
        if wire is None:
            return False
        if delivered:
            self.deliver_response(client, sent, what, message, wire)
        return True

    def deliver_response(self, client, sent, what, message, wire):
        other = self.last is not None and self.last[0] == client and self.last[1] != sent
        if other and self.random.random() < 0.1:
            self.open_response("other request", client, wire, wire, self.last[1])
        if self.random.random() < DAMAGED_SHARE:
            kind, damaged = damage(self.random, wire)
            accepted, _ = self.open_response(kind, client, damaged, wire, sent)
            if accepted is not False:
                return  # lwsec has its answer
        accepted, opened = self.open_response(what, client, wire, wire, sent)
        if not accepted:
            self.differ(f"{what}: refused", wire=wire.hex(), ours=opened)
        self.check_delivered(what, message, wire, opened)
        self.last = client, sent

    def open_response(self, what, client, wire, original, sent):
        ours = self.lwsec[client].unprotect_response(wire, sent[0])
        theirs = self.aiocoap[client].unprotect_response(wire, sent[1])
        return self.compare_opened(what, wire, original, ours, theirs), ours

    def check_delivered(self, what, message, wire, opened):
        expected, got = message, coap.decode(opened.wire)
        if what == "notification":
            expected, got = expected.without(coap.OBSERVE), got.without(coap.OBSERVE)
        if got != expected:
            self.differ(f"{what}: not what was sent", wire=wire.hex(), ours=opened)


def report(counts, rules, seed):
    def line(text):
        print(text, file=sys.stderr)

    line(f"seed {seed}: {counts['messages']} messages, {counts['contexts']} contexts")
    for name, count in sorted(counts.items()):
        if name not in ("messages", "contexts"):
            line(f"  {count:6} {name}")
    for name, text in RULES.items():
        line(f"  {rules.counts[name]:6} rule {name}: {text}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=8613)
    parser.add_argument("--messages", type=int, default=50000, help="protect so many or more")
    parser.add_argument("--context", type=int, help="replay this one alone")
    arguments = parser.parse_args()
    driver = Driver(sys.stdout.buffer, sys.stdin.buffer)
    rules, counts = Rules(), Counter()
    number = arguments.context or 0
    failures = 0
    while failures < 5 and counts["messages"] < arguments.messages:
        try:
            Session(driver, rules, counts, arguments.seed, number).run()
        except Difference as difference:
            failures += 1
            print(f"DIFFERENCE --seed {arguments.seed} --context {number}: {difference}",
                  file=sys.stderr)  # fmt: skip
        number += 1
        if arguments.context is not None:
            break
    report(counts, rules, arguments.seed)
    unused = [name for name in RULES if rules.counts[name] == 0]
    if arguments.context is None and failures == 0:
        if counts["messages"] < LEAST_MESSAGES:
            failures += 1
            print(f"fewer than {LEAST_MESSAGES} messages", file=sys.stderr)
        if unused:
            failures += 1
            print(f"rules that nothing needs: {' '.join(unused)}", file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
