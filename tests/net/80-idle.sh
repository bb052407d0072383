#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 90
# soak time limit: 800
# kernel: 6.12
#
# A tunnel that nobody uses (T11): neighbours age many times over, and the first packet after that
# arrives, as no state of a neighbour has anything to say.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

IDLE=20
[ -z "${DVPN_SOAK-}" ] || IDLE=600

# neighbours - of the tunnels' devices, whatever their state; those of IPv6 multicast come and go
neighbours()
{
	local node

	for node in hub spoke1 spoke2; do
		ip -n "$node" -4 neighbour show nud all dev dvpn0 | sort
	done
}

network_and_agents
# In seconds what takes half a minute and more: reachable, stale, probed, forgotten.
for node in hub spoke1 spoke2; do
	in_ns $node sh -c 'cd /proc/sys/net/ipv4/neigh/dvpn0
		echo 1000 >base_reachable_time_ms
		echo 1 >gc_stale_time
		echo 1 >delay_first_probe_time
		echo 100 >retrans_time_ms'
done
check "spoke1 reaches the hub" ping_all spoke1 192.168.111.1
in_ns lan1 ping -qn -i 0.05 -c 20 192.168.40.10 >/dev/null
check_within "the shortcut is there, both ways" 10 both_shortcuts
before=$(neighbours)
diag "$before"

pause $IDLE
check_eq "after $IDLE s of nothing no neighbour has changed" "$(neighbours)" "$before"
check "the first packet to the hub is answered" ping_all spoke1 192.168.111.1 1
check "so is the first to a spoke" ping_all hub 192.168.111.3 1
check "and the first by a shortcut" ping_all lan1 192.168.40.10 1
check_eq "nor has any now" "$(neighbours)" "$before"
