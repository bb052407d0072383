#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""A copy of the module that says something else of what it can do.

usage: module-features.py MODULE COPY CLEAR SET		masks; the module is of 64 bit, little endian
"""

import struct
import sys

NAME = b"dvpn_features"


def sections(elf):
    """(type, offset, size, link) of each."""
    start, = struct.unpack_from("<Q", elf, 40)
    size, count = struct.unpack_from("<HH", elf, 58)
    for i in range(count):
        kind, = struct.unpack_from("<I", elf, start + i * size + 4)
        offset, length, link = struct.unpack_from("<QQI", elf, start + i * size + 24)
        yield kind, offset, length, link


def place(elf):
    """Offset of the variable in the file."""
    table = list(sections(elf))
    for kind, offset, length, link in table:
        if kind != 2:  # SHT_SYMTAB
            continue
        names = table[link][1]
        for symbol in range(offset, offset + length, 24):
            name, _, _, index, value = struct.unpack_from("<IBBHQ", elf, symbol)
            at = names + name
            if elf[at:at + len(NAME) + 1] == NAME + b"\0":
                return table[index][1] + value
    sys.exit("no such variable")


def main():
    """The mask is 32 bit."""
    with open(sys.argv[1], "rb") as module:
        elf = bytearray(module.read())
    at = place(elf)
    mask, = struct.unpack_from("<I", elf, at)
    struct.pack_into("<I", elf, at, mask & ~int(sys.argv[3], 0) | int(sys.argv[4], 0))
    with open(sys.argv[2], "wb") as module:
        module.write(elf)


main()
