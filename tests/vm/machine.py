# SPDX-License-Identifier: GPL-2.0
"""A guest: kernel, initial file system and QEMU command line.

Kernels are unpacked Debian packages (see scripts/setup). A guest has no disk and no network:
its root is the root of the host, shared read-only (see share.py), and its output comes by
virtio-serial.
"""
import ctypes
import fcntl
import json
import lzma
import math
import mmap
import os
import re
import select
import shlex
import socket
import subprocess
import sys
import tempfile
import time

import decoder
import share

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
CACHE = os.environ.get("DVPN_CACHE") or "/var/cache/dvpn"
# rep movsb would count once for every byte.
COUNTING_CPU = "max,-erms,-fsrm"
# The one that scripts/setup unpacked, if it could.
QEMU_ROOT = os.path.join(CACHE, "qemu")
QEMU = os.path.join(QEMU_ROOT, "usr/bin/qemu-system-x86_64")
INITRD_MODULES = ["virtio_mmio", "virtio_console", "overlay"]
INITRD_DIRS = ["bin", "proc", "sys", "dev", "host", "overlay", "new", "modules"]
KVM_PROBE_SECONDS = 30
# What a guest that hangs gets to tell about it, and how long a monitor may take to answer.
LAST_WORDS_SECONDS = 60
MONITOR_SECONDS = 10
running = set()


class Error(Exception):
    """Something that the user has to mend; the text says what."""


def work_dir():
    """Where derived files are kept between runs."""
    path = os.path.join(CACHE, "vm")
    try:
        os.makedirs(path, exist_ok=True)
    except OSError:
        pass
    if not os.access(path, os.W_OK):
        path = os.path.join(tempfile.gettempdir(), "dvpn-vm-%d" % os.getuid())
        os.makedirs(path, mode=0o700, exist_ok=True)
    return path


def write_file(path, data):
    """Replaces a file in one step: other runs may be reading it."""
    tmp = "%s.%d" % (path, os.getpid())
    with open(tmp, "wb") as f:
        f.write(data)
    os.rename(tmp, path)
    return path


def cpio(entries):
    """A "newc" archive of (name, mode, content)."""
    out = bytearray()
    for ino, (name, mode, data) in enumerate(entries + [("TRAILER!!!", 0, b"")], 1):
        raw = name.encode() + b"\0"
        fields = (ino, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0)
        out += b"070701" + b"".join(b"%08X" % v for v in fields) + raw
        out += b"\0" * (-len(out) % 4)
        out += data
        out += b"\0" * (-len(out) % 4)
    return bytes(out + b"\0" * (-len(out) % 512))


class Kernel:
    """One kernel: `name` is a series in the cache (6.12) or the path of an unpacked one."""

    def __init__(self, name):
        self.name = os.path.basename(name)
        self.base = name if "/" in name else os.path.join(CACHE, "kernels", name)
        self.base = os.path.realpath(self.base)
        try:
            self.release = open(os.path.join(self.base, "release")).read().strip()
        except OSError:
            raise Error("no kernel %s in %s; run scripts/setup" % (name, self.base)) from None
        self.modules = os.path.join(self.base, "lib/modules", self.release)
        self.image = os.path.join(self.base, "boot/vmlinuz-" + self.release)
        self.sharing = self.choose_sharing()

    def option(self, name):
        """What the kernel is built with as CONFIG_name; "n" is none, "" not known."""
        path = os.path.join(self.base, "boot/config-" + self.release)
        try:
            with open(path) as config:
                match = re.search("^CONFIG_%s=(.*)" % name, config.read(), re.MULTILINE)
                return match[1] if match else "n"
        except OSError:
            return ""

    def is_debug(self):
        """Whether the kernel was built with checks that make it many times slower."""
        return "y" in (self.option("KASAN"), self.option("PROVE_LOCKING"))

    def choose_sharing(self):
        """How a guest sees files of the host, see share.py; DVPN_SHARE decides if it is set."""
        lacking = self.option("9P_FS") == "n"
        kind = os.environ.get("DVPN_SHARE") or ("virtiofs" if lacking else "9p")
        if kind not in share.MODULES:
            raise Error("DVPN_SHARE is %s, it can be %s" % (kind, " or ".join(share.MODULES)))
        if share.obstacle(kind):
            raise Error("kernel %s would see files by %s: %s"
                        % (self.name, kind, share.obstacle(kind)))
        return kind

    def vmlinux(self):
        """The kernel unpacked: QEMU starts an ELF file directly (PVH), and under emulation
        unpacking on the host is ten times faster than in the guest."""
        out = os.path.join(work_dir(), "vmlinux-" + self.release)
        if os.path.exists(out) and os.path.getmtime(out) >= os.path.getmtime(self.image):
            return out
        data = open(self.image, "rb").read()
        if data.startswith(b"\x7fELF"):
            return self.image
        for magic, tool in ((b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"),
                            (b"\x1f\x8b\x08", "gzip")):
            pos = data.find(magic)
            while pos > 0:
                elf = subprocess.run([tool, "-dcq"], input=data[pos:], stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL, check=False).stdout
                if elf.startswith(b"\x7fELF"):
                    return write_file(out, elf)
                pos = data.find(magic, pos + 1)
        return self.image

    def module_files(self, names):
        """The files of modules and of what they need, in the order to load them."""
        if not os.path.exists(os.path.join(self.modules, "modules.dep")):
            subprocess.run(["/sbin/depmod", "-b", self.base, self.release], check=True)
        files = []
        for name in names:
            out = subprocess.run(["/sbin/modprobe", "-d", self.base, "-S", self.release,
                                  "--show-depends", name], stdout=subprocess.PIPE, text=True,
                                 check=True).stdout
            for words in map(str.split, out.splitlines()):
                if words[0] == "insmod" and words[1] not in files:
                    files.append(words[1])
        return files

    def initrd(self):
        """busybox, init and the modules that it takes to mount the host's root."""
        out = os.path.join(work_dir(), "initrd-%s-%s" % (self.sharing, self.release))
        sources = [os.path.join(HERE, "init"), os.path.join(HERE, "machine.py"),
                   os.path.join(HERE, "share.py"), self.image]
        if os.path.exists(out) and os.path.getmtime(out) > max(map(os.path.getmtime, sources)):
            return open(out, "rb").read()
        entries = [(d, 0o40755, b"") for d in INITRD_DIRS]
        entries += [("bin/busybox", 0o100755, open("/bin/busybox", "rb").read()),
                    ("init", 0o100755, open(sources[0], "rb").read()),
                    ("dev/console", 0o20600, b"")]
        order = []
        for path in self.module_files(INITRD_MODULES + share.MODULES[self.sharing]):
            data = open(path, "rb").read()
            name = os.path.basename(path)
            if name.endswith(".xz"):
                data, name = lzma.decompress(data), name[:-3]
            order.append(name)
            entries.append(("modules/" + name, 0o100644, data))
        entries.append(("modules/order", 0o100644, "".join(n + "\n" for n in order).encode()))
        data = cpio(entries)
        write_file(out, data)
        return data


def boot_id():
    return open("/proc/sys/kernel/random/boot_id").read().strip()


def cached_per_boot(name, compute):
    """A fact about the running host, found out once per boot of it."""
    path = os.path.join(work_dir(), name)
    with open(path + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            boot, value = open(path).read().split()
            if boot == boot_id():
                return value
        except (OSError, ValueError):
            pass
        value = str(compute())
        write_file(path, ("%s %s\n" % (boot_id(), value)).encode())
        return value


def measure_tsc_khz():
    """The frequency of the time stamp counter. An emulated guest sees the host's counter but
    fails to calibrate it when the host is busy, so it is told."""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3")  # rdtsc; rax |= rdx << 32; ret
    rdtsc = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    samples = []
    for _ in range(3):
        before = (time.monotonic_ns(), rdtsc(), time.monotonic_ns())
        time.sleep(0.1)
        after = (time.monotonic_ns(), rdtsc(), time.monotonic_ns())
        error = before[2] - before[0] + after[2] - after[0]
        span = (after[0] + after[2] - before[0] - before[2]) / 2
        samples.append((error, (after[1] - before[1]) * 1e6 / span))
    return round(min(samples)[1])


def probe_kvm(kernel):
    """Whether a guest really runs under KVM: /dev/kvm may exist and be of no use."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    sys.stderr.write("vm: /dev/kvm is there, trying whether it works (at most %d s)\n"
                     % KVM_PROBE_SECONDS)
    with tempfile.TemporaryDirectory(prefix="dvpn-vm.") as run:
        guest = Guest(kernel, run, run, accel="kvm")
        guest.prepare(["/bin/sh", "-c", "for i in 1 2 3 4; do ls / >/dev/null || exit; done"], {},
                      KVM_PROBE_SECONDS)
        with guest.shares:
            good = guest.boot(KVM_PROBE_SECONDS, lambda data: None) == 0
    sys.stderr.write("vm: KVM %s\n" % ("works" if good else "does not work, using emulation"))
    return "kvm" if good else "tcg"


def accelerator(kernel):
    """"tcg" or "kvm"; DVPN_ACCEL decides if it is set."""
    return os.environ.get("DVPN_ACCEL") or cached_per_boot("accel", lambda: probe_kvm(kernel))


def qemu_command(plugin=None):
    """QEMU and where its data is. Our plugins are for the interface that Debian 12's has."""
    if plugin or not os.path.exists(QEMU):
        return ["qemu-system-x86_64"]
    return [QEMU, "-L", os.path.join(QEMU_ROOT, "usr/share/qemu"), "-L", "/usr/share/seabios"]


def stop_all():
    """Ends the guests of this process."""
    for qemu in list(running):
        qemu.kill()


class Guest:
    """One boot of `kernel` with the directories `run` (input, console) and `results`;
    `append` holds more words for its command line. A processor that does nothing but count
    (`icount`) takes a nanosecond of the guest's time for an instruction; `plugin` is QEMU's
    option for one that watches it."""

    def __init__(self, kernel, run, results, accel, smp=2, memory_mib=1536, append="",
                 icount=False, plugin=None):
        self.kernel, self.run, self.results = kernel, run, results
        self.accel, self.icount = "tcg" if icount else accel, icount
        self.plugin = plugin
        # Shadow memory, red zones and records of who allocated take as much again.
        self.smp, self.memory_mib = 1 if icount else smp, memory_mib * (2 if kernel.is_debug() else 1)
        self.append = append
        self.console = os.path.join(results, "console.log")
        self.monitor = os.path.join(run, "monitor")
        self.shares = share.Shares(kernel.sharing, run,
                                   [("root", "/", True), ("results", results, False)])
        self.decoder = decoder.Decoder(os.path.join(results, ".decoder"))
        self.timed_out = False

    def prepare(self, command, env, timeout):
        """Writes what the guest is to do. `timeout` (seconds) is enforced inside, too."""
        env = dict(env, VM_TOP=TOP, VM_CWD=os.getcwd(), VM_TIMEOUT=str(int(timeout)),
                   VM_ACCEL=self.accel, VM_DEBUG_KERNEL=str(int(self.kernel.is_debug())),
                   RESULTS=self.results, VM_DECODER=self.decoder.directory)
        with open(os.path.join(self.run, "env"), "w") as f:
            for name, value in env.items():
                f.write("export %s=%s\n" % (name, shlex.quote(value)))
        with open(os.path.join(self.run, "command"), "w") as f:
            f.write(shlex.join(command) + "\n")

    def command_line(self, output_fd):
        params = ("console=ttyS0 quiet loglevel=5 log_buf_len=4M panic=-1 reboot=t nokaslr norandmaps "
                  "mitigations=off no_timer_check audit=0 selinux=0 apparmor=0 "
                  "random.trust_cpu=on cryptomgr.notests rcupdate.rcu_expedited=1 rdinit=/init "
                  "oops=panic sysctl.kernel.panic_on_unrecovered_nmi=1 panic_print=0x41 "
                  "vm.top=%s vm.run=%s vm.results=%s vm.modules=%s vm.share=%s"
                  % (TOP, self.run, self.results, self.kernel.modules, self.kernel.sharing))
        params += self.append and " " + self.append
        if self.icount:
            accel = "tcg,thread=single,tb-size=512"
        elif self.accel == "tcg":
            accel = "tcg,thread=multi,tb-size=512"
            params += (" tsc=reliable clocksource=tsc tsc_early_khz="
                       + cached_per_boot("tsc_khz", measure_tsc_khz))
        else:
            accel = self.accel
        # Without PCI, which the debug kernel does not need, ACPI's tables do not load.
        platform = "pic=on,acpi=off" if self.kernel.is_debug() else "pic=off,acpi=on"
        command = qemu_command(self.plugin) + ["-M", "microvm,rtc=on,pit=on," + platform,
                   "-accel", accel, "-cpu", COUNTING_CPU if self.icount else "max",
                   "-smp", str(self.smp), "-m", str(self.memory_mib), "-nodefaults",
                   "-no-user-config", "-no-reboot", "-display", "none",
                   "-global", "virtio-mmio.force-legacy=false",
                   "-kernel", self.kernel.vmlinux(), "-append", params,
                   "-initrd", write_file(self.run + "/initrd", self.kernel.initrd()),
                   "-chardev", "file,id=console,path=" + self.console,
                   "-serial", "chardev:console", "-device", "virtio-serial-device",
                   "-add-fd", "fd=%d,set=1" % output_fd,
                   "-chardev", "file,id=output,path=/dev/fdset/1,append=on",
                   "-device", "virtserialport,chardev=output,name=output",
                   "-chardev", "socket,id=monitor,server=on,wait=off,path=" + self.monitor,
                   "-mon", "chardev=monitor,mode=control",
                   "-chardev", "file,id=status,path=" + self.run + "/status",
                   "-device", "virtserialport,chardev=status,name=status"]
        if self.icount:
            command += ["-icount", "shift=0"]
        if self.plugin:
            command += ["-plugin", self.plugin]
        return command + self.shares.options(self.memory_mib)

    def last_words(self, qemu):
        """A guest that hangs: notes the registers of its processors, and has its kernel panic,
        which puts what each processor and each task is doing on the console."""
        try:
            with socket.socket(socket.AF_UNIX) as monitor, monitor.makefile("rw") as talk, \
                 open(os.path.join(self.results, "registers.log"), "w") as log:
                monitor.settimeout(MONITOR_SECONDS)
                monitor.connect(self.monitor)
                for command in ({"execute": "qmp_capabilities"},
                                {"execute": "human-monitor-command",
                                 "arguments": {"command-line": "info registers -a"}},
                                {"execute": "inject-nmi"}):
                    talk.write(json.dumps(command) + "\n")
                    talk.flush()
                    answer = {}
                    while "return" not in answer and "error" not in answer:
                        answer = json.loads(talk.readline())
                    log.write(str(answer.get("return") or answer.get("error", "")))
            qemu.wait(LAST_WORDS_SECONDS)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            pass

    def boot(self, timeout, output, deadline=lambda: math.inf):
        """Runs the guest for at most `timeout` seconds, and not longer than until deadline(),
        a time.monotonic() that may change as output arrives; output(bytes) gets what the
        command prints. Returns the command's exit status, or None when the guest ended without
        telling it."""
        reader, writer = os.pipe()
        with open(os.path.join(self.run, "qemu.log"), "a") as log:
            qemu = subprocess.Popen(self.command_line(writer), pass_fds=(writer,),
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        running.add(qemu)
        os.close(writer)
        end = time.monotonic() + timeout
        os.set_blocking(reader, False)
        try:
            while True:
                left = min(end, deadline()) - time.monotonic()
                if left <= 0:
                    self.timed_out = True
                    self.last_words(qemu)
                    break
                if select.select([reader], [], [], left)[0]:
                    data = os.read(reader, 65536)
                    if not data:
                        qemu.wait(max(1, left))
                        break
                    output(data)
        finally:
            qemu.kill()
            qemu.wait()
            running.discard(qemu)
            os.close(reader)
        try:
            return int(open(os.path.join(self.run, "status")).read())
        except (OSError, ValueError):
            return None
