#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
# kernel: 6.12
#
# GRE in UDP in ESP in UDP: two spokes behind one NAT, each with a port of its own, another one
# outside; then the hub behind a static NAT as well.
. "${0%/*}/lib.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

NODES="hub out left right"
declare -A PORT=([hub]=4754 [out]=4754 [left]=4754 [right]=4755)

# node NAME NUMBER [OPTION]... - the device, and a LAN behind it
node()
{
	ns_forward "$1"
	ip -n "$1" -batch - <<-END
		link add lan type dummy
		address add 10.$2.0.1/24 dev lan
		link set lan up
		link add dvpn0 type dvpn key 42 port ${PORT[$1]} ipsec require ${@:3}
		address add 192.168.111.$2/24 dev dvpn0
		link set dvpn0 up
	END
	[ "$1" = hub ] && return
	ip -n "$1" route add 10.0.0.0/8 via 192.168.111.1
	ip -n hub route add "10.$2.0.0/16" via "192.168.111.$2"
}

# swan_all - strongSwan of all nodes, anew
swan_all()
{
	local node

	for node in $NODES; do
		[ -z "${CHARON_PID[$node]-}" ] || swan_stop "$node"
	done
	for node in $NODES; do
		swan_config "$node" "$SCRATCH/swanctl.$node"
		swan_start "$node"
		swan_load "$node"
	done
}

# ttl_is TTL NODE ADDRESS - of an answer: 64 straight, 63 by the hub
ttl_is()
{
	in_ns "$2" ping -nc 1 -W 2 "$3" | grep -q " ttl=$1 "
}

# natted NODE NUMBER - it has so many associations with a NAT between
natted()
{
	[ "$(dvpnctl_in "$1" --json show sas | grep -c '"nat": true')" = "$2" ]
}

# why_not NODE - it says why it has no direct path to the one outside
why_not()
{
	dvpnctl_in "$1" show shortcuts | tee "$RESULTS/shortcuts.$1"
	dvpnctl_in "$1" --json show shortcuts | grep -q '"reason": "..*"'
}

# all_reach - the hub reaches the LANs of all spokes, and they reach its
all_reach()
{
	local node n=2

	for node in out left right; do
		check "$1: $node reaches the hub" ping_all "$node" 10.1.0.1
		check "$1: the hub reaches $node" ping_all hub 10.$((n++)).0.1
	done
}

swan_needed
load_dvpn
underlay_add underlay
underlay_add inside
ns_add hub out nat left right nathub
underlay_join underlay hub wan 192.168.50.1/24
underlay_join underlay out wan 192.168.50.2/24
underlay_join underlay nat wan 192.168.50.4/24
underlay_join inside nat lan 198.51.100.1/24
underlay_join inside left wan 198.51.100.5/24
underlay_join inside right wan 198.51.100.6/24
ip -n left route add default via 198.51.100.1
ip -n right route add default via 198.51.100.1
ns_forward nat nathub
in_ns nat nft -f - <<END
table ip nat {
	chain out {
		type nat hook postrouting priority srcnat
		oifname wan masquerade
	}
	chain in {
		type filter hook input priority filter
		iifname wan ct state new drop
	}
}
END
for node in hub out nat; do
	capture $node wan $node-wan
done
swan_warm
printf '%s\n' "tunnel dvpn0 {" "encap = udp" "role = nhs" "}" >"$SCRATCH/hub.conf"
printf '%s\n' "tunnel dvpn0 {" "encap = udp" "hub main { nbma = 192.168.50.1 }" "}" \
	>"$SCRATCH/spoke.conf"
n=1
for node in $NODES; do
	# What the guide has for UDP
	sed "s|local_ts.*|local_ts = dynamic[udp/${PORT[$node]}]|
		s|remote_ts.*|remote_ts = dynamic[udp]|" "$SWAN_CONFIG" >"$SCRATCH/swanctl.$node"
	if [ "$node" = hub ]; then
		node hub $n redirect on
		profile hub hub
	else
		node "$node" $n
		profile spoke "$node"
	fi
	n=$((n + 1))
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done
swan_all
check_within "all three are registered" 60 registered out left right
check_within "the hub has two associations with a NAT between" 10 natted hub 2
all_reach "behind NAT"

steady hub 10.3.0.1 hub-left 0.1
steady hub 10.4.0.1 hub-right 0.1
steady left 10.2.0.1 left-out 0.1
steady right 10.2.0.1 right-out 0.1
steady left 10.4.0.1 left-right 0.1
check_within "left and the one outside go direct" 60 ttl_is 64 left 10.2.0.1
check_within "in both directions" 60 ttl_is 64 out 10.3.0.1
pause 5
for name in hub-left hub-right left-out right-out left-right; do
	steady_end $name "$name: nothing is lost"
done
check "right and the one outside go by the hub" ttl_is 63 right 10.2.0.1
check "left and right, too" ttl_is 63 left 10.4.0.1
check "and right says why" why_not right

# --- the hub behind a static NAT, too ----------------------------------------------------

for node in hub out nat; do
	capture_stop $node-wan
	protected_only $node-wan
done
ip -n hub link delete wan
underlay_join underlay nathub wan 192.168.50.1/24
ns_link nathub in 203.0.113.254/24 hub wan 203.0.113.1/24
ip -n hub route add default via 203.0.113.254
ip -n out neigh flush all
ip -n nat neigh flush all
in_ns nathub nft -f - <<END
table ip nat {
	chain in {
		type nat hook prerouting priority dstnat
		iifname wan udp dport { 500, 4500 } dnat to 203.0.113.1
	}
	chain out {
		type nat hook postrouting priority srcnat
		oifname wan snat to 192.168.50.1
	}
}
END
capture nathub wan nathub-wan
swan_all
check_within "static NAT: the hub has three associations through it" 90 natted hub 3
check_within "static NAT: all three are registered" 90 registered out left right
all_reach "static NAT"
check_within "static NAT: left and the one outside go direct" 60 ttl_is 64 left 10.2.0.1
capture_stop nathub-wan
protected_only nathub-wan
