#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""GRE packets as they need not come, with pings inside, by a raw socket.

    gre-pieces.py FROM TO INNER_FROM INNER_TO KIND...

KIND is
    whole, seq, csum, routing, version1, version7, reserved   in one packet, with that in the header
    in-order, reverse, shuffled, twice, gap, overlap, tail   a large ping in fragments
    flood SECONDS   as many small ones as it can for so long, or until killed
"""
import random
import socket
import struct
import sys
import time

from packets import checksum, icmp, ipv4

GRE = 47
ICMP = 1
SIZE = 320
HEADERS = {
    "whole": (0x0000, b""),
    "seq": (0x1000, struct.pack("!I", 7)),
    "csum": (0x8000, None),
    "routing": (0x4000, bytes(8)),
    "version1": (0x0001, b""),
    "version7": (0x0007, b""),
    "reserved": (0x0080, b""),
}


def ping(saddr, daddr, length, seq=1):
    """An echo request."""
    data = struct.pack("!BBHHH", 8, 0, 0, 77, seq) + bytes(i & 0xff for i in range(length))
    return ipv4(ICMP, icmp(data), saddr, daddr)


def gre(kind, payload):
    """A GRE header of this kind, and the payload."""
    flags, words = HEADERS[kind]
    if words is None:
        zero = struct.pack("!HHI", flags, 0x800, 0)
        words = struct.pack("!HH", checksum(zero + payload), 0)
    return struct.pack("!HH", flags, 0x800) + words + payload


def fragments(payload, ends, ident):
    """An outer packet in fragments of SIZE bytes."""
    return [ipv4(GRE, payload[at:at + SIZE], *ends, ident=ident,
                 frag=(at + SIZE < len(payload)) << 13 | at // 8)
            for at in range(0, len(payload), SIZE)]


def pieces(kind, ends, inner):
    """What to send for one KIND."""
    if kind in HEADERS:
        return [ipv4(GRE, gre(kind, ping(*inner, 64)), *ends)]
    whole = gre("whole", ping(*inner, 1300))
    parts = fragments(whole, ends, random.randrange(1, 65536))
    if kind == "reverse":
        parts.reverse()
    elif kind == "shuffled":
        random.Random(4).shuffle(parts)
    elif kind == "twice":
        parts = [p for part in parts[:-1] for p in (part, part)] + parts[-1:]
    elif kind == "gap":
        del parts[1]
    elif kind == "overlap":
        # The same place once more, 8 bytes further on, with other bytes.
        ident = struct.unpack("!H", parts[0][4:6])[0]
        parts.insert(2, ipv4(GRE, bytes(SIZE), *ends, ident=ident, frag=1 << 13 | (SIZE + 8) // 8))
    elif kind == "tail":
        parts = parts[-1:]
    elif kind != "in-order":
        sys.exit(__doc__)
    return parts


def flood(raw, ends, inner, seconds):
    """Small pings, as fast as they go."""
    packets = [ipv4(GRE, gre("whole", ping(*inner, 32, seq)), *ends) for seq in range(64)]
    end = time.monotonic() + seconds
    sent = 0
    while time.monotonic() < end:
        for packet in packets:
            try:
                raw.sendto(packet, (ends[1], 0))
                sent += 1
            except OSError:
                pass
    return sent


def main():
    """As the text above says."""
    ends, inner, kinds = sys.argv[1:3], sys.argv[3:5], sys.argv[5:]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        if kinds[0] == "flood":
            print(flood(raw, ends, inner, float(kinds[1])))
            return
        for kind in kinds:
            for packet in pieces(kind, ends, inner):
                raw.sendto(packet, (ends[1], 0))


if __name__ == "__main__":
    main()
