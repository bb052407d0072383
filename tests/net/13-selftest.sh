#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# The debug build of the module tests itself when it is loaded, and refuses to load if it fails.
. "${0%/*}/lib.sh"

load_dvpn_debug
ok "the debug build loads"
passed=$(dmesg | grep -c 'dvpn: .* self-tests: pass')
check "all parts say that they pass" test "$passed" -ge 5
check_eq "none says anything else" "$(dmesg | grep 'dvpn: .* self-tests:' | grep -vc 'pass$')" 0
check "it is unloaded" unload_dvpn
