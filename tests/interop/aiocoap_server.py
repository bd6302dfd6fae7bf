"""An aiocoap server that answers under one OSCORE context, for lwsec and libcoap clients.

/hello GET; /value GET, PUT (observable); /rd POST, 2.01 with Location-Path rd/1; /tick GET,
notifies every 0.3 s. A request that is not protected gets 4.01. Prints READY when it listens, then
a line per request that was accepted, `challenge` per Echo challenge, and `observers N` when the
number of observers of /tick changes.
"""

import argparse
import asyncio

import aiocoap
from aiocoap import resource
from aiocoap.credentials import CredentialsMap

import aiocoap_context
from aiocoap.oscore_sitewrapper import OscoreSiteWrapper
from aiocoap.transports.oscore import OSCOREAddress

TICK_SECONDS = 0.3


class Hello(resource.Resource):
    async def render_get(self, request):
        return aiocoap.Message(payload=b"hello from aiocoap")


class Value(resource.ObservableResource):
    def __init__(self):
        super().__init__()
        self.content = b""

    async def render_get(self, request):
        return aiocoap.Message(payload=self.content)

    async def render_put(self, request):
        self.content = request.payload
        self.updated_state()
        return aiocoap.Message(code=aiocoap.CHANGED)


class Registration(resource.Resource):
    async def render_post(self, request):
        return aiocoap.Message(code=aiocoap.CREATED, location_path=("rd", "1"))


class Tick(resource.ObservableResource):
    def __init__(self):
        super().__init__()
        self.count = 0

    async def run(self):
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.count += 1
            self.updated_state()

    def update_observation_count(self, newcount):
        print(f"observers {newcount}", flush=True)

    async def render_get(self, request):
        return aiocoap.Message(payload=b"tick %d" % self.count)


class ProtectedOnly(resource.Site):
    """The wrapper lets plain requests through to the site, which therefore refuses them itself."""

    async def render_to_pipe(self, pipe):
        if not isinstance(pipe.request.remote, OSCOREAddress):
            raise aiocoap.error.Unauthorized("only under OSCORE")
        options = pipe.request.opt
        target = "/" + "/".join(options.uri_path) + "".join(f" {q}" for q in options.uri_query)
        print(f"request {pipe.request.code} {target}", flush=True)
        await super().render_to_pipe(pipe)


async def serve(port, context):
    tick = Tick()
    site = ProtectedOnly()
    site.add_resource(["hello"], Hello())
    site.add_resource(["value"], Value())
    site.add_resource(["rd"], Registration())
    site.add_resource(["tick"], tick)
    credentials = CredentialsMap()
    credentials[":peer"] = context
    await aiocoap.Context.create_server_context(
        OscoreSiteWrapper(site, credentials),
        bind=("127.0.0.1", port),
        # The one of aiocoap's transports that needs no IPv6.
        transports=["simplesocketserver"],
    )
    print("READY", flush=True)
    await tick.run()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--context", required=True, help="JSON, see aiocoap_context.py")
    parser.add_argument("--echo", action="store_true", help="challenge the first request")
    arguments = parser.parse_args()
    context = aiocoap_context.context_from_json(arguments.context, challenge=arguments.echo)
    asyncio.run(serve(arguments.port, context))


if __name__ == "__main__":
    main()
