#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 150
# soak time limit: 600
# kernel: 6.12
#
# A hub's agent is killed while it puts thousands of mappings into the kernel (T7): what is there
# is right as far as it goes, and the next start completes it.
. "${0%/*}/lib.sh"

SPOKES=3000
[ -z "${DVPN_SOAK-}" ] || SPOKES=10000
saved=/run/node/hub/lib/bindings.dvpn0

# device - made anew: the kernel's table is empty
device()
{
	ip -n hub link delete dvpn0 2>/dev/null
	ip -n hub -batch - <<-END
		link add dvpn0 type dvpn local 198.51.100.1 key 42
		address add 10.0.0.1/8 dev dvpn0
		link set dvpn0 up
	END
}

# known - how many mappings the kernel has
known()
{
	dvpnmap -n hub dvpn0 dev | field maps
}

# at_least N, exactly N
at_least()
{
	[ "$(known)" -ge "$1" ]
}

exactly()
{
	[ "$(known)" = "$1" ]
}

# wrong - mappings that nobody has registered: 10.1.A.B is at 172.16.A.B
wrong()
{
	dvpnmap -n hub dvpn0 dump | awk '
		match($0, / proto=10\.1\.[0-9.]+/) {
			proto = substr($0, RSTART + 12, RLENGTH - 12)
			good = match($0, / nbma=172\.16\.[0-9.]+/) &&
				substr($0, RSTART + 13, RLENGTH - 13) == proto
			wrong += !good
			next
		}
		{ wrong++ }
		END { print wrong + 0 }'
}

# killed_at N - the agent starts, and is killed when it has come so far
killed_at()
{
	start_dvpnd hub -
	wait_for 30 at_least "$1"
	stop_dvpnd hub KILL 2>/dev/null
}

load_dvpn
ns_add hub generator
ns_link hub wan 198.51.100.1/24 generator wan 198.51.100.2/24
ip -n hub route add 172.16.0.0/16 via 198.51.100.2
ip -n generator route add local 172.16.0.0/16 dev lo
in_ns generator sh -c 'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done'
device
echo "tunnel dvpn0 { role = nhs }" >"$SCRATCH/hub.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
in_ns generator regload run 198.51.100.1 42 172.16.1.0 10.1.1.0 $SPOKES 32 1 >"$SCRATCH/load"
diag "$(cat "$SCRATCH/load")"
check_within "$SPOKES spokes are registered" 60 exactly $SPOKES
all_saved()
{
	[ "$(grep -c '^b ' $saved)" = $SPOKES ]
}
check_within "and saved" 60 all_saved
stop_dvpnd hub KILL 2>/dev/null
check_eq "the agent is killed: all are in the kernel" "$(known)" $SPOKES
check_eq "as they were registered" "$(wrong)" 0

some=
for part in 50 4 2; do
	device
	killed_at $((SPOKES / part))
	now=$(known)
	some+=" $now"
	check_eq "killed after $now of them: those are right" "$(wrong)" 0
	check "killed after $now of them: all are still saved" all_saved
	start_dvpnd hub -
	check_within "the next start completes it" 60 exactly $SPOKES
	check_eq "and all are right" "$(wrong)" 0
	stop_dvpnd hub KILL 2>/dev/null
done
diag "killed after$some"

# What another one left is taken over, and nothing is lost when that is interrupted.
for ((round = 0; round < 3; round++)); do
	start_dvpnd hub -
	stop_dvpnd hub KILL 2>/dev/null
done
check_eq "killed again and again while it takes them over: all are there" "$(known)" $SPOKES
check_eq "and right" "$(wrong)" 0
start_dvpnd hub -
owned()
{
	local owner

	owner=$(dvpnctl_in hub --json status | grep -o '"owner": [0-9]*')
	[ "$(dvpnmap -n hub dvpn0 dump | grep -c " owner=${owner#*: } ")" = $SPOKES ]
}
check_within "in the end all belong to the agent that runs" 60 owned
