#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
# kernel: 6.12
#
# Phase 2: OSPF with network type broadcast over dvpn0, FRR's ospfd. The hub is the designated
# router, a route between spokes keeps the other spoke as its next hop, the hub answers who
# that is, and the spokes talk directly. No iptables rule, no sysctl but forwarding.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
[ -x $FRR/ospfd ] || skip_all "FRR is not installed"

load_dvpn
network_links
{ tunnel hub 1 && tunnel spoke1 2 && tunnel spoke2 3; } || bail_out "cannot make the tunnel"
printf 'tunnel dvpn0 {\n role = nhs\n phase = 2\n}\n' >"$SCRATCH/hub.conf"
printf 'tunnel dvpn0 {\n phase = 2\n hub main { nbma = 192.168.50.1 }\n}\n' >"$SCRATCH/spoke.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke.conf"
start_dvpnd spoke2 "$SCRATCH/spoke.conf"
check_within "both spokes are registered" 5 registered spoke1 spoke2

ospf_start hub 10.0.0.1 192.168.10.0/24 broadcast "ip ospf priority 2"
ospf_start spoke1 10.0.0.2 192.168.30.0/24 broadcast "ip ospf priority 0"
ospf_start spoke2 10.0.0.3 192.168.40.0/24 broadcast "ip ospf priority 0"
check_within "the hub is adjacent to both spokes" 40 ospf_full hub 2
check_within "spoke1 to the hub alone" 20 ospf_full spoke1 1
check_within "the route between the LANs keeps the far spoke as next hop" 40 \
	has_route spoke1 192.168.40.0/24 192.168.111.3
check_within "and so does the one back" 20 has_route spoke2 192.168.30.0/24 192.168.111.2
neighbours=$(ospf_neighbours spoke1)

capture spoke1 wan at-spoke1 "proto gre"
ping_answers "$SCRATCH/pings" lan1 192.168.40.10 200
capture_stop at-spoke1
read_ping "$SCRATCH/pings"
diag "$received answers, $direct directly, the first after $flip_ms ms"
check_eq "no packet of 200 is lost" "$lost $received" "0 200"
check "the path became direct" test "$direct" -gt 100
check_eq "and stayed so" "$relapse" 0

# ResReq 1, ResRep 2: who asked whom, and who answered what.
answers()
{
	decode at-spoke1 -Y 'nhrp.hdr.op.type == 2 && ip.src == 192.168.50.1' -T fields \
		-e nhrp.dst.prot.addr -e nhrp.client.nbma.addr
}
check "the hub itself answered that 192.168.111.3 is 192.168.50.3" \
	grep -q '192.168.111.3.*192.168.50.3' <(answers)
check_eq "the hub did not redirect" \
	"$(decode at-spoke1 -Y 'nhrp.hdr.op.type == 8' | wc -l)" 0

pause 8
check_eq "no adjacency between the spokes, with the direct path up" \
	"$(ospf_neighbours spoke1)" "$neighbours"
check "the direct path is still there" ping_all lan1 192.168.40.10
for node in hub spoke1 spoke2; do
	check_eq "no rule in any table of $node" "$(in_ns $node nft list ruleset)" ""
done
frr_logs
