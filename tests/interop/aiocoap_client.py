"""An aiocoap client that runs steps under one OSCORE context and says which came out as expected.

A step is one of
    get PATH TEXT         2.05 and this payload
    large PATH SIZE       puts SIZE bytes, 2.01 or 2.04, and gets the same back, both in blocks
    challenged PATH TEXT  the same, after an Echo challenge
    unchallenged PATH TEXT  the same, without one
    put PATH TEXT         2.01 or 2.04
    post PATH LOCATION    2.01 and this location
    delete PATH           2.02
    missing PATH          4.04, protected
    observe PATH COUNT    COUNT notifications with a new payload each
    watch PATH TEXT TEXT  observes PATH and meanwhile puts both texts; each comes as notification
    refused PATH          a GET that gets no protected answer
and steps are separated by a comma of its own. Prints one line per step, exit 1 if any differed.
"""

import argparse
import asyncio
import sys

import aiocoap
from aiocoap import error, oscore

import aiocoap_context

TIMEOUT_SECONDS = 10


class Mismatch(Exception):
    """An answer that differs from what the step expects."""


class Client:
    def __init__(self, protocol, port, context):
        self.protocol = protocol
        self.context = context
        self.base = f"coap://127.0.0.1:{port}"

    def message(self, code, path, **options):
        return aiocoap.Message(code=code, uri=self.base + path, **options)

    async def request(self, code, path, **options):
        response = self.protocol.request(self.message(code, path, **options)).response
        return await asyncio.wait_for(response, TIMEOUT_SECONDS)

    async def get(self, path, text):
        response = await self.request(aiocoap.GET, path)
        expect(response.code == aiocoap.CONTENT and response.payload == text.encode(), response)
        return describe(response)

    async def large(self, path, size):
        text = ",".join(str(number) for number in range(int(size)))[: int(size)]
        await self.put(path, text)
        await self.get(path, text)
        before = self.context.sender_sequence_number
        await self.get(path, text)
        used = self.context.sender_sequence_number - before
        if used < int(size) / 1024:
            raise Mismatch(f"{size} bytes in {used} requests")
        return f"{size} bytes in {used} requests"

    async def challenged(self, path, text):
        return await self.get_with_numbers(path, text, 2)

    async def unchallenged(self, path, text):
        return await self.get_with_numbers(path, text, 1)

    async def get_with_numbers(self, path, text, expected):
        """aiocoap answers a challenge by itself; the numbers used tell how often it sent."""
        before = self.context.sender_sequence_number
        result = await self.get(path, text)
        used = self.context.sender_sequence_number - before
        if used != expected:
            raise Mismatch(f"sent {used} requests, not {expected}")
        return result

    async def put(self, path, text):
        response = await self.request(aiocoap.PUT, path, payload=text.encode())
        expect(response.code in (aiocoap.CREATED, aiocoap.CHANGED), response)
        return describe(response)

    async def post(self, path, location):
        response = await self.request(aiocoap.POST, path, payload=b"</1/0>")
        got = "/" + "/".join(response.opt.location_path)
        expect(response.code == aiocoap.CREATED and got == location, response)
        return f"{describe(response)} {got}"

    async def delete(self, path):
        response = await self.request(aiocoap.DELETE, path)
        expect(response.code == aiocoap.DELETED, response)
        return describe(response)

    async def missing(self, path):
        response = await self.request(aiocoap.GET, path)
        expect(response.code == aiocoap.NOT_FOUND, response)
        return describe(response)

    async def observe(self, path, count):
        answers = self.observation(path)
        first = await answers.__anext__()
        payloads = [first.payload]
        while len(payloads) <= int(count):
            response = await answers.__anext__()
            expect(response.code == aiocoap.CONTENT, response)
            # A server may repeat its first answer as the first notification.
            if response.payload != payloads[-1]:
                payloads.append(response.payload)
        return b"; ".join(payloads).decode()

    async def watch(self, path, *texts):
        answers = self.observation(path)
        await answers.__anext__()
        for text in texts:
            await self.put(path, text)
            response = await answers.__anext__()
            expect(response.payload == text.encode(), response)
        return f"notified of {' '.join(texts)}"

    async def refused(self, path):
        try:
            response = await self.request(aiocoap.GET, path)
        except oscore.NotAProtectedMessage as reason:
            return f"unprotected {describe(reason.plain_message)}"
        except oscore.ProtectionInvalid as reason:
            return type(reason).__name__
        except (asyncio.TimeoutError, error.NetworkError) as reason:
            # Silence would also be the answer of a peer that has died, so it does not count.
            raise Mismatch(f"no answer at all: {type(reason).__name__}") from reason
        raise Mismatch(f"accepted: {describe(response)}")

    async def observation(self, path):
        """The first answer to a registration, then the notifications."""
        request = self.protocol.request(self.message(aiocoap.GET, path, observe=0))
        answer = await asyncio.wait_for(request.response, TIMEOUT_SECONDS)
        expect(answer.code == aiocoap.CONTENT, answer)
        expect(answer.opt.observe is not None, answer)
        yield answer
        notifications = request.observation.__aiter__()
        while True:
            yield await asyncio.wait_for(notifications.__anext__(), TIMEOUT_SECONDS)


def describe(response):
    return f"{response.code.dotted} {response.payload.decode(errors='replace')}".strip()


def expect(condition, response):
    if not condition:
        raise Mismatch(f"got {describe(response)}")


def split_steps(words):
    steps = [[]]
    for word in words:
        if word == ",":
            steps.append([])
        else:
            steps[-1].append(word)
    return steps


async def run(port, context, steps):
    protocol = await aiocoap.Context.create_client_context(transports=["oscore", "simple6"])
    client = Client(protocol, port, context)
    protocol.client_credentials[client.base + "/*"] = context
    failures = 0
    for name, *arguments in steps:
        try:
            result = await getattr(client, name)(*arguments)
            print(f"ok {name} {arguments[0]}: {result}", flush=True)
        except Exception as reason:  # whatever went wrong, the step failed and the next one runs
            failures += 1
            print(f"FAIL {name} {arguments[0]}: {type(reason).__name__}: {reason}", flush=True)
    await protocol.shutdown()
    return failures


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--context", required=True, help="JSON, see aiocoap_context.py")
    parser.add_argument("step", nargs="+")
    arguments = parser.parse_args()
    context = aiocoap_context.context_from_json(arguments.context)
    steps = split_steps(arguments.step)
    sys.exit(1 if asyncio.run(run(arguments.port, context, steps)) else 0)


if __name__ == "__main__":
    main()
