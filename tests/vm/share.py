# SPDX-License-Identifier: GPL-2.0
"""Directories of this machine that a guest sees: by 9p, which QEMU serves itself, or by virtiofs
where a kernel has no 9p, such as Debian's cloud kernels. That takes a daemon for each directory.

As a program, what becomes such a daemon: share.py SOCKET-FD DIRECTORY [read-only], in a mount
namespace of its own.
"""
import ctypes
import os
import socket
import struct
import subprocess
import sys

MODULES = {"9p": ["9pnet_virtio", "9p"], "virtiofs": ["virtiofs"]}
VIRTIOFSD = "/usr/lib/qemu/virtiofsd"
# From linux/mount.h and linux/fcntl.h
SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY = 442, -100, 0x8000, 1


def obstacle(kind):
    """Why this machine cannot share by `kind`, or None."""
    if kind == "virtiofs" and not os.path.exists(VIRTIOFSD):
        return "there is no %s, which Debian 12 has in qemu-system-common" % VIRTIOFSD
    if kind == "virtiofs" and os.geteuid():
        return "virtiofsd has to be started as root"
    return None


class Shares:
    """Shares of `kind`, a key of MODULES; `directories` are (tag, path, whether read-only) and
    `run` the directory of the run. They are served while this is entered."""

    def __init__(self, kind, run, directories):
        self.kind, self.run, self.directories = kind, run, directories
        self.daemons = []

    def options(self, memory_mib):
        """QEMU's, for a guest with so much memory."""
        if self.kind == "9p":
            return [word for tag, path, read_only in self.directories for word in (
                "-fsdev", "local,id=%s,path=%s,security_model=none,multidevs=remap%s"
                % (tag, path, ",readonly=on" if read_only else ""),
                "-device", "virtio-9p-device,fsdev=%s,mount_tag=%s" % (tag, tag))]
        # The daemons read and write the guest's memory.
        return ["-object", "memory-backend-memfd,id=memory,share=on,size=%dM" % memory_mib,
                "-machine", "memory-backend=memory"] + [
                    word for tag, _, _ in self.directories for word in (
                        "-chardev", "socket,id=%s,path=%s" % (tag, self.socket_path(tag)),
                        "-device", "vhost-user-fs-device,chardev=%s,tag=%s" % (tag, tag))]

    def socket_path(self, tag):
        return os.path.join(self.run, tag + ".socket")

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        for tag, path, read_only in self.directories if self.kind == "virtiofs" else ():
            with socket.socket(socket.AF_UNIX) as listener, \
                 open(os.path.join(self.run, "qemu.log"), "a") as log:
                listener.bind(self.socket_path(tag))
                listener.listen(1)
                self.daemons.append(subprocess.Popen(
                    ["unshare", "--mount", sys.executable, os.path.realpath(__file__),
                     str(listener.fileno()), path] + ["read-only"] * read_only,
                    pass_fds=(listener.fileno(),), stdin=subprocess.DEVNULL, stdout=log,
                    stderr=log))

    def __exit__(self, *_):
        # What the guest wrote has reached the files before the guest was told so.
        for daemon in self.daemons:
            daemon.kill()
            daemon.wait()


def make_read_only():
    """Nothing can be written in this mount namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = struct.pack("4Q", MOUNT_ATTR_RDONLY, 0, 0, 0)
    if libc.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, b"/", AT_RECURSIVE, attributes,
                    ctypes.c_size_t(len(attributes))):
        sys.exit("share: cannot make / read-only: " + os.strerror(ctypes.get_errno()))


def main():
    _, listener, path, *read_only = sys.argv
    if read_only:
        make_read_only()
    os.execv(VIRTIOFSD, [VIRTIOFSD, "-f", "--fd=" + listener, "-o", "sandbox=chroot",
                         "-o", "log_level=err", "-o", "source=" + path,
                         "-o", "cache=" + ("always" if read_only else "none")])


if __name__ == "__main__":
    main()
