#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# A hub and three spokes under IPsec from the first packet to the last: one swanctl.conf for all,
# whose policies make the kernel ask charon for an association with whom dvpn sends to.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

NODES="hub spoke1 spoke2 spoke3"
# hub_crypts - packets that the hub has decrypted from spoke1 and spoke2, and
# encrypted to them
hub_crypts()
{
	echo $(($(esp_packets hub 192.168.50.2) + $(esp_packets hub 192.168.50.3)))
}

swan_needed
load_dvpn
network_links
ns_add spoke3 lan3
ns_forward spoke3
underlay_join underlay spoke3 wan 192.168.50.4/24
lan spoke3 lan3 192.168.20
for node in $NODES; do
	capture "$node" wan "$node-wan"
done
swan_warm

tunnel hub 1 redirect on ipsec require
hub_routes
ip -n hub route add 192.168.20.0/24 via 192.168.111.4
for n in 1 2 3; do
	tunnel spoke$n $((n + 1)) ipsec require
	ip -n spoke$n route add 192.168.0.0/16 via 192.168.111.1
done
agent_configs
profile hub hub
start_dvpnd hub "$SCRATCH/agent.hub"
for n in 1 2 3; do
	profile spoke spoke$n
	start_dvpnd spoke$n "$SCRATCH/agent.spoke$n"
done
start=$(now_ms)
# shellcheck disable=SC2086
swan_up $NODES
diag "four charons started in $(($(now_ms) - start)) ms"
check_within "all spokes are registered" 30 registered spoke1 spoke2 spoke3
check "spoke1 reaches the LAN of the hub" ping_all spoke1 192.168.10.10

flip lan1 192.168.40.10 "spoke1 to spoke2"
check_within "spoke1 has the shortcut, proven" 30 \
	has_shortcut spoke1 192.168.40.0 192.168.50.3
check_within "spoke2 has the shortcut, proven" 30 \
	has_shortcut spoke2 192.168.30.0 192.168.50.2
before=$(hub_crypts)
check "up to here packets went by the hub, too" test "$before" -gt 0
direct=$(esp_packets spoke1 192.168.50.3)
check "100 packets between the two" ping_all lan1 192.168.40.10 1 -c 100 -i 0.02
crypts=$(($(hub_crypts) - before))
check "the spokes encrypted and decrypted them" \
	test $(($(esp_packets spoke1 192.168.50.3) - direct)) -ge 200
# Registrations may have come and gone.
check "and the hub did not" test $crypts -lt 50
diag "the hub: $crypts packets, of its own and those of the spokes"
flip lan3 192.168.30.10 "spoke3 to spoke1"

for node in $NODES; do
	stop_dvpnd "$node"
done
for node in $NODES; do
	swan_stop "$node"
done
# The devices are still there, and somebody still sends.
in_ns lan1 ping -qn -c 3 -i 0.1 -W 1 192.168.40.10 >/dev/null
in_ns lan1 ping -qn -c 3 -i 0.1 -W 1 192.168.10.10 >/dev/null
for node in $NODES; do
	ip -n "$node" link delete dvpn0
done
for node in $NODES; do
	capture_stop "$node-wan"
	protected_only "$node-wan"
done
