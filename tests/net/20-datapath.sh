#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# Packets between two nodes: what is on the wire, what fits, and that they arrive unchanged.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# sizes NAME - outer and inner length of the packets of 60 bytes in a capture
sizes()
{
	decode "$1" -Y "ip.len == 60" -T fields -E occurrence=a -e ip.len | sort -u
}

# mark_outside ECN - what routers before the hub write into the outer packets
mark_outside()
{
	in_ns hub nft -f - <<-END
		table ip routers
		delete table ip routers
		table ip routers {
			chain in {
				type filter hook prerouting priority mangle
				meta l4proto gre ip ecn set $1
			}
		}
	END
}

head -c 1000000 /dev/urandom >"$SCRATCH/sent"
load_dvpn
star_add hub one

# --- two nodes, plain GRE ----------------------------------------------------------------

tunnel_add hub
tunnel_add one
map_to hub one
map_to one hub

capture one wan plain "ip proto 47"
check "IPv4 inside" ping_all one 10.0.0.1
in_ns one ping -qn -c 1 -s 32 10.0.0.1 >/dev/null
capture_stop plain
check "IPv6 inside" ping_all one fd00::1
check_eq "a packet of 60 bytes makes 84 on the wire" "$(sizes plain)" 84,60
check_eq "outside: DF, no id, TTL 64, no GRE flag" \
	"$(decode plain -c 1 -T fields -E occurrence=f -e ip.flags.df -e ip.id -e ip.ttl \
		-e gre.flags_and_version | tr '\t' ' ')" "1 0x0000 64 0x0000"
check "TCP arrives unchanged" tcp_same one hub 10.0.0.1

# --- with key ----------------------------------------------------------------------------

ip -n one link set dvpn0 type dvpn key 7
check_fails "a key on one side only does not fit" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.1
ip -n hub link set dvpn0 type dvpn key 7
capture one wan key "ip proto 47"
check "the same key on both sides" ping_all one 10.0.0.1
in_ns one ping -qn -c 1 -s 32 10.0.0.1 >/dev/null
capture_stop key
check_eq "with a key it makes 88" "$(sizes key)" 88,60
check_eq "the key is on the wire" "$(decode key -T fields -e gre.key | sort -u)" 0x00000007
check "TCP with key" tcp_same one hub 10.0.0.1
ip -n one link set dvpn0 type dvpn key 0
ip -n hub link set dvpn0 type dvpn nokey
check_fails "key 0 is not the same as no key" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.1
ip -n one link set dvpn0 type dvpn nokey

# --- checksum, TTL, TOS ------------------------------------------------------------------

# Else a packet that has not left the machine has no checksum of its own to look at.
in_ns one ethtool -K wan tx off >/dev/null
ip -n one link set dvpn0 type dvpn csum on ttl inherit tos inherit
capture one wan csum "ip proto 47 and src 192.0.2.2"
check "with GRE checksums" ping_all one 10.0.0.1
in_ns one ping -qn -c 1 -t 9 -Q 0xb8 10.0.0.1 >/dev/null
capture_stop csum
check_eq "tshark finds them correct" \
	"$(decode csum -T fields -e gre.checksum.status | sort -u)" 1
check_eq "TTL and DSCP of the inner packet are outside" \
	"$(decode csum -T fields -E occurrence=f -e ip.ttl -e ip.dsfield | tail -n 1 | tr '\t' ' ')" \
	"9 0xb8"
check "TCP with checksums" tcp_same one hub 10.0.0.1
check_eq "none was wrong" "$(drops hub rx_csum)" 0
ip -n one link set dvpn0 type dvpn csum off ttl 64 tos 0

# --- routes by TOS -----------------------------------------------------------------------

ns_link one wan2 - net one2 -
ip -n net link set one2 master br0 up
ip -n one -batch - <<-END
	link set dvpn0 type dvpn tos inherit
	rule add tos 0x10 table 100
	route add 192.0.2.1 dev wan2 src 192.0.2.2 table 100
END
capture one wan tos "ip proto 47 and src 192.0.2.2"
capture one wan2 tos2 "ip proto 47 and src 192.0.2.2"
for tos in 0x10 0 0x10 0 0x10; do
	check "a packet of TOS $tos, of which 0x10 has a route of its own" \
		ping_all one 10.0.0.1 1 -Q $tos
done
capture_stop tos
capture_stop tos2
check_eq "each goes by its route" \
	"$(decode tos -T fields -E occurrence=f -e ip.dsfield | tr '\n' ' '): $(
	decode tos2 -T fields -E occurrence=f -e ip.dsfield | tr '\n' ' ')" \
	"0x00 0x00 : 0x10 0x10 0x10 "
ip -n one rule del tos 0x10
ip -n one link del wan2
# It took that for where one is.
ip -n hub neigh flush dev wan
ip -n one link set dvpn0 type dvpn tos 0

# --- ECN (RFC 6040) ----------------------------------------------------------------------

ip -n one link set dvpn0 type dvpn tos 0x20
capture one wan ecn "ip proto 47 and src 192.0.2.2"
for ecn in 0 1 2 3; do
	check "ECN $ecn beside a DSCP of the device" ping_all one 10.0.0.1 1 -Q $ecn
done
check "of IPv6" ping_all one fd00::1 1 -Q 3
capture_stop ecn
check_eq "outside it is that of the inner packet" \
	"$(decode ecn -Y "icmp.type == 8 || icmpv6.type == 128" -T fields -E occurrence=f \
		-e ip.dsfield | tr '\n' ' ')" "0x20 0x21 0x22 0x23 0x23 "
ip -n one link set dvpn0 type dvpn tos 0

capture hub dvpn0 marked "icmp and dst 10.0.0.1"
mark_outside ce
check "marked on the way: ECT(0)" ping_all one 10.0.0.1 1 -Q 2
check "ECT(1)" ping_all one 10.0.0.1 1 -Q 1
check_fails "without ECN it is dropped" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.1
check_within "that is counted" 5 dropped hub rx_ecn
mark_outside ect1
check "marked as ECT(1): ECT(0)" ping_all one 10.0.0.1 1 -Q 2
check "without ECN" ping_all one 10.0.0.1 1
in_ns hub nft delete table ip routers
capture_stop marked
check_eq "inside it is what RFC 6040 says" \
	"$(decode marked -T fields -e ip.dsfield.ecn | tr '\n' ' ')" "3 3 1 0 "

# --- DF and id ---------------------------------------------------------------------------

ip -n one link set dvpn0 type dvpn df inherit
capture one wan df "ip proto 47 and src 192.0.2.2"
check "DF is inherited: of a packet that must not be fragmented" ping_all one 10.0.0.1 1 -M "do"
check "of one that may" ping_all one 10.0.0.1 3 -M dont
check "of IPv6" ping_all one fd00::1 1
ip -n one link set dvpn0 type dvpn df unset
check "and without DF at all" ping_all one 10.0.0.1 1 -M "do"
capture_stop df
decode df -Y "icmp.type == 8 || icmpv6.type == 128" -T fields -E occurrence=f -e ip.flags.df \
	-e ip.id >"$SCRATCH/df"
check_eq "outside is what was asked for" "$(cut -f 1 "$SCRATCH/df" | tr -d '\n')" 100010
check_eq "each packet without DF has an id of its own" \
	"$(awk '$1 == 0 { print $2 }' "$SCRATCH/df" | sort -u | wc -l)" 4
check_eq "none with DF" "$(awk '$1 == 1 { print $2 }' "$SCRATCH/df" | sort -u)" 0x0000
ip -n one link set dvpn0 type dvpn df set

# --- path MTU ----------------------------------------------------------------------------

ip -n one link set wan mtu 1000
ip -n hub link set wan mtu 1000
check_fails "a packet that does not fit is refused to its sender" "mtu ?= ?976" \
	in_ns one ping -n -c 2 -W 1 -M "do" -s 1300 10.0.0.1
check "one that may be fragmented is, from the first on" ping_all one 10.0.0.1 5 -s 1300
check "one that fits exactly passes" in_ns one ping -qn -c 1 -M "do" -s 948 10.0.0.1
check_fails "an IPv6 packet is refused above what IPv6 needs at least" "mtu ?= ?1280" \
	in_ns one ping -n -c 2 -W 1 -s 1300 fd00::1
check "below that the underlay fragments" ping_all one fd00::1 5 -s 1232
check "TCP with small packets" tcp_same one hub 10.0.0.1
ip -n one link set wan mtu 1500
ip -n hub link set wan mtu 1500
