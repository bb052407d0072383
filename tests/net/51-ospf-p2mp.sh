#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
# kernel: 6.1
# soak time limit: 1800
#
# Phase 3: OSPF with network type point-to-multipoint over dvpn0, FRR's ospfd. Routes lead to
# the hub, shortcuts come and go beside them: the routing daemon never sees one.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
[ -x $FRR/ospfd ] || skip_all "FRR is not installed"

cycles=5
[ -z "${DVPN_SOAK:-}" ] || cycles=100

# settled - OSPF has told everybody everything: no route comes later by itself
settled()
{
	has_route hub 192.168.30.0/24 192.168.111.2 && has_route hub 192.168.40.0/24 192.168.111.3 &&
		has_route spoke1 192.168.10.0/24 192.168.111.1 &&
		has_route spoke1 192.168.111.3 192.168.111.1 &&
		has_route spoke2 192.168.10.0/24 192.168.111.1 &&
		has_route spoke2 192.168.111.2 192.168.111.1
}
load_dvpn
network_links
network_tunnels || bail_out "cannot make the tunnel"
agent_configs
# Short-lived shortcuts; they go when nobody uses them.
sed -i 's/hub main/holding-time = 10; &/' "$SCRATCH/spoke.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke.conf"
start_dvpnd spoke2 "$SCRATCH/spoke.conf"
check_within "both spokes are registered" 5 registered spoke1 spoke2

# A guest that stands still for some seconds must not cost an adjacency.
patient="ip ospf dead-interval 30"
ospf_start hub 10.0.0.1 192.168.10.0/24 point-to-multipoint "$patient"
ospf_start spoke1 10.0.0.2 192.168.30.0/24 point-to-multipoint "$patient"
ospf_start spoke2 10.0.0.3 192.168.40.0/24 point-to-multipoint "$patient"
check_within "the hub is adjacent to both spokes" 40 ospf_full hub 2
check_within "spoke1 to the hub alone" 20 ospf_full spoke1 1
# ospfd takes no second version of an advertisement within a second; it comes again 5 s later.
check_within "the route between the LANs leads to the hub" 40 \
	has_route spoke1 192.168.40.0/24 192.168.111.1
check_within "and so does the one back" 20 has_route spoke2 192.168.30.0/24 192.168.111.1
check_within "the hub's LAN is reached" 20 pings lan1 192.168.10.10
check_within "all have all routes" 40 settled
neighbours=$(ospf_neighbours spoke1)

monitors=()
for node in hub spoke1 spoke2; do
	ip -n $node monitor route >"$RESULTS/routes-$node" &
	monitors+=($!)
done
# One cycle: traffic makes the shortcut, and it ends for want of it.
came=0 went=0 missing=0
for ((i = 0; i < cycles; i++)); do
	ping_answers "$SCRATCH/pings" lan1 192.168.40.10 30
	read_ping "$SCRATCH/pings"
	missing=$((missing + lost + 30 - received))
	[ "$direct" -gt 0 ] && came=$((came + 1))
	wait_for 40 no_shortcut spoke1 192.168.40.0 && wait_for 40 no_shortcut spoke2 192.168.30.0 &&
		went=$((went + 1))
done
kill "${monitors[@]}"
wait "${monitors[@]}"
check_eq "shortcuts came up $cycles times" $came $cycles
check_eq "and went $cycles times" $went $cycles
check_eq "no packet is lost on the way" $missing 0
check_eq "no adjacency between the spokes" "$(ospf_neighbours spoke1)" "$neighbours"
for node in hub spoke1 spoke2; do
	check_eq "no route of $node has come or gone" "$(cat "$RESULTS/routes-$node")" ""
done
frr_logs
