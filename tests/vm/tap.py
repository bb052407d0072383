# SPDX-License-Identifier: GPL-2.0
"""TAP, the Test Anything Protocol: one test program's output, judged and kept."""
import os
import re

RESULT = re.compile(r"^\s*(not )?ok\b\s*(\d*)\s*(.*)")
PLAN = re.compile(r"^\s*1\.\.(\d+)\s*(#\s*skip)?\s*(.*)", re.IGNORECASE)
SKIP = re.compile(r"#\s*skip", re.IGNORECASE)


class Test:
    """The output of one test program, written to `directory`/output.tap as it comes."""

    def __init__(self, name, directory):
        self.name, self.directory = name, directory
        self.passed = self.failed = self.skipped = 0
        self.plan, self.lines = None, []
        os.makedirs(directory, exist_ok=True)
        self.file = open(os.path.join(directory, "output.tap"), "w")

    def line(self, line):
        self.lines.append(line)
        self.file.write(line + "\n")
        self.file.flush()
        match = RESULT.match(line)
        if match:
            # cmocka prints a skipped test as "not ok N # SKIP"
            if SKIP.search(match[3]):
                self.skipped += 1
            elif match[1]:
                self.failed += 1
            else:
                self.passed += 1
            return
        match = PLAN.match(line)
        if match:
            self.plan = int(match[1])
            self.skipped += self.plan == 0

    def total(self):
        return self.passed + self.failed + self.skipped

    def problem(self, text):
        """A failure that the program itself did not report."""
        self.line("not ok %d - %s" % (self.total() + 1, text))

    def end(self, status):
        """Looks at what only the end shows: exit status and plan."""
        if self.plan is None and not self.failed:
            self.problem("ended without a plan, exit status %d" % status)
        elif self.plan and self.plan > self.total():
            self.problem("planned %d tests, ran %d" % (self.plan, self.total()))
        elif status and not self.failed:
            self.problem("exit status %d though no test failed" % status)
        self.file.close()

    def counts(self):
        parts = ["%d passed" % self.passed]
        parts += ["%d failed" % self.failed] if self.failed else []
        parts += ["%d skipped" % self.skipped] if self.skipped else []
        return ", ".join(parts)

    def failures(self):
        """The lines of failed tests, each with the comments that follow it."""
        out, keep = [], False
        for line in self.lines:
            match = RESULT.match(line)
            if match:
                keep = bool(match[1]) and not SKIP.search(match[3])
            elif not line.lstrip().startswith("#"):
                keep = False
            if keep:
                out.append(line)
        return out

