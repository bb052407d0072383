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
    breakpoint that is long gone. The Oops of 6.12 shows it: the byte before the one at RIP is
    not 0xcc. 6.1 goes back to try again, for ever; when it is made to panic, its processors are
    in the handler.
    """
    oops = re.search(r"int3: 0000 \[#1\].*?Code: [^\n]*?([0-9a-f]{2}) <[0-9a-f]{2}>", text, re.S)
    if oops:
        return oops[1] != "cc"
    return any(line.startswith("CPU") and "asm_exc_int3" in line for line in stacks(text))


def read(path):
    try:
        return open(path, errors="replace").read()
    except OSError:
        return ""


def stacks(text):
    """What the processors and the tasks that do not just wait were doing when the kernel was
    made to panic: one line each."""
    out, who, calls = [], "", []
    for line in re.sub(r"^\[[^]]*\] *", "", text, flags=re.M).splitlines() + ["task:"]:
        cpu = re.match(r"CPU: .*Comm: \S+", line)
        if cpu or line.startswith("task:"):
            if calls:
                out.append("%s: %s" % (who, " < ".join(calls)))
            who = " ".join((cpu[0] if cpu else line).split())
            calls = []
        elif (who.startswith("CPU") or re.search(r"state:[DRT]", who)) and \
                (call := re.match(r"([\w.]+)\+0x", line)):
            calls.append(call[1])
    return out


def last_lines(console):
    """What the kernel said when it died: from its first complaint on, or the end."""
    lines = console.splitlines()
    begin = next((n for n, line in enumerate(lines) if complaints(line)), -10)
    return lines[begin:][:10]


def judge(guest, status):
    """Exit status and the reasons, for the user, why it is not the command's own."""
    logs = read(guest.console) + read(os.path.join(guest.results, "dmesg.log"))
    bad = list(dict.fromkeys(re.sub(r"^\[[^]]*\] *", "", line) for line in complaints(logs)))
    tainted = int(read(os.path.join(guest.results, "tainted")) or 0)
    if status is None:
        console = read(guest.console)
        if guest.timed_out:
            reasons = ["the guest did not end in time:"] + stacks(console)[:40]
        else:
            reasons = bad[:20] + ["the guest died; on its console:"] + last_lines(console)
        reasons += read(os.path.join(guest.run, "qemu.log")).splitlines()[-5:]
        return (TIMEOUT if guest.timed_out else DIED), reasons
    if status == TIMEOUT:
        return status, ["the command did not end in time"]
    if bad:
        return COMPLAINED, ["the kernel complained:"] + bad[:20]
    if tainted & TAINT_BAD:
        return COMPLAINED, ["the kernel is tainted by a warning or an Oops (%d)" % tainted]
    return status, []
