#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
# kernel: 6.1
#
# Two spokes talk directly again: after nobody has needed it for a while, after the hub has started
# anew, and after one of them has got another address.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

NODES="hub spoke1 spoke2"

# expires NAME - two results: shortcut and association that nobody uses end
expires()
{
	check_within "$1: the shortcut goes" 60 no_shortcut spoke1 192.168.40.0
	check_within "$1: and its association" 60 has_no_sa spoke1 192.168.50.3
	check_within "$1: at the other end" 60 has_no_sa spoke2 192.168.50.2
}

# ike_ms - how long the last IKE exchange between the spokes took
ike_ms()
{
	local log

	for log in "$RESULTS"/charon-spoke[12].log; do
		awk -F '[: []' '
			{ now = ($1 * 3600 + $2 * 60 + substr($3, 1, 6)) * 1000 }
			/initiating IKE_SA .* to 192[.]168[.]50[.][23]$/ { begun = now }
			/CHILD_SA .* established with SPIs/ && begun {
				took = (now - begun + 86400000) % 86400000
				at = now
				begun = 0
			}
			END { if (at) printf "%d %d\n", at, took }' "$log"
	done | sort -n | awk 'END { print $2 + 0 }'
}

# again NAME - results: a flip(), and soon: IKE, and half a second. What is before and after IKE
# goes at the pace of the machine, of which the time that IKE takes is the measure.
again()
{
	local ike

	flip lan1 192.168.40.10 "$1"
	ike=$(ike_ms)
	diag "IKE took $ike ms"
	check "$1: soon" [ "$ike" -gt 0 -a "$flip_ms" -le $((2 * ike + 500 * DVPN_TIME_SCALE)) ]
}

swan_needed
load_dvpn
network_links
for node in $NODES; do
	capture "$node" wan "$node-wan"
done
swan_warm
tunnel hub 1 redirect on ipsec require
hub_routes
tunnel spoke2 3 ipsec require
# That of spoke1 takes the address that there is.
ip -n spoke1 -batch - <<-END
	link add dvpn0 type dvpn key 42 ipsec require
	address add 192.168.111.2/24 dev dvpn0
	link set dvpn0 up
END
agent_configs
profile hub hub
for n in 1 2; do
	ip -n spoke$n route add 192.168.0.0/16 via 192.168.111.1
	profile spoke spoke$n
done
# shellcheck disable=SC2086
swan_up $NODES
for node in $NODES; do
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done
check_within "both spokes are registered" 30 registered spoke1 spoke2
again "at first"

expires "nobody sends"
again "again"

steady lan1 192.168.40.10 hub
stop_dvpnd hub
swan_stop hub
swan_start hub
swan_load hub
start_dvpnd hub -
check_within "the hub starts anew: spoke1 has an association with it" 60 has_sa hub 192.168.50.2
check_within "spoke2, too" 60 has_sa hub 192.168.50.3
check_within "it knows where spoke1 is" 30 maps_to hub 192.168.111.2 192.168.50.2
check_within "and spoke2" 30 maps_to hub 192.168.111.3 192.168.50.3
steady_end hub "meanwhile nothing is lost between the spokes"
expires "nobody sends now"
again "by the new hub"

ip netns exec lan1 ping -D -n -i 0.05 -W 5 192.168.40.10 >"$SCRATCH/moved" &
moved=$!
start=$(now_ms)
ip -n spoke1 -batch - <<-END
	address delete 192.168.50.2/24 dev wan
	address add 192.168.50.22/24 dev wan
END
check_within "spoke1 has another address: the hub knows" 30 maps_to hub 192.168.111.2 192.168.50.22
check_within "spoke2 knows" 30 has_shortcut spoke2 192.168.30.0 192.168.50.22
check_within "spoke1 is direct again" 30 has_shortcut spoke1 192.168.40.0 192.168.50.3
diag "$(($(now_ms) - start)) ms in all"
pause 2
check "traffic goes on" ping_end $moved "$SCRATCH/moved"
gap=$(longest_gap "$SCRATCH/moved")
check "nothing came for $gap ms" test "$gap" -le $((8000 * DVPN_TIME_SCALE))
check_within "the hub has no association with the old place" 60 has_no_sa hub 192.168.50.2
check_within "nor has spoke2" 60 has_no_sa spoke2 192.168.50.2
check_within "nothing is wrong" 30 nothing_wrong hub spoke1 spoke2

nodes_end
for node in $NODES; do
	capture_stop "$node-wan"
	# What comes for the old address meets a router that knows no way to it.
	protected_only "$node-wan" "icmp[0] = 5 or (icmp[0] = 3 and icmp[1] = 1)"
done
