#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# Large packets stay large through the encapsulation, local ones and forwarded ones, whoever made
# them large, in GRE and in GRE-in-UDP, in each family and with each option; what arrives is what
# was sent. Packets are counted on the wire, where a large one counts once.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
# shellcheck source=tests/net/streams.sh
. "${0%/*}/streams.sh"

# wired COMMAND... - packets that the spoke sends to the wire meanwhile
wired()
{
	local before

	before=$(counter one wan tx_packets)
	"$@" >/dev/null || return 1
	echo $(($(counter one wan tx_packets) - before))
}

# few NAME COMMAND... - one result: it succeeds, and with few packets
few()
{
	local n

	n=$(wired "${@:2}")
	check "$1" [ "${n:-999999}" -le $FEW ] || diag "${n:-it fails,} packets"
}

# by ENCAP OUTSIDE SPOKE-OUTSIDE - hub and spoke are peers of each other by these
by()
{
	OUTSIDE=([hub]=$2 [one]=$3)
	map hub flush >/dev/null
	map one flush >/dev/null
	map_to hub one encap "$1"
	map_to one hub encap "$1"
}

# offloads NODE IF on|off - whether what leaves there may be large, and without checksum
offloads()
{
	local word
	local -a words=()

	for word in tso gso tx tx-udp-segmentation tx-udp_tnl-segmentation \
		tx-udp_tnl-csum-segmentation; do
		words+=("$word" "$3")
	done
	in_ns "$1" ethtool -K "$2" "${words[@]}" >/dev/null
}

# pieces NAME - cut before the wire, so that the hub has something to put together again:
# uncombined, IP sees each packet twice, outside and inside
pieces()
{
	local before seen wire

	offloads one wan off
	before=$(ip_received hub)
	wire=$(wired stream one)
	seen=$(($(ip_received hub) - before))
	check "$1: the receiver puts together what came in pieces" \
		[ $((2 * seen)) -lt $((3 * ${wire:-0})) ]
	diag "$wire packets on the wire, $seen seen by IP"
	offloads one wan on
}

# combined NAME - what comes to the spoke from its LAN in pieces leaves it in large packets
combined()
{
	local came left

	came=$(counter lan eth tx_packets)
	left=$(wired stream lan)
	came=$(($(counter lan eth tx_packets) - came))
	check "$1" [ $came -ge $((2 * BYTES / 1400)) -a "${left:-999999}" -le $FEW ]
	diag "$came packets came, ${left:-it fails,} left"
}

# lists NAME - packets to be forwarded that the spoke has put together as a list
lists()
{
	local before

	in_ns one ethtool -K lan rx-gro-list on
	in_ns lan ethtool -K eth tx on
	check "$1: TCP arrives that was combined to a list" stream lan
	before=$(ip_received one)
	segments lan 10
	check "$1: UDP was combined, too" [ $(($(ip_received one) - before)) -lt 200 ]
	check_eq "$1: all datagrams arrive" "$(cat "$SCRATCH/good")" 400
	in_ns one ethtool -K lan rx-gro-list off
}

# combines NAME - the spoke puts together what it forwards, be it cut again before the wire or not
combines()
{
	offloads lan eth off
	in_ns one ethtool -K lan gro on
	combined "$1: what was combined to be forwarded stays large"
	lists "$1"
	offloads one wan off
	lists "$1, cut"
	offloads one wan on
	in_ns one ethtool -K lan gro off
	offloads lan eth on
}

# segments NODE N - sends N large UDP packets of 20 datagrams, by IPv4 and by IPv6; in
# $SCRATCH/good is how many datagrams arrived as they were. What ends them may overtake them, on
# another CPU.
segments()
{
	ip netns exec hub timeout $((20 * DVPN_TIME_SCALE)) python3 -IS -c 'import socket, sys
sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
SO_RCVBUFFORCE = 33
sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4000000)
sock.bind(("::", 5002))
open(sys.argv[1], "w").close()
sock.settimeout(float(sys.argv[3]))
good = came = 0
ended = False
try:
    while came < int(sys.argv[2]) or not ended:
        data = sock.recv(65536)
        if data == b"end":
            ended = True
        else:
            came += 1
            good += data == bytes([data[0]]) * 1000
except TimeoutError:
    pass
print(good)' "$SCRATCH/bound" $((2 * 20 * $2)) $((5 * DVPN_TIME_SCALE)) >"$SCRATCH/good" &
	wait_for 20 test -e "$SCRATCH/bound"
	in_ns "$1" python3 -IS -c 'import socket, sys
UDP_SEGMENT = 103
for family, address in (socket.AF_INET, "10.0.0.1"), (socket.AF_INET6, "fd00::1"):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1000)
    for n in range(int(sys.argv[1])):
        sock.sendto(b"".join(bytes([i]) * 1000 for i in range(20)), (address, 5002))
sock.sendto(b"end", (address, 5002))' "$2"
	wait $!
	rm -f "$SCRATCH/bound"
}

load_dvpn
streams_begin
for outside in "IPv4 192.0.2.1 192.0.2.2" "IPv6 2001:db8::1 2001:db8::2"; do
	read -r name at from <<<"$outside"
	by gre "$at" "$from"
	for how in "nokey" "key 7" "key 7 csum on"; do
		# shellcheck disable=SC2086
		options $how
		few "TCP in $name, $how" stream one
		few "forwarded in $name, $how" stream lan
	done
	few "UDP in $name, $how" segments one 10
	check_eq "all datagrams arrive" "$(cat "$SCRATCH/good")" 400
	options nokey csum off
	pieces "$name"
	combines "$name"

	options port 4754
	by udp "$at" "$from"
	for how in "udpcsum on udp6csum on" "udpcsum off udp6csum off"; do
		# shellcheck disable=SC2086
		options $how
		few "TCP in UDP in $name, $how" stream one
		few "forwarded in UDP in $name, $how" stream lan
		few "UDP in UDP in $name, $how" segments one 10
		check_eq "all datagrams arrive" "$(cat "$SCRATCH/good")" 400
		pieces "UDP in $name, $how"
	done
	combines "UDP in $name"
done
streams_end
check_eq "no checksum was wrong" "$(csum_errors | tr '\n' ' ')" "0 0 "
