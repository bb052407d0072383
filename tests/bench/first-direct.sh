#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# first-direct.sh - how soon two spokes talk directly; runs in a guest
#
#	first-direct.sh [ROUNDS [ipsec]]
#
# The network of the demo, made anew in each round: with dvpn, and with ip_gre and FRR's nhrpd,
# which is told of every new pair of addresses by NFLOG at once. A host behind one spoke pings one
# behind the other every 10 ms from the first packet on, the networks take turns. The lines are
#	NAME ROUND there=MS back=MS lost=N rtt_us=US
# there= and back= are when the first request and the first answer came that no hub had passed
# on, in milliseconds since the first request was sent, - if none did; rtt_us= is how long an
# answer takes by the direct path.
#
# With "ipsec" both are protected by strongSwan with the guide's swanctl.conf, whose associations
# with the hub are up before: what is sent to another address makes the kernel ask for one. nhrpd
# is told nothing of it, as its own integration needs another strongSwan than Debian's. Pings go on
# for 40 s: nhrpd is told of a pair of addresses every 15 s, and asks anew.
# shellcheck source=tests/net/lib.sh
. "${0%/*}/../net/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/../net/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/../net/frr.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/../net/swan.sh"

tap_planned=none
# What the daemons log goes no further than the guest's memory: nhrpd's does not either.
RESULTS=$SCRATCH
packets=300
ipsec=${2-}
NODES="hub spoke1 spoke2"
[ -z "$ipsec" ] || packets=4000

# dvpn_protect - the devices send nothing in clear, and their agents have strongSwan's profile; the
# holding time is nhrpd's
dvpn_protect()
{
	local node

	for node in $NODES; do
		ip -n "$node" link set dvpn0 type dvpn ipsec require
	done
	profile hub hub 600
	profile spoke spoke1 600
	profile spoke spoke2 600
}

dvpn_up()
{
	local node

	network_tunnels && hub_routes
	agent_configs
	cp "$SCRATCH/hub.conf" "$SCRATCH/agent.hub"
	for node in spoke1 spoke2; do
		cp "$SCRATCH/spoke.conf" "$SCRATCH/agent.$node"
		ip -n $node route add 192.168.0.0/16 via 192.168.111.1
	done
	[ -z "$ipsec" ] || dvpn_protect
	for node in $NODES; do
		start_dvpnd "$node" "$SCRATCH/agent.$node"
	done
	wait_for 60 registered spoke1 spoke2
}

dvpn_down()
{
	local node

	for node in $NODES; do
		stop_dvpnd "$node" KILL 2>/dev/null
		rm -rf "/run/node/$node"
	done
}

nhrpd_up()
{
	mgre hub 1
	mgre spoke1 2
	mgre spoke2 3
	nhrpd_routes hub "ip route 192.168.30.0/24 192.168.111.2 gre1" \
		"ip route 192.168.40.0/24 192.168.111.3 gre1"
	nhrpd_routes spoke1 "ip route 192.168.0.0/16 192.168.111.1 gre1"
	nhrpd_routes spoke2 "ip route 192.168.0.0/16 192.168.111.1 gre1"
	nhrpd_nflog
	nhrpd_start hub 600 "ip nhrp redirect"
	nhrpd_start spoke1 600 "ip nhrp nhs dynamic nbma 192.168.50.1" "ip nhrp shortcut"
	nhrpd_start spoke2 600 "ip nhrp nhs dynamic nbma 192.168.50.1" "ip nhrp shortcut"
	wait_for 60 nhrpd_registered spoke1 && wait_for 60 nhrpd_registered spoke2
}

nhrpd_down()
{
	local node daemon

	for node in $NODES; do
		for daemon in nhrpd staticd zebra; do
			frr_stop "$node" $daemon
		done
		rm -rf "/run/frr/$node"
	done
}

# icmp_packets NUMBER CAPTURE - "NUMBER time ttl request|reply" of each
icmp_packets()
{
	tcpdump -ttnnvr "$RESULTS/$2.pcap" 2>/dev/null | awk -v n="$1" '
		match($0, /ttl [0-9]+/) {
			at = $1
			ttl = substr($0, RSTART + 4, RLENGTH - 4)
		}
		match($0, /echo (request|reply)/) {
			print n, at, ttl, substr($0, RSTART + 5, RLENGTH - 5)
		}'
}

# times RTT-US - of the captures of both hosts: the figures of a round. What a hub has passed on
# has one hop more behind it, TTL 61.
times()
{
	{
		icmp_packets 1 lan1
		icmp_packets 2 lan2
	} | awk -v lost="$lost" -v rtt_us="$1" '
		$1 == 1 && $4 == "request" && !start { start = $2 }
		$1 == 1 && $4 == "reply" && $3 == 62 && !back { back = $2 }
		$1 == 2 && $4 == "request" && $3 == 62 && !there { there = $2 }
		function ms(at) { return at ? sprintf("%.1f", (at - start) * 1000) : "-" }
		END {
			printf "there=%s back=%s lost=%d rtt_us=%d\n",
				ms(there), ms(back), lost, rtt_us
		}'
}

# median_rtt FILE - of the direct answers of a ping, in microseconds
median_rtt()
{
	sed -n 's/.*ttl=62 .*time=\([0-9.]*\) ms/\1/p' "$1" | sort -n |
		awk '{ rtt[NR] = $1 } END { printf "%d", NR ? rtt[int((NR + 1) / 2)] * 1000 : 0 }'
}

# swan_down - all charons, and what they leave
swan_down()
{
	local node

	for node in $NODES; do
		swan_stop "$node" KILL 2>/dev/null
		rm -rf "/run/swan/$node"
	done
}

# round NAME NUMBER - one line
round()
{
	network_links
	# shellcheck disable=SC2086
	[ -z "$ipsec" ] || swan_up $NODES
	"$1_up" || bail_out "$1: the spokes do not register"
	wait_for 20 pings spoke1 192.168.111.1
	wait_for 20 pings spoke2 192.168.111.1
	capture lan1 eth0 lan1 icmp
	capture lan2 eth0 lan2 icmp
	in_ns lan1 ping -D -n -i 0.01 -c $packets -W 2 192.168.40.10 >"$SCRATCH/pings"
	capture_stop lan1
	capture_stop lan2
	lost=$(unanswered "$SCRATCH/pings")
	echo "$1 $2 $(times "$(median_rtt "$SCRATCH/pings")")"
	"$1_down"
	[ -z "$ipsec" ] || swan_down
	for ns in hub spoke1 spoke2 lan0 lan1 lan2 underlay; do
		ns_del $ns
	done
}

load_dvpn
modprobe -a ip_gre nfnetlink_log nft_log
[ -z "$ipsec" ] || swan_warm
for ((n = 1; n <= ${1:-10}; n++)); do
	round dvpn $n
	round nhrpd $n
done
exit 0
