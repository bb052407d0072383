#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Single packets that no program would send.

usage: inject.py packet IFNAME PROTOCOL HEX	as a packet socket gives it to an interface
       inject.py gre FROM TO FLAGS PROTOCOL HEX [TOS [N]]	GRE over IPv4, HEX behind the
							flags, N times
       inject.py nhrp CAPTURE TYPE ORIGIN FROM	the first NHRP message of this type that ORIGIN
							sent over GRE, again, as if from FROM
"""

import socket
import struct
import sys


def packet(name, protocol, data):
    """One packet for a device without a link-layer header."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as sock:
        sock.sendto(bytes.fromhex(data), (name, int(protocol, 16)))


def ipv4_gre(saddr, daddr, payload, tos=0, count=1):
    """GRE packets; the kernel fills in length and checksum of the IPv4 header."""
    header = struct.pack(">BBHHHBBH4s4s", 0x45, tos, 0, 0, 0, 64, 47, 0,
                         socket.inet_aton(saddr), socket.inet_aton(daddr))
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
        for _ in range(count):
            sock.sendto(header + payload, (daddr, 0))


def gre(saddr, daddr, flags, protocol, data, tos="0", count="1"):
    """GRE packets of any kind."""
    payload = struct.pack(">HH", int(flags, 16), int(protocol, 16)) + bytes.fromhex(data)
    ipv4_gre(saddr, daddr, payload, int(tos, 16), int(count))


def captured(path):
    """The IPv4 packets of a capture of Ethernet."""
    with open(path, "rb") as capture:
        capture.read(24)
        while record := capture.read(16):
            data = capture.read(struct.unpack("<I", record[8:12])[0])
            if data[12:14] == b"\x08\x00":
                yield data[14:]


def nhrp(path, kind, origin, saddr):
    """A message that was sent, once more."""
    for data in captured(path):
        payload = data[(data[0] & 15) * 4:]
        # GRE with a key; the type is octet 17 of the message.
        if (data[9] == 47 and data[12:16] == socket.inet_aton(origin) and
                payload[:4] == b"\x20\x00\x20\x01" and payload[8 + 17] == int(kind)):
            ipv4_gre(saddr, socket.inet_ntoa(data[16:20]), payload)
            return
    sys.exit(f"{path}: no message of type {kind} from {origin}")


{"packet": packet, "gre": gre, "nhrp": nhrp}[sys.argv[1]](*sys.argv[2:])
