#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Registration Requests that no spoke would send, and what a hub answers.

usage: claims.py KEY FROM HUB PROTOCOL NBMA...

For each NBMA address: FROM says to HUB that PROTOCOL is there, in GRE with that key. Prints a line
with the address and the code of the entry in the answer, or "silent". The kernel has no dvpn
device for FROM. Not the project's own codec: it sends no such thing.
"""

import socket
import struct
import sys

REGISTRATION_REQUEST = 3
REGISTRATION_REPLY = 4


def checksum(data):
    """Of the Internet, of an even number of octets."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def request(number, nbma, proto):
    """PROTO is at NBMA for ten minutes, and nobody else's: flag U."""
    body = struct.pack("!BBHI", 4, 4, 0x8000, number) + nbma + proto + proto
    body += struct.pack("!BBHHHBBBB", 0, 32, 0, 1400, 600, 0, 0, 0, 0)

    def fixed(check):
        return struct.pack("!HHIBBHHHBBBB", 1, 0x0800, 0, 0, 255, 20 + len(body), check, 0, 1,
                           REGISTRATION_REQUEST, 4, 0)

    return fixed(checksum(fixed(0) + body)) + body


def code(sock, key, number):
    """Of the first entry in the answer to this request; None if there is none for a while."""
    while True:
        try:
            data = sock.recv(2048)
        except TimeoutError:
            return None
        gre = data[(data[0] & 15) * 4:]
        if gre[:8] != struct.pack("!HHI", 0x2000, 0x2001, key) or \
                gre[8 + 17] != REGISTRATION_REPLY:
            continue
        mandatory = gre[8 + 20:]
        if struct.unpack("!I", mandatory[4:8])[0] == number:
            return mandatory[20]


def main():
    """One after the other, each with a number of its own."""
    key, source, hub, proto = int(sys.argv[1]), *sys.argv[2:5]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_GRE) as sock:
        sock.bind((source, 0))
        sock.settimeout(8)
        for number, nbma in enumerate(sys.argv[5:], 1):
            sock.sendto(struct.pack("!HHI", 0x2000, 0x2001, key) +
                        request(number, socket.inet_aton(nbma), socket.inet_aton(proto)), (hub, 0))
            answer = code(sock, key, number)
            print(nbma, "silent" if answer is None else answer, flush=True)


main()
