#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# The rules of the box keep their meaning: nftables sees, drops, marks and translates the outer
# packets, conntrack knows them as a connection, and nothing of it has to be there.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
. "${0%/*}/firewall.sh"

CONNTRACK="nf_conntrack_pptp nft_ct nft_masq nft_nat nft_chain_nat nf_nat nft_connlimit
	act_connmark nf_conntrack_netlink nf_conntrack nf_defrag_ipv4"

no_conntrack()
{
	# shellcheck disable=SC2086
	modprobe -qra $CONNTRACK
	[ ! -d /sys/module/nf_conntrack ]
}

# pinged NODE ADDRESS [N] - so many pings, one by one
pinged()
{
	ping_all "$@"
}

star_add hub one two
# The modules of a test before this one may be in use until its namespaces are really gone.
check "without conntrack" wait_for 10 no_conntrack
load_dvpn
for node in hub one two; do
	tunnel_add $node
done
for node in one two; do
	map_to hub $node
	map_to $node hub
done
check "traffic" pinged one 10.0.0.1
check "dvpn did not load it" [ ! -d /sys/module/nf_conntrack ]

# --- what the chains see -----------------------------------------------------------------

rules hub <<-END
	table ip t {
		counter prerouting { }
		counter input { }
		counter output { }
		counter postrouting { }
		counter inner_in { }
		counter inner_out { }
		chain prerouting {
			type filter hook prerouting priority raw;
			iifname wan ip protocol gre ip saddr 192.0.2.2 counter name prerouting
		}
		chain input {
			type filter hook input priority filter;
			iifname wan ip protocol gre ip saddr 192.0.2.2 counter name input
			iifname dvpn0 ip protocol icmp counter name inner_in
		}
		chain output {
			type filter hook output priority filter;
			oifname wan ip protocol gre ip daddr 192.0.2.2 counter name output
			oifname dvpn0 ip protocol icmp counter name inner_out
		}
		chain postrouting {
			type filter hook postrouting priority filter;
			oifname wan ip protocol gre ip daddr 192.0.2.2 counter name postrouting
		}
	}
END
check "traffic with rules" pinged one 10.0.0.1 5
for counter in prerouting input inner_in inner_out output postrouting; do
	check_eq "each packet passes once: $counter" "$(hits hub $counter)" 5
done

rules hub <<-END
	table ip t {
		chain input {
			type filter hook input priority filter;
			ip protocol gre ip saddr 192.0.2.2 drop
		}
	}
END
before=$(counter hub dvpn0 rx_packets)
check_fails "what INPUT drops does not enter" "100% packet loss" lost one 10.0.0.1
check_eq "the device has not seen it" "$(counter hub dvpn0 rx_packets)" "$before"
check "others do" pinged two 10.0.0.1

rules hub <<-END
	table ip t {
		chain output {
			type filter hook output priority filter;
			ip protocol gre ip daddr 192.0.2.2 drop
		}
	}
END
before=$(counter hub dvpn0 tx_dropped)
check_fails "what OUTPUT drops does not leave" "100% packet loss" lost one 10.0.0.1
check "the device counts it" [ "$(counter hub dvpn0 tx_dropped)" -gt "$before" ]

# --- marks -------------------------------------------------------------------------------

rules hub <<-END
	table ip t {
		counter marked { }
		chain postrouting {
			type filter hook postrouting priority filter;
			ip protocol gre meta mark 5 counter name marked
		}
	}
END
map hub flush >/dev/null
map_to hub one
map_to hub two mark 5
for words in "qdisc add dev wan root handle 1: prio" \
	"filter add dev wan parent 1: protocol ip handle 5 fw flowid 1:3"; do
	# shellcheck disable=SC2086
	in_ns hub tc $words || bail_out "tc $words"
done
check "traffic to a peer without mark" pinged hub 10.0.0.2 4
check_eq "its packets have none" "$(hits hub marked)" 0
check "traffic to one with" pinged hub 10.0.0.3 4
check_eq "its packets have it" "$(hits hub marked)" 4
check_eq "the queueing discipline sorts by it" "$(in_ns hub tc -s class show dev wan |
	sed -n '/^class prio 1:3/,/Sent/s/.*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p')" 4
in_ns hub tc qdisc del dev wan root

# Two peers with one address, each behind an uplink of its own: four bits of the mark say which.
OUTSIDE[twin]=192.0.2.2 INSIDE[twin]=10.0.0.4 INSIDE6[twin]=fd00::4
ns_add twin
ns_link hub wan2 192.0.2.1/32 twin wan 192.0.2.2/24
ip -n hub rule add fwmark 0x20/0xf0 table 2
ip -n hub route add 192.0.2.0/24 dev wan2 src 192.0.2.1 table 2
tunnel_add twin
map_to twin hub
map hub flush >/dev/null
map_to hub one mark 0x10
map_to hub twin mark 0x20

# marked MARK - what comes by the second uplink gets this mark
marked()
{
	rules hub <<-END
		table ip t {
			chain prerouting {
				type filter hook prerouting priority raw;
				iifname wan ip protocol gre meta mark set 0x11
				iifname wan2 ip protocol gre meta mark set $1
			}
		}
	END
}

# heard MARK - packets that came from the peer with that mark
heard()
{
	map hub peer-get 192.0.2.2 mark "$1" | field rx
}

for mark in 0x10 0x20; do
	map hub peer-set 192.0.2.2 mark $mark mark-mask 0xf0
done
marked 0x21
check "two peers with one address" ping_all one 10.0.0.1 4
check_eq "received packets are told apart by the mark" "$(heard 0x10) $(heard 0x20)" "4 0"
check "the other one" ping_all twin 10.0.0.1 5
check_eq "is told apart, too" "$(heard 0x10) $(heard 0x20)" "4 5"
marked 0x31
before=$(drops hub rx_unknown_peer)
check_fails "who has the mark of neither" "100% packet loss" lost twin 10.0.0.1
check_eq "is unknown" "$(($(drops hub rx_unknown_peer) - before))" 2
map hub peer-set 192.0.2.2 mark 0x20 mark-mask 0
check "unless a peer is content with any" ping_all twin 10.0.0.1
check_eq "and is that peer" "$(heard 0x10) $(heard 0x20)" "4 8"
ns_del twin
ip -n hub rule del table 2
rules hub </dev/null
map hub flush >/dev/null
map_to hub one
map_to hub two

# --- conntrack ---------------------------------------------------------------------------

rules hub <<-END
	table ip t {
		counter fresh { }
		counter established { }
		chain input {
			type filter hook input priority filter;
			iifname dvpn0 udp dport 9 drop
			iifname wan ip protocol gre ip saddr 192.0.2.2 ct state new counter name fresh
			iifname wan ip protocol gre ip saddr 192.0.2.2 ct state established \
				counter name established
			iifname wan ip protocol gre ip saddr 192.0.2.3 ct state != established drop
		}
	}
END
# shellcheck disable=SC2016
in_ns one bash -c 'for n in 1 2 3 4 5; do echo >/dev/udp/10.0.0.1/9; done'
check_within "packets that nobody answers are new" 5 eval '[ "$(hits hub fresh)" = 5 ]'
check_eq "and one connection" "$(connections hub 192.0.2.2 192.0.2.1)" 1
check_eq "that is known to be unanswered" \
	"$(unanswered_connections hub 192.0.2.2 192.0.2.1)" 1
check "answered ones" pinged one 10.0.0.1 4
check_eq "belong to it" "$(connections hub 192.0.2.2 192.0.2.1)" 1
check_within "and are established" 5 eval '[ "$(hits hub established)" -ge 3 ]'
check_fails "whom only answers are taken from cannot begin" "100% packet loss" lost two 10.0.0.1
check "but answer" pinged hub 10.0.0.3
check "and from then on talk" pinged two 10.0.0.1

rules hub <<-END
	table ip t {
		counter untracked { }
		chain prerouting {
			type filter hook prerouting priority raw;
			ip protocol gre notrack
		}
		chain output {
			type filter hook output priority raw;
			ip protocol gre notrack
		}
		chain input {
			type filter hook input priority filter;
			ip protocol gre ct state untracked counter name untracked
			ip protocol gre drop
		}
	}
END
check_fails "untracked packets meet the rules, too" "100% packet loss" lost one 10.0.0.1
check_eq "as what they are" "$(hits hub untracked)" 2
in_ns hub nft flush chain ip t input
check "and need no connection" pinged one 10.0.0.1

# --- NAT ---------------------------------------------------------------------------------

rules hub </dev/null
ip -n one address add 192.0.2.22/24 dev wan
rules one <<-END
	table ip t {
		chain postrouting {
			type nat hook postrouting priority srcnat;
			ip protocol gre snat to 192.0.2.22
		}
	}
END
map hub flush >/dev/null
map hub add 10.0.0.2 192.0.2.22
check "source NAT on the box itself" pinged one 10.0.0.1
check "the peer is where it was translated to" \
	eval 'map hub peer-get 192.0.2.22 | grep -q " rx=[1-9]"'
rules one </dev/null
map hub flush >/dev/null
map_to hub one

# Addresses that no connection is known of yet.
ip -n hub address add 192.0.2.111/24 dev wan
ip -n hub address add 192.0.2.112/24 dev wan
ip -n hub link set dvpn0 type dvpn local 192.0.2.112
rules hub <<-END
	table ip t {
		chain prerouting {
			type nat hook prerouting priority dstnat;
			ip protocol gre ip daddr 192.0.2.111 dnat to 192.0.2.112
		}
	}
END
map one flush >/dev/null
map one add 10.0.0.1 192.0.2.111
check "destination NAT on the box itself" pinged one 10.0.0.1

ns_add home nat
ns_forward nat
underlay_join net nat wan 192.0.2.50/24
ns_link home wan 10.77.0.2/24 nat lan 10.77.0.1/24
ip -n home route add default via 10.77.0.1
rules nat <<-END
	table ip t {
		chain postrouting {
			type nat hook postrouting priority srcnat;
			oifname wan masquerade
		}
	}
END
ip -n home link add dvpn0 type dvpn
ip -n home address add 10.0.0.7/24 dev dvpn0
ip -n home link set dvpn0 up
map home add 10.0.0.1 192.0.2.112
map hub add 10.0.0.7 192.0.2.50
check "a spoke behind a router with NAT" pinged home 10.0.0.1
check "the way back" pinged hub 10.0.0.7

# --- conntrack goes ----------------------------------------------------------------------

for node in hub nat; do
	rules $node </dev/null
done
ip -n hub link set dvpn0 type dvpn local 0.0.0.0
map one flush >/dev/null
map_to one hub
check "conntrack goes with dvpn loaded" wait_for 10 no_conntrack
check "traffic without it" pinged one 10.0.0.1

# --- a program is asked ------------------------------------------------------------------

ip netns exec hub "${0%/*}/nfqueue.py" 7 "$SCRATCH/passed" &
inspector=$!
wait_for 10 test -s "$SCRATCH/passed"
rules hub <<-END
	table ip t {
		chain input {
			type filter hook input priority 0;
			ip protocol gre queue num 7
		}
	}
END
check "what a program has let pass comes in" ping_all one 10.0.0.1 30
rules hub </dev/null
check_within "it was asked" 5 eval '[ "$(<"$SCRATCH/passed")" -ge 20 ]'
kill $inspector
wait $inspector 2>/dev/null
check "unload" unload_dvpn
