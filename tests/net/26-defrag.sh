#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# IPv6 that the machine forwards: its fragments go on as they come. Only while a device has IPv6
# peers they wait to be put together, in all of the namespace.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# pieces NAME NUMBER - of a packet whose third piece never comes the hub forwards so many
pieces()
{
	capture hub right "$1" ip6
	in_ns left python3 -BSEs "$TOP/tests/net/gre6.py" pieces 2001:db8:1::2 2001:db8:2::2 \
		$((++ident)) 600 200
	# What comes behind them has been seen.
	ping_all left 2001:db8:2::2 >/dev/null || bail_out "the hub does not forward"
	capture_stop "$1"
	check_eq "$1" "$(tcpdump -nr "$RESULTS/$1.pcap" 'ip6[6] = 44' 2>/dev/null | wc -l)" "$2"
}

ident=0
load_dvpn
star_add hub one
n=0
for side in left right; do
	n=$((n + 1))
	ns_add $side
	ip link add $side netns hub type veth peer name wan netns $side
	ns_address hub $side 2001:db8:$n::1/64
	ns_address $side wan 2001:db8:$n::2/64
	ip -n $side route add default via 2001:db8:$n::1
done
in_ns hub sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
ip -n hub address add 2001:db8::1/64 dev wan
check "the hub forwards" ping_all left 2001:db8:2::2

tunnel_add hub
map_to hub one
pieces "with IPv4 peers only they go on" 2
map hub add 10.0.0.9 2001:db8::9
pieces "with an IPv6 peer they wait" 0
map hub add 10.0.0.10 2001:db8::a
map hub del 10.0.0.9
pieces "with one of two left, too" 0
map hub flush >/dev/null
pieces "with none left they go on" 2
map hub add 10.0.0.9 2001:db8::9
pieces "with another one they wait" 0
ip -n hub link delete dvpn0
pieces "without the device they go on" 2
