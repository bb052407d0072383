#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
# kernel: 6.1
#
# Agents die, come back and are restarted, and the traffic does not notice.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

nodes="hub spoke1 spoke2"

network_and_agents
in_ns lan1 ping -qn -i 0.05 -c 20 192.168.40.10 >/dev/null
check_within "the shortcut is there, both ways" 2 both_shortcuts
before=$(kernel_tables)

ping_answers "$SCRATCH/killed" lan1 192.168.40.10 200 &
pinging=$!
for node in $nodes; do
	stop_dvpnd $node KILL 2>/dev/null
done
wait $pinging
read_ping "$SCRATCH/killed"
check_eq "all agents killed under traffic: no packet of 200 is lost" "$lost $received" "0 200"
check_eq "and none left the direct path" "$direct" 200
check_eq "the tables are what they were" "$(kernel_tables)" "$before"

ping_answers "$SCRATCH/started" lan1 192.168.40.10 200 &
pinging=$!
for node in $nodes; do
	start_dvpnd $node -
done
wait $pinging
read_ping "$SCRATCH/started"
check_eq "all agents started again: no packet of 200 is lost" "$lost $received" "0 200"
check_eq "and none left the direct path" "$direct" 200
check_within "the new agents own what the old ones wrote" 5 owned_by_agents
check_eq "the tables are what they were but for the owner" "$(kernel_tables)" "$before"
check_within "both spokes are registered" 5 registered spoke1 spoke2

ping_answers "$SCRATCH/restarted" lan1 192.168.40.10 200 &
pinging=$!
for node in $nodes; do
	check "dvpnd of $node ends at once on SIGTERM, status 0" stop_dvpnd $node
	start_dvpnd $node -
done
wait $pinging
read_ping "$SCRATCH/restarted"
check_eq "all agents restarted in order: no packet of 200 is lost" "$lost $received" "0 200"
check_eq "and none left the direct path" "$direct" 200
check_eq "the tables are what they were but for the owner" "$(kernel_tables)" "$before"

# What ended while nobody looked is gone, what did not is kept.
sed 's/hub main/holding-time = 10; &/' "$SCRATCH/spoke.conf" >"$SCRATCH/short.conf"
for node in spoke1 spoke2; do
	stop_dvpnd $node
	start_dvpnd $node "$SCRATCH/short.conf"
done
registered_for_10s()
{
	local ms

	for ms in $(dvpnctl_in hub --kernel --json show maps |
		    sed -n 's/.*"expires_ms": \([0-9]*\).*/\1/p'); do
		[ "$ms" -le 10000 ] || return
	done
}
check_within "the hub has what the spokes asked for: 10 s" 5 registered_for_10s
for node in $nodes; do
	stop_dvpnd $node KILL 2>/dev/null
done
check_within "after their holding time the registrations are gone" 15 no_maps hub
for node in $nodes; do
	start_dvpnd $node -
done
check_within "and come back with the agents" 3 registered spoke1 spoke2
check "traffic flows again" ping_all lan1 192.168.40.10
