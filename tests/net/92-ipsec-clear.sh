#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# With "ipsec require" nothing leaves and nothing enters in clear, whatever becomes of charon, its
# policies and its associations.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

# refused NODE REASON - pings of one to the hub's inside are not answered, and dropped at
# NODE for that
refused()
{
	local before

	before=$(drops "$1" "$2")
	! in_ns one ping -qn -c 3 -i 0.2 -W 1 10.0.0.1 >/dev/null &&
		[ $(($(drops "$1" "$2") - before)) -ge 3 ]
}

# no_association NODE - the kernel has none, but that it waits for one
no_association()
{
	[[ $(ip -n "$1" xfrm state list) != *aead* ]]
}

# policies NODE - how many, without those of sockets
policies()
{
	ip -n "$1" xfrm policy list nosock | grep -c '^src'
}

# works WHEN - what one sends is answered
works()
{
	check_within "$1: there is an association, and traffic" 20 pings one 10.0.0.1
}

# clear NAME [FILTER] - packets of a capture that are not encrypted
clear()
{
	tcpdump -nr "$RESULTS/$1.pcap" "ip proto 47 ${2:+and $2}" 2>/dev/null | wc -l
}

swan_needed
load_dvpn
star_add hub one
capture one wan protected ip
swan_warm
tunnel_add hub ipsec require
tunnel_add one ipsec require
map_to hub one
map_to one hub
swan_up hub

check "before charon starts nothing leaves" refused one tx_policy
swan_config one
swan_start one
check "nor before it has loaded its configuration" refused one tx_policy
swan_load one
works "it has"

swan_stop one KILL 2>/dev/null
check "charon is killed: its association goes on working" ping_all one 10.0.0.1
ip -n one xfrm state flush
check "the associations go, too: nothing leaves" refused one tx_no_sa
ip -n one xfrm policy flush
ip -n one xfrm state flush
check "and the policies: nothing leaves" refused one tx_policy
swan_start one
swan_load one
works "charon is started again"

swan_stop one
check_eq "it is told to end: it takes its policies with it" "$(policies one)" 0
check "and nothing leaves" refused one tx_policy

sed 's/esp_proposals.*/&\nlife_time = 10s\nrekey_time = 0\nrand_time = 0/' \
	"$SWAN_CONFIG" | swan_config one -
swan_start one
swan_load one
works "with a short life"
swan_stop one KILL 2>/dev/null
check_within "nobody renews it, and it ends" 60 no_association one
check "with that nothing leaves" refused one tx_no_sa
capture_stop protected
check_eq "all that time nothing was in clear" "$(clear protected)" 0
check "what was answered was ESP" [ "$(decode protected -Y esp | wc -l)" -gt 10 ]

# --- the other end does not protect what it sends ----------------------------------------

ip -n one xfrm policy flush
ip -n one xfrm state flush
ip -n one link set dvpn0 type dvpn ipsec off
capture one wan unprotected ip
check "it enters nowhere" refused hub rx_policy
swan_stop hub
check_eq "also where charon has ended, and its policies with it" "$(policies hub)" 0
check "it does not" refused hub rx_policy
capture_stop unprotected
check_eq "the capture has the six" "$(clear unprotected "src 192.0.2.2")" 6
check_eq "and no answer" "$(clear unprotected "src 192.0.2.1")" 0
