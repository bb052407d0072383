#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""GRE as raw sockets send and get it.

usage: raw-gre.py get			a line for each packet that the hook leaves to others, from the
					line "ready" until it is killed: sender, GRE in hexadecimal
       raw-gre.py send FROM TO HEX...	one packet for each HEX
"""
import socket
import sys

from packets import ipv4

GRE = 47


def get():
    """Prints what comes."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, GRE) as raw:
        print("ready", flush=True)
        while True:
            data, sender = raw.recvfrom(65536)
            print(sender[0], data[(data[0] & 15) * 4:].hex(), flush=True)


def send(saddr, daddr, *packets):
    """Sends these."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for packet in packets:
            raw.sendto(ipv4(GRE, bytes.fromhex(packet), saddr, daddr), (daddr, 0))


if __name__ == "__main__":
    {"get": get, "send": send}[sys.argv[1]](*sys.argv[2:])
