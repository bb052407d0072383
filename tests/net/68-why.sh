#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
# kernel: 6.12
#
# dvpnctl why: what it says of a destination is what packets do. dvpnctl trace: who said what.
# dvpnctl clear: what it costs, and that it is done.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

# says NODE ADDRESS TEXT...: the first line says all of this
says()
{
	local line text

	line=$(dvpnctl_in "$1" why "$2" | head -n 1)
	for text in "${@:3}"; do
		[[ $line == *"$text"* ]] && continue
		diag "$line"
		return 1
	done
}

# reply_has TEXT: it is in $reply
reply_has()
{
	[[ $reply == *"$1"* ]]
}

network_and_agents
by_hub="is reached by the hub 192.168.111.1 at 192.168.50.1"

check "before any packet: by the hub, which has told of no better way" \
	says spoke1 192.168.40.10 "192.168.40.10 $by_hub: the hub told of no better way"
check "the hub itself" says spoke1 192.168.111.1 "at 192.168.50.1: it is a hub of ours"
check "the other side of the tunnel" says spoke1 192.168.50.3 "the route leaves by wan"
check "a LAN of its own" says spoke1 192.168.30.10 "the route leaves by lan"
check "an address of its own" says spoke1 192.168.111.2 "is an address of this machine"
check "nowhere" says spoke1 203.0.113.1 "no route leads there"
check "multicast" says spoke1 224.0.0.5 "224.0.0.5 is multicast"
check "what the hub does with it" says hub 192.168.40.10 \
	"192.168.40.10 is reached directly at 192.168.50.3: 192.168.111.3 is registered with us"
check "a next hop that nobody has" says hub 192.168.111.9 "are dropped" "192.168.111.9"
check_fails "with a tunnel that there is not" 'no tunnel "dvpn9" is configured' \
	dvpnctl_in spoke1 why 192.168.40.10 dvpn9

in_ns lan1 ping -n -i 0.1 -c 20 -W $((2 * DVPN_TIME_SCALE)) 192.168.40.10 >"$SCRATCH/pings"
check_within "there is a direct path" 5 both_shortcuts
check "and it says so" says spoke1 192.168.40.10 \
	"192.168.40.10 is reached directly at 192.168.50.3: there is a shortcut for 192.168.40.0/24"
reply=$(dvpnctl_in spoke1 --json why 192.168.40.10)
diag "$reply"
check "with what the kernel does" reply_has '"verdict": "shortcut"'
check "what was heard of the peer" reply_has '"rx_idle_ms": '
check "and what the agent knows" reply_has '"state": "active"'

# none_of TEXT: it is not in $reply
none_of()
{
	[[ $reply != *"$1"* ]]
}

# traced NODE FILTER... -- TEXT...: a trace of this has all of these lines, in this order
traced()
{
	local node=$1 what=() text line

	shift
	while [[ $1 != -- ]]; do
		what+=("$1")
		shift
	done
	reply=$(dvpnctl_in "$node" trace dvpn0 "${what[@]}")
	text=$reply
	for line in "${@:2}"; do
		if [[ $text != *"$line"* ]]; then
			diag "no \"$line\" in: $reply"
			return 1
		fi
		text=${text#*"$line"}
	done
}

check "the hub remembers a registration, and that it answered" \
	traced hub peer 192.168.50.2 -- "in   192.168.50.2  answered" "    Registration Request, id " \
	"    from 192.168.111.2 at 192.168.50.2 to " "out  192.168.50.2  sent" \
	"    Registration Reply, id " "    to 192.168.111.2 at 192.168.50.2 from "
check "of that spoke, and no other" none_of "  192.168.50.3  "
check "the question for the direct path was forwarded" \
	traced hub address 192.168.40.10 -- "  forwarded" "    Resolution Request, id " \
	"    from 192.168.111.2 at 192.168.50.2 about 192.168.40.10" "out  192.168.50.3  sent"
check "and answered by the other spoke" \
	traced spoke2 address 192.168.40.10 -- "in   192.168.50.1  answered" \
	"    Resolution Request, id " "    Resolution Reply, id " \
	"    entry: 192.168.111.3 at 192.168.50.3, prefix length 24"

# what clear says beforehand and what it does
clears()
{
	reply=$(dvpnctl_in spoke1 clear "$@") || return 1
	[[ $reply == *"shortcut 192.168.40.0/24 at 192.168.50.3 (dvpn0): data goes by the hub"* ]]
}

check "what it would cost to forget the direct path" clears shortcut 192.168.40.10 --dry-run
check "nothing was done" says spoke1 192.168.40.10 "192.168.40.10 is reached directly"
check "it is forgotten" clears shortcut 192.168.40.10
check "and data goes by the hub" says spoke1 192.168.40.10 "$by_hub"
check_fails "there is nothing to forget any more" 'there is no shortcut "192.168.40.10"' \
	dvpnctl_in spoke1 clear shortcut 192.168.40.10
check_fails "a hub's mapping stays" "a hub's, which is asked again by clearing the hub" \
	dvpnctl_in spoke1 clear map 192.168.111.1

# An IPv6 destination behind the other spoke, by the same hub.
for node in spoke1 spoke2; do
	ip -n "$node" -6 route add 2001:db8::/32 dev dvpn0
done
check "an IPv6 destination goes by the hub, too" says spoke1 2001:db8::40 \
	"2001:db8::40 is reached by the hub" " at 192.168.50.1"
check "a link-local one" says spoke1 fe80::1 "fe80::1 is reached by the hub" \
	" at 192.168.50.1"

# The hub's address outside was learned over the tunnel.
ip -n spoke1 route add 192.168.50.1/32 via 192.168.111.1
check "an underlay that is reached by the tunnel is named" says spoke1 192.168.10.10 \
	"recursive: packets to 192.168.10.10 go to 192.168.50.1, itself reached by dvpn0"
ip -n spoke1 route del 192.168.50.1/32

ip -n spoke1 link set dvpn0 down
check_within "the routes went with the device" 3 says spoke1 192.168.40.10 "no route leads there"
stop_dvpnd spoke1
check_fails "without dvpnd it says who cannot tell" 'dvpnd is not running' \
	dvpnctl_in spoke1 why 192.168.40.10
