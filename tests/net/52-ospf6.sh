#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# kernel: 6.12
#
# OSPF for IPv6, FRR's ospf6d, type broadcast, phase 2: all its next hops are link-local
# addresses, which the agents register and resolve as they do the others.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
[ -x $FRR/ospf6d ] || skip_all "FRR is not installed"

# lan6 NODE HOST NETWORK - an IPv6 network beside the other one
lan6()
{
	ip -n "$1" address add "$3::1/64" dev lan
	ip -n "$2" address add "$3::10/64" dev eth0
	ip -n "$2" route add default via "$3::1"
}

load_dvpn
network_links
lan6 hub lan0 2001:db8:10
lan6 spoke1 lan1 2001:db8:30
lan6 spoke2 lan2 2001:db8:40
{ tunnel hub 1 && tunnel spoke1 2 && tunnel spoke2 3; } || bail_out "cannot make the tunnel"
printf 'tunnel dvpn0 {\n role = nhs\n phase = 2\n}\n' >"$SCRATCH/hub.conf"
printf 'tunnel dvpn0 {\n phase = 2\n hub main { nbma = 192.168.50.1 }\n}\n' >"$SCRATCH/spoke.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke.conf"
start_dvpnd spoke2 "$SCRATCH/spoke.conf"
check_within "both spokes are registered" 5 registered spoke1 spoke2
check_within "spoke1's link-local address too" 5 is_registered_with hub "$(link_local spoke1)"
check_within "and spoke2's" 5 is_registered_with hub "$(link_local spoke2)"

ospf6_start hub 10.0.0.1 2
ospf6_start spoke1 10.0.0.2 0
ospf6_start spoke2 10.0.0.3 0
check_within "the hub is adjacent to both spokes" 40 ospf6_full hub 2
check_within "spoke1 to the hub alone" 20 ospf6_full spoke1 1
check_within "the route between the LANs keeps the far spoke as next hop" 30 \
	has_route spoke1 2001:db8:40::/64 "$(link_local spoke2)"
check_within "and so does the one back" 20 \
	has_route spoke2 2001:db8:30::/64 "$(link_local spoke1)"

ping_answers "$SCRATCH/pings" lan1 2001:db8:40::10 200
read_ping "$SCRATCH/pings"
diag "$received answers, $direct directly, the first after $flip_ms ms"
check_eq "no packet of 200 is lost" "$lost $received" "0 200"
check "the path became direct" test "$direct" -gt 100
check_eq "and stayed so" "$relapse" 0
pause 8
check "no adjacency between the spokes, with the direct path up" ospf6_full spoke1 1
check "the direct path is still there" ping_all lan1 2001:db8:40::10
frr_logs
