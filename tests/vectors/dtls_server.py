#!/usr/bin/env python3
"""Makes dtls_server.txt: more certificates of a server, and OCSP responses about the first one.

  tests/vectors/dtls_server.py > tests/vectors/dtls_server.txt

Needs Debian's python3-cryptography, and dtls.txt, whose keys it signs with: make it anew after that
one. Keys are fresh each time. Valid from 2020 to 2040; the tests' time is 2030-01-01.
"""
from certificates import SERVER, make, response
from cryptography.x509 import ocsp
from dtls_more import load, show, show_list


def main():
    print("# More certificates of a server, and OCSP responses: made by dtls_server.py with")
    print("# python3-cryptography. DER; `scalar` is the private key of P-256.")
    e = load()
    inter = e["inter"]
    show("server-second", make(inter, "second", eku=SERVER, dns=["second.example"]))
    show("server-third", make(inter, "third.example", eku=SERVER))
    show_list("ocsp-good", response(e["server"], inter))
    show_list("ocsp-revoked", response(e["server"], inter, ocsp.OCSPCertStatus.REVOKED))
    show_list("ocsp-forged", response(e["server"], inter, signer=e["other-root"],
                                      certificates=[e["other-root"]]))
    show_list("ocsp-of-another", response(e["server-expired"], inter))


if __name__ == "__main__":
    main()
