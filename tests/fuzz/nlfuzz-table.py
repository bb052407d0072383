#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The netlink specification as a C table for nlfuzz.

usage: nlfuzz-table.py SPECIFICATION > nlfuzz-table.h

Attributes of the generic netlink family and of the link kind with their types and limits, and
for every command what its requests may have. Whatever is added to the specification is fuzzed.
"""

import sys

import yaml

WIDTH = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}
KINDS = {"bitfield32": "KIND_BITS", "string": "KIND_STRING", "nest": "KIND_NEST"}


class Spec:
    """What of the specification goes into the table."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.spec = yaml.safe_load(file)
        self.consts = {d["name"]: d["value"] for d in self.spec["definitions"]
                       if d["type"] == "const"}
        self.enums = {d["name"]: d for d in self.spec["definitions"] if "entries" in d}
        self.sets = {s["name"]: s["attributes"] for s in self.spec["attribute-sets"]}

    def check(self, attribute, name, default):
        value = attribute.get("checks", {}).get(name, default)
        return self.consts.get(value, value)

    def attribute(self, attribute):
        """One line of a table of attributes: kind, lengths, limits, address family."""
        kind = attribute["type"]
        family = {"ipv4": "AF_INET", "ipv6": "AF_INET6"}.get(attribute.get("display-hint"), "0")
        size = WIDTH.get(kind)
        low, high = 0, 0
        if size:
            high = (1 << 8 * size) - 1
            if "enum" in attribute:
                entries = len(self.enums[attribute["enum"]]["entries"])
                high = (1 << entries) - 1 if attribute.get("enum-as-flags") else entries - 1
            low, high = self.check(attribute, "min", 0), self.check(attribute, "max", high)
            shortest = longest = size
        elif kind == "bitfield32":
            high = (1 << len(self.enums[attribute["enum"]]["entries"])) - 1
            shortest = longest = 8
        else:
            exact = self.check(attribute, "exact-len", None)
            shortest = exact or self.check(attribute, "min-len", 0)
            longest = exact or self.check(attribute, "max-len", 32)
        return (f'{{ "{attribute["name"]}", {KINDS.get(kind, "KIND_NUMBER" if size else "KIND_BYTES")}, '
                f'{shortest}, {longest}, {low}ULL, {high}ULL, {family} }}')

    def attributes(self, name):
        return [f"\t{self.attribute(a)}," for a in self.sets[name]]

    def numbers(self, names):
        index = [a["name"] for a in self.sets["dvpn"]]
        return [index.index(name) for name in names]

    def operations(self):
        """For every command, by number: name, and the attributes of its requests."""
        for number, operation in enumerate(self.spec["operations"]["list"], 1):
            for kind in ("do", "dump"):
                request = operation.get(kind, {}).get("request")
                if request is None:
                    continue
                numbers = self.numbers(request["attributes"])
                reply = operation[kind].get("reply", {}).get("attributes", [])
                yield (f'\t{{ "{operation["name"]}", {number}, {int(kind == "dump")}, '
                       f'{len(numbers)}, {{ {", ".join(map(str, numbers))} }},\n'
                       f'\t  {len(reply)}, {{ {", ".join(map(str, self.numbers(reply)))} }} }},')


def main():
    """As the text above says."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    spec = Spec(sys.argv[1])
    lines = ["/* Made by nlfuzz-table.py. */",
             "static const struct attr_spec dvpn_attrs[] = {", *spec.attributes("dvpn"), "};",
             "static const struct attr_spec link_attrs[] = {", *spec.attributes("link"), "};",
             "static const struct op_spec ops[] = {", *spec.operations(), "};"]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
