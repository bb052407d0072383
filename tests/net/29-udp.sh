#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# GRE in UDP: sockets, what is on the wire, offloads, and the path MTU.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
. "${0%/*}/udp.sh"

head -c 400000 /dev/urandom >"$SCRATCH/sent"
load_dvpn
star_add hub one

# --- sockets -----------------------------------------------------------------------------

tunnel_add hub
tunnel_add one port 4754
check "the device has the port" has_port one 4754
check_fails "a device without port takes no UDP peer" 'EINVAL: .*no UDP port' udp_to hub one
modprobe -a vxlan fou
ip -n hub link add vx0 type vxlan id 1 dstport 4790
ip -n hub link set vx0 up
check_fails "a port that a vxlan device has" 'UDP port .*in use' \
	ip -n hub link set dvpn0 type dvpn port 4790
check "the port can be set later" ip -n hub link set dvpn0 type dvpn port 4754
check_fails "the port is ours alone" 'in use' ip -n hub fou add port 4754 ipproto 47
check "a second device with another key shares it" \
	ip -n hub link add dvpn1 type dvpn port 4754 key 9
ip -n hub link del vx0
udp_to hub one
udp_to one hub

# --- the wire ----------------------------------------------------------------------------

in_ns one ethtool -K wan tx off >/dev/null
capture one wan udp "udp and src 192.0.2.2"
check "IPv4 inside" ping_all one 10.0.0.1
in_ns one ping -qn -c 1 -s 32 10.0.0.1 >/dev/null
capture_stop udp
check "IPv6 inside" ping_all one fd00::1
check_eq "ports, no GRE flags, a correct checksum" \
	"$(wire udp udp.srcport udp.dstport gre.flags_and_version udp.checksum.status)" \
	"4754 4754 0x0000 1"
check_eq "a packet of 60 bytes makes 92" \
	"$(decode udp -T fields -E occurrence=f -e ip.len -Y "ip.len == 92" | sort -u)" 92

ip -n one link set dvpn0 type dvpn udpcsum off key 7
ip -n hub link set dvpn0 type dvpn udpcsum off key 7
capture one wan zero "udp and src 192.0.2.2"
check "without checksums, with a key" ping_all one 10.0.0.1
in_ns one ping -qn -c 1 -s 32 10.0.0.1 >/dev/null
capture_stop zero
check_eq "the checksum is 0, the key is there" \
	"$(wire zero udp.checksum gre.key)" "0x0000 0x00000007"
check_eq "with the key it makes 96" \
	"$(decode zero -T fields -E occurrence=f -e ip.len -Y "ip.len == 96" | sort -u)" 96
capture one wan asked "udp and src 192.0.2.2"
map one peer-set 192.0.2.1 encap udp csum
ping_all one 10.0.0.1 >/dev/null
capture_stop asked
check_eq "a checksum for this peer alone" "$(wire asked udp.checksum.status)" 1
map one peer-set 192.0.2.1 encap udp no-csum
in_ns one ethtool -K wan tx on >/dev/null

# --- offloads ----------------------------------------------------------------------------

# offload NAME SEGMENTS - TCP arrives unchanged; in so many packets at most it leaves, or comes
# out of the device of the hub
offload()
{
	local out in

	out=$(counter one wan tx_packets)
	in=$(counter hub dvpn0 rx_packets)
	check "$1: TCP arrives unchanged" tcp_same one hub 10.0.0.1
	out=$(($(counter one wan tx_packets) - out))
	in=$(($(counter hub dvpn0 rx_packets) - in))
	diag "$out packets left, $in came out"
	sent=$out received=$in
}

# How large TCP makes its packets depends on the round trip, else: on the load of the machine.
in_ns one sysctl -q net.ipv4.tcp_min_tso_segs=32
# 400000 bytes make 297 segments of 1348.
for csum in off on; do
	ip -n one link set dvpn0 type dvpn udpcsum $csum
	offload "checksum $csum"
	check "checksum $csum: large packets stay large" below "$sent" 150
	in_ns one ethtool -K wan tso off gso off tx-udp_tnl-segmentation off \
		tx-udp_tnl-csum-segmentation off >/dev/null
	# Without GRO if the other end of the cable sends large packets.
	in_ns net ethtool -K hub tso off >/dev/null
	in_ns hub ethtool -K wan gro on >/dev/null
	offload "checksum $csum, cut"
	check "checksum $csum: they are cut when they must be" at_least 297 echo "$sent"
	check "checksum $csum: and merged again" below "$received" 150
	in_ns one ethtool -K wan gso on tso on tx-udp_tnl-segmentation on \
		tx-udp_tnl-csum-segmentation on >/dev/null
	in_ns net ethtool -K hub tso on >/dev/null
	in_ns hub ethtool -K wan gro off >/dev/null
done
ip -n one link set dvpn0 type dvpn nokey
ip -n hub link set dvpn0 type dvpn nokey

# --- path MTU ----------------------------------------------------------------------------

# pmtu ADDRESS - what the hub believes to fit on its way there
pmtu()
{
	map hub peer-get "$1" encap udp | sed -n 's/.* pmtu=\([0-9]*\).*/\1/p'
}

# pmtu_is ADDRESS MTU - (for wait_for)
pmtu_is()
{
	[ "$(pmtu "$1")" = "$2" ]
}

# believed NAME MTU OVERHEAD ADDRESS LOCAL - of the ICMP errors that the spoke sends, the hub
# believes the true one, which tells of MTU. Each of the others tells of less, so that it would
# keep what they say.
believed()
{
	local name=$1 mtu=$2 fits=$(($2 - $3)) ends=("${@:4}")

	check_eq "$name: the path MTU is that of the device" "$(pmtu "$4")" 1400
	hostile too-big "${ends[@]}" 4755 4754 $((mtu - 2))
	hostile too-big "${ends[@]}" 4754 4755 $((mtu - 4))
	hostile too-big "${ends[@]}" 4754 4754 $((mtu - 6)) 9
	hostile too-big "${ends[@]}" 4754 4754 100
	hostile too-big "${ends[@]}" 4754 4754 "$mtu"
	check_within "$name: an error is believed if it quotes our ports, and no other key" 5 \
		pmtu_is "$4" $fits
	ip -n hub route flush cache
	ip -n hub link set dvpn0 type dvpn key 7
	hostile too-big "${ends[@]}" 4754 4754 $((mtu - 8))
	hostile too-big "${ends[@]}" 4754 4754 $((mtu - 10)) 9
	hostile too-big "${ends[@]}" 4754 4754 $((mtu - 12)) 0
	hostile too-big "${ends[@]}" 4754 4754 "$mtu" 7
	check_within "$name: with a key only if it quotes that" 5 pmtu_is "$4" $((fits - 4))
	ip -n hub link set dvpn0 type dvpn nokey
	ip -n hub route flush cache
}

stack_deaf hub
believed IPv4 1000 32 192.0.2.2 192.0.2.1
case $(map hub dev) in
*features=*underlay6*)
	ip -n hub address add 2001:db8::1/64 dev wan nodad
	ip -n one address add 2001:db8::2/64 dev wan nodad
	map hub set 10.0.0.2 nbma 2001:db8::2 encap udp
	believed IPv6 1300 52 2001:db8::2 2001:db8::1
	;;
*)
	skip "IPv6 outside" "the module has no IPv6 underlay"
	;;
esac
