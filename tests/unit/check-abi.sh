#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The header, the specification and libdvpn say the same. Output: TAP.
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" && exec tests/abi/check-abi "${BUILD:-build}/user/abi-dump"
