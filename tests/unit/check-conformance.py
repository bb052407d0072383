#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Documentation/nhrp-conformance.rst against the tree: every test that it names exists and runs,
and everything in the enums of user/nhrp/packet.h that is on the wire has a row. Output: TAP.
"""
import os
import re

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
DOCUMENT = "Documentation/nhrp-conformance.rst"
HEADER = "user/nhrp/packet.h"
# Enum of the header, word in the first column, and what of it is never on the wire.
ENUMS = (("nhrp_type", "type", ()), ("nhrp_cie_code", "code", ()),
         ("nhrp_error", "error", ("NHRP_ERR_NONE",)), ("nhrp_ext_type", "extension", ()))
VERDICTS = ("yes", "differs", "no")
count = 0


def result(good, name):
    global count
    count += 1
    print("%s %d - %s" % ("ok" if good else "not ok", count, name))


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def rows(text):
    """The rows of all tables, without their heads, as lists of cells."""
    found = []
    for table in text.split(".. list-table::")[1:]:
        # What belongs to it is indented.
        body = re.match(r".*\n((?: {3}.*\n|\n)*)", table).group(1)
        found += [[" ".join(cell.split()) for cell in row.split("\n     - ")]
                  for row in body.split("\n   * - ")[2:]]
    return found


def is_test(reference):
    """Is there such a function, and is it run; or such a check of a script?"""
    path, _, name = reference.partition(":")
    name = name.strip()
    full = os.path.join("tests", path)
    if not name or not os.path.isfile(os.path.join(TOP, full)):
        return False
    text = read(full)
    if path.endswith(".sh"):
        return re.search(r'check\w* "%s"' % re.escape(name), text) is not None
    name = re.escape(name)
    return (re.search(r"^static void %s\(void \*\*state\)" % name, text, re.M) is not None
            and re.search(r"cmocka_unit_test\w*\(%s\b" % name, text) is not None)


def enumerators(name):
    body = re.search(r"^enum %s \{(.*?)^\};" % name, read(HEADER), re.M | re.S).group(1)
    return re.findall(r"^\t(\w+)\s*= (\d+),", body, re.M)


def fault(row):
    """What is wrong with a row, or nothing."""
    if len(row) != 4:
        return "%d cells, not 4" % len(row)
    verdict = re.match(r"\w*", row[2]).group()
    if verdict not in VERDICTS:
        return "does not say yes, differs or no"
    tests = re.findall(r"``(.+?)``", row[3])
    if verdict == "no":
        return "" if row[3] == "-" else "a test of what is not done"
    if not tests:
        return "no test"
    missing = [test for test in tests if not is_test(test)]
    return "no such test: " + ", ".join(missing) if missing else ""


def main():
    table = rows(read(DOCUMENT))
    for row in table:
        why = fault(row)
        result(not why, "%s: %s" % (row[0], row[1] if len(row) > 1 else ""))
        if why:
            print("# " + why)
    keys = [row[0] for row in table]
    for enum, word, never in ENUMS:
        for name, value in enumerators(enum):
            if name not in never:
                result(keys.count("%s %s" % (word, value)) == 1, "one row for %s" % name)
    print("1..%d" % count)


if __name__ == "__main__":
    main()
