#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# kernel: 6.12
#
# As 91-ipsec-trap, over IPv6: a hub and two spokes with the guide's swanctl.conf, but for the
# wildcard, without which dvpnd says what is missing.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

NODES="hub spoke1 spoke2"

swan_needed
load_dvpn
network_links
modprobe esp6
n=1
for node in $NODES; do
	ip -n "$node" -batch - <<-END
		address flush dev wan scope global
		address add fd50::$n/64 dev wan
		link add dvpn0 type dvpn local fd50::$n key 42 ipsec require
		address add 192.168.111.$n/24 dev dvpn0
		link set dvpn0 up
	END
	capture "$node" wan "$node-wan"
	n=$((n + 1))
done
ip -n hub link set dvpn0 type dvpn redirect on
hub_routes
swan_warm
agent_configs
sed -i 's/nbma = .* }/nbma = fd50::1 }/' "$SCRATCH/spoke.conf"
profile hub hub 600
for n in 1 2; do
	ip -n spoke$n route add 192.168.0.0/16 via 192.168.111.1
	profile spoke spoke$n 600
done
# shellcheck disable=SC2086
swan_up $NODES
for node in $NODES; do
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done
check_within "a wildcard of IPv4: the spoke says so" 30 says spoke1 \
	"not for IPv6: remote_addrs = %any6"
check "and the hub" says hub "not for IPv6: remote_addrs = %any6"
for node in $NODES; do
	sed 's/remote_addrs.*/remote_addrs = %any6/' "$SWAN_CONFIG" | swan_config "$node" -
	swan_load "$node"
done
check_within "both spokes are registered" 30 registered spoke1 spoke2
check_within "nothing is wrong" 30 nothing_wrong hub spoke1 spoke2
check "the hub has an association with each" has_sa hub fd50::2
check "of both" has_sa hub fd50::3
flip lan1 192.168.40.10 "spoke1 to spoke2"
check_within "spoke1 has the shortcut" 30 has_shortcut spoke1 192.168.40.0 fd50::3
check_within "and spoke2" 30 has_shortcut spoke2 192.168.30.0 fd50::2
check "by an association of their own" has_sa spoke1 fd50::3

nodes_end
for node in $NODES; do
	capture_stop "$node-wan"
	check "$node-wan: ESP was on the wire" \
		test "$(decode "$node-wan" -Y 'ipv6 && esp' | wc -l)" -gt 50
	# 3: the link's own, and who has stopped does not take IKE any more
	check_eq "$node-wan: and IKE, and nothing else, from first to last" "$(tcpdump -nr \
		"$RESULTS/$node-wan.pcap" "not (ip6 proto 50 or udp port 500 or icmp6 or arp or
		(ip6[6] = 0 and ip6[40] = 58))" 2>/dev/null)" ""
done
