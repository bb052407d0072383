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

# Requests without anything, with a device, with that and an address.
ns_add one
ip -n one link add dvpn0 type dvpn
in_ns one python3 -IS "$TOP/tests/net/hostile-netlink.py" \
	"$(in_ns one cat /sys/class/net/dvpn0/ifindex)" missing >"$SCRATCH/missing"
# By command; 0 is refused for something else.
check_eq "what is missing is told by number" "$(paste -sd, "$SCRATCH/missing")" \
	"1 2,2 12 12,3 12 12 0,4 13 13 28,5 2 13 0,6 2 13 0,7 2 13 0,8 2,9 58 58,12 28 28,$(
	)13 2 28 0,14 2 28 0,15 2 28 0,16 2,19 44 44 28,21 0 0 0,22 46 46 46"
