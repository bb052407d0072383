# SPDX-License-Identifier: GPL-2.0
"""Headers of packets, for the programs here that send what no stack would."""
import socket
import struct


def checksum(data):
    """The Internet checksum."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def icmp(data, pseudo=b""):
    """An ICMP message that has a zero for its checksum; ICMPv6 needs its pseudo header."""
    return data[:2] + struct.pack("!H", checksum(pseudo + data)) + data[4:]


def ipv4(proto, payload, saddr, daddr, options=b"", frag=0, ident=1, tos=0, total=None):
    """An IPv4 packet; a total length may be claimed that it does not have."""
    ihl = 5 + len(options) // 4
    header = struct.pack("!BBHHHBBH4s4s", 0x40 | ihl, tos, total or ihl * 4 + len(payload), ident,
                         frag, 64, proto, 0, socket.inet_aton(saddr),
                         socket.inet_aton(daddr)) + options
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def gre(flags, proto, *words):
    """A GRE header with these words behind it."""
    return struct.pack("!HH", flags, proto) + b"".join(struct.pack("!I", w) for w in words)
