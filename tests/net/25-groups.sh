#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
# soak time limit: 300
#
# Who gets a multicast packet: the replication table, a peer that cannot be reached, and more
# peers than are served at once.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# sent NAME - the pings in a capture: outer destination, group, number
sent()
{
	"${0%/*}/copies.py" "$RESULTS/$1.pcap"
}

# complete NAME N - so many are there (for wait_for)
complete()
{
	[ "$(sent "$1" | wc -l)" -ge "$2" ]
}

# receivers NAME GROUP - who got pings to that group
receivers()
{
	sent "$1" | awk -v group="$2" '$2 == group { print $1 }' | sort | xargs
}

# say GROUP [OPTION]... - the hub pings a group, nobody answers
say()
{
	in_ns hub ping -qn -I dvpn0 -c 1 -W 0.1 "${@:2}" "$1" >/dev/null
}

modprobe -a sch_ingress cls_matchall act_mirred || skip_all "no tc"
load_dvpn
star_add hub one two
tunnel_add hub
tunnel_add one
tunnel_add two
map_to hub one multicast
map_to hub two multicast
map_to one hub multicast
ip -n hub route add 224.0.0.0/4 dev dvpn0
ip -n one route add 224.0.0.0/4 dev dvpn0

# --- the table ---------------------------------------------------------------------------

before=$(map hub dev)
check "a peer is put into an IPv4 group" map hub group-add 239.1.1.1 192.0.2.2
check "another into an IPv6 group" map hub group-add ff0e::1 192.0.2.3
check "and one that takes no multicast" eval 'map hub add 10.0.0.9 192.0.2.9 &&
	map hub group-add 239.1.1.3 192.0.2.9'
check_eq "the table is dumped" "$(map hub groups)" \
	"group group=239.1.1.1 peer=1 nbma=192.0.2.2 encap=gre
group group=ff0e::1 peer=2 nbma=192.0.2.3 encap=gre
group group=239.1.1.3 peer=3 nbma=192.0.2.9 encap=gre"
check "its generation has grown" test "$before" != "$(map hub dev)"
in_ns hub dvpnctl --json show groups >"$RESULTS/groups.json"
check "dvpnctl shows it" grep -q '"group": "ff0e::1"' "$RESULTS/groups.json"
check_fails "an entry is there once" 'EEXIST: .*already' map hub group-add 239.1.1.1 192.0.2.2
check_fails "no entry for a stranger" 'ENOENT: .*no such peer' \
	map hub group-add 239.1.1.1 192.0.2.77
check_fails "none for a control group" 'EINVAL: .*control group' \
	map hub group-add 224.0.0.5 192.0.2.2
check_fails "nor for one of IPv6" 'EINVAL: .*control group' map hub group-add ff02::5 192.0.2.2
check_fails "none for a host" 'EINVAL: .*no multicast' map hub group-add 10.0.0.2 192.0.2.2
check_fails "nothing is deleted that is not there" 'ENOENT: .*not in the group' \
	map hub group-del 239.1.1.1 192.0.2.3

capture hub wan groups "ip proto 47"
for group in 239.1.1.1 239.1.1.2 239.1.1.3 224.0.0.5 ff0e::1 ff0e::2 ff02::5; do
	say "$group"
done
wait_for 5 complete groups 10
capture_stop groups
check_eq "a group with entries goes to these peers alone" \
	"$(receivers groups 239.1.1.1)/$(receivers groups ff0e::1)" "192.0.2.2/192.0.2.3"
check_eq "one without to all that take multicast" \
	"$(receivers groups 239.1.1.2)/$(receivers groups ff0e::2)" \
	"192.0.2.2 192.0.2.3/192.0.2.2 192.0.2.3"
check_eq "as control groups do" \
	"$(receivers groups 224.0.0.5)/$(receivers groups ff02::5)" \
	"192.0.2.2 192.0.2.3/192.0.2.2 192.0.2.3"
check_eq "an entry does not make a peer take multicast" "$(receivers groups 239.1.1.3)" ""
check_eq "that is counted" "$(drops hub mcast_no_peer)" 1

map hub group-add 239.1.1.1 192.0.2.3
in_ns hub tc qdisc add dev dvpn0 ingress
in_ns hub tc filter add dev dvpn0 ingress matchall action mirred egress redirect dev dvpn0
capture hub wan back "ip proto 47 and src host 192.0.2.1"
in_ns one ping -qn -c 1 -W 0.1 239.1.1.1 >/dev/null
wait_for 5 complete back 1
capture_stop back
in_ns hub tc qdisc del dev dvpn0 ingress
check_eq "a group's packet does not go back to where it came from" \
	"$(receivers back 239.1.1.1)" 192.0.2.3

check "an entry is deleted" map hub group-del 239.1.1.1 192.0.2.3
unmap hub two
map hub del 10.0.0.9
check_eq "an entry goes with its peer" "$(map hub groups)" \
	"group group=239.1.1.1 peer=1 nbma=192.0.2.2 encap=gre"
map hub group-del 239.1.1.1 192.0.2.2
capture hub wan empty "ip proto 47"
map_to hub two multicast
say 239.1.1.1
wait_for 5 complete empty 2
capture_stop empty
check_eq "a group that lost its last entry goes to all" "$(receivers empty 239.1.1.1)" \
	"192.0.2.2 192.0.2.3"

# --- a peer that cannot be reached -------------------------------------------------------

ip -n hub route add unreachable 203.0.113.0/24
unmap hub two
map hub add 10.0.0.8 203.0.113.8 multicast
map_to hub two multicast
capture hub wan reach "ip proto 47"
say 224.0.0.5
say ff02::5
wait_for 5 complete reach 4
capture_stop reach
check_eq "a peer that cannot be reached does not stop the others" \
	"$(receivers reach 224.0.0.5)/$(receivers reach ff02::5)" \
	"192.0.2.2 192.0.2.3/192.0.2.2 192.0.2.3"
check_eq "each packet it did not get is counted" "$(drops hub tx_no_route)" 2

# --- many --------------------------------------------------------------------------------

n=200
[ -z "${DVPN_SOAK:-}" ] || n=1000
map hub flush >/dev/null
# All of a network is at home at "two".
ip -n two route add local 198.18.0.0/16 dev lo
ip -n hub route add 198.18.0.0/16 via 192.0.2.3
map hub bulk $((n / 2)) 10.0.1.0 198.18.0.1 multicast >/dev/null
map hub add 10.0.0.8 203.0.113.8 multicast
map hub bulk $((n / 2)) 10.0.5.0 198.18.128.1 multicast >/dev/null

# each_once NAME GROUP COUNT - every peer got 1 to COUNT, once and in this order; prints what is
# wrong
each_once()
{
	sent "$1" | awk -v group="$2" -v count="$3" -v n="$n" '
		$2 != group { next }
		{
			if ($3 != ++seen[$1]) { print $1 " got " $3 " for " seen[$1]; exit }
		}
		END {
			for (peer in seen) {
				peers++
				if (seen[peer] != count)
					print peer " got " seen[peer]
			}
			if (peers != n)
				print peers " peers got something"
		}' | head -n 3
}

# A packet a second, then ten.
before=$(drops hub tx_no_route)
capture hub wan slow "-B 16384 ip proto 47 and dst net 198.18.0.0/16"
in_ns hub ping -qn -I dvpn0 -c 3 -i 1 -W 0.1 224.0.0.5 >/dev/null
in_ns hub ping -qn -I dvpn0 -c 10 -i 0.1 -W 0.1 ff02::5 >/dev/null
wait_for 20 complete slow $((13 * n))
capture_stop slow
check_eq "$n peers get every packet once and in order, one packet a second" \
	"$(each_once slow 224.0.0.5 3)" ""
check_eq "ten packets a second" "$(each_once slow ff02::5 10)" ""
check_eq "the one that cannot be reached is counted" \
	"$(($(drops hub tx_no_route) - before))" 13

# As fast as it goes: the queue has its limit, what does not fit is counted.
copies()
{
	in_ns hub dvpnctl --json --kernel show counters |
		sed -n 's/.*"mcast_copies": \([0-9]*\).*/\1/p'
}

# all_done - what is not counted as dropped got to everybody
all_done()
{
	[ "$(copies)" = $((before + (n + 1) * (400 - $(drops hub mcast_queue)))) ]
}

before=$(copies)
in_ns hub ping -qfn -I dvpn0 -c 400 -l 400 -W 0.1 224.0.0.6 >/dev/null
check_within "what is not counted as dropped gets to everybody" 30 all_done
check "the queue is bounded" test "$(drops hub mcast_queue)" -gt 0
diag "$(drops hub mcast_queue) of 400 packets did not fit"
