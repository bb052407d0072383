# SPDX-License-Identifier: GPL-2.0
"""What the plugin icprof counted, by function."""
import bisect
import collections
import os
import subprocess

import counting
import runner


def build_plugin():
    out = os.path.join(runner.build_dir(), "icprof.so")
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", out,
                    os.path.join(counting.HERE, "icprof.c")], check=True)
    return out


def read_counts(path):
    """The plugin's file: instructions by address."""
    return {int(addr, 16): int(n) for addr, n in map(str.split, open(path))}


def by_function(counts, symbols):
    """Instructions by name; symbols are (address, name), sorted."""
    total = collections.Counter()
    addresses = [addr for addr, _ in symbols]
    for addr, count in counts.items():
        i = bisect.bisect_right(addresses, addr) - 1
        total[symbols[i][1] if i >= 0 else "(user space)"] += count
    return total


def show(diff, what, lines):
    """Prints the functions with most instructions."""
    print("%9.1f  instructions per %s" % (sum(diff.values()), what))
    for name, n in sorted(diff.items(), key=lambda item: -item[1])[:lines]:
        if n >= 0.5:
            print("%9.1f  %s" % (n, name))
