#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 100
# kernel: 6.12
#
# A shortcut is no wider than the routes of either side allow, and no longer there than they are:
# the route goes, becomes narrower, another one is better for a part, the far LAN is gone.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

# shortcuts NODE - the prefixes of those that carry packets to the other spoke's LAN
shortcuts()
{
	dvpnctl_in "$1" show maps | awk '
		$2 ~ /^192\.168\.[34]0\./ && $4 == "shortcut" && $5 == "active" {
			printf "%s%s", sep, $2
			sep = " "
		}'
}

shortcuts_are()
{
	[ "$(shortcuts "$1")" = "$2" ]
}

# has_any NODE - there are some: an answer that is direct is a shortcut of the other side
has_any()
{
	[ -n "$(shortcuts "$1")" ]
}

# is_direct - the hub has not touched the answer
is_direct()
{
	[[ $(in_ns lan1 ping -nc 1 -W 1 192.168.40.10) == *ttl=62* ]]
}

# flips - traffic from LAN to LAN until it is direct
flips()
{
	wait_for 10 is_direct
}

# flips_to PREFIX - that does
flips_to()
{
	is_direct
	shortcuts_are spoke1 "$1"
}

# routes NODE LINE... - changes, all at once
routes()
{
	printf 'route %s\n' "${@:2}" | ip -n "$1" -batch -
}

# begin_anew - the one wide route, and the shortcut of the whole LAN
begin_anew()
{
	routes spoke1 'delete 192.168.0.0/16'
	wait_for 5 shortcuts_are spoke1 ""
	routes spoke1 'add 192.168.0.0/16 via 192.168.111.1'
	wait_for 10 flips_to 192.168.40.0/24
}

network_and_agents
check "there is a shortcut" flips
wait_for 5 has_any spoke1
check_eq "of the prefix that the far spoke has" "$(shortcuts spoke1)" 192.168.40.0/24

# --- on this side ------------------------------------------------------------------------

capture spoke1 dvpn0 sent "icmp and dst host 192.168.40.10"
routes spoke1 'delete 192.168.0.0/16'
check_fails "the route goes: nothing is sent at that moment" 'nreachable|100% packet loss' \
	in_ns lan1 ping -qn -c 3 -i 0.1 -W 0.5 192.168.40.10
check_within "the shortcut is gone" 1 shortcuts_are spoke1 ""
capture_stop sent
check_eq "nothing of it went out by the tunnel" \
	"$(tcpdump -nr "$RESULTS/sent.pcap" 2>/dev/null | wc -l)" 0

routes spoke1 'add 192.168.40.0/25 via 192.168.111.1'
check "a narrower one comes: direct again" flips
wait_for 5 has_any spoke1
check_eq "the shortcut is no wider" "$(shortcuts spoke1)" 192.168.40.0/25
routes spoke1 'add 192.168.40.0/26 via 192.168.111.1' 'delete 192.168.40.0/25'
check_within "it becomes narrower: so does the shortcut" 1 shortcuts_are spoke1 192.168.40.0/26
check "which is used" flips
routes spoke1 'delete 192.168.40.0/26' 'add 192.168.0.0/16 via 192.168.111.1'

# A better way for a part, as a routing protocol would have it: by another interface, by another
# next hop of the tunnel. A shortcut that covers it would be a detour.
check "it is as at first" begin_anew
routes spoke1 'add 192.168.40.128/25 via 192.168.50.1 dev wan'
check_within "a part is reached without the tunnel: the shortcut leaves it out" 1 \
	shortcuts_are spoke1 192.168.40.0/25
routes spoke1 'delete 192.168.40.128/25'
check "it is as at first" begin_anew
routes spoke1 'add 192.168.40.128/25 via 192.168.111.77'
check_within "by another next hop: too" 1 shortcuts_are spoke1 192.168.40.0/25
check "what is left is direct" flips
routes spoke1 'add 192.168.40.0/25 via 192.168.50.1 dev wan'
check_within "all of it is reached without the tunnel: there is no shortcut" 1 \
	shortcuts_are spoke1 ""
routes spoke1 'delete 192.168.40.0/25' 'delete 192.168.40.128/25'

# --- on the far side ---------------------------------------------------------------------

check "it is as at first" begin_anew
routes spoke2 'add 192.168.40.192/26 via 192.168.111.1'
check_within "a part of the far LAN is elsewhere in the tunnel: the shortcut leaves it out" 1 \
	flips_to 192.168.40.0/25
ip -n spoke2 link set lan down
check_within "the far LAN is gone: so is the shortcut" 1 shortcuts_are spoke1 ""
