#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Multicast pings in a capture of GRE packets on Ethernet.

usage: copies.py PCAP

Prints a line for each group: the group, then who got how many of them as ADDRESS=COUNT, in the
order of addresses. "!" behind the count: not those from 1 to COUNT, once and in this order.
"""

import socket
import struct
import sys


def packets(data):
    """The packets of a capture file that was written on this machine."""
    offset = 24
    while offset + 16 <= len(data):
        size = struct.unpack_from("=I", data, offset + 8)[0]
        yield data[offset + 16:offset + 16 + size]
        offset += 16 + size


def ip_of(packet):
    """Version, protocol, destination and payload of an IP packet."""
    version = packet[0] >> 4
    if version == 4:
        address = socket.inet_ntop(socket.AF_INET, packet[16:20])
        return 4, packet[9], address, packet[4 * (packet[0] & 15):]
    if version == 6:
        return 6, packet[6], socket.inet_ntop(socket.AF_INET6, packet[24:40]), packet[40:]
    return version, 0, "", b""


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    groups = {}
    for packet in packets(data):
        _, protocol, outer, gre = ip_of(packet[14:])
        if protocol != 47 or len(gre) < 4:
            continue
        inner = gre[4 + 4 * bin(gre[0] >> 4).count("1"):]
        if not inner:
            continue
        version, protocol, group, echo = ip_of(inner)
        multicast = group.startswith("ff") if version == 6 else 224 <= inner[16] < 240
        if multicast and (protocol, echo[0]) in ((1, 8), (58, 128)):
            number = struct.unpack_from(">H", echo, 6)[0]
            groups.setdefault(group, {}).setdefault(outer, []).append(number)
    for group, receivers in groups.items():
        print(group, end="")
        for outer in sorted(receivers, key=lambda a: (len(a), a)):
            got = receivers[outer]
            wrong = "" if got == list(range(1, len(got) + 1)) else "!"
            print(f" {outer}={len(got)}{wrong}", end="")
        print()


main()
