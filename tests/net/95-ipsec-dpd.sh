#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 250
# kernel: 6.1
#
# strongSwan is killed and started again: it knows nothing of its associations, which go on working
# until there are new ones. A machine that is gone and comes back has nothing: its peers find out.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"
# shellcheck source=tests/net/swan-keys.sh
. "${0%/*}/swan-keys.sh"

NODES="hub spoke1 spoke2"

# start NODE - its strongSwan; who does not answer is given up sooner than by default
start()
{
	swan_config "$1" "$SCRATCH/swanctl.conf"
	swan_start "$1" "retransmit_tries = 2" "retransmit_timeout = 2"
	swan_load "$1"
}

# killed NODE PEER... - and started again; then it has others with these peers
killed()
{
	local node=$1 peer

	traffic
	swan_stop "$node" KILL 2>/dev/null
	start "$node"
	check_within "$node: dvpnd asks the new one" 30 nothing_wrong "$node"
	for peer in "${@:2}"; do
		check_within "$node: it has another one with $peer" 120 has_sa "$node" "$peer"
	done
	lost_early "$node"
	none_gone "$node"
	check_within "$node: both are registered" 60 registered spoke1 spoke2
	check_within "$node: and have a direct path" 60 direct
	check_within "$node: dvpnd and strongSwan agree" 60 agree
}

swan_needed
swan_network
sed 's/dpd_delay.*/dpd_delay = 5s/' "$SWAN_CONFIG" >"$SCRATCH/swanctl.conf"
for node in $NODES; do
	start "$node"
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done
check_within "both spokes are registered" 30 registered spoke1 spoke2
check_within "and have a direct path" 30 direct
check_within "dvpnd and strongSwan agree" 30 agree
killed spoke2 192.168.50.1 192.168.50.2
killed hub 192.168.50.2 192.168.50.3

# --- a machine that was reset ------------------------------------------------------------

swan_stop spoke2 KILL 2>/dev/null
stop_dvpnd spoke2 KILL 2>/dev/null
ip -n spoke2 link delete dvpn0
ip -n spoke2 xfrm state flush
ip -n spoke2 xfrm policy flush
check_within "a spoke is gone: the other one finds out" 120 has_no_sa spoke1 192.168.50.3
check_within "so does the hub" 120 has_no_sa hub 192.168.50.3
tunnel spoke2 3 ipsec require
ip -n spoke2 route add 192.168.0.0/16 via 192.168.111.1
start spoke2
start_dvpnd spoke2 -
check_within "it is back: registered" 60 registered spoke2
check_within "and there is a direct path" 60 direct
check_within "dvpnd and strongSwan agree" 60 agree
