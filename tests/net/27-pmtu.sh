#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# Path MTU: a router with a narrow link before one of two spokes, outside IPv4 and IPv6, in GRE
# and in UDP; and tunnels in tunnels.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
. "${0%/*}/udp.sh"
# shellcheck source=tests/net/narrow.sh
. "${0%/*}/narrow.sh"

# exceptions - routes of the inside that have a path MTU of their own on the hub
exceptions()
{
	ip -n hub route show cache | grep -c '^10[.]0[.]0[.]'
}

# told6 NODE ADDRESS MTU - one result: an IPv6 sender that may not fragment is told it
told6()
{
	check_fails "an IPv6 sender in $1 is told $3" "mtu ?= ?$3" \
		in_ns "$1" ping -n -c 2 -W $((5 * DVPN_TIME_SCALE)) -M "do" -s 1352 "$2"
}

load_dvpn
narrow_begin

outside 192.0.2.1 198.51.100.2 192.0.2.3
check "full packets to a spoke that takes them" \
	ping_all hub 10.0.0.3 2 -M "do" -s 1372
check_eq "make no route of their own" "$(exceptions)" 0

for node in one two; do
	map hub peer-set "${OUTSIDE[$node]}" mtu 1350 >/dev/null
done
told6 hub fd00::3 1350
told6 two fd00::2 1350
check "what fits exactly passes" ping_all hub fd00::3 1 -M "do" -s 1302
for node in one two; do
	map hub peer-set "${OUTSIDE[$node]}" mtu 0 >/dev/null
done

narrow 24 IPv4

map hub peer-set "${OUTSIDE[two]}" mtu 1100 >/dev/null
check_eq "a configured path MTU" "$(pmtu two)" 1100
check_fails "is told to senders" "mtu ?= ?1100" \
	in_ns hub ping -n -c 2 -W 1 -M "do" -s 1372 10.0.0.3
map hub peer-set "${OUTSIDE[two]}" mtu 0 mtu-advertised 1000 >/dev/null
check_eq "one that the spoke advertised" "$(pmtu two)" 1000
map hub peer-set "${OUTSIDE[two]}" mtu-advertised 0 >/dev/null
check_eq "none of them" "$(pmtu two)" 1400

outside 2001:db8::1 2001:db8:1::2 2001:db8::3
narrow 44 IPv6

for node in hub one two; do
	ip -n $node link set dvpn0 type dvpn port 4754
done
ENCAP=(encap udp)
stack_deaf hub
outside 192.0.2.1 198.51.100.2 192.0.2.3
learned 32 "UDP in IPv4"
outside 2001:db8::1 2001:db8:1::2 2001:db8::3
learned 52 "UDP in IPv6"

# --- loops -------------------------------------------------------------------------------

map two flush >/dev/null
map hub flush >/dev/null
OUTSIDE[hub]=192.0.2.1
OUTSIDE[two]=192.0.2.3
map_to two hub
map_to hub two
check "two tunnels deep so far: none" ping_all two 10.0.0.1
ip -n two route add 192.0.2.1/32 dev dvpn0
check_fails "the way to the hub leads into the tunnel itself" "100% packet loss" \
	in_ns two ping -qn -c 2 -i 0.2 -W 1 10.0.0.1
check "that is counted" dropped two tx_loop
ip -n two -batch - <<-END
	route del 192.0.2.1/32 dev dvpn0
	link add dvpn1 type dvpn key 1
	address add 10.8.0.3/24 dev dvpn1
	link set dvpn1 up
	route add 192.0.2.1/32 via 10.8.0.1 dev dvpn1
	route add 203.0.113.1/32 via 10.0.0.1 dev dvpn0
END
dvpnmap -n two dvpn1 add 10.8.0.1 203.0.113.1 >/dev/null
before=$(drops two tx_loop)
check_fails "or into a second one that leads into the first" "100% packet loss" \
	in_ns two ping -qn -c 2 -i 0.2 -W 1 10.0.0.1
check_eq "each packet is dropped once" "$(($(drops two tx_loop) - before))" 2
ip -n two route del 192.0.2.1/32
ip -n two link del dvpn1
check "without the loop all is well" wait_for 5 pings two 10.0.0.1

# --- tunnels in tunnels ------------------------------------------------------------------

for deep in 1 2 3 4; do
	for node in hub two; do
		[ $node = hub ] && peer=two || peer=hub
		ip -n $node -batch - <<-END
			link add dvpn$deep type dvpn key $deep
			address add 10.$deep.0.${INSIDE[$node]##*.}/24 dev dvpn$deep
			link set dvpn$deep up
		END
		dvpnmap -n $node dvpn$deep add "10.$deep.0.${INSIDE[$peer]##*.}" \
			"10.$((deep - 1)).0.${INSIDE[$peer]##*.}" >/dev/null
	done
done
check "four tunnels in each other" ping_all two 10.3.0.1
check_fails "five are too many" "100% packet loss" in_ns two ping -qn -c 1 -W 1 10.4.0.1
check "without harm" ping_all two 10.3.0.1
