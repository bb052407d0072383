# SPDX-License-Identifier: GPL-2.0
"""A run: a results directory, a copy of what was built, one boot, a verdict."""
import fcntl
import glob
import math
import os
import shutil
import tempfile
import time

import machine
import verdict

# A guest that dies or hangs before it has printed a byte is started again: see
# verdict.emulator_fault(), whose evidence does not get out so early. One hangs whose kernel
# measured its timer just when the machine stood still. Nothing of ours was in it yet.
BOOT_TRIES = 3
START_SECONDS = 150
START_SECONDS_DEBUG = 1200


def build_dir():
    return os.path.realpath(os.environ.get("BUILD") or os.path.join(machine.TOP, "build"))


def results_dir(path):
    """A directory for the results of one run at a time: `path` or, while another run uses
    that, one beside it. Returns it with its lock."""
    for name in (path, "%s.%d" % (path, os.getpid())):
        os.makedirs(os.path.dirname(name), exist_ok=True)
        lock = open(name + ".lock", "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        os.makedirs(name, exist_ok=True)
        return name, lock
    raise machine.Error("%s is in use" % path)


def snapshot(kernel, run):
    """Copies what was built to the directory of the run; returns the environment for it."""
    build, env = build_dir(), {}
    for name, suffix in (("DVPN_KO", ""), ("DVPN_KO_DEBUG", "-debug")):
        source = "%s/kmod-%s%s/dvpn.ko" % (build, kernel.release, suffix)
        env[name] = "%s/module%s/dvpn.ko" % (run, suffix)
        os.makedirs(os.path.dirname(env[name]))
        if os.path.exists(source):
            shutil.copy(source, env[name])
    env["DVPN_BUILD"] = env["IP_LIB_DIR"] = run + "/programs"
    os.makedirs(env["DVPN_BUILD"])
    for path in glob.glob(build + "/user/*"):
        if os.path.isfile(path) and os.access(path, os.X_OK):
            shutil.copy(path, env["DVPN_BUILD"])
    if shutil.which("tshark"):
        shutil.copy(os.path.join(machine.HERE, "tshark"), env["DVPN_BUILD"])
    return env


def boot(kernel, command, results, timeout, env=(), output=lambda data: None, smp=2, mem=1536,
         append="", deadline=lambda: math.inf, icount=False, plugin=None):
    """Runs `command` in a guest. Returns its exit status, or why there is none, and the
    reasons in words. `env` holds NAME=VALUE strings, `output` gets what is printed; `append`
    goes to the command line of the kernel; `deadline` is as in Guest.boot(), but counts only
    from the first output on, `icount` and `plugin` as in Guest."""
    for tries_left in range(BOOT_TRIES - 1, -1, -1):
        came_up, ended = boot_once(kernel, command, results, timeout, env, output, smp, mem,
                                   append, deadline, icount, plugin)
        if came_up or not tries_left:
            return ended
        output(b"# the guest did not come up; once more\n")


def boot_once(kernel, command, results, timeout, env, output, smp, mem, append, deadline,
              icount, plugin):
    """Returns whether anything of ours may have run, and what boot() returns."""
    for name in ("console.log", "dmesg.log", "tainted", "processes.log", "registers.log"):
        if os.path.exists(os.path.join(results, name)):
            os.unlink(os.path.join(results, name))
    printed = []
    started = time.monotonic() + (START_SECONDS_DEBUG if kernel.is_debug() else START_SECONDS)

    def note(data):
        printed.append(len(data))
        output(data)

    with tempfile.TemporaryDirectory(prefix="dvpn-vm.") as run_dir:
        os.chmod(run_dir, 0o755)
        variables = snapshot(kernel, run_dir)
        variables.update(pair.partition("=")[::2] for pair in env)
        guest = machine.Guest(kernel, run_dir, results, machine.accelerator(kernel), smp, mem,
                              append, icount, plugin)
        guest.prepare(command, variables, timeout)
        with guest.decoder, guest.shares:
            status = guest.boot(timeout + 60, note, lambda: deadline() if printed else started)
        # One that comes up while it is asked for its last words is not listened to any more.
        return bool(printed), verdict.judge(guest, status if printed else None)
