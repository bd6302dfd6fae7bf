"""OSCORE security contexts for the aiocoap peers, made from JSON and held in memory.

The JSON object has the fields of `lwsec coap`'s context options: secret, salt, sender_id,
recipient_id and id_context in hex, aead and hmac as numbers of LwM2M Object 21. Only secret and
the two ids are required.
"""

import json
import secrets
import sys
import types

# aiocoap imports its EDHOC code along with OSCORE, and that needs a module that Debian lacks. No
# EDHOC runs here, so an empty module is enough.
sys.modules.setdefault("lakers", types.ModuleType("lakers"))

from aiocoap import oscore  # noqa: E402 (needs the line above)

HASH_BY_HMAC = {5: "sha256", 6: "sha384", 7: "sha512"}
REPLAY_WINDOW_SIZE = 32


class MemoryContext(oscore.CanProtect, oscore.CanUnprotect, oscore.SecurityContextUtils):
    """A context for one run of one test: fresh keys, so nothing has to survive the process."""

    def __init__(self, fields, challenge):
        self.alg_aead = aead_by_number(fields.get("aead", 10))
        self.hashfun = oscore.hashfunctions[HASH_BY_HMAC[fields.get("hmac", 5)]]
        self.sender_id = bytes.fromhex(fields["sender_id"])
        self.recipient_id = bytes.fromhex(fields["recipient_id"])
        id_context = fields.get("id_context")
        self.id_context = None if id_context is None else bytes.fromhex(id_context)
        self.derive_keys(bytes.fromhex(fields.get("salt", "")), bytes.fromhex(fields["secret"]))
        self.sender_sequence_number = 0
        self.recipient_replay_window = oscore.ReplayWindow(REPLAY_WINDOW_SIZE, lambda: None)
        # aiocoap answers 4.01 with Echo exactly while its window is not initialised.
        self.echo_recovery = secrets.token_bytes(8) if challenge else None
        if not challenge:
            self.recipient_replay_window.initialize_empty()

    def post_seqnoincrease(self):
        """Nothing to store, see the class."""

    def unprotect(self, protected_message, request_id=None):
        try:
            return super().unprotect(protected_message, request_id)
        except oscore.ReplayErrorWithEcho:
            print("challenge", flush=True)
            raise


def aead_by_number(number):
    for algorithm in oscore.algorithms.values():
        if algorithm.value == number:
            return algorithm
    raise ValueError(f"aiocoap has no AEAD algorithm {number}")


def context_from_json(text, challenge=False):
    return MemoryContext(json.loads(text), challenge)
