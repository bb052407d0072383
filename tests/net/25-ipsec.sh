#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# Under IPsec, keyed by hand: policy, security association, "ipsec require".
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# xfrm_policies NODE PEER - all GRE between the two by ESP in transport mode
xfrm_policies()
{
	local me=${OUTSIDE[$1]} peer=${OUTSIDE[$2]}

	ip -n "$1" -batch - <<-END
		xfrm policy add src $me dst $peer proto gre dir out tmpl proto esp mode transport reqid 1
		xfrm policy add src $peer dst $me proto gre dir in tmpl proto esp mode transport reqid 1
	END
}

# xfrm_states NODE PEER - both associations
xfrm_states()
{
	local me=${OUTSIDE[$1]} peer=${OUTSIDE[$2]}
	local esp="proto esp reqid 1 mode transport aead rfc4106(gcm(aes))"
	local key=0x000102030405060708090a0b0c0d0e0f10111213

	ip -n "$1" -batch - <<-END
		xfrm state add src $me dst $peer spi 0x${me##*.}00 $esp $key 128
		xfrm state add src $peer dst $me spi 0x${peer##*.}00 $esp $key 128
	END
}

# refused NODE REASON - one ping to the hub's inside is not answered, and counted as that
refused()
{
	local before

	before=$(drops "$1" "$2")
	! in_ns one ping -qn -c 1 -W 1 10.0.0.1 && [ "$(drops "$1" "$2")" -gt "$before" ]
}

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
	"$(tcpdump -nr "$RESULTS/all.pcap" "ip proto 47 and src 192.0.2.2" 2>/dev/null | wc -l)" 1

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
	in_ns one ping -qn -c 2 -W $((2 * DVPN_TIME_SCALE)) -s 1372 10.0.0.1
check "a frame of the agent, too" map one frame 192.0.2.1 000102030405060708090a0b0c0d0e0f
capture_stop esp
check_eq "nothing in clear" \
	"$(tcpdump -nr "$RESULTS/esp.pcap" "ip proto 47" 2>/dev/null | wc -l)" 0
ip -n one xfrm state flush
check "the association goes: nothing leaves in clear" refused one tx_no_sa
ip -n one xfrm policy flush
check "the policy goes: nothing leaves in clear" refused one tx_policy
