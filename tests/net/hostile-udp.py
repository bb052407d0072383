#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""GRE-in-UDP packets that nobody should send.

    hostile-udp.py FROM TO SPORT DPORT SEED N
	each kind of broken packet, then N random ones; SPORT 0: from any port
    hostile-udp.py too-big FROM TO SPORT DPORT MTU [KEY]
	an ICMP error about a packet from TO to FROM between these ports, of IPv4 or IPv6; without
	KEY it quotes no more than the UDP header
    hostile-udp.py gre FROM TO SPORT DPORT PROTOCOL
	one good packet with this protocol (hexadecimal) inside
    hostile-udp.py flows TO N
	N small datagrams, each from another port
"""
import random
import socket
import struct
import sys

import gre6
from packets import gre, icmp, ipv4

PROTOCOLS = (0x0800, 0x86dd, 0x2001, 0x6558, 0x8847, 0x8848, 0)


def udp(sport, dport, payload, length=None):
    """A UDP header without checksum in front of the payload."""
    return struct.pack("!HHHH", sport, dport, length or 8 + len(payload), 0) + payload


def payloads(rand, count):
    """What follows the UDP header."""
    inner = ipv4(1, bytes(40), "10.0.0.2", "10.0.0.1")
    for flags in [1 << i for i in range(16)] + [0, 0xb000, 0xffff, 0xa000, 0x3000]:
        for proto in PROTOCOLS:
            yield gre(flags, proto) + inner
    for length in range(28):
        yield (gre(0x2000, 0x800, 7) + inner)[:length]
    for proto in PROTOCOLS:
        yield gre(0, proto)
    yield gre(0, 0x800) + ipv4(47, gre(0, 0x800) + inner, "10.0.0.2", "10.0.0.1")
    yield gre(0x2000, 0x800, 99) + inner
    for _ in range(count):
        yield rand.randbytes(rand.randrange(200))


def too_big(saddr, daddr, sport, dport, mtu, *key):
    """An ICMP error that quotes 8 bytes behind the IP header, with a key 16."""
    quoted = udp(sport, dport, b"".join(gre(0x2000, 0x800, k) for k in key), 1400)
    if ":" in saddr:
        return gre6.too_big(saddr, daddr, gre6.ipv6(17, quoted, daddr, saddr, 1400), mtu)
    quoted = ipv4(17, quoted, daddr, saddr, total=1420)
    return ipv4(1, icmp(struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + quoted), saddr, daddr)


def flows(daddr, count):
    """Many flows of one datagram."""
    for _ in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"flow", (daddr, 9))


def main():
    """As the text above says."""
    words = sys.argv[1:]
    if words[0] == "flows":
        flows(words[1], int(words[2]))
        return
    if words[0] == "too-big":
        daddr = words[2]
        packets = [too_big(*words[1:3], *map(int, words[3:]))]
    elif words[0] == "gre":
        daddr = words[2]
        payload = gre(0, int(words[5], 16)) + bytes(40)
        packets = [ipv4(17, udp(*map(int, words[3:5]), payload), words[1], daddr)]
    else:
        saddr, daddr = words[:2]
        sport, dport, seed, count = map(int, words[2:6])
        rand = random.Random(seed)
        packets = (ipv4(17, udp(sport or rand.randrange(1, 65536), dport, payload), saddr, daddr)
                   for payload in payloads(rand, count))
    family = socket.AF_INET6 if ":" in daddr else socket.AF_INET
    with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        print(sum(bool(raw.sendto(packet, (daddr, 0))) for packet in packets))


if __name__ == "__main__":
    main()
