#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# GRE in UDP: what strangers may send to the port, IPv6 outside, and an end under traffic.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
. "${0%/*}/udp.sh"

head -c 400000 /dev/urandom >"$SCRATCH/sent"
udp_pair

check "a second device with another key shares the port" \
	ip -n hub link add dvpn1 type dvpn port 4754 key 9
check "traffic" ping_all one 10.0.0.1

# --- hostile packets ---------------------------------------------------------------------

# unreclaimable - kilobytes of slabs
unreclaimable()
{
	sed -n 's/^SUnreclaim: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

memory=$(unreclaimable)
hostile 192.0.2.2 192.0.2.1 0 4754 1 3000
hostile 192.0.2.2 192.0.2.1 4754 4754 2 1000
check_within "memory is as before" 10 eval 'below $(($(unreclaimable) - memory)) 2000'
for reason in rx_malformed rx_proto rx_unknown_peer; do
	check_within "some were dropped: $reason" 5 dropped hub $reason
done
check_eq "no peer was made of them" "$(stat_of hub peers)" 1
check "traffic after that" ping_all one 10.0.0.1
before=$(drops hub rx_proto)
hostile gre 192.0.2.2 192.0.2.1 4754 4754 8847
check_within "a packet of MPLS is one that is not carried" 5 \
	eval '[ "$(drops hub rx_proto)" = $((before + 1)) ]'

# --- IPv6 outside ------------------------------------------------------------------------

case $(map hub dev) in
*features=*underlay6*)
	ip -n hub address add 2001:db8::1/64 dev wan nodad
	ip -n one address add 2001:db8::2/64 dev wan nodad
	map hub set 10.0.0.2 nbma 2001:db8::2 encap udp
	map one set 10.0.0.1 nbma 2001:db8::1 encap udp
	capture one wan six "udp and ip6 and src 2001:db8::2"
	in_ns one ethtool -K wan tx off >/dev/null
	check "IPv6 outside" ping_all one 10.0.0.1
	capture_stop six
	in_ns one ethtool -K wan tx on >/dev/null
	check_eq "ports and checksum" \
		"$(wire six ipv6.nxt udp.srcport udp.dstport udp.checksum.status)" "17 4754 4754 1"
	check "TCP in IPv6" tcp_same one hub 10.0.0.1
	ip -n one link set dvpn0 type dvpn udp6csum off
	check_fails "without checksum it is not taken" "100% packet loss" \
		in_ns one ping -qn -c 1 -W 1 10.0.0.1
	check_within "but counted" 5 dropped hub rx_csum
	ip -n hub link set dvpn0 type dvpn udp6csum off
	check "unless the device says so" ping_all one 10.0.0.1
	map hub set 10.0.0.2 nbma 192.0.2.2 encap udp
	map one set 10.0.0.1 nbma 192.0.2.1 encap udp
	;;
*)
	skip "IPv6 outside" "the module has no IPv6 underlay"
	;;
esac

# --- the end of it -----------------------------------------------------------------------

ip netns exec one ping -qfn 10.0.0.1 >/dev/null 2>&1 &
traffic=$!
check "another port for the hub, under traffic" ip -n hub link set dvpn0 type dvpn port 4755
check "the former is still that of the second device" has_port hub 4754
ip -n hub link del dvpn1
check "and is free without it" has_no_port hub 4754
check "the device goes under traffic" ip -n hub link del dvpn0
check "and the port with it" has_no_port hub 4755
kill $traffic
wait $traffic 2>/dev/null
true
