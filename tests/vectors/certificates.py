#!/usr/bin/env python3
"""Makes certificates.txt: certificates, revocation lists and OCSP responses for certpolicy's tests.

  tests/vectors/certificates.py > tests/vectors/certificates.txt

Needs Debian's python3-cryptography. Keys are fresh each time, so that the bytes differ; what the
tests say of them does not. Valid from 2020 to 2040; the tests' time is 2030-01-01.
"""
import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from cryptography.x509.oid import NameOID

P256 = ec.SECP256R1
SERVER, CLIENT = [EKU.SERVER_AUTH], [EKU.CLIENT_AUTH]


def date(year, month=1, day=1):
    return datetime.datetime(year, month, day)


def name_of(*pairs):
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def common_name(text):
    return name_of((NameOID.COMMON_NAME, text)) if text else x509.Name([])


def usage(*bits):
    names = ("digital_signature content_commitment key_encipherment data_encipherment "
             "key_agreement key_cert_sign crl_sign encipher_only decipher_only").split()
    return x509.KeyUsage(**{name: name in bits for name in names})


class Entity:
    """A certificate with its key."""

    def __init__(self, certificate, key):
        self.certificate, self.key = certificate, key

    def der(self):
        return self.certificate.public_bytes(Encoding.DER)


serial = iter(range(1000, 9999))


def make(issuer=None, subject="", key=None, ca=False, pathlen=None, ku=None, eku=None, dns=(),
         ips=(), uris=(), aki=True, constraints=True, since=2020, until=2040, more=(),
         hash_algorithm=None):
    key = key or ec.generate_private_key(P256())
    subject = common_name(subject) if isinstance(subject, str) else subject
    public = key.public_key()
    builder = (x509.CertificateBuilder().subject_name(subject).public_key(public)
               .issuer_name(issuer.certificate.subject if issuer else subject)
               .serial_number(next(serial))
               .not_valid_before(date(since)).not_valid_after(date(until)))

    def add(extension, critical=False):
        nonlocal builder
        builder = builder.add_extension(extension, critical)

    if ca and constraints:
        add(x509.BasicConstraints(True, pathlen), True)
    if ku is None:
        ku = ("key_cert_sign", "crl_sign") if ca else ("digital_signature",)
    if ku:
        add(usage(*ku), True)
    if eku:
        add(x509.ExtendedKeyUsage(eku))
    names = ([x509.DNSName(n) for n in dns] + [x509.UniformResourceIdentifier(n) for n in uris] +
             [x509.IPAddress(ipaddress.ip_address(n)) for n in ips])
    if names:
        add(x509.SubjectAlternativeName(names))
    add(x509.SubjectKeyIdentifier.from_public_key(public))
    if aki and issuer:
        add(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()))
    for extension, critical in more:
        add(extension, critical)
    signer = issuer.key if issuer else key
    return Entity(builder.sign(signer, hash_algorithm or hashes.SHA256()), key)


def crl(issuer, revoked=(), this=date(2029, 12, 1), after=date(2030, 2, 1), number=1, more=(),
        signer=None, entry_more=()):
    builder = (x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
               .last_update(this).next_update(after))
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), False)
    for extension, critical in more:
        builder = builder.add_extension(extension, critical)
    for entity in revoked:
        entry = (x509.RevokedCertificateBuilder().serial_number(entity.certificate.serial_number)
                 .revocation_date(date(2029)))
        for extension, critical in entry_more:
            entry = entry.add_extension(extension, critical)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign((signer or issuer).key, hashes.SHA256()).public_bytes(Encoding.DER)


def response(entity, issuer, status=ocsp.OCSPCertStatus.GOOD, this=date(2029, 12, 31),
             after=date(2030, 1, 2), signer=None, certificates=(), more=()):
    revoked = status == ocsp.OCSPCertStatus.REVOKED
    signer = signer or issuer
    builder = (ocsp.OCSPResponseBuilder()
               .add_response(entity.certificate, issuer.certificate, hashes.SHA1(), status, this,
                             after, date(2029) if revoked else None, None)
               .responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate))
    if certificates:
        builder = builder.certificates([one.certificate for one in certificates])
    for extension, critical in more:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def raw(dotted, value):
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(dotted), value)


def all_entities():
    e = {}
    san = {"dns": ["server.example"], "ips": ["192.0.2.1", "2001:db8::1"], "eku": SERVER}
    e["root"] = root = make(subject="Root", ca=True)
    e["inter"] = inter = make(root, "Intermediate", ca=True, pathlen=0)
    e["server"] = make(inter, "server", **san)
    e["server-second"] = make(inter, "server", **san)
    e["other-root"] = make(subject="Other Root", ca=True)
    e["client"] = make(inter, "urn:dev:os:1", eku=CLIENT)
    e["client-no-purpose"] = make(inter, "urn:dev:os:2")
    e["client-two-names"] = make(
        inter, eku=CLIENT, subject=name_of((NameOID.COMMON_NAME, "urn:dev:os:3"),
                                           (NameOID.COMMON_NAME, "urn:dev:os:4")))

    # anchors that are not as RFC 5280 has CAs
    e["plain-root"] = plain = make(subject="Plain Root", ca=True, constraints=False, ku=())
    e["plain-server"] = make(plain, "server", **san)
    e["plain-inter"] = plain_inter = make(root, "Plain Intermediate", ca=True, constraints=False)
    e["plain-inter-server"] = make(plain_inter, "server", **san)
    e["self-signed"] = make(None, "server", aki=False, **san)
    e["not-ca"] = not_ca = make(root, "Not a CA", ku=("key_cert_sign",),
                                more=[(x509.BasicConstraints(False, None), True)])
    e["not-ca-server"] = make(not_ca, "server", **san)
    e["no-sign-root"] = no_sign = make(subject="No Sign", ca=True, ku=("crl_sign",))
    e["no-sign-server"] = make(no_sign, "server", **san)
    key = rsa.generate_private_key(65537, 2048)
    e["rsa-root"] = rsa_root = make(subject="RSA Root", ca=True, key=key)
    e["rsa-server"] = make(rsa_root, "server", **san)

    # names
    e["cn-server"] = make(inter, "server.example", eku=SERVER)
    e["cn-wildcard-server"] = make(inter, "*.example.org", eku=SERVER)
    e["cn-and-dns-server"] = make(inter, "server.example", dns=["other.example"], eku=SERVER)
    e["cn-and-uri-server"] = make(inter, "server.example", uris=["coaps://other.example"],
                                  eku=SERVER)
    e["cn-and-ip-server"] = make(inter, "server.example", ips=["192.0.2.9"], eku=SERVER)
    e["cn-ip-server"] = make(inter, "192.0.2.1", eku=SERVER)
    e["wildcard-server"] = make(inter, "server", dns=["*.example.org"], eku=SERVER)
    e["ip-as-dns-server"] = make(inter, "server", dns=["192.0.2.1"], eku=SERVER)

    # times
    e["expired-server"] = make(inter, "server", until=2029, **san)
    e["future-server"] = make(inter, "server", since=2031, **san)
    e["old-root"] = old = make(subject="Old Root", ca=True, until=2029)
    e["old-root-server"] = make(old, "server", **san)

    # keys
    for curve in (ec.SECP384R1, ec.SECP521R1, ec.SECP224R1, ec.SECP192R1, ec.SECP256K1):
        key = ec.generate_private_key(curve())
        e[curve.name + "-server"] = make(inter, "server", key=key, **san)
    for bits in (2048, 1024):
        key = rsa.generate_private_key(65537, bits)
        e[f"rsa{bits}-server"] = make(inter, "server", key=key, **san)
    e["sha384-server"] = make(inter, "server", hash_algorithm=hashes.SHA384(), **san)

    # usage of keys
    e["agreement-server"] = make(inter, "server", ku=("key_agreement",), **san)
    e["no-usage-server"] = make(inter, "server", ku=(), **san)
    e["any-purpose-server"] = make(inter, "server", dns=["server.example"],
                                   eku=[x509.ObjectIdentifier("2.5.29.37.0")])
    e["client-purpose-server"] = make(inter, "server", dns=["server.example"], eku=CLIENT)
    e["client-ca"] = client_ca = make(root, "Client CA", ca=True, eku=CLIENT)
    e["client-ca-server"] = make(client_ca, "server", **san)

    # extensions
    e["no-aki-server"] = make(inter, "server", aki=False, **san)
    unknown, proxy = raw("1.3.6.1.4.1.55555.1", b"\x05\x00"), raw("1.3.6.1.5.5.7.1.14", b"\x30\x00")
    policies = x509.CertificatePolicies([
        x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)])
    e["critical-server"] = make(inter, "server", more=[(unknown, True)], **san)
    e["unknown-server"] = make(inter, "server", more=[(unknown, False)], **san)
    e["proxy-server"] = make(inter, "server", more=[(proxy, False)], **san)
    e["policy-server"] = make(inter, "server", more=[(policies, True)], **san)
    e["explicit-ca"] = explicit = make(root, "Explicit", ca=True, more=[
        (x509.PolicyConstraints(0, None), True)])
    e["explicit-server"] = make(explicit, "server", **san)

    # all extensions and kinds of names there are
    place = [x509.UniformResourceIdentifier("http://a.example/b")]
    method = x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.OCSP, place[0])
    every = [x509.DNSName("server.example"), x509.RFC822Name("a@server.example"), place[0],
             x509.DirectoryName(common_name("a")),
             x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
             x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
             x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x0c\x01a")]
    reasons = frozenset([x509.ReasonFlags.key_compromise])
    points = [x509.DistributionPoint(place, None, reasons, [x509.DirectoryName(common_name("a"))]),
              x509.DistributionPoint(None, x509.RelativeDistinguishedName(
                  [x509.NameAttribute(NameOID.COMMON_NAME, "b")]), None, None)]
    qualified = [x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), [
        "http://a.example", x509.UserNotice(x509.NoticeReference("a", [1, 2]), "b")])]
    e["rich-server"] = make(inter, "server", eku=SERVER, more=[
        (x509.SubjectAlternativeName(every), False), (x509.IssuerAlternativeName(every), False),
        (x509.CRLDistributionPoints(points), False), (x509.FreshestCRL(points), False),
        (x509.AuthorityInformationAccess([method]), False),
        (x509.CertificatePolicies(qualified), False),
        (raw("2.16.840.1.113730.1.1", b"\x03\x02\x06\x40"), False)])
    subtrees = [x509.DNSName("example"), x509.RFC822Name("server.example"),
                x509.UniformResourceIdentifier("a.example"), x509.DirectoryName(common_name("a")),
                x509.IPAddress(ipaddress.ip_network("192.0.2.0/24"))]
    e["rich-ca"] = make(root, "Rich", ca=True, more=[
        (x509.NameConstraints(subtrees, [x509.DNSName("bad.example")]), True),
        (x509.PolicyConstraints(None, 1), True), (x509.InhibitAnyPolicy(0), True)])

    # constraints
    limited = make(root, "Limited", ca=True, more=[(x509.NameConstraints(
        [x509.DNSName("example")], [x509.DNSName("bad.example")]), True)])
    e["limited"] = limited
    e["limited-server"] = make(limited, "server", dns=["server.example"], eku=SERVER)
    e["limited-cn-server"] = make(limited, "server.elsewhere", eku=SERVER)
    e["limited-outside-server"] = make(limited, "server", dns=["server.elsewhere"], eku=SERVER)
    e["limited-excluded-server"] = make(limited, "server", dns=["a.bad.example"], eku=SERVER)

    # a path with many certificates
    above = root
    for i in range(1, 7):
        e[f"deep{i}"] = above = make(above, f"Deep {i}", ca=True)
    e["deep-server"] = make(above, "server", **san)

    # lengths: the intermediate allows no CA below it, but its own renewal
    e["below-inter"] = make(inter, "Below", ca=True)
    e["below-inter-server"] = make(e["below-inter"], "server", **san)
    e["renewed-inter"] = make(inter, "Intermediate", ca=True, pathlen=0)
    e["renewed-inter-server"] = make(e["renewed-inter"], "server", **san)

    # two names that certify each other, four times
    loop_a = make(subject="Loop A", ca=True)
    loop_b = make(loop_a, "Loop B", ca=True, aki=False)
    for i in range(1, 5):
        e[f"loop-a{i}"] = make(loop_b, "Loop A", ca=True, aki=False)
        e[f"loop-b{i}"] = make(loop_a, "Loop B", ca=True, aki=False)
    e["loop-root"] = loop_a
    e["loop-server"] = make(e["loop-a4"], "server", aki=False, **san)

    # the issuer named by its number
    issuer_and_serial = x509.AuthorityKeyIdentifier(
        x509.SubjectKeyIdentifier.from_public_key(inter.key.public_key()).digest,
        [x509.DirectoryName(inter.certificate.issuer)], inter.certificate.serial_number)
    e["numbered-server"] = make(inter, "server", aki=False, more=[(issuer_and_serial, False)],
                                **san)
    wrong = x509.AuthorityKeyIdentifier(
        x509.SubjectKeyIdentifier.from_public_key(inter.key.public_key()).digest,
        [x509.DirectoryName(inter.certificate.issuer)], 77)
    e["misnumbered-server"] = make(inter, "server", aki=False, more=[(wrong, False)], **san)

    # names of issuer and subject that differ in case and white space
    e["spaced-inter"] = spaced = make(root, "Spaced  Intermediate", ca=True)
    same = make(root, "spaced intermediate", ca=True, key=spaced.key)
    e["spaced-server"] = make(same, "server", **san)
    e["cased-inter"] = cased = make(root, "CASED Intermediate", ca=True)
    same = make(root, "cased INTERMEDIATE", ca=True, key=cased.key)
    e["cased-server"] = make(same, "server", **san)

    # revocation
    e["revoked-server"] = make(inter, "server", **san)
    e["revoked-inter"] = revoked_inter = make(root, "Revoked Intermediate", ca=True)
    e["revoked-inter-server"] = make(revoked_inter, "server", **san)
    e["no-crl-sign"] = no_crl = make(root, "No CRL Sign", ca=True, ku=("key_cert_sign",))
    e["no-crl-sign-server"] = make(no_crl, "server", **san)
    e["responder"] = make(inter, "Responder", eku=[EKU.OCSP_SIGNING])
    e["responder-no-purpose"] = make(inter, "Responder")
    e["responder-weak"] = make(inter, "Responder", eku=[EKU.OCSP_SIGNING],
                               key=rsa.generate_private_key(65537, 1024))
    e["responder-expired"] = make(inter, "Responder", eku=[EKU.OCSP_SIGNING], until=2029)
    e["responder-of-root"] = make(root, "Responder", eku=[EKU.OCSP_SIGNING])
    return e


def lists(e):
    inter, revoked = e["inter"], [e["revoked-server"]]
    yield "crl", crl(inter, revoked)
    yield "crl-empty", crl(inter)
    yield "crl-old", crl(inter, this=date(2029, 10), after=date(2029, 12))
    yield "crl-future", crl(inter, this=date(2030, 3), after=date(2030, 4))
    yield "crl-forged", crl(inter, signer=e["other-root"])
    yield "crl-no-number", crl(inter, number=None)
    yield "crl-delta", crl(inter, more=[(x509.DeltaCRLIndicator(1), True)])
    yield "crl-partial", crl(inter, more=[(x509.IssuingDistributionPoint(
        None, None, False, True, None, False, False), True)])
    yield "crl-unknown", crl(inter, more=[(raw("1.3.6.1.4.1.55555.1", b"\x05\x00"), True)])
    yield "crl-other-issuers", crl(inter, [e["client"]], entry_more=[
        (x509.CertificateIssuer([x509.DirectoryName(common_name("Other"))]), True)])
    yield "crl-of-root", crl(e["root"], [e["revoked-inter"]])
    yield "crl-of-revoked-inter", crl(e["revoked-inter"])
    yield "crl-of-no-crl-sign", crl(e["no-crl-sign"])


def responses(e):
    server, inter, status = e["server"], e["inter"], ocsp.OCSPCertStatus
    yield "ocsp-good", response(server, inter)
    yield "ocsp-revoked", response(server, inter, status.REVOKED)
    yield "ocsp-unknown", response(server, inter, status.UNKNOWN)
    yield "ocsp-old", response(server, inter, this=date(2029, 11), after=date(2029, 12))
    yield "ocsp-future", response(server, inter, this=date(2030, 3), after=date(2030, 4))
    yield "ocsp-no-end", response(server, inter, after=None)
    yield "ocsp-other", response(e["server-second"], inter)
    yield "ocsp-forged", response(server, inter, signer=e["other-root"],
                                  certificates=[e["other-root"]])
    for one in ("responder", "responder-no-purpose", "responder-expired", "responder-of-root",
                "responder-weak", "server-second"):
        yield "ocsp-" + one, response(server, inter, signer=e[one], certificates=[e[one]])
    yield "ocsp-try-later", ocsp.OCSPResponseBuilder.build_unsuccessful(
        ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(Encoding.DER)


def main():
    e = all_entities()
    print("# Certificates, revocation lists and OCSP responses: made by certificates.py with\n"
          "# python3-cryptography. DER; `key` is the SubjectPublicKeyInfo.")
    for name, entity in e.items():
        key = entity.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        print(f"\nname = {name}\nder = {entity.der().hex()}\nkey = {key.hex()}")
    for name, der in [*lists(e), *responses(e)]:
        print(f"\nname = {name}\nder = {der.hex()}")


if __name__ == "__main__":
    main()
