#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Packets around GRE in IPv6 that a stack would not send by itself.

    gre6.py echo FROM TO INNER_FROM INNER_TO HEADER...	one ping in GRE behind these extension
	headers: dest (harmless option), discard (an option to be discarded if unknown), routing,
	waypoint (routing, one segment left), fragment, first (a fragment, the rest missing)
    gre6.py too-big FROM TO QUOTED_FROM QUOTED_TO MTU [LENGTH [CUT]]
	one ICMPv6 error about a GRE packet of LENGTH bytes, of which CUT bytes are quoted
    gre6.py pieces FROM TO IDENT LENGTH...
	fragments of these lengths, each with more to come
"""
import socket
import struct
import sys

from packets import gre, icmp, ipv4

HOP, ROUTING, FRAGMENT, GRE, ICMPV6, DEST = 0, 43, 44, 47, 58, 60
EXTENSIONS = {
    "hop": (HOP, b"\0\x01\x04\0\0\0\0"),
    "dest": (DEST, b"\0\x04\x01\x04\x01\x01\0"),
    "discard": (DEST, b"\0\x44\x04\0\0\0\0"),
    "routing": (ROUTING, b"\0\x04\0" + bytes(4)),
    "waypoint": (ROUTING, b"\0\x04\x01" + bytes(4)),
    "fragment": (FRAGMENT, b"\0" + bytes(2) + b"\0\0\0\x07"),
    "first": (FRAGMENT, b"\0" + b"\0\x01" + b"\0\0\0\x08"),
}


def ipv6(proto, payload, saddr, daddr, length=None):
    """An IPv6 packet; a payload length may be claimed that it does not have."""
    return struct.pack("!IHBB", 0x60000000, length or len(payload), proto, 64) + \
        socket.inet_pton(socket.AF_INET6, saddr) + socket.inet_pton(socket.AF_INET6, daddr) + payload


def echo(saddr, daddr):
    """An IPv4 ping."""
    return ipv4(1, icmp(struct.pack("!BBHHH", 8, 0, 0, 77, 1)), saddr, daddr)


def behind(names, proto, payload):
    """Puts extension headers before a payload; returns protocol and bytes."""
    for name in reversed(names):
        kind, rest = EXTENSIONS[name]
        payload = bytes([proto]) + rest + payload
        proto = kind
    return proto, payload


def too_big(saddr, daddr, quoted, mtu):
    """An ICMPv6 error with a correct checksum."""
    data = struct.pack("!BBHI", 2, 0, 0, mtu) + quoted
    pseudo = socket.inet_pton(socket.AF_INET6, saddr) + socket.inet_pton(socket.AF_INET6, daddr) + \
        struct.pack("!II", len(data), ICMPV6)
    return ipv6(ICMPV6, icmp(data, pseudo), saddr, daddr)


def pieces(saddr, daddr, ident, lengths):
    """Fragments of a datagram."""
    packets, at = [], 0
    for length in lengths:
        header = struct.pack("!BBHI", socket.IPPROTO_UDP, 0, at | 1, ident)
        packets.append(ipv6(FRAGMENT, header + bytes(length), saddr, daddr))
        at += length
    return packets


def main():
    """As the text above says."""
    what, saddr, daddr = sys.argv[1:4]
    if what == "echo":
        payload = gre(0, 0x800) + echo(*sys.argv[4:6])
        packets = [ipv6(*behind(sys.argv[6:], GRE, payload), saddr, daddr)]
    elif what == "pieces":
        ident, *lengths = map(int, sys.argv[4:])
        packets = pieces(saddr, daddr, ident, lengths)
    else:
        quoted_from, quoted_to, mtu, length, cut = sys.argv[4:] + ["1440", "80"][len(sys.argv) - 7:]
        quoted = ipv6(GRE, gre(0, 0x800) + bytes(36), quoted_from, quoted_to,
                      int(length) - 40)
        packets = [too_big(saddr, daddr, quoted[:int(cut)], int(mtu))]
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for packet in packets:
            print(raw.sendto(packet, (daddr, 0)))


if __name__ == "__main__":
    main()
