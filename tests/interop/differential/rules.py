"""What may differ between lwsec and aiocoap, and why: the whole list, and a count of each use.

All else must be equal to the byte. Each rule names what RFC 8613 says, so that a reader can judge
which of the two it describes.
"""

from collections import Counter
from dataclasses import replace

import coap

RULES = {
    # Section 4.1, figure 5; RFC 8768; RFC 9668: these options are not encrypted. oscore.py leaves
    # Uri-Host of a request outside and drops Uri-Port and Proxy-Scheme, which aiocoap has in its
    # `remote`; it encrypts the others, and does not give any of them back. So aiocoap gets the
    # message without them, and they are added to what it made.
    "class-u": "options of class U, added to aiocoap's message",
    # Section 4.1.3.5.2: the Observe option inside of a notification is empty. aiocoap's stack, and
    # not protect(), sees to that, and sets the one outside (oscore_sitewrapper.py).
    "notification": "Observe of a notification, set as aiocoap's stack does",
    # Section 4.2 with 4.1.3.5: Content is the outer code of a response with Observe, Changed of any
    # other. aiocoap takes Content for every answer to FETCH, so also for one that has no Observe.
    "outer-code": "answer without Observe to a request with Observe: 2.04, aiocoap 2.05",
    # Section 7.2.1: the largest number is 2^40 - 1. aiocoap stops one earlier; the test raises its
    # limit by one, to see that it would make the same message.
    "ssn-max": "the number 2^40 - 1, which aiocoap does not use",
    # Section 4.1.3.5.2: notifications are ordered by Partial IV. lwsec gives its last three bytes
    # as the Observe option; aiocoap the whole number, which no option can hold.
    "observe-number": "Observe of a notification over 2^24 - 1, cut to three bytes",
    # Section 4.1.3.5.1: aiocoap gives Observe of a request only if it is 0 outside, so no
    # cancellation. lwsec gives what was encrypted.
    "observe-request": "Observe of a request that is not 0 outside, which aiocoap drops",
    # Section 4.1.3.5: Observe outside is not protected. Where it was changed, aiocoap goes by the
    # one outside and lwsec by the one inside, so Observe is left out of the comparison.
    "observe-changed": "Observe was changed outside",
    # Section 8.2, step 2: a request is for the context of its kid. aiocoap's stack looks that up
    # before it calls unprotect(), which takes a request without kid for its own.
    "no-kid": "request without kid, refused before aiocoap's unprotect()",
    # Section 4.2: the receiver discards the outer code. aiocoap refuses requests with an outer code
    # other than POST and FETCH.
    "request-code": "request with another outer code: aiocoap refuses it",
    # Section 8.4: the context of a response is that of its request. kid and kid context of a
    # response are not protected; lwsec does not look at them, aiocoap refuses those of others.
    "response-kid": "response with kid or kid context of others: aiocoap refuses it",
    # Section 5: a Partial IV is encoded without leading zeros. lwsec refuses others; aiocoap takes
    # them in a response, where they change neither the nonce nor the AAD.
    "piv-zeros": "response whose Partial IV has leading zeros: lwsec refuses it",
}

# What aiocoap says when it refuses what lwsec accepts: of a request or response, the rule.
REFUSED_BY_AIOCOAP = (
    (True, "ValueError: Invalid request code", "request-code"),
    (False, "ProtectionInvalid: Sender ID does not match", "response-kid"),
    (False, "ProtectionInvalid: Sender ID context does not match", "response-kid"),
)
REFUSED_PIV = "LWSEC_REJECT: the Partial IV is absent, not minimal or out of range"


class Rules:
    def __init__(self):
        self.counts = Counter()

    def count(self, name):
        assert name in RULES
        self.counts[name] += 1

    def split_for_aiocoap(self, plain):
        """The message as oscore.py shall get it, and the options to put outside afterwards."""
        aside = [n for n in coap.CLASS_U if n != coap.URI_HOST or not plain.is_request]
        outside = plain.only(*aside)
        if outside:
            self.count("class-u")
        inside = plain.without(*aside)
        if not plain.is_request and plain.first(coap.OBSERVE) is not None:
            self.count("notification")
            outside += plain.only(coap.OBSERVE)
            options = inside.without(coap.OBSERVE).options
            inside = inside.with_options(options + ((coap.OBSERVE, b""),))
        return inside, outside

    def outer_code(self, plain_wire, answer):
        plain = coap.decode(plain_wire)
        if not answer.accepted or answer.wire[1] != 0x45 or plain.first(coap.OBSERVE) is not None:
            return answer
        self.count("outer-code")
        return replace(answer, wire=answer.wire[:1] + b"\x44" + answer.wire[2:])

    def no_context_for(self, wire):
        """Whether there is an OSCORE option without kid."""
        try:
            option = coap.decode(wire).first(coap.OSCORE)
        except coap.Malformed:
            return False
        if option is None or (option[:1] or b"\0")[0] & 8:
            return False
        self.count("no-kid")
        return True

    def join_of_aiocoap(self, inside, observe, wire):
        """What aiocoap's unprotect() gave, with the options outside that lwsec gives too."""
        outer = coap.decode(wire)
        kept = outer.only(*coap.CLASS_U, coap.PROXY_URI)
        if kept:
            self.count("class-u")
        options = list(inside.options) + kept
        if observe is not None and observe >= 0:
            if observe >> 24:
                self.count("observe-number")
                observe &= 0xFFFFFF
            value = observe.to_bytes((observe.bit_length() + 7) // 8, "big")
            options.append((coap.OBSERVE, value))
        return inside.with_options(options)

    def same_plain(self, ours, theirs, wire, original):
        """Whether both gave the same plain message for `wire`, which was `original` at first."""
        ours, theirs = coap.decode(ours), coap.decode(theirs)
        outside = coap.decode(wire).first(coap.OBSERVE)
        if outside != coap.decode(original).first(coap.OBSERVE):
            self.count("observe-changed")
            ours, theirs = ours.without(coap.OBSERVE), theirs.without(coap.OBSERVE)
        elif ours.is_request and outside and ours.first(coap.OBSERVE) is not None:
            self.count("observe-request")
            ours = ours.without(coap.OBSERVE)
        return ours == theirs

    def allowed_verdicts(self, wire, ours, theirs):
        """Whether one may accept this damaged message and the other refuse it."""
        for of_request, reason, name in REFUSED_BY_AIOCOAP:
            if ours.accepted and of_request == (wire[1] < 32) and theirs.reason.startswith(reason):
                self.count(name)
                return True
        if theirs.accepted and wire[1] > 31 and ours.reason == REFUSED_PIV:
            self.count("piv-zeros")
            return True
        return False
