# SPDX-License-Identifier: GPL-2.0
"""tshark for guests. It takes ten seconds to start in an emulated machine and half a one here,
so a test's `tshark` (tests/vm/tshark) leaves its arguments in a directory that both see, and
waits for the answer there."""
import os
import shutil
import subprocess
import threading

POLL_SECONDS = 0.05
RUN_SECONDS = 120


class Decoder:
    """Answers the requests in `directory` while it is entered."""

    def __init__(self, directory):
        self.directory = directory
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        os.mkdir(self.directory)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        shutil.rmtree(self.directory, ignore_errors=True)

    def serve(self):
        while not self.over.wait(POLL_SECONDS):
            for name in sorted(os.listdir(self.directory)):
                if name.endswith(".request"):
                    self.answer(os.path.join(self.directory, name))

    def answer(self, request):
        base = request.removesuffix(".request")
        with open(request) as f:
            words = f.read().split("\0")[:-1]
        os.unlink(request)
        with open(base + ".out", "wb") as out, open(base + ".err", "wb") as err:
            try:
                status = subprocess.run(["tshark"] + words, stdin=subprocess.DEVNULL, stdout=out,
                                        stderr=err, timeout=RUN_SECONDS, check=False,
                                        env=dict(os.environ, LC_ALL="C")).returncode
            except (OSError, subprocess.TimeoutExpired) as error:
                err.write(str(error).encode() + b"\n")
                status = 1
        with open(base + ".tmp", "w") as f:
            f.write("%d\n" % status)
        os.rename(base + ".tmp", base + ".status")
