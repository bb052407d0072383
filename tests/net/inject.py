#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Single packets that no program would send.

usage: inject.py packet IFNAME PROTOCOL HEX	as a packet socket gives it to an interface
       inject.py gre FROM TO FLAGS PROTOCOL HEX [TOS [N]]	GRE over IPv4, HEX behind the
							flags, N times
"""

import socket
import struct
import sys


def packet(name, protocol, data):
    """One packet for a device without a link-layer header."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as sock:
        sock.sendto(bytes.fromhex(data), (name, int(protocol, 16)))


def gre(saddr, daddr, flags, protocol, data, tos="0", count="1"):
    """GRE packets; the kernel fills in length and checksum of the IPv4 header."""
    payload = struct.pack(">HH", int(flags, 16), int(protocol, 16)) + bytes.fromhex(data)
    header = struct.pack(">BBHHHBBH4s4s", 0x45, int(tos, 16), 0, 0, 0, 64, 47, 0,
                         socket.inet_aton(saddr), socket.inet_aton(daddr))
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
        for _ in range(int(count)):
            sock.sendto(header + payload, (daddr, 0))


{"packet": packet, "gre": gre}[sys.argv[1]](*sys.argv[2:])
