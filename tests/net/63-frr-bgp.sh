#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# kernel: 6.12
#
# FRR's nhrpd with ip_gre on both spokes of a dvpn hub, routed by FRR's bgpd on all three. Two
# foreign spokes find each other by our redirect and by resolutions that pass our hub; either
# side is restarted, and a spoke that is dead is forgotten.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
# shellcheck source=tests/net/bgp.sh
. "${0%/*}/bgp.sh"
[ -x "$FRR/nhrpd" ] || skip_all "FRR is not installed"

# gre_route NODE PREFIX GATEWAY PROTOCOL - by gre1
gre_route()
{
	[[ $(ip -n "$1" route show "$2") == *"via $3 dev gre1 proto $4"* ]]
}

# frr_spoke NODE - nhrpd, to be told of shortcuts
frr_spoke()
{
	nhrpd_start "$1" 12 "ip nhrp nhs dynamic nbma 192.168.50.1" "ip nhrp shortcut"
}

both_registered()
{
	is_registered_with hub 192.168.111.2 && is_registered_with hub 192.168.111.3
}

load_dvpn
modprobe ip_gre
network_links
tunnel hub 1 redirect on || bail_out "cannot make the tunnel"
agent_configs
start_dvpnd hub "$SCRATCH/hub.conf"
for node in spoke1 spoke2; do
	mgre $node "$((${node#spoke} + 1))"
	frr_start $node zebra <<<"hostname $node"
	ZEBRA[$node]=1
	frr_spoke $node
done
capture hub wan at-hub "proto gre"
check_within "nhrpd of both registers" 20 both_registered
routing_start hub 1 192.168.10
routing_start spoke1 2 192.168.30
routing_start spoke2 3 192.168.40
check_within "BGP: the hub has learned where the LAN of spoke1 is" 40 \
	bgp_route hub 192.168.30.0/24 192.168.111.2
check_within "and that of spoke2" 40 bgp_route hub 192.168.40.0/24 192.168.111.3
check_within "spoke1 has the summary" 40 gre_route spoke1 192.168.0.0/16 192.168.111.1 bgp
check_within "and spoke2" 40 gre_route spoke2 192.168.0.0/16 192.168.111.1 bgp
check "the hub's LAN is reached" ping_all lan1 192.168.10.10

direct_path "FRR to FRR"
check "spoke1 has the route that nhrpd made of the answer" \
	gre_route spoke1 192.168.40.0/24 192.168.111.3 nhrp
check "and spoke2" gre_route spoke2 192.168.30.0/24 192.168.111.2 nhrp

# --- restart of either side --------------------------------------------------------------
ping_answers "$SCRATCH/pings" lan1 192.168.40.10 200 &
pings=$!
stop_dvpnd hub KILL 2>/dev/null
start_dvpnd hub -
wait $pings
read_ping "$SCRATCH/pings"
diag "$received answers, $direct of them directly"
check_eq "the hub's agent is killed and restarted: not one packet of 200 is lost" \
	"$lost $received" "0 200"
check "both are still registered" both_registered

frr_stop spoke1 nhrpd
frr_spoke spoke1
check_within "nhrpd, restarted, registers again" 20 nhrpd_registered spoke1
check_within "traffic flows" 40 pings lan1 192.168.40.10
check_within "and goes directly again" 40 eval \
	'in_ns lan1 ping -n -c 1 -W 1 192.168.40.10 | grep -q ttl=62'

# --- expiry ------------------------------------------------------------------------------
read -r pid </run/frr/spoke2/nhrpd.pid
kill -KILL "$pid"
check_within "who is dead is forgotten after the holding time it asked for" 20 \
	never is_registered_with hub 192.168.111.3
check "the other one is not" is_registered_with hub 192.168.111.2
capture_stop at-hub
check "all that was sent decodes well" "$TOP/tests/interop/tshark-nhrp" -t "1 2 3 4 8" \
	"$RESULTS/at-hub.pcap"
frr_logs
