#!/usr/bin/env python3
"""Prints kudos.txt: updateCtx of draft-ietf-core-oscore-key-update-14, by hashlib and hmac."""
import hashlib
import hmac

HASHES = {5: hashlib.sha256, 6: hashlib.sha384, 7: hashlib.sha512}
KEY_SIZES = {10: 16, 1: 16, 24: 32}
NONCE_SIZES = {10: 13, 1: 12, 24: 12}


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    return bytes([major << 5 | 24, number])


def bstr(value):
    return head(2, len(value)) + value


def expand(prk, info, size, digest):
    assert size <= digest().digest_size
    return hmac.new(prk, info + b"\x01", digest).digest()[:size]


def update(secret, one, other, digest):
    salt = b"".join(sorted([bstr(one), bstr(other)]))
    label = b"oscore key update"
    info = len(secret).to_bytes(2, "big") + bytes([len(label)]) + label + bytes([len(salt)]) + salt
    return expand(secret, info, len(secret), digest), salt


def derive(prk, digest, identity, id_context, alg, kind, size):
    context = b"\xf6" if id_context is None else bstr(id_context)
    info = head(4, 5) + bstr(identity) + context + head(0, alg)
    info += head(3, len(kind)) + kind.encode() + head(0, size)
    return expand(prk, info, size, digest)


def record(name, secret, one, other, aead=10, mac=5, id_context=None):
    digest = HASHES[mac]
    updated, salt = update(secret, one, other, digest)
    prk = hmac.new(salt, updated, digest).digest()
    size = KEY_SIZES[aead]
    print(f"\nname = {name}\naead = {aead}\nhmac = {mac}\nsecret = {secret.hex()}")
    print(f"one = {one.hex()}\nother = {other.hex()}")
    if id_context is not None:
        print(f"id_context = {id_context.hex()}")
    print(f"salt = {salt.hex()}\nupdated_secret = {updated.hex()}")
    print("sender_key =", derive(prk, digest, b"c", id_context, aead, "Key", size).hex())
    print("recipient_key =", derive(prk, digest, b"s", id_context, aead, "Key", size).hex())
    print("common_iv =", derive(prk, digest, b"", id_context, aead, "IV", NONCE_SIZES[aead]).hex())


def main():
    secret = bytes(range(1, 17))
    n1, n2 = bytes(range(0x10, 0x18)), bytes(range(0xA0, 0xA8))
    long1, long2 = bytes(range(0x30, 0x40)), bytes(range(0xE0, 0xF0))
    print("# updateCtx of KUDOS (draft-ietf-core-oscore-key-update-14), computed by kudos.py")
    print("# beside this file with hashlib and hmac alone. Sender ID 63 (c), Recipient ID 73 (s).")
    print("# `other` is empty for CTX_TEMP.")
    record("temp", secret, b"\x07" + n1, b"")
    record("forward-flow", secret, b"\x07" + n1, b"\x47" + n2)
    record("order-of-the-other-end", secret, b"\x47" + n2, b"\x07" + n1)
    record("nonces-of-two-sizes", secret, b"\x0f" + long1, b"\x47" + n2)
    record("one-byte-nonces", secret, b"\x00\xff", b"\x40\x00")
    record("without-forward-secrecy", secret, b"\x1f" + long1, b"\x5f" + long2)
    record("id-context", secret, b"\x07" + n1, b"\x47" + n2, id_context=bytes(range(8)))
    record("sha-384", bytes(range(48)), b"\x07" + n1, b"\x47" + n2, aead=1, mac=6)
    record("sha-512", bytes(range(64)), b"\x07" + n1, b"\x47" + n2, aead=1, mac=7)
    record("secret-of-32", bytes(range(32)), b"\x07" + n1, b"\x47" + n2)


main()
