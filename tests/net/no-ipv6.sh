#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
#
# A kernel that was started with ipv6.disable=1: `make check-flavours` runs this one. The module
# loads, and serves IPv4 as ever.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# up NODE - without IPv6 addresses
up()
{
	ip -n "$1" address add "${INSIDE[$1]}/24" dev dvpn0 && ip -n "$1" link set dvpn0 up
}

[ ! -d /proc/sys/net/ipv6 ] || skip_all "this kernel has IPv6"
load_dvpn
star_add hub one two
ns_forward hub
for node in hub one two; do
	ip -n $node link add dvpn0 type dvpn
	check "a device: $node" up $node
done
map hub add 10.0.0.2 192.0.2.2 multicast
map hub add 10.0.0.3 192.0.2.3 multicast
map one add 10.0.0.1 192.0.2.1 nhs 1 multicast
map two add 10.0.0.1 192.0.2.1 nhs 1
check "traffic" ping_all one 10.0.0.1
check "by the hub" ping_all one 10.0.0.3
capture two dvpn0 multicast "ip multicast"
in_ns hub ping -qn -c 1 -W 1 -I dvpn0 224.0.0.5 >/dev/null
check_within "multicast" 5 \
	eval 'tcpdump -nr "$RESULTS/multicast.pcap" 2>/dev/null | grep -q 224.0.0.5'
capture_stop multicast
in_ns one python3 -BSEs "$TOP/tests/net/gre-pieces.py" 192.0.2.2 192.0.2.1 10.0.0.2 10.0.0.1 \
	shuffled
check "an IPv6 packet inside" in_ns one python3 -BSEs "$TOP/tests/net/hostile-gre.py" \
	storm 192.0.2.2 192.0.2.1 1 200
check_fails "an IPv6 address outside is refused" "." \
	ip -n one link add dvpn6 type dvpn local 2001:db8::2 key 6
check_fails "an IPv6 peer, too" "." map one add 10.0.0.9 2001:db8::9
check "traffic as before" ping_all one 10.0.0.1
check "unload" unload_dvpn
