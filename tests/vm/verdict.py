# SPDX-License-Identifier: GPL-2.0
"""What a kernel may not say during a run, and what the end of a run means."""
import os
import re

HERE = os.path.dirname(os.path.realpath(__file__))
TIMEOUT, DIED, COMPLAINED = 124, 125, 123
# Set by a warning (W) and by an Oops or BUG (D), whatever was printed.
TAINT_BAD = 1 << 9 | 1 << 7


def complaints(text):
    """The lines of a kernel log that make a run fail; the file `complaints` has the patterns,
    in the language of grep -E."""
    lines = open(os.path.join(HERE, "complaints")).read().splitlines()
    bad = re.compile("|".join("(?:%s)" % line for line in lines))
    return [line for line in text.splitlines() if bad.search(line)]


def emulator_fault(text):
    """Did the emulated processor execute a breakpoint that is not in memory?

    The kernel patches its code by way of a breakpoint. QEMU before 8.1, with a thread per CPU,
    may keep a translation that was made while another CPU wrote there, and runs into a
    breakpoint that is long gone. The Oops shows it: the byte before the one at RIP is not 0xcc.
    """
    oops = re.search(r"int3: 0000 \[#1\].*?Code: [^\n]*?([0-9a-f]{2}) <[0-9a-f]{2}>", text, re.S)
    return bool(oops) and oops.group(1) != "cc"


def read(path):
    try:
        return open(path, errors="replace").read()
    except OSError:
        return ""


def judge(guest, status):
    """Exit status and the reasons, for the user, why it is not the command's own."""
    logs = read(guest.console) + read(os.path.join(guest.results, "dmesg.log"))
    bad = list(dict.fromkeys(re.sub(r"^\[[^]]*\] *", "", line) for line in complaints(logs)))
    tainted = int(read(os.path.join(guest.results, "tainted")) or 0)
    if status is None:
        why = "did not end in time" if guest.timed_out else "died"
        reasons = bad[:20] + ["the guest %s; the end of its console:" % why]
        reasons += read(guest.console).splitlines()[-10:]
        reasons += read(os.path.join(guest.run, "qemu.log")).splitlines()[-5:]
        return (TIMEOUT if guest.timed_out else DIED), reasons
    if status == TIMEOUT:
        return status, ["the command did not end in time"]
    if bad:
        return COMPLAINED, ["the kernel complained:"] + bad[:20]
    if tainted & TAINT_BAD:
        return COMPLAINED, ["the kernel is tainted by a warning or an Oops (%d)" % tainted]
    return status, []
