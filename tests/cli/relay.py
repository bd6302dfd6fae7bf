#!/usr/bin/env python3
"""Stands between a CoAP client and a server and does to their datagrams what a mode says.

  relay.py MODE SERVER_PORT    prints "listening PORT", then what it noticed

Modes: pass, drop-request, drop-answer, plain, plain-error, inject, separate, duplicate, tamper,
record
"""
import select
import socket
import sys

HOST = "127.0.0.1"


def say(text):
    print(text, flush=True)


def token_of(message):
    return message[4:4 + (message[0] & 0x0F)]


def plain_answer(request, code, payload=b""):
    """An unprotected acknowledgement with the right Message ID and token."""
    head = bytes([0x60 | len(token_of(request)), code]) + request[2:4] + token_of(request)
    return head + (b"\xff" + payload if payload else b"")


def is_request(message):
    return 0 < message[1] < 0x20


class Relay:
    def __init__(self, mode, server_port):
        self.mode = mode
        self.server = (HOST, server_port)
        self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near.bind((HOST, 0))
        self.far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client = None
        self.requests = []
        self.answers = []

    def to_client(self, message):
        self.near.sendto(message, self.client)

    def to_server(self, message):
        self.far.sendto(message, self.server)

    def from_client(self, message):
        if not is_request(message):
            say("empty " + message.hex())
            self.to_server(message)
            return
        if self.requests and message == self.requests[-1]:
            say("same bytes again")
        self.requests.append(message)
        if self.mode == "drop-request" and len(self.requests) == 1:
            return
        if self.mode == "plain":
            self.to_client(plain_answer(message, 0x45, b"forged"))
            return
        if self.mode == "plain-error":
            self.to_client(plain_answer(message, 0x81))
            return
        if self.mode == "inject":
            self.inject(message)
        if self.mode == "tamper":
            message = message[:-1] + bytes([message[-1] ^ 1])
        self.to_server(message)
        if self.mode == "duplicate":
            self.to_server(message)

    def inject(self, request):
        """What a client has to survive: other tokens and addresses, no protection, garbage."""
        self.to_client(plain_answer(request, 0x45, b"forged"))
        other = bytearray(plain_answer(request, 0x45, b"other"))
        other[0] |= 0x10
        other[4] ^= 0xFF
        self.to_client(bytes(other))
        self.to_client(b"\xff\xff\xff")
        self.to_client(b"")
        stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stranger.sendto(plain_answer(request, 0x81), self.client)

    def from_server(self, message):
        if self.answers and message == self.answers[-1]:
            say("same answer again")
        self.answers.append(message)
        if self.mode == "drop-answer" and len(self.answers) == 1:
            return
        if self.mode == "separate":
            self.to_client(b"\x60\x00" + message[2:4])
            message = bytes([0x40 | (message[0] & 0x0F), message[1]]) + b"\x77\x77" + message[4:]
            self.to_client(message)
            self.to_client(message)
            return
        self.to_client(message)
        if self.mode == "record" and message[1] == 0x44:
            self.replay()

    def replay(self):
        """Sends the last accepted request again: from another port."""
        attacker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        attacker.settimeout(5)
        attacker.sendto(self.requests[-1], self.server)
        say("replay answered " + attacker.recv(2048).hex())

    def run(self):
        say(f"listening {self.near.getsockname()[1]}")
        while True:
            for ready in select.select([self.near, self.far], [], [])[0]:
                message, sender = ready.recvfrom(2048)
                if ready is self.near:
                    self.client = sender
                    self.from_client(message)
                else:
                    self.from_server(message)


if __name__ == "__main__":
    Relay(sys.argv[1], int(sys.argv[2])).run()
