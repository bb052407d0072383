#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 150
# soak time limit: 1800
# kernel: 6.12
#
# All agents are restarted again and again under traffic (T6): no packet is lost, the tables stay
# as they are, and neither an agent nor the kernel has more than it had.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

ROUNDS=10
[ -z "${DVPN_SOAK-}" ] || ROUNDS=200
nodes="hub spoke1 spoke2"

# fds - how many files each agent has open
fds()
{
	local node
	local -a files

	for node in $nodes; do
		files=("/proc/${DVPND_PID[$node]}/fd/"*)
		echo ${#files[@]}
	done
}

# objects - how many of each kind the module has; what CPUs keep for later is not counted
objects()
{
	local shrink

	for shrink in /sys/kernel/slab/dvpn*/shrink; do
		echo 1 >"$shrink"
	done
	awk '/^dvpn/ { print $1, $2 }' /proc/slabinfo
}

# has_no_more COUNT BEFORE - the last number in each line of what the function COUNT says now is
# not above that of the same line before
has_no_more()
{
	paste -d ' ' <(awk '{ print $NF }' <<<"$2") <("$1" | awk '{ print $NF }') | awk '
		NF != 2 || $2 > $1 { more = 1 }
		END { exit more || !NR }'
}

# restart - every agent, one after the other
restart()
{
	local node

	for node in $nodes; do
		stop_dvpnd "$node" || failures+=" $node"
		start_dvpnd "$node" -
	done
}

failures=
network_and_agents
in_ns lan1 ping -qn -i 0.05 -c 20 192.168.40.10 >/dev/null
check_within "the shortcut is there, both ways" 10 both_shortcuts
restart
check_within "all is as after a restart" 10 owned_by_agents
check_within "both spokes are registered" 10 registered spoke1 spoke2
for node in spoke1 spoke2; do
	check_within "so is the address of the link of $node" 10 \
		is_registered_with hub "$(link_local $node)"
done
before=$(kernel_tables)
open=$(fds)
had=$(objects)

steady lan1 192.168.40.10 there 0.05
steady lan2 192.168.30.10 back 0.05
for ((round = 1; round <= ROUNDS; round++)); do
	restart
done
steady_end there "$ROUNDS restarts of all agents: no packet is lost one way"
steady_end back "nor the other"
check_eq "each ended in good order" "$failures" ""
check_within "the last ones own what the first ones wrote" 10 owned_by_agents
check_within "both spokes are registered" 10 registered spoke1 spoke2
check_eq "the tables are what they were but for the owner" "$(kernel_tables)" "$before"
check_within "no agent has more files open than before" 10 has_no_more fds "$open"
check_within "the module has no more objects than before" 30 has_no_more objects "$had"
diag "files open: $(fds | tr '\n' ' '), objects: $(objects | tr '\n' ' ')"
