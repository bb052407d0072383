#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""nfqueue.py NUMBER FILE - let every packet of a netfilter queue go on; writes the count to FILE

As an inspecting firewall does: the packet goes on in the context of this process. Runs until
it is killed."""
import socket
import struct
import sys

NETLINK_NETFILTER = 12
QUEUE = 3 << 8
PACKET, VERDICT, CONFIG = QUEUE, QUEUE | 1, QUEUE | 2
NF_ACCEPT = 1


def message(kind, queue, attr, data):
    payload = struct.pack("!BBH", socket.AF_UNSPEC, 0, queue)
    payload += struct.pack("=HH", 4 + len(data), attr) + data + bytes(-len(data) % 4)
    return struct.pack("=IHHII", 16 + len(payload), kind, 1, 0, 0) + payload


def packet_id(msg):
    """The id in NFQA_PACKET_HDR of a message."""
    at = 20
    while at + 4 <= len(msg):
        length, attr = struct.unpack_from("=HH", msg, at)
        if attr & 0x3fff == 1:
            return struct.unpack_from("!I", msg, at + 4)[0]
        at += (length + 3) & ~3
    raise ValueError("a packet without header")


def messages(data):
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        yield kind, data[:length]
        data = data[(length + 3) & ~3:]


def main():
    queue, path = int(sys.argv[1]), sys.argv[2]
    passed = 0
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sock.bind((0, 0))
    # NFQA_CFG_CMD: bind; NFQA_CFG_PARAMS: no packet data.
    sock.send(message(CONFIG, queue, 1, struct.pack("!BBH", 1, 0, socket.AF_UNSPEC)))
    sock.send(message(CONFIG, queue, 2, struct.pack("!IB", 0, 1)))
    while True:
        with open(path, "w") as out:
            out.write("%d\n" % passed)
        for kind, msg in messages(sock.recv(1 << 16)):
            if kind == PACKET:
                sock.send(message(VERDICT, queue, 2, struct.pack("!II", NF_ACCEPT,
                                                                packet_id(msg))))
                passed += 1


main()
