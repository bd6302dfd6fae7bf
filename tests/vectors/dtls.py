#!/usr/bin/env python3
"""Makes dtls.txt: certificates with their private keys, for handshakes.

  tests/vectors/dtls.py > tests/vectors/dtls.txt

Needs Debian's python3-cryptography. Keys are fresh each time. Valid from 2020 to 2040; the tests'
time is 2030-01-01.
"""
from certificates import CLIENT, SERVER, make


def show(name, entity):
    scalar = entity.key.private_numbers().private_value
    print(f"\nname = {name}\nder = {entity.der().hex()}\nscalar = {scalar:064x}")


print("# Certificates with private keys, for handshakes: made by dtls.py with")
print("# python3-cryptography. DER; `scalar` is the private key of P-256.")
root = make(subject="Root", ca=True)
inter = make(root, "Intermediate", ca=True, pathlen=0)
other = make(subject="Other Root", ca=True)
show("root", root)
show("inter", inter)
show("other-root", other)
show("server", make(inter, "server", eku=SERVER, dns=["server.example"]))
show("server-expired", make(inter, "server", eku=SERVER, dns=["server.example"], until=2029))
show("server-unknown", make(other, "server", eku=SERVER, dns=["server.example"]))
show("client", make(inter, "endpoint-1", eku=CLIENT))
show("client-expired", make(inter, "endpoint-1", eku=CLIENT, until=2029))
show("client-unknown", make(other, "endpoint-1", eku=CLIENT))
