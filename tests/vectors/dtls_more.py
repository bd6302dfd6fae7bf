#!/usr/bin/env python3
"""Makes dtls_more.txt: enrolled certificates, and revocation lists of the authorities of dtls.txt.

  tests/vectors/dtls_more.py > tests/vectors/dtls_more.txt

Needs Debian's python3-cryptography, and dtls.txt, whose keys it signs with: make it anew after that
one. Keys are fresh each time. Valid from 2020 to 2040; the tests' time is 2030-01-01.
"""
import pathlib

from certificates import CLIENT, Entity, crl, make
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

HERE = pathlib.Path(__file__).parent


def load():
    entities = {}
    for record in (HERE / "dtls.txt").read_text().split("\n\n")[1:]:
        fields = dict(line.split(" = ") for line in record.splitlines())
        key = ec.derive_private_key(int(fields["scalar"], 16), ec.SECP256R1())
        certificate = x509.load_der_x509_certificate(bytes.fromhex(fields["der"]))
        entities[fields["name"]] = Entity(certificate, key)
    return entities


def show_list(name, der):
    print(f"\nname = {name}\nder = {der.hex()}")


def show(name, entity):
    show_list(name, entity.der())
    print(f"scalar = {entity.key.private_numbers().private_value:064x}")


def main():
    print("# Enrolled certificates and revocation lists, for handshakes: made by dtls_more.py with")
    print("# python3-cryptography. DER; `scalar` is the private key of P-256.")
    e = load()
    operator = make(subject="Operator Root", ca=True)
    enrolled = make(operator, "endpoint-1", eku=CLIENT)
    show("operator-root", operator)
    show("enrolled", enrolled)
    show("enrolled-expired", make(operator, "endpoint-1", eku=CLIENT, until=2029))
    show_list("crl-inter", crl(e["inter"], [e["server"], e["client"]]))
    show_list("crl-inter-empty", crl(e["inter"]))
    show_list("crl-operator", crl(operator, [enrolled]))
    show_list("crl-operator-empty", crl(operator))


if __name__ == "__main__":
    main()
