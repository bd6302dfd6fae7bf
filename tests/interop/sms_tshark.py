#!/usr/bin/env python3
"""Compares short messages of lwsec with what tshark makes of them, field by field.

usage: sms_tshark.py LWSEC VECTORS

SMS-DELIVER goes into a capture as it is (a link type of the user's, dissected as gsm_sms), and
SMS-SUBMIT as a card sends it: in the proactive command SEND SHORT MESSAGE, in GSMTAP. Prints a
line for each case, "ok NAME" or "FAIL NAME: WHY".
"""
import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

LWSEC, VECTORS = sys.argv[1:3]
KEYS = ["--params", "12121600b20203", "--keys", bytes(range(32)).hex(), "--counter", "7"]
NUMBERS = ("+4915112345678", "1122", "0151123456789012345")
USER_LINK, RAW_IP = 147, 101
LINK_TYPE = 'uat:user_dlts:"User 0 (DLT=147)","gsm_sms","0","","0",""'
FIELDS = """
gsm_sms.tp-mti gsm_sms.tp-mms gsm_sms.tp-lp gsm_sms.tp-sri gsm_sms.tp-rp
gsm_sms.tp-udhi gsm_sms.tp-mr gsm_sms.tp-oa gsm_sms.tp-da gsm_sms.tp-pid gsm_sms.tp-dcs
gsm_sms.dis_field_addr.extension gsm_sms.dis_field_addr.num_type gsm_sms.dis_field_addr.num_plan
gsm_sms.scts.year gsm_sms.scts.month gsm_sms.scts.day gsm_sms.scts.hour gsm_sms.scts.minutes
gsm_sms.scts.seconds gsm_sms.scts.timezone gsm_sms.tp.user_data_length gsm_sms.ie_identifier
gsm_sms.udh.mm.msg_id gsm_sms.udh.mm.msg_parts gsm_sms.udh.mm.msg_part
gsm_sms.reassembled.length gsm_sms.sms_body
""".split()


# ---- lwsec ----

def lwsec(*arguments):
    """What the program prints; None if it refuses."""
    ran = subprocess.run([LWSEC, "sms", *arguments], capture_output=True, text=True, check=False)
    return ran.stdout if ran.returncode == 0 else None


def coap(size):
    head = bytes.fromhex("5402303aaabbccddb1310130ff")
    return (head + b"\xa5" * (size - len(head))).hex()


def seal(size, kind, number, reference):
    """A packet, and the TPDUs that carry it."""
    message = ["seal", *KEYS, "--coap", coap(size)]
    tpdus = lwsec(*message, "--tpdu", kind, "--address", number, "--reference", str(reference))
    return bytes.fromhex(lwsec(*message)), [bytes.fromhex(line) for line in tpdus.split()]


def elements(header):
    """The identifiers of a user data header."""
    found, at = [], 0
    while at + 2 <= len(header):
        found.append(header[at])
        at += 2 + header[at + 1]
    return found


def ours(tpdu):
    """The fields of a TPDU in lwsec, named as tshark names them; None: refused."""
    text = lwsec("inspect", "--json", "--ciphered", "--tpdu", tpdu.hex())
    if text is None:
        return None
    said = json.loads(text)["tpdus"][0]
    header = None if said["header"] == "none" else bytes.fromhex(said["header"])
    flags = said["flags"].split(", ")
    deliver = said["tpdu"] == "deliver"
    fields = {
        "gsm_sms.tp-mti": 0 if deliver else 1,
        "gsm_sms.tp-udhi": int(header is not None),
        "gsm_sms.tp-rp": int("reply path" in flags),
        "type": int(said["address-type"], 16),
        "gsm_sms.tp-pid": int(said["pid"][:2], 16),
        "gsm_sms.tp-dcs": int(said["dcs"][:2], 16),
        "gsm_sms.ie_identifier": elements(header or b""),
        "length": len(said["user-data"]) // 2 + (1 + len(header) if header is not None else 0),
    }
    if deliver:
        fields["gsm_sms.tp-mms"] = int("no more messages" in flags)
        fields["gsm_sms.tp-lp"] = int("loop prevention" in flags)
        fields["gsm_sms.tp-sri"] = int("status report" in flags)
        # What is no time stands there as it is.
        if "T" in said["time"]:
            fields["time"] = said["time"][:17]
    else:
        fields["gsm_sms.tp-mr"] = int(said["reference"])
    if "address" in said:  # no letters
        fields["digits"] = said["address"].lstrip("+")
    if "part" in said:
        number, _, total, _, reference = said["part"].replace(",", "").split()
        fields["part"] = (int(number), int(total), int(reference, 16))
    return fields


# ---- tshark ----

def capture(path, frames, link):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link))
        for i, frame in enumerate(frames):
            file.write(struct.pack("<IIII", i, 0, len(frame), len(frame)) + frame)


def tlv(tag, value):
    length = bytes([len(value)]) if len(value) < 0x80 else bytes([0x81, len(value)])
    return bytes([tag]) + length + value


def from_card(tpdu):
    """IP, UDP, GSMTAP, and FETCH, whose answer is SEND SHORT MESSAGE."""
    command = tlv(0xD0, bytes.fromhex("810301130082028183") + tlv(0x8B, tpdu))
    apdu = bytes([0x80, 0x12, 0, 0, len(command)]) + command + b"\x90\x00"
    gsmtap = bytes([2, 4, 4]) + bytes(13) + apdu
    udp = struct.pack(">HHHH", 4729, 4729, 8 + len(gsmtap), 0) + gsmtap
    home = bytes([127, 0, 0, 1])
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + home + home + udp


def one(text, base=0):
    return int(text, base) if text else None


def read_row(row):
    """A line of tshark's, in the form of ours()."""
    said = dict(zip(FIELDS, row.split("\t")))
    fields = {name: one(said[name]) for name in FIELDS if name.startswith("gsm_sms.tp-")
              and name not in ("gsm_sms.tp-oa", "gsm_sms.tp-da")}
    extension, number, plan = (one(said["gsm_sms.dis_field_addr." + name])
                               for name in ("extension", "num_type", "num_plan"))
    if extension is not None:
        fields["type"] = extension << 7 | number << 4 | plan
    fields["digits"] = said["gsm_sms.tp-oa"] + said["gsm_sms.tp-da"]
    fields["gsm_sms.ie_identifier"] = [
        int(each, 0) for each in said["gsm_sms.ie_identifier"].split(",") if each]
    fields["length"] = one(said["gsm_sms.tp.user_data_length"])
    if said["gsm_sms.scts.year"]:
        fields["time"] = "{:02}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*(
            int(said["gsm_sms.scts." + name])
            for name in ("year", "month", "day", "hour", "minutes", "seconds")))
    fields["zone"] = said["gsm_sms.scts.timezone"]
    if said["gsm_sms.udh.mm.msg_part"]:
        fields["part"] = tuple(one(said["gsm_sms.udh.mm." + name])
                               for name in ("msg_part", "msg_parts", "msg_id"))
    fields["body"] = said["gsm_sms.sms_body"].replace(":", "")
    fields["whole"] = one(said["gsm_sms.reassembled.length"])
    return fields


def tshark(tpdus, deliver=True, reassemble=True):
    """What tshark says of each TPDU of one capture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sms.pcap"
        frames = tpdus if deliver else [from_card(each) for each in tpdus]
        capture(path, frames, USER_LINK if deliver else RAW_IP)
        command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "occurrence=a",
                   "-o", LINK_TYPE,
                   "-o", "gsm_sms.reassemble_with_lower_layers_info:FALSE",
                   "-o", "gsm_sms.reassemble:" + str(reassemble).upper()]
        for name in FIELDS:
            command += ["-e", name]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = ran.stdout.splitlines()
    if ran.returncode != 0 or len(rows) != len(tpdus):
        raise AssertionError(f"tshark: {len(rows)} rows, {ran.stderr.strip()[-200:]}")
    return [read_row(row) for row in rows]


# ---- Cases ----

def same(mine, theirs):
    """Every field of ours is what tshark says."""
    for name, value in mine.items():
        if theirs.get(name) != value:
            raise AssertionError(f"{name}: {value} here, {theirs.get(name)} in tshark")


def agrees(size, kind, number, order=None):
    packet, tpdus = seal(size, kind, number, random.randrange(256))
    sent = [tpdus[i] for i in order or range(len(tpdus))]
    rows = tshark(sent, kind == "deliver")
    for tpdu, row in zip(sent, rows):
        same(ours(tpdu), row)
    bodies = [row["body"] for row in rows]
    if packet.hex() not in bodies:
        raise AssertionError("tshark puts together another packet")
    if len(tpdus) > 1 and len(packet) not in [row["whole"] for row in rows]:
        raise AssertionError("tshark does not say that it put the packet together")


def vectors_agree(kind):
    lines = [line.split() for line in Path(VECTORS).read_text().splitlines()]
    tpdus = [bytes.fromhex(line[2]) for line in lines
             if line and line[0].startswith("tpdu")
             and int(line[2][:2], 16) & 3 == ("deliver", "submit").index(kind)]
    if len(tpdus) < 10:
        raise AssertionError(f"{len(tpdus)} vectors")
    for tpdu, row in zip(tpdus, tshark(tpdus, kind == "deliver", reassemble=False)):
        same(ours(tpdu), row)


def changed_bits_differ(size, number):
    """Each bit before the packet, but the message type, changed in turn: tshark sees another
    message, and lwsec the same one as tshark, or refuses it. Two bits have no meaning: one is
    reserved, and one is the sign of a zone that is 0."""
    _, tpdus = seal(size, "deliver", number, 90)
    tpdu, refused, meaningless = tpdus[0], 0, 0
    end = len(tpdu) - (ours(tpdu)["length"] - tpdu[len(tpdu) - ours(tpdu)["length"]] - 1)
    changed = []
    for bit in range(8 * end):
        if bit not in (6, 7):
            other = bytearray(tpdu)
            other[bit // 8] ^= 0x80 >> bit % 8
            changed.append(bytes(other))
    rows = tshark([tpdu, *changed], reassemble=False)
    for other, row in zip(changed, rows[1:]):
        mine = ours(other)
        refused += mine is None
        if row == rows[0]:
            meaningless += 1
            if mine != ours(tpdu):
                raise AssertionError("tshark sees no difference in " + other[:end].hex())
        elif mine is not None:
            try:
                same(mine, row)
            except AssertionError as why:
                raise AssertionError(f"{why} in {other[:end].hex()}") from why
    if meaningless > 2:
        raise AssertionError(f"{meaningless} bits without a meaning")
    if refused == len(changed) or refused == 0:
        raise AssertionError(f"{refused} of {len(changed)} refused")


def other_packet_differs():
    """A bit of the packet in the second part: tshark puts another packet together."""
    packet, tpdus = seal(300, "deliver", NUMBERS[0], 90)
    other = bytearray(tpdus[1])
    other[-1] ^= 1
    bodies = [row["body"] for row in tshark([tpdus[0], bytes(other), tpdus[2]])]
    if packet.hex() in bodies:
        raise AssertionError("tshark sees no difference")


def missing_part_shows():
    packet, tpdus = seal(300, "deliver", NUMBERS[0], 90)
    rows = tshark(tpdus[:2])
    if packet.hex() in [row["body"] for row in rows] or any(row["whole"] for row in rows):
        raise AssertionError("tshark has a packet out of two of three parts")
    if lwsec("open", *KEYS[:4], "--last", "0", "--tpdu", *[each.hex() for each in tpdus[:2]]):
        raise AssertionError("lwsec has a message out of two of three parts")


def case(name, test, *arguments):
    try:
        test(*arguments)
        print("ok", name, flush=True)
    except Exception as why:  # pylint: disable=broad-except
        print(f"FAIL {name}: {type(why).__name__} {why}", flush=True)


def main():
    for kind in ("deliver", "submit"):
        for size in (14, 96, 97, 239, 240, 366, 1000):
            case(f"{kind}-{size}", agrees, size, kind, NUMBERS[size % 3])
        case(f"{kind}-vectors", vectors_agree, kind)
        case(f"{kind}-out-of-order", agrees, 366, kind, NUMBERS[0], (2, 0, 1))
    case("changed-bits-one", changed_bits_differ, 14, NUMBERS[0])
    case("changed-bits-part", changed_bits_differ, 300, NUMBERS[1])
    case("other-packet", other_packet_differs)
    case("missing-part", missing_part_shows)


main()
