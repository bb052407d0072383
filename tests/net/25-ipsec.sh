#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# Under IPsec, keyed by hand: policy, security association, "ipsec require".
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
# shellcheck source=tests/net/esp.sh
. "${0%/*}/esp.sh"

ESP="ip proto 50 or ip6 proto 50"
# captured NAME FILTER - how many packets of a capture match
captured()
{
	tcpdump -nr "$RESULTS/$1.pcap" "$2" 2>/dev/null | wc -l
}

# pmtu [WORD...] - what the hub believes to fit on its way to the spoke
pmtu()
{
	map hub peer-get 192.0.2.2 "$@" | sed -n 's/.* pmtu=\([0-9]*\).*/\1/p'
}

# pmtu_is MTU [WORD...] - (for wait_for)
pmtu_is()
{
	[ "$(pmtu "${@:2}")" = "$1" ]
}

# too_big MTU - the spoke says so to the hub, of a packet to itself
too_big()
{
	in_ns one python3 -BSEs "$TOP/tests/net/hostile-gre.py" frag-needed 192.0.2.2 192.0.2.1 \
		192.0.2.1 192.0.2.2 "$1" >/dev/null
}

# told PATTERN - the agent of the hub was given a frame from the spoke, and with it this
told()
{
	grep -qE "^frame .* nbma=192.0.2.2 .*$1.* data=" "$SCRATCH/frames"
}

# refused NODE REASON - one ping to the hub's inside is not answered, and counted as that
refused()
{
	local before

	before=$(drops "$1" "$2")
	! in_ns one ping -qn -c 1 -W 1 10.0.0.1 && [ "$(drops "$1" "$2")" -gt "$before" ]
}

# While it is there, it believes every error about GRE, and changes the route's path MTU.
modprobe -r ip_gre
load_dvpn
star_add hub one two
ns_forward two
tunnel_add hub
tunnel_add one ipsec require
tunnel_add two
map_to hub one
map_to hub two
map_to one hub
map_to two hub
capture one wan all

check "require: nothing leaves without a policy" refused one tx_policy
ip -n hub link set dvpn0 type dvpn ipsec require
ip -n one link set dvpn0 type dvpn ipsec off
check "require: nothing enters in clear" refused hub rx_policy
ip -n one link set dvpn0 type dvpn ipsec require

xfrm_policies one hub
check "a policy without an association holds packets back" refused one tx_no_sa
check_fails "the agent is told that it is not there yet" EINPROGRESS \
	map one frame 192.0.2.1 000102030405060708090a0b0c0d0e0f
ip -n hub link set dvpn0 type dvpn ipsec off
capture_stop all
check_eq "up to now only one packet in clear has left" \
	"$(captured all "ip proto 47 and src 192.0.2.2")" 1

# Two is an NHS that can be reached in clear.
ip -n one link set dvpn0 type dvpn ipsec off
unmap hub one
map hub add 10.0.0.2 192.0.2.3
map_to two one
map_to one two nhs 10
check_eq "what waits for an association goes by the NHS" "$(ttl one 10.0.0.1)" 63
unmap one two
map hub del 10.0.0.2
map_to hub one
ip -n one link set dvpn0 type dvpn ipsec require

xfrm_policies hub one
xfrm_states one hub
xfrm_states hub one
ip -n hub link set dvpn0 type dvpn ipsec require
capture one wan esp
check "with associations it goes at once" ping_all one 10.0.0.1
check "IPv6 inside" ping_all one fd00::1
check "packets of the size of the device" \
	ping_all one 10.0.0.1 2 -s 1372
dvpnmap -n hub dvpn0 bind class frame >"$SCRATCH/frames" &
agent=$!
wait_for 10 grep -q bound "$SCRATCH/frames"
check "a frame of the agent, too" map one frame 192.0.2.1 000102030405060708090a0b0c0d0e0f
check_within "the other agent is told by which association" 5 \
	told "spi=00000200 reqid=1 sa-if-id=0"
capture_stop esp
check_eq "nothing in clear" "$(captured esp "ip proto 47")" 0
too_big 1000
check_eq "require: an error in clear is not believed" "$(pmtu)" 1400

# --- an interface id ---------------------------------------------------------------------

# by_id ID - what the hub shares with the spoke is for those with this xfrm interface id
by_id()
{
	xfrm_flush hub
	xfrm_states hub one if_id "$1"
	xfrm_policies hub one if_id "$1"
}

unmap hub one
map_to hub one if-id 7
by_id 7
check "a peer with an interface id: traffic" ping_all one 10.0.0.1
check_eq "its path MTU is that of the device" "$(pmtu if-id 7)" 1400
too_big 1000
check_eq "who says less in clear is not believed" "$(pmtu if-id 7)" 1400
ip -n one xfrm policy add src 192.0.2.2 dst 192.0.2.1 dir out \
	tmpl proto esp mode transport reqid 1
too_big 1000
check_within "who says so by the association is" 5 pmtu_is 942 if-id 7
ip -n hub route flush cache
by_id 8
too_big 1000
check_eq "by that of another id not" "$(pmtu if-id 7)" 1400
capture one wan quoted icmp
check "nor does anything enter by that" refused hub rx_unknown_peer
capture_stop quoted
check_eq "no error in clear quotes it" "$(captured quoted icmp)" 0
by_id 7
check "with its own, traffic again" ping_all one 10.0.0.1
map one frame 192.0.2.1 000102030405060708090a0b0c0d0e0f
check_within "an agent is told the interface id" 5 told "spi=00000200 reqid=1 sa-if-id=7"
ip -n hub link set dvpn0 type dvpn ipsec off
map two frame 192.0.2.1 000102030405060708090a0b0c0d0e0f
check_within "of what came in clear there is none to tell" 5 \
	grep -qE "^frame .* nbma=192.0.2.3 .* peer=[0-9]+ data=" "$SCRATCH/frames"
ip -n hub link set dvpn0 type dvpn ipsec require
kill $agent
wait $agent 2>/dev/null

ip -n one xfrm state flush
check "the association goes: nothing leaves in clear" refused one tx_no_sa
ip -n one xfrm policy flush
check "the policy goes: nothing leaves in clear" refused one tx_policy

# --- each family outside, and GRE in UDP --------------------------------------------------

# whole NAME - what the spoke sends to the hub stays large until ESP and becomes so again behind it:
# uncombined, IP sees each packet twice, outside and inside
whole()
{
	local sent wire seen

	sent=$(counter one dvpn0 tx_packets)
	wire=$(counter one wan tx_packets)
	seen=$(ip_received hub)
	check "$1: TCP arrives unchanged" tcp_same one hub 10.0.0.1
	sent=$(($(counter one dvpn0 tx_packets) - sent))
	wire=$(($(counter one wan tx_packets) - wire))
	seen=$(($(ip_received hub) - seen))
	check "$1: it enters ESP in large packets" [ $((3 * sent)) -lt $wire ]
	check "$1: the receiver puts together what came in pieces" \
		[ $((2 * seen)) -lt $((3 * wire)) ]
	diag "$sent packets sent, $wire on the wire, $seen seen by IP"
}

head -c 300000 /dev/urandom >"$SCRATCH/sent"
# How large TCP makes its packets depends on the round trip, else: on the load of the machine.
in_ns one sysctl -q net.ipv4.tcp_min_tso_segs=32
for node in hub one; do
	ip -n $node link set dvpn0 type dvpn port 4754
	ip -n $node address add "2001:db8::${INSIDE[$node]##*.}/64" dev wan
done
for how in "IPv4,gre,192.0.2.1,192.0.2.2" "IPv6,gre,2001:db8::1,2001:db8::2" \
	"IPv4,udp,192.0.2.1,192.0.2.2" "IPv6,udp,2001:db8::1,2001:db8::2"; do
	IFS=, read -r name encap at from <<<"$how"
	[ "$encap" = gre ] || CARRIED="proto udp sport 4754 dport 4754"
	name="$name, $encap"
	esp_between "$encap" "$at" "$from"
	capture one wan "$encap-${name%,*}"
	check "$name: traffic" ping_all one 10.0.0.1
	check "$name: IPv6 inside" ping_all one fd00::1
	check "$name: packets of the size of the device" \
		ping_all one 10.0.0.1 2 -s 1372
	whole "$name"
	check "$name: the other way, by IPv6" tcp_same hub one fd00::2
	capture_stop "$encap-${name%,*}"
	check "$name: ESP is on the wire" [ "$(captured "$encap-${name%,*}" "$ESP")" -gt 0 ]
	check_eq "$name: and nothing but that" \
		"$(captured "$encap-${name%,*}" "not ($ESP) and not arp and not icmp6 and not ip6 proto 0")" 0
	xfrm_flush hub one
	check "$name: without a policy nothing leaves" refused one tx_policy
	ip -n one link set dvpn0 type dvpn ipsec off
	check "$name: nor does anything enter in clear" refused hub rx_policy
	ip -n one link set dvpn0 type dvpn ipsec require
done
