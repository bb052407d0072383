#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""names.py ADDRESS ZONE ASKED - a name server

ZONE has lines "NAME TTL ADDRESS..." and is read for every question. For each question its type
goes to the end of ASKED.
"""
import ipaddress
import socket
import struct
import sys

A, AAAA = 1, 28
NXDOMAIN = 3


def question(query):
    """The name that is asked for, the type, and where the question ends."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    kind, = struct.unpack_from("!H", query, at + 1)
    return ".".join(labels).lower(), kind, at + 5


def records(zone, name, kind):
    """(TTL, address) of all records, None if there is no such name."""
    found = None
    with open(zone, encoding="ascii") as lines:
        for line in lines:
            owner, ttl, *addresses = line.split()
            if owner != name:
                continue
            found = found or []
            for address in map(ipaddress.ip_address, addresses):
                if kind == (A if address.version == 4 else AAAA):
                    found.append((int(ttl), address.packed))
    return found


def reply(query, zone):
    """The answer to a query, and the type that it asks for."""
    name, kind, end = question(query)
    found = records(zone, name, kind)
    code = NXDOMAIN if found is None else 0
    answer = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(found or []), 0, 0)
    answer += query[12:end]
    for ttl, packed in found or []:
        answer += struct.pack("!HHHIH", 0xc00c, kind, 1, ttl, len(packed)) + packed
    return answer, kind


def main():
    """Serve for ever."""
    address, zone, asked = sys.argv[1:]
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    while True:
        query, client = server.recvfrom(2048)
        answer, kind = reply(query, zone)
        with open(asked, "a", encoding="ascii") as out:
            out.write(f"{kind}\n")
        server.sendto(answer, client)


main()
