#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Random requests to the netlink family "dvpn".

    hostile-netlink.py IFINDEX SEED N	the same requests for one seed
    hostile-netlink.py IFINDEX missing	requests that lack an attribute: prints each command, and
					by number what the kernel says is missing there

Attributes are those of the command, mostly with values that may be, sometimes of a wrong
length, doubled, foreign or cut off. Each request must be answered. Prints how many the
kernel accepted and refused.
"""
import random
import socket
import struct
import sys

ACK, DUMP, REPLACE = 4, 0x300, 0x100
NLMSG_ERROR, NLMSG_DONE = 2, 3
SOL_NETLINK, CAP_ACK, EXT_ACK = 270, 10, 11
MISS_TYPE = 5
IFINDEX = 2
# By number in enum dvpn_attr: possible values.
VALUES = {
    12: lambda r: u32(r.randrange(5)),				# AGENT_CLASSES
    13: lambda r: bytes((10, 0, 0, r.randrange(16))),		# PROTO4
    14: lambda r: b"\xfd" + bytes(14) + r.randbytes(1),		# PROTO6
    15: lambda r: bytes((r.choice((32, 32, 30, 0, 64, 129)),)),	# PREFIXLEN
    16: lambda r: u32(r.randrange(40)),				# MAP_ID
    17: lambda r: bits(r, 0xef),				# MAP_FLAGS
    18: lambda r: r.randbytes(1),				# PREFERENCE
    19: lambda r: struct.pack("=Q", r.choice((0, 1, 50, 60000, 315360000001, 1 << 63))),
    22: lambda r: u32(r.randrange(3)),				# OWNER
    23: lambda r: r.randbytes(r.choice((0, 1, 64, 65))),	# COOKIE
    24: lambda r: u32(r.randrange(3)),				# MATCH_OWNER
    25: lambda r: u32(r.randrange(40)),				# MATCH_ID
    26: lambda r: u32(r.randrange(3)),				# NOT_OWNER
    28: lambda r: bytes((192, 0, 2, r.randrange(2, 16))),	# NBMA4
    31: lambda r: u32(r.randrange(2)),				# MARK
    33: lambda r: u32(r.randrange(40)),				# PEER_ID
    34: lambda r: bits(r, 0x9),					# PEER_FLAGS
    35: lambda r: u32(r.randrange(2)),				# MARK_MASK
    36: lambda r: u32(r.choice((0, 67, 68, 576, 1400, 65536))),	# MTU
    44: lambda r: bytes((239, 1, 1, 1)),			# GROUP4
    46: lambda r: r.randbytes(r.choice((0, 1, 100, 8192, 8193))),	# FRAME
    47: lambda r: bytes((192, 0, 2, r.randrange(1, 4))),	# LOCAL4
    58: lambda r: bytes((10, 0, 0, r.randrange(16))),		# DST4
}
# By command: attributes that belong there, and those that mostly must.
COMMANDS = {
    1: ((), ()), 2: ((), (12,)), 3: ((), (12,)),
    4: ((14, 15, 17, 18, 19, 22, 23, 24, 25, 31), (13, 28)),
    5: ((15, 16, 17, 18, 19, 22, 23, 24, 25, 28), (13,)),
    6: ((15, 16, 24, 25), (13,)), 7: ((15, 16), (13,)), 8: ((17, 24, 26), ()),
    9: ((13,), (58,)),
    12: ((19, 22, 23, 31, 34, 35, 36), (28,)), 13: ((19, 22, 33, 34, 35, 36), (28,)),
    14: ((24, 31, 33), (28,)), 15: ((33,), (28,)), 16: ((24, 26), ()),
    19: ((28,), (44,)), 21: ((), ()), 22: ((31, 47), (28, 46)),
}


def u32(value):
    """In host byte order."""
    return struct.pack("=I", value)


def bits(rand, allowed):
    """A bitfield that mostly holds what it may."""
    value = rand.randrange(256) & rand.randrange(256) & (allowed if rand.random() < 0.95 else 0xff)
    return u32(value) + u32(value | rand.choice((0, allowed)))


def attribute(kind, data):
    """One attribute with padding."""
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


class Family:
    """A socket for one generic netlink family."""

    def __init__(self, name):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.bind((0, 0))
        self.sock.settimeout(60)
        self.sock.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.seq = 0
        self.answer = b""
        self.family = 16
        self.request(3, attribute(2, name + b"\0"), ACK)
        self.family = self.found

    def request(self, command, attributes, flags):
        """Sends it, waits for the answer; returns an errno."""
        self.seq += 1
        body = struct.pack("=BBH", command, 1, 0) + attributes
        self.sock.send(struct.pack("=IHHII", 16 + len(body), self.family, 1 | flags, self.seq, 0) +
                       body)
        while True:
            data = self.sock.recv(1 << 17)
            while len(data) >= 16:
                length, kind, _, seq, _ = struct.unpack_from("=IHHII", data)
                if kind == 16:
                    self.found = self.family_id(data[20:length])
                if seq == self.seq and kind in (NLMSG_ERROR, NLMSG_DONE):
                    self.answer = data[:length]
                    return -struct.unpack_from("=i", data, 16)[0]
                data = data[(length + 3) & ~3:]

    @staticmethod
    def family_id(data):
        """The number of the family in the answer of the controller."""
        while True:
            length, kind = struct.unpack_from("=HH", data)
            if kind == 1:
                return struct.unpack_from("=H", data, 4)[0]
            data = data[(length + 3) & ~3:]


def attributes_for(rand, ifindex, command):
    """What to send with a command."""
    may, must = COMMANDS.get(command, (tuple(VALUES), ()))
    chosen = [a for a in must if rand.random() < 0.95] + [a for a in may if rand.random() < 0.15]
    data = attribute(IFINDEX, u32(ifindex if rand.random() < 0.97 else rand.getrandbits(32)))
    for kind in chosen:
        value = VALUES[kind](rand)
        if rand.random() < 0.02:
            value = rand.randbytes(rand.randrange(24))
        data += attribute(kind, value)
    luck = rand.random()
    if luck < 0.03:
        data += attribute(rand.randrange(90) | rand.choice((0, 0x8000)), rand.randbytes(8))
    elif luck < 0.05:
        data = data[:rand.randrange(len(data))]
    return data


def missing(answer):
    """What a refusal says is missing, 0: nothing. Its quote is the request's header."""
    data = answer[16 + 4 + 16:]
    while data:
        length, kind = struct.unpack_from("=HH", data)
        if kind == MISS_TYPE:
            return struct.unpack_from("=I", data, 4)[0]
        data = data[(length + 3) & ~3:]
    return 0


def lacking(ifindex):
    """Without the device, without all else that must be there, with the first of that."""
    family = Family(b"dvpn")
    rand = random.Random(1)
    dev = attribute(IFINDEX, u32(ifindex))
    for command, (_, must) in COMMANDS.items():
        first = b"".join(attribute(kind, VALUES[kind](rand)) for kind in must[:1])
        said = []
        for data in b"", dev, dev + first:
            if family.request(command, data, ACK):
                said.append(missing(family.answer))
        print(command, *said)


def main():
    """As the text above says."""
    if sys.argv[2] == "missing":
        lacking(int(sys.argv[1]))
        return
    ifindex, seed, count = (int(arg) for arg in sys.argv[1:4])
    rand = random.Random(seed)
    family = Family(b"dvpn")
    accepted = 0
    for _ in range(count):
        command = rand.choice(tuple(COMMANDS)) if rand.random() < 0.97 else rand.randrange(256)
        flags = ACK | rand.choice((0, 0, REPLACE))
        if rand.random() < 0.05:
            flags |= DUMP
        accepted += not family.request(command, attributes_for(rand, ifindex, command), flags)
    print(f"accepted={accepted} refused={count - accepted}")


if __name__ == "__main__":
    main()
