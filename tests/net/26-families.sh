#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# IPv6 outside: beside IPv4 on one device, what is on the wire, and who else uses IPv6.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

declare -A OUTSIDE4=([hub]=192.0.2.1 [one]=192.0.2.2 [two]=192.0.2.3)
declare -A OUTSIDE6=([hub]=2001:db8::1 [one]=2001:db8::2 [two]=2001:db8::3)

# by6 NODE..., by4 NODE... - map_to means their addresses of that family from now on
by6()
{
	for node; do
		OUTSIDE[$node]=${OUTSIDE6[$node]}
	done
}

by4()
{
	for node; do
		OUTSIDE[$node]=${OUTSIDE4[$node]}
	done
}

# first NAME FIELD... - tshark's fields of the first GRE packet in a capture, outermost first
first()
{
	local fields=()

	for field in "${@:2}"; do
		fields+=(-e "$field")
	done
	decode "$1" -Y gre -c 1 -T fields -E occurrence=f "${fields[@]}" | tr '\t' ' '
}

# gre6 WORD... - from the spoke to the hub
gre6()
{
	in_ns one python3 -BSEs "$TOP/tests/net/gre6.py" "$1" 2001:db8::2 2001:db8::1 "${@:2}"
}

# pmtu - what the hub believes to fit on its way to the spoke
pmtu()
{
	map hub peer-get 2001:db8::2 | sed -n 's/.* pmtu=\([0-9]*\).*/\1/p'
}

# pmtu_is MTU - (for wait_for)
pmtu_is()
{
	[ "$(pmtu)" = "$1" ]
}

# taken_behind HEADER... - how many packets dvpn0 of the hub receives when one is sent to it in
# GRE behind these extension headers
taken_behind()
{
	local before after

	before=$(in_ns hub cat /sys/class/net/dvpn0/statistics/rx_packets)
	gre6 echo 10.0.0.2 10.0.0.1 "$@" >/dev/null
	pings one 10.0.0.1 >/dev/null
	after=$(in_ns hub cat /sys/class/net/dvpn0/statistics/rx_packets)
	echo $((after - before - 1))
}

# gre6_add NODE PEER - ip6_gre: with a key between the addresses of dvpn, without one between
# others
gre6_add()
{
	ip -n "$1" -batch - <<-END
		link add grekey type ip6gre local ${OUTSIDE6[$1]} remote ${OUTSIDE6[$2]} key 42
		address add 10.1.0.${INSIDE[$1]##*.}/24 dev grekey
		link set grekey up
		address add 2001:db8:9::${INSIDE[$1]##*.}/64 dev wan
		link add greplain type ip6gre local 2001:db8:9::${INSIDE[$1]##*.} \
			remote 2001:db8:9::${INSIDE[$2]##*.}
		address add 10.2.0.${INSIDE[$1]##*.}/24 dev greplain
		link set greplain up
	END
}

load_dvpn
star_add hub one two
for node in hub one two; do
	ip -n $node address add "${OUTSIDE6[$node]}/64" dev wan
	tunnel_add $node
done
ns_forward hub

# --- who may be a peer -------------------------------------------------------------------

for refused in ":: unspecified" "ff02::1 multicast" "::1 loopback" "::ffff:192.0.2.2 mapped" \
	"2001:db8::1 .address of this host" "fe80::1 link-local"; do
	check_fails "no peer: ${refused%% *}" "${refused#* }" \
		map hub add 10.0.0.2 "${refused%% *}"
done
ip -n hub link set dvpn0 type dvpn local 192.0.2.1
check_fails "a device with an IPv4 local address has no IPv6 peer" "IPv4 local address only" \
	map hub add 10.0.0.2 2001:db8::2
ip -n hub link set dvpn0 type dvpn local 2001:db8::1
check "with a local address of each it has" map_to hub two
by6 hub one
check "both" map_to hub one
map_to one hub
by4 hub
map_to two hub

# --- all four combinations on one device -------------------------------------------------

capture one wan plain "ip6 proto 47"
check "IPv4 in IPv6" ping_all one 10.0.0.1
in_ns one ping -qn -c 1 -s 32 10.0.0.1 >/dev/null
check "IPv6 in IPv6" ping_all one fd00::1
capture_stop plain
check "IPv4 in IPv4, the same device" ping_all two 10.0.0.1
check "IPv6 in IPv4, the same device" ping_all two fd00::1
check_eq "outside: hop limit 64, no traffic class, no GRE flag" \
	"$(first plain ipv6.hlim ipv6.tclass gre.flags_and_version)" "64 0x00000000 0x0000"
check_eq "a packet of 60 bytes makes 64 behind the IPv6 header" \
	"$(decode plain -Y "ip.len == 60" -T fields -E occurrence=f -e ipv6.plen | sort -u)" 64
check_eq "with a flow label" \
	"$(decode plain -Y "ip.len == 60 && ipv6.flow != 0" | grep -c .)" 2
unmap one hub
by6 hub
map_to one hub nhs 10
by4 hub
unmap two hub
map_to two hub nhs 10
check "from an IPv6 spoke by the hub to an IPv4 spoke" ping_all one 10.0.0.3

head -c 1000000 /dev/urandom >"$SCRATCH/sent"
check "TCP in IPv4 in IPv6" tcp_same one hub 10.0.0.1
check "TCP in IPv6 in IPv6" tcp_same one hub fd00::1
check "TCP from IPv6 to IPv4 by the hub" tcp_same one two 10.0.0.3

# --- TTL, TOS, ECN, key, checksum --------------------------------------------------------

for node in hub one; do
	ip -n $node link set dvpn0 type dvpn key 7 csum on ttl inherit tos inherit
done
in_ns one ethtool -K wan tx off >/dev/null
capture one wan inherit "ip6 proto 47 and src 2001:db8::2"
in_ns one ping -qn -c 1 -t 9 -Q 0xba 10.0.0.1 >/dev/null
check "with key and checksum" ping_all one fd00::1
capture_stop inherit
check_eq "hop limit, DSCP, ECN and key" \
	"$(first inherit ipv6.hlim ipv6.tclass gre.key gre.checksum.status)" \
	"9 0x000000ba 0x00000007 1"
check "TCP with checksums" tcp_same one hub fd00::1
check_eq "none was wrong" "$(drops hub rx_csum)" 0
for node in hub one; do
	ip -n $node link set dvpn0 type dvpn nokey csum off ttl 64 tos 0
done

in_ns hub nft -f - <<-END
	table ip6 congested {
		chain in {
			type filter hook prerouting priority mangle
			meta l4proto 47 ip6 ecn set ce
		}
	}
END
capture hub dvpn0 ce "icmp and dst 10.0.0.1"
check "a packet that can be marked" ping_all one 10.0.0.1 1 -Q 2
capture_stop ce
check_eq "congestion outside is told inside" "$(decode ce -T fields -e ip.dsfield.ecn)" 3
check_fails "one that cannot is dropped" "100% packet loss" in_ns one ping -qn -c 1 -W 1 10.0.0.1
check_within "that is counted" 5 dropped hub rx_ecn
in_ns hub nft delete table ip6 congested

# --- extension headers and fragments -----------------------------------------------------

for good in "" dest routing "dest routing" fragment; do
	# shellcheck disable=SC2086
	check_eq "GRE behind: ${good:-nothing}" "$(taken_behind $good)" 1
done
for bad in discard waypoint first; do
	check_eq "not ours behind: $bad" "$(taken_behind $bad)" 0
done

ip -n one link set wan mtu 1280
ip -n hub link set wan mtu 1280
ip -n one link set dvpn0 type dvpn df unset
capture one wan unset "ip6 proto 44 and src 2001:db8::2"
check "a device that fragments: a packet that may not be fragmented passes" \
	ping_all one 10.0.0.1 1 -M "do" -s 1300
capture_stop unset
check_eq "outside in two" "$(decode unset | grep -c .)" 2
ip -n one link set dvpn0 type dvpn df set
check "an IPv6 packet of 1280 bytes passes where 1280 bytes pass" \
	ping_all one fd00::1 2 -s 1232
check "an IPv4 packet that may be fragmented" ping_all one 10.0.0.1 2 -s 1300 -M dont
check_fails "one that may not is refused" "mtu ?= ?1236" \
	in_ns one ping -n -c 2 -W 1 -M "do" -s 1300 10.0.0.1
check "TCP" tcp_same one hub 10.0.0.1
ip -n one link set wan mtu 1500
ip -n hub link set wan mtu 1500

# --- errors ------------------------------------------------------------------------------

check_eq "the path MTU is that of the device" "$(pmtu)" 1400
gre6 too-big 2001:db8::9 2001:db8::2 1300 >/dev/null
gre6 too-big 2001:db8::1 2001:db8::9 1300 >/dev/null
check_eq "an error about a packet from elsewhere, or to no peer" "$(pmtu)" 1400
gre6 too-big 2001:db8::1 2001:db8::2 1200 >/dev/null
check_eq "with an MTU that IPv6 does not have" "$(pmtu)" 1400
gre6 too-big 2001:db8::1 2001:db8::2 1300 1299 >/dev/null
check_eq "about a packet that would have passed" "$(pmtu)" 1400
for cut in 0 39 40 43; do
	gre6 too-big 2001:db8::1 2001:db8::2 1300 1440 $cut >/dev/null
done
check_eq "cut off before the end of the GRE header" "$(pmtu)" 1400
gre6 too-big 2001:db8::1 2001:db8::2 1300 >/dev/null
check_within "one about a packet of ours is believed" 5 pmtu_is 1256
ip -n hub -6 route flush cache

# --- ip6_gre beside it -------------------------------------------------------------------

check "ip6_gre loads" modprobe ip6_gre
gre6_add hub one
gre6_add one hub
check "ip6_gre with a key" ping_all one 10.1.0.1
check "ip6_gre without, point to point" ping_all one 10.2.0.1
check "dvpn beside it" ping_all one 10.0.0.1
for node in hub one; do
	ip -n $node link del grekey
	ip -n $node link del greplain
done
check "ip6_gre goes" modprobe -r ip6_gre
check "dvpn goes on" ping_all one fd00::1

# --- an address that goes, a VRF ---------------------------------------------------------

ip -n hub address del 2001:db8::1/64 dev wan
check_fails "without its local address nothing passes" "100% packet loss" \
	in_ns hub ping -qn -c 1 -W 1 10.0.0.2
ip -n hub address add 2001:db8::1/64 dev wan
check "with it again, it does" wait_for 5 pings hub 10.0.0.2

ip -n hub -batch - <<-END
	link add red type vrf table 100
	link set red up
	link set wan master red
	link set dvpn0 type dvpn dev red
	address replace 2001:db8::1/64 dev wan
END
check "the underlay in a VRF" ping_all one 10.0.0.1
check "from the hub, too" ping_all hub fd00::2
check "unload with peers of both families" unload_dvpn
