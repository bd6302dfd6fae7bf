#!/usr/bin/env python3
"""A CoAP forward proxy that knows nothing of OSCORE: RFC 7252 section 5.7, over UDP.

  proxy.py    prints "listening PORT", then the options that it saw in each request

Takes Proxy-Uri, or Proxy-Scheme with Uri-Host and Uri-Port. Answers 5.02 to what it cannot
forward, and 5.04 when the server is silent. Forwards notifications as they come.
"""
import select
import socket
import sys
import time
from urllib.parse import urlsplit

HOST = "127.0.0.1"
URI_HOST, URI_PORT, PROXY_URI, PROXY_SCHEME = 3, 7, 35, 39
BAD_GATEWAY, GATEWAY_TIMEOUT = 0xA2, 0xA4
PATIENCE = 1.0  # seconds


def say(text):
    print(text, flush=True)


def extended(data, at, nibble):
    if nibble == 13:
        return data[at] + 13, at + 1
    if nibble == 14:
        return int.from_bytes(data[at:at + 2], "big") + 269, at + 2
    return nibble, at


def read_options(body):
    """Options as (number, value), and what follows them, marker included."""
    options, at, number = [], 0, 0
    while at < len(body) and body[at] != 0xFF:
        head = body[at]
        delta, after = extended(body, at + 1, head >> 4)
        size, after = extended(body, after, head & 15)
        number += delta
        options.append((number, body[after:after + size]))
        at = after + size
    return options, body[at:]


def nibble_of(number):
    if number < 13:
        return number, b""
    if number < 269:
        return 13, bytes([number - 13])
    return 14, (number - 269).to_bytes(2, "big")


def write_options(options):
    written, previous = b"", 0
    for number, value in options:
        delta, more_delta = nibble_of(number - previous)
        size, more_size = nibble_of(len(value))
        written += bytes([delta << 4 | size]) + more_delta + more_size + value
        previous = number
    return written


def target_of(options):
    found = dict(options)
    if PROXY_URI in found:
        uri = urlsplit(found[PROXY_URI].decode())
        return (uri.hostname, uri.port or 5683) if uri.scheme == "coap" else None
    if found.get(PROXY_SCHEME) == b"coap":
        port = int.from_bytes(found.get(URI_PORT, b""), "big") or 5683
        return found[URI_HOST].decode(), port
    return None


class Exchange:
    """One token of one client, with a socket of its own towards the server."""

    def __init__(self, client, request, target):
        self.client = client
        self.request = request
        self.target = target
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.since = time.monotonic()
        self.answered = False


class Proxy:
    def __init__(self):
        self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near.bind((HOST, 0))
        self.exchanges = {}

    def take_request(self, message, client):
        token_end = 4 + (message[0] & 15)
        if not 0 < message[1] < 0x20:
            return
        options, rest = read_options(message[token_end:])
        say("saw " + " ".join(f"{n}:{v.hex()}" for n, v in options))
        target = target_of(options)
        if target is None:
            self.answer_error(message, client, BAD_GATEWAY)
            return
        kept = [o for o in options if o[0] not in (URI_HOST, URI_PORT, PROXY_URI, PROXY_SCHEME)]
        key = (client, message[4:token_end])
        exchange = self.exchanges.get(key)
        if exchange is None:
            exchange = self.exchanges[key] = Exchange(client, message, target)
        exchange.request, exchange.answered = message, False
        exchange.since = time.monotonic()
        exchange.socket.sendto(message[:token_end] + write_options(kept) + rest, target)

    def take_answer(self, exchange):
        message, sender = exchange.socket.recvfrom(2048)
        if message[1] != 0:
            exchange.answered = True
            self.near.sendto(message, exchange.client)

    def answer_error(self, request, client, code):
        head = bytes([0x60 | request[0] & 15, code])
        self.near.sendto(head + request[2:4 + (request[0] & 15)], client)
        say(f"error {code >> 5}.{code & 31:02}")

    def give_up(self):
        for exchange in self.exchanges.values():
            if not exchange.answered and time.monotonic() - exchange.since > PATIENCE:
                exchange.answered = True
                self.answer_error(exchange.request, exchange.client, GATEWAY_TIMEOUT)

    def run(self):
        say(f"listening {self.near.getsockname()[1]}")
        while True:
            by_socket = {e.socket: e for e in self.exchanges.values()}
            for ready in select.select([self.near, *by_socket], [], [], 0.1)[0]:
                if ready is self.near:
                    self.take_request(*ready.recvfrom(2048))
                else:
                    self.take_answer(by_socket[ready])
            self.give_up()


if __name__ == "__main__":
    sys.exit(Proxy().run())
