#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# The interface: what the kernel says that it accepts is what the specification says, and
# what it must refuse it refuses.
. "${0%/*}/lib.sh"

load_dvpn

policy_agrees()
{
	abi-policy >"$RESULTS/policy" || return
	[ -s "$RESULTS/policy" ] || return
	"$TOP/tests/abi/check-policy" "$TOP/Documentation/netlink/dvpn.yaml" <"$RESULTS/policy"
}

check "the header, the specification and libdvpn agree" \
	"$TOP/tests/abi/check-abi" "$DVPN_BUILD/abi-dump"
check "the kernel's policy and the specification agree" policy_agrees

# The test must be able to fail: one limit, one attribute and one command are changed.
broken_policy()
{
	sed "$1" "$RESULTS/policy" |
		"$TOP/tests/abi/check-policy" "$TOP/Documentation/netlink/dvpn.yaml"
}

check_fails "another limit is noticed" 'prefixlen has the limits' \
	broken_policy 's/max=128$/max=127/'
check_fails "a missing command is noticed" 'map-lookup do: the kernel has no policy' \
	broken_policy '/^op 9 /d'
check_fails "an additional command is noticed" 'command 99 do: the kernel has it' \
	broken_policy '1i op 99 do 0'
