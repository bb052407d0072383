#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# kernel: 6.12
#
# As 91-ipsec-trap, for GRE in UDP: a hub and two spokes, both of which ask for the same shortcut.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

swan_needed
load_dvpn
network_links
for node in hub spoke1 spoke2; do
	capture $node wan "$node-wan"
done
swan_warm
tunnel hub 1 redirect on port 4754 ipsec require
hub_routes
for n in 1 2; do
	tunnel spoke$n $((n + 1)) port 4754 ipsec require
	ip -n spoke$n route add 192.168.0.0/16 via 192.168.111.1
done
agent_configs
sed -i '/^\t*tunnel/a encap = udp' "$SCRATCH/hub.conf" "$SCRATCH/spoke.conf"
# What the guide has for UDP
sed 's|dynamic.gre.|dynamic[udp/4754]|' "$SWAN_CONFIG" >"$SCRATCH/swanctl.conf"
for node in hub spoke1 spoke2; do
	swan_config $node "$SCRATCH/swanctl.conf"
	swan_start $node
	swan_load $node
done
profile hub hub
profile spoke spoke1
profile spoke spoke2
for node in hub spoke1 spoke2; do
	start_dvpnd $node "$SCRATCH/agent.$node"
done
check_within "both spokes are registered" 30 registered spoke1 spoke2
flip lan1 192.168.40.10 "spoke1 to spoke2"
for node in hub spoke1 spoke2; do
	stop_dvpnd $node
	swan_stop $node
	ip -n $node link delete dvpn0
done
for node in hub spoke1 spoke2; do
	capture_stop "$node-wan"
	protected_only "$node-wan"
done
