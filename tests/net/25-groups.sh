#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# soak time limit: 300
#
# Who gets a multicast packet: the replication table, a peer that cannot be reached, and more
# peers than are served at once.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

PING_BYTES=138	# in a capture, at least
declare -A receivers

# recorded NAME N - so many pings at least are in a capture (for wait_for)
recorded()
{
	[ "$(wc -c <"$RESULTS/$1.pcap")" -ge $(($2 * PING_BYTES)) ]
}

# read_capture NAME N - waits for N pings; receivers[GROUP] becomes what copies.py says
read_capture()
{
	local group rest

	wait_for 20 recorded "$1" "$2"
	capture_stop "$1"
	receivers=()
	while read -r group rest; do
		receivers[$group]=$rest
	done < <("${0%/*}/copies.py" "$RESULTS/$1.pcap")
}

# say GROUP... - the hub pings each, nobody answers
say()
{
	# shellcheck disable=SC2016
	in_ns hub bash -c 'for group; do ping -qn -I dvpn0 -c 1 -W 0.1 "$group"; done' say "$@" \
		>/dev/null 2>&1
}

modprobe -a sch_ingress cls_matchall act_mirred || skip_all "no tc"
load_dvpn
star_multicast

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

# Reports of group members (hop-by-hop options behind GRE) come when they like.
mld="(ip[22:2] = 0x86dd and ip[30] = 0)"
no_peer=$(drops hub mcast_no_peer)
capture hub wan groups "ip proto 47 and src host 192.0.2.1 and not $mld"
say 239.1.1.1 239.1.1.2 239.1.1.3 224.0.0.5 ff0e::1 ff0e::2 ff02::5
read_capture groups 10
both="192.0.2.2=1 192.0.2.3=1"
check_eq "a group with entries goes to these peers alone" \
	"${receivers[239.1.1.1]:-} ${receivers[ff0e::1]:-}" "$both"
check_eq "one without to all that take multicast" \
	"${receivers[239.1.1.2]:-}/${receivers[ff0e::2]:-}" "$both/$both"
check_eq "as control groups do" "${receivers[224.0.0.5]:-}/${receivers[ff02::5]:-}" "$both/$both"
check_eq "an entry does not make a peer take multicast" "${receivers[239.1.1.3]:-}" ""
check_eq "that is counted" "$(($(drops hub mcast_no_peer) - no_peer))" 1

map hub group-add 239.1.1.1 192.0.2.3
in_ns hub tc qdisc add dev dvpn0 ingress
in_ns hub tc filter add dev dvpn0 ingress matchall action mirred egress redirect dev dvpn0
capture hub wan back "ip proto 47 and src host 192.0.2.1 and ip[40:4] = 0xef010101"
in_ns one ping -qn -c 1 -W 0.1 239.1.1.1 >/dev/null
read_capture back 1
in_ns hub tc qdisc del dev dvpn0 ingress
check_eq "a group's packet does not go back to where it came from" \
	"${receivers[239.1.1.1]:-}" 192.0.2.3=1

check "an entry is deleted" map hub group-del 239.1.1.1 192.0.2.3
unmap hub two
map hub del 10.0.0.9
check_eq "an entry goes with its peer" "$(map hub groups)" \
	"group group=239.1.1.1 peer=1 nbma=192.0.2.2 encap=gre"
map hub group-del 239.1.1.1 192.0.2.2

# --- a peer that cannot be reached -------------------------------------------------------

ip -n hub route add unreachable 203.0.113.0/24
map hub add 10.0.0.8 203.0.113.8 multicast
map_to hub two multicast
# lost N - so many packets had no way since then
lost()
{
	[ $(($(drops hub tx_no_route) - before)) = "$1" ]
}

before=$(drops hub tx_no_route)
capture hub wan reach "ip proto 47 and src host 192.0.2.1 and not $mld"
say 224.0.0.5 ff02::5 239.1.1.1
read_capture reach 6
check_eq "a peer that cannot be reached does not stop the others" \
	"${receivers[224.0.0.5]:-}/${receivers[ff02::5]:-}" "$both/$both"
check_within "each packet it did not get is counted" 5 lost 3
check_eq "a group that has lost its last entry goes to all" "${receivers[239.1.1.1]:-}" "$both"

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

# each_got GROUP COUNT - every peer got so many, once and in order; prints what is wrong
each_got()
{
	local peer peers=0 wrong=

	for peer in ${receivers[$1]:-}; do
		peers=$((peers + 1))
		[ "${peer#*=}" = "$2" ] || wrong="$wrong $peer"
	done
	echo "$peers:${wrong::200}"
}

before=$(drops hub tx_no_route)
capture hub wan many "-s 256 -B 16384 ip proto 47 and dst net 198.18.0.0/16 and not $mld"
in_ns hub ping -qn -I dvpn0 -c 3 -i 1 -W 0.1 224.0.0.5 >/dev/null
in_ns hub ping -qn -I dvpn0 -c 10 -i 0.1 -W 0.1 ff02::5 >/dev/null
# 138 bytes each for IPv4, 158 for IPv6.
read_capture many $((3 * n + 10 * n * 158 / PING_BYTES))
check_eq "$n peers get every packet once and in order, one packet a second" \
	"$(each_got 224.0.0.5 3)" "$n:"
check_eq "ten packets a second" "$(each_got ff02::5 10)" "$n:"
check_within "for the one that cannot be reached each is counted" 5 lost 13

# As fast as it goes: the queue has its limit, what does not fit is counted.
copies()
{
	in_ns hub dvpnctl --json --kernel show counters |
		sed -n 's/.*"mcast_copies": \([0-9]*\).*/\1/p'
}

# all_done - what is not counted as dropped got to everybody
all_done()
{
	[ "$(copies)" = $((before + (n + 1) * (1000 - $(drops hub mcast_queue)))) ]
}

before=$(copies)
in_ns hub python3 -IS -c '
import socket
# A single socket would wait for room in its buffer before the queue is full.
senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(10)]
for n in range(1000):
    senders[n % 10].sendto(b"x", ("224.0.0.6", 9))'
check_within "what is not counted as dropped gets to everybody" 30 all_done
check "the queue is bounded" test "$(drops hub mcast_queue)" -gt 0
diag "$(drops hub mcast_queue) of 1000 packets did not fit"
