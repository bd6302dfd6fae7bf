#!/usr/bin/env python3
"""Makes doubtful.txt: certificates, lists and responses that are nearly good, to test certpolicy.

  tests/vectors/doubtful.py > tests/vectors/doubtful.txt

Needs Debian's python3-cryptography. Keys are fresh each time, as those of certificates.py.
"""
from certificates import (EKU, P256, SERVER, Entity, common_name, crl, date, ec, hashes, make,
                          raw, response, rsa, x509, NameOID)
from cryptography.x509.name import _ASN1Type as Text


# ---- DER by hand: what no library writes ----

def element(tag, *parts):
    value = b"".join(parts)
    size = len(value)
    if size < 0x80:
        return bytes([tag, size]) + value
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + value


def split(data):
    """The tag, the contents and what follows of the first element."""
    size, start = data[1], 2
    if size >= 0x80:
        start = 2 + (size & 0x7f)
        size = int.from_bytes(data[2:start], "big")
    return data[0], data[start:start + size], data[start + size:]


def whole(data):
    return data[:len(data) - len(split(data)[2])]


def with_signature(certificate, change):
    """The certificate with the numbers r and s of its signature written anew."""
    body = split(certificate)[1]
    tbs, rest = whole(body), split(body)[2]
    algorithm, signature = whole(rest), split(split(rest)[2])[1][1:]
    numbers = split(signature)[1]
    r, s = split(numbers)[1], split(split(numbers)[2])[1]
    return element(0x30, tbs, algorithm, element(0x03, b"\0", change(r, s)))


def long_integer(r, s):
    return element(0x30, element(2, b"\0" + r), element(2, s))


def negative(r, s):
    return element(0x30, element(2, r.lstrip(b"\0")), element(2, s))


def long_length(r, s):
    numbers = element(2, r) + element(2, s)
    return bytes([0x30, 0x81, len(numbers)]) + numbers


def more_behind(r, s):
    return element(0x30, element(2, r), element(2, s), b"\5\0")


def with_sha1(entity, issuer):
    """The same certificate, signed with SHA-1."""
    sha256 = bytes.fromhex("300a06082a8648ce3d040302")
    sha1 = bytes.fromhex("300906072a8648ce3d0401")
    body = entity.certificate.tbs_certificate_bytes
    tbs = element(0x30, split(body)[1].replace(sha256, sha1))
    signature = issuer.key.sign(tbs, ec.ECDSA(hashes.SHA1()))
    der = element(0x30, tbs, sha1, element(3, b"\0", signature))
    return Entity(x509.load_der_x509_certificate(der), entity.key)


def rsa_key(modulus, exponent):
    def number(value):
        return element(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))

    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    return element(0x30, algorithm,
                   element(3, b"\0", element(0x30, number(modulus), number(exponent))))


# ---- What is made ----

def authorities():
    root = make(subject="Doubtful Root", ca=True)
    return root, make(root, "Doubtful Intermediate", ca=True)


def signatures(inter, san):
    """An entity whose r needs a zero before it, and what becomes of its signature."""
    def r_of(entity):
        return split(split(entity.certificate.signature)[1])[1]

    entity = make(inter, "server", **san)
    while r_of(entity)[0] != 0:
        entity = make(inter, "server", **san)
    yield "signed-server", entity.der()
    for change in (long_integer, negative, long_length, more_behind):
        name = "signed-" + change.__name__.replace("_", "-")
        yield name, with_signature(entity.der(), change)


def responders(inter, server):
    def responder(**more):
        return make(inter, "Doubtful Responder", eku=[EKU.OCSP_SIGNING], **more)

    keys = {"rsa1024": rsa.generate_private_key(65537, 1024),
            "rsa2048": rsa.generate_private_key(65537, 2048),
            "secp192r1": ec.generate_private_key(ec.SECP192R1())}
    made = {name: responder(key=key) for name, key in keys.items()}
    made["sha1"] = with_sha1(responder(), inter)
    made["agreement"] = responder(ku=("key_agreement",))
    made["sound"] = responder()
    for name, one in made.items():
        yield "response-" + name, response(server, inter, signer=one, certificates=[one])
    unknown = raw("1.3.6.1.4.1.55555.1", b"\x05\x00")
    for name, critical in (("unknown", False), ("critical", True)):
        yield "response-" + name, response(server, inter, more=[(unknown, critical)])


def twin():
    """Of itself by name, with no identifier of its key, and signed by another key."""
    other = ec.generate_private_key(P256())
    key = ec.generate_private_key(P256())
    pretended = make(subject="twin", ca=True)
    stranger = Entity(pretended.certificate, other)
    both = ("digital_signature", "key_cert_sign")
    return make(stranger, "twin", key=key, ca=True, ku=both, dns=["server.example"], eku=SERVER)


def barred(root, san):
    """What a CA may not certify, in another kind of string."""
    excluded = x509.DirectoryName(common_name("Barred"))
    ca = make(root, "Bars", ca=True, more=[(x509.NameConstraints(None, [excluded]), True)])
    yield "bars", ca.der()
    for kind in (Text.UTF8String, Text.PrintableString, Text.BMPString, Text.UniversalString,
                 Text.T61String):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Barred", kind)])
        yield f"barred-{kind.name}", make(ca, subject, **san).der()
    yield "not-barred", make(ca, "server", **san).der()


def partial_lists(root, inter, server):
    """Lists that do not tell that everybody is good who is not on them."""
    def point(reasons=None, of_cas=False, indirect=False):
        return x509.IssuingDistributionPoint(None, None, False, of_cas, reasons, indirect, False)

    def of(entity, issuer, extension, **more):
        return crl(issuer, [entity], more=[(extension, True)], **more)

    some = frozenset([x509.ReasonFlags.key_compromise])
    taken_back = [(x509.CRLReason(x509.ReasonFlags.remove_from_crl), False)]
    yield "list-of-cas", of(server, inter, point(of_cas=True))
    yield "list-of-reasons", of(inter, root, point(reasons=some))
    yield "list-of-reasons-empty", crl(inter, more=[(point(reasons=some), True)])
    yield "list-indirect", of(inter, root, point(indirect=True))
    yield "list-delta", of(server, inter, x509.DeltaCRLIndicator(1), number=2)
    yield "list-taken-back", of(server, inter, x509.DeltaCRLIndicator(1), number=2,
                                entry_more=taken_back)


def main():
    san = {"dns": ["server.example"], "eku": SERVER}
    root, inter = authorities()
    server = make(inter, "server", **san)
    past = {"this": date(2029, 10), "after": date(2029, 12)}
    entries = {"doubtful-root": root.der(), "doubtful-inter": inter.der(),
               "doubtful-server": server.der(), "twin": twin().der(),
               "authority-server": make(inter, "server", ca=True, **san).der(),
               "list-past-inter": crl(root, [inter], **past),
               "list-past-server": crl(inter, [server], **past),
               "list-inter": crl(inter), "list-root": crl(root),
               "list-root-older": crl(root, this=date(2029, 9))}
    entries.update(partial_lists(root, inter, server))
    entries.update(signatures(inter, san))
    entries.update(responders(inter, server))
    entries.update(barred(root, san))
    modulus = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n
    for name, exponent in (("one", 1), ("three", 3), ("long", (1 << 64) + 1)):
        entries["rsa-exponent-" + name] = rsa_key(modulus, exponent)
    print("# Certificates, lists and responses that are nearly good: made by doubtful.py with\n"
          "# python3-cryptography. DER.")
    for name, der in entries.items():
        print(f"\nname = {name}\nder = {der.hex()}")


if __name__ == "__main__":
    main()
