#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
# kernel: 6.1
#
# Spokes that are far from each other and learn of their path at once: one of the two begins IKE,
# and nothing is lost.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

ROUNDS=4
DELAY=120ms	# of a spoke's packets; IKE takes four

# begun_both - how often one of the spokes has begun IKE with the other
begun_both()
{
	cat "$RESULTS"/charon-spoke[12].log | grep -c "initiating IKE_SA .* to 192.168.50.[23]\$"
}

# direct_again NUMBER - more pings than these (for check_within)
direct_again()
{
	[ "$(grep -c 'ttl=62' "$SCRATCH/pings")" -gt "$1" ]
}

# ike_ends - spoke1 ends what it has with spoke2: two of them if both had begun
ike_ends()
{
	local id

	for id in $(swan spoke1 --list-sas | awk '
		/^[^ ]/ { id = $2; gsub(/[^0-9]/, "", id) }
		/remote.* @ 192.168.50.3/ { print id }'); do
		swan spoke1 --terminate --ike-id "$id" >/dev/null || return
	done
}

# anew NODE... - dvpnd and strongSwan start with nothing
anew()
{
	local node

	for node; do
		stop_dvpnd "$node"
		swan_stop "$node"
		ip -n "$node" link del dvpn0
		tunnel "$node" $((${node#spoke} + 1)) ipsec require
		ip -n "$node" route add 192.168.0.0/16 via 192.168.111.1
	done
	for node; do
		swan_start "$node"
		swan_load "$node"
		start_dvpnd "$node" -
	done
}

swan_needed
modprobe sch_netem || skip_all "no netem"
load_dvpn
network_links
swan_warm
tunnel hub 1 redirect on ipsec require
hub_routes
for n in 1 2; do
	tunnel spoke$n $((n + 1)) ipsec require
	ip -n spoke$n route add 192.168.0.0/16 via 192.168.111.1
	in_ns spoke$n tc qdisc add dev wan root netem delay $DELAY
done
# No time for neighbours: a spoke that is far away is behind a router.
for n in 1 2; do
	mac=$(ip -n spoke$n -br link show dev wan | awk '{ print $3 }')
	ip -n spoke$((3 - n)) neigh replace 192.168.50.$((n + 1)) lladdr "$mac" dev wan nud permanent
done
agent_configs
profile hub hub
profile spoke spoke1
profile spoke spoke2
swan_up hub spoke1 spoke2
for node in hub spoke1 spoke2; do
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done

pairs=0
for ((round = 1; round <= ROUNDS; round++)); do
	[ $round = 1 ] || anew spoke1 spoke2
	before=$(begun_both)
	check_within "$round: both spokes are registered" 30 registered spoke1 spoke2
	ip netns exec lan2 ping -D -n -i 0.05 -W 5 192.168.30.10 >"$SCRATCH/back" &
	back=$!
	flip lan1 192.168.40.10 "$round"
	check "$round: the way back is no other" ping_end $back "$SCRATCH/back"
	read_ping "$SCRATCH/back"
	check_eq "$round: nothing is lost there" "$lost" 0
	diag "IKE was begun $(($(begun_both) - before)) times"
	pairs=$((pairs + $(begun_both) - before))
done
check "hardly ever have both begun" [ $pairs -le $((ROUNDS + 1)) ]

# The last association goes, at both ends: the hub has the packets until there is another.
ip netns exec lan1 ping -D -n -i 0.05 -W 5 192.168.40.10 >"$SCRATCH/pings" &
pings=$!
check_within "pings go directly" 10 grep -q 'ttl=62' "$SCRATCH/pings"
check "IKE between the spokes ends" ike_ends
check_within "meanwhile pings go by the hub" 10 grep -q 'ttl=61' "$SCRATCH/pings"
before=$(grep -c 'ttl=62' "$SCRATCH/pings")
check_within "and directly again" 30 direct_again "$before"
kill -INT $pings
wait $pings
read_ping "$SCRATCH/pings"
diag "$lost lost of $sent"
