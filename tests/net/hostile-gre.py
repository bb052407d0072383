#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Packets that nobody should send.

    hostile-gre.py storm FROM TO SEED N	every kind of broken packet, the same for one seed
    hostile-gre.py frag-needed FROM TO QUOTED_FROM QUOTED_TO MTU [KEY|- [LENGTH [CUT]]]
	one ICMP error about a GRE packet of LENGTH bytes, of which CUT bytes are quoted
"""
import random
import socket
import struct
import sys

from packets import gre, icmp, ipv4

GRE = 47
ICMP = 1
PROTOCOLS = (0x0800, 0x86dd, 0x2001, 0x6558, 0x88be, 0)


def icmp_error(kind, code, mtu, quoted):
    """An ICMP error with a correct checksum."""
    return icmp(struct.pack("!BBHHH", kind, code, 0, 0, mtu) + quoted)


class Storm:
    """All kinds of broken packets from one host to another."""

    def __init__(self, saddr, daddr, seed):
        self.ends = (saddr, daddr)
        self.rand = random.Random(seed)

    def inner(self, length=40, **how):
        """What looks like a packet between two inner addresses."""
        return ipv4(ICMP, self.rand.randbytes(length), "10.0.0.2", "10.0.0.1", **how)

    def outer(self, payload, **how):
        """A GRE packet."""
        return ipv4(GRE, payload, *self.ends, **how)

    def headers(self):
        """Each flag alone and some together, for each protocol, cut anywhere."""
        for flags in [1 << i for i in range(16)] + [0, 0xb000, 0xffff, 0xa000, 0x3000]:
            for proto in PROTOCOLS:
                for length in (0, 1, 4, 8, 20, 60):
                    yield self.outer(gre(flags, proto) + self.rand.randbytes(length))
        for whole in (gre(0xb000, 0x800, 0, 7, 1) + self.inner(),
                      gre(0, 0x86dd) + b"\x60" + bytes(50), gre(0, 0x800) + self.inner()):
            for length in range(len(whole)):
                yield self.outer(whole[:length])

    def fragments(self):
        """A large packet in pieces: in order, from the end, one missing; IP options."""
        whole = gre(0, 0x800) + self.inner(1000)
        for ident, size in enumerate((8, 64, 512), 10):
            parts = [self.outer(whole[at:at + size], ident=ident,
                                frag=(at + size < len(whole)) << 13 | at // 8)
                     for at in range(0, len(whole), size)]
            yield from parts[::-1] if size == 64 else parts[:-1] if size == 512 else parts
        for length in (4, 40):
            yield self.outer(gre(0, 0x2001) + self.rand.randbytes(50), options=b"\1" * length)

    def quotes(self):
        """ICMP errors about packets that the other side may have sent."""
        rand = self.rand
        packet = ipv4(GRE, gre(rand.choice((0, 0x2000, 0xffff)), 0x800, 7) + rand.randbytes(20),
                      *self.ends[::-1], total=rand.choice((None, 28, 1400, 65535)))
        packet = packet[:rand.randrange(len(packet) + 1)]
        if packet and rand.random() < 0.2:
            packet = rand.randbytes(1) + packet[1:]
        mtu = rand.choice((0, 1, 28, 68, 551, 1499, 65535))
        return ipv4(ICMP, icmp_error(rand.choice((3, 3, 5, 11, 12)), rand.randrange(16), mtu,
                                     packet), *self.ends)

    def one(self):
        """One packet of a random kind."""
        rand = self.rand
        kind = rand.randrange(5)
        if kind == 0:
            return self.outer(rand.randbytes(rand.randrange(100)))
        if kind == 1:
            return self.outer(gre(0, rand.choice(PROTOCOLS)) +
                              rand.randbytes(rand.randrange(1400)), tos=rand.randrange(4))
        if kind == 2:
            packet = bytearray(gre(0, 0x800) + self.inner(rand.randrange(200), tos=rand.randrange(4)))
            packet[rand.randrange(len(packet))] ^= 1 << rand.randrange(8)
            return self.outer(bytes(packet), tos=rand.randrange(4))
        if kind == 3:
            return self.outer(gre(0x8000, 0x800, rand.getrandbits(32)) + self.inner())
        return self.quotes()

    def packets(self, count):
        """All of them."""
        yield from self.headers()
        yield from self.fragments()
        for _ in range(count):
            yield self.one()


def frag_needed(quoted_from, quoted_to, mtu, key="-", length="1424", cut="28"):
    """ICMP error about a GRE packet that did not fit."""
    header = gre(0, 0x800) if key == "-" else gre(0x2000, 0x800, int(key))
    packet = ipv4(GRE, header + bytes(8), quoted_from, quoted_to, total=int(length))
    return icmp_error(3, 4, int(mtu), packet[:int(cut)])


def main():
    """As the text above says."""
    what, saddr, daddr = sys.argv[1:4]
    if what == "storm":
        packets = Storm(saddr, daddr, int(sys.argv[4])).packets(int(sys.argv[5]))
    else:
        packets = [ipv4(ICMP, frag_needed(*sys.argv[4:]), saddr, daddr)]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        sent = sum(bool(raw.sendto(packet, (daddr, 0))) for packet in packets)
    print(sent)


if __name__ == "__main__":
    main()
