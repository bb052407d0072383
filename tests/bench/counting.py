# SPDX-License-Identifier: GPL-2.0
"""A guest whose clock counts instructions: QEMU's -icount, one instruction is one nanosecond.

Everything is in its initial file system, so nothing outside of it takes time: two runs of the
same kernel, modules and scripts give the same figures. Cache misses and locks cost nothing here,
the length of the path is all that shows.
"""
import functools
import lzma
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests/vm"))
import machine  # noqa: E402  (found by the line above)
import runner  # noqa: E402
import verdict  # noqa: E402

Error = machine.Error
PROGRAMS = ["bash", "ip", "bridge", "wg", "ping"]
APPLETS = ["sh", "awk", "cat", "cut", "dmesg", "echo", "grep", "insmod", "mkdir", "mount",
           "nsenter", "reboot", "sed", "sleep"]
MODULES = ["veth", "ip_gre", "ip6_gre", "fou", "vxlan", "wireguard", "esp4", "xfrm_user", "gcm",
           "ctr", "aesni_intel", "seqiv", "ghash_clmulni_intel"]
# An unseeded random generator makes its users slow; -seed keeps a seeded one the same.
PARAMETERS = ("console=ttyS0 quiet reboot=t panic=-1 tsc=reliable lpj=1000000 nokaslr norandmaps "
              "mitigations=auto random.trust_cpu=on audit=0 cryptomgr.notests "
              "rdinit=/bench/guest")


@functools.lru_cache
def build_tbench(kernel):
    """Builds tests/bench/tbench for a kernel; returns the module's path."""
    out = os.path.join(runner.build_dir(), "tbench-" + kernel.release)
    os.makedirs(out, exist_ok=True)
    source = os.path.join(HERE, "tbench")
    for name in os.listdir(source):
        if name == "Kbuild" or name.endswith((".c", ".h")):
            link = os.path.join(out, name)
            if not os.path.islink(link):
                os.symlink(os.path.join(source, name), link)
    made = subprocess.run(["make", "-s", "W=1", "KCFLAGS=-Werror", "-C", kernel.base + "/build",
                           "M=" + out, "modules"], capture_output=True, text=True, check=False)
    if made.returncode:
        raise Error("tbench does not build:\n" + made.stderr)
    return out + "/tbench.ko"


def libraries(path):
    out = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    words = [word for line in out.splitlines() for word in line.split()]
    return [word for word in words if word.startswith("/")]


def module_content(path):
    """A module without what only debuggers read."""
    data = open(path, "rb").read()
    if path.endswith(".xz"):
        data = lzma.decompress(data)
    with tempfile.NamedTemporaryFile(suffix=".ko") as ko:
        ko.write(data)
        ko.flush()
        subprocess.run(["strip", "--strip-debug", ko.name], check=True)
        return open(ko.name, "rb").read()


def modules(kernel):
    """The modules of a guest, in the order to load them."""
    return kernel.module_files(MODULES) + [
        build_tbench(kernel), "%s/kmod-%s/dvpn.ko" % (runner.build_dir(), kernel.release)]


def initrd(kernel, job):
    """The initial file system for a job."""
    build, modules_used = runner.build_dir(), modules(kernel)
    programs = [shutil.which(p) or p for p in PROGRAMS] + [build + "/user/" + name for name in ("dvpnmap", "tcpflow")]
    plugin = build + "/user/link_dvpn.so"
    for path in programs + modules_used + [plugin]:
        if not os.path.exists(path):
            raise Error("%s is not there; run make modules user and scripts/setup" % path)
    files = {"lib/link_dvpn.so": plugin, "bin/busybox": "/bin/busybox"}
    files.update(("bin/" + os.path.basename(p), p) for p in programs)
    for path in programs + [plugin]:
        files.update((lib.lstrip("/"), lib) for lib in libraries(path))
    for name in ("guest", "systems.sh"):
        files["bench/" + name] = os.path.join(HERE, name)

    dirs = {"bin", "proc", "sys", "dev", "run", "tmp", "modules", "bench", "lib"}
    for name in files:
        while os.path.dirname(name):
            name = os.path.dirname(name)
            dirs.add(name)
    entries = [(d, 0o40755, b"") for d in sorted(dirs)]
    entries += [("dev/console", 0o20600, b"")]
    entries += [(name, 0o100755, open(path, "rb").read()) for name, path in sorted(files.items())]
    entries += [("bin/" + name, 0o120777, b"busybox") for name in APPLETS]
    order = []
    for path in modules_used:
        name = os.path.basename(path).removesuffix(".xz")
        order.append(name)
        entries.append(("modules/" + name, 0o100644, module_content(path)))
    entries.append(("modules/order", 0o100644, "".join(n + "\n" for n in order).encode()))
    entries.append(("bench/job", 0o100644, job.encode()))
    return machine.cpio(entries)


def boot(kernel, job, timeout, line_seen, plugin=None):
    """Runs a job; line_seen(words) gets each line of output. An error of the guest, of the
    kernel or of the tunnels is an Error."""
    with tempfile.TemporaryDirectory(prefix="dvpn-bench.") as run:
        path = machine.write_file(run + "/initrd", initrd(kernel, job))
        command = ["timeout", str(timeout), "qemu-system-x86_64",
                   "-M", "microvm,pit=on,pic=on,rtc=on,acpi=off",
                   "-accel", "tcg,thread=single,tb-size=256", "-icount", "shift=0,sleep=off",
                   "-rtc", "clock=vm,base=2026-01-01", "-seed", "1",
                   "-cpu", machine.COUNTING_CPU, "-smp", "1", "-m", "2048", "-nodefaults", "-no-user-config", "-no-reboot", "-nographic",
                   "-serial", "stdio", "-kernel", kernel.vmlinux(), "-initrd", path,
                   "-append", PARAMETERS]
        if plugin:
            command += ["-plugin", plugin]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace") as qemu:
            ended, bad = False, []
            try:
                for line in qemu.stdout:
                    words = line.split()
                    if not words:
                        continue
                    if words[0] == "ERROR" or words[0] == "KERNEL" and verdict.complaints(line):
                        bad.append(line.strip())
                    ended = ended or words == ["END", "complete"]
                    line_seen(words)
            finally:
                qemu.terminate()
    if bad or not ended:
        raise Error("the guest failed: " + ("; ".join(bad) or "it ended early"))


def read_table(path):
    """Fingerprint and rows."""
    lines = open(path).read().splitlines()
    prints = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    return prints, [line.split("\t") for line in lines if not line.startswith("# ")][1:]


def read_columns(path):
    """Names of the columns of a table."""
    return next(line for line in open(path) if not line.startswith("# ")).rstrip("\n").split("\t")
