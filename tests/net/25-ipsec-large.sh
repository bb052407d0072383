#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
# kernel: 6.1
#
# Large packets stay large until ESP cuts them, local ones and forwarded ones, in each family, with
# each option, in ESP and in ESP in UDP; what arrives is what was sent.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
# shellcheck source=tests/net/streams.sh
. "${0%/*}/streams.sh"
# shellcheck source=tests/net/esp.sh
. "${0%/*}/esp.sh"

# few NAME NODE - one result: two streams of it arrive, and enter ESP in few packets
few()
{
	local sent=-1 before wire

	before=$(counter one dvpn0 tx_packets)
	wire=$(counter one wan tx_packets)
	stream "$2" && sent=$(($(counter one dvpn0 tx_packets) - before))
	wire=$(($(counter one wan tx_packets) - wire))
	check "$1" [ $sent -gt 0 -a $sent -le $FEW -a $wire -gt $((3 * sent)) ]
	diag "$sent packets sent, $wire on the wire"
}

modprobe -a xfrm_user esp4 esp6
load_dvpn
streams_begin ipsec require
espinudp_listen hub
espinudp_listen one
for outside in "IPv4 192.0.2.1 192.0.2.2 $ESPINUDP" "IPv6 2001:db8::1 2001:db8::2 $ESPINUDP6"; do
	read -r name at from natt <<<"$outside"
	for esp in "" "$natt"; do
		# shellcheck disable=SC2086
		esp_between gre "$at" "$from" $esp
		[ -z "$esp" ] || name="UDP in $name"
		for how in "nokey" "key 7" "key 7 csum on"; do
			# shellcheck disable=SC2086
			options $how
			few "ESP in $name, $how: TCP" one
			few "ESP in $name, $how: forwarded" lan
		done
		options nokey csum off
	done
done
streams_end
check_eq "no checksum was wrong" "$(csum_errors | tr '\n' ' ')" "0 0 "
