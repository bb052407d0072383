#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# To whom a packet goes, with a hub and two spokes: mapping, hub, several, nobody.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# inner4 ADDRESS, inner6 ADDRESS - tcpdump's filter for what goes there inside plain GRE;
# of an IPv6 address only the last word counts
inner4()
{
	local IFS=.

	# shellcheck disable=SC2086
	printf 'ip proto 47 and ip[40:4] == 0x%02x%02x%02x%02x' $1
}

inner6()
{
	printf 'ip proto 47 and ip[22:2] == 0x86dd and ip[60:4] == 0x%08x' "0x${1##*:}"
}

# count NAME FILTER - packets of a capture that tcpdump's filter lets pass
count()
{
	tcpdump -nr "$RESULTS/$1.pcap" "$2" 2>/dev/null | wc -l
}

# has NAME N FILTER - there are at least so many (for wait_for)
has()
{
	[ "$(count "$1" "$3")" -ge "$2" ]
}

# stat_of NODE NAME - a counter of dvpn0
stat_of()
{
	map "$1" dev | tr ' ' '\n' | sed -n "s/^.*$2=//p"
}

# copies N - the hub has made so many copies by now
copies()
{
	[ "$(stat_of hub mcast_copies)" -ge "$1" ]
}

load_dvpn
star_add hub one two
ns_forward hub one
tunnel_add hub
tunnel_add one
map_to hub one
map_to one hub

# --- miss, NHS, probation, unreachable ---------------------------------------------------

tunnel_add two
map_to hub two
check_fails "without mapping and NHS a packet is dropped" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.3
check_eq "that is counted" "$(drops one tx_no_map)" 1

unmap one hub
map_to one hub nhs 10
map_to two hub nhs 10
check_eq "what has no mapping goes by the NHS" "$(ttl one 10.0.0.3)" 63
before=$(drops hub tx_icmp_redirect)
capture one dvpn0 redirect6 "icmp6"
check "IPv6 as well" ping_all one fd00::3
capture_stop redirect6
check_within "the hub's own ICMPv6 redirects are dropped" 5 \
	eval '[ "$(drops hub tx_icmp_redirect)" -gt "$before" ]'
check_eq "none of them arrives" "$(count redirect6 "ip6[40] == 137")" 0

map_to one two probation
map_to two one probation
check_eq "on probation it still goes by the NHS" "$(ttl one 10.0.0.3)" 63
unmap one two
map_to one two
check_eq "what comes from a peer on probation enters" "$(ttl one 10.0.0.3)" 63
unmap two one
map_to two one
check_eq "with a mapping it goes straight" "$(ttl one 10.0.0.3)" 64
unmap one two
unmap two one
map_to one two unreachable expires 600000
check_eq "to an unreachable one by the NHS" "$(ttl one 10.0.0.3)" 63
map one add 10.0.0.99 192.0.2.99 unreachable expires 600000
unmap one hub
check_fails "without NHS the sender is told" "Host Unreachable" \
	in_ns one ping -n -c 1 -W 2 10.0.0.99
check_within "that is counted, too" 5 dropped one tx_unreachable
map_to one hub nhs 10
unmap one two

# --- redirect ----------------------------------------------------------------------------

ip -n hub link set dvpn0 type dvpn redirect on
dvpnmap -n hub dvpn0 bind >"$SCRATCH/agent" &
agent=$!
wait_for 10 grep -q bound "$SCRATCH/agent"
capture one dvpn0 redirect "icmp"
check "traffic between the spokes passes the hub" ping_all one 10.0.0.3
check "the agent gets a redirect event" wait_for 5 grep -q "redirect" "$SCRATCH/agent"
check "the last answer is there" wait_for 5 has redirect 6 "icmp"
capture_stop redirect
check_within "the hub's own ICMP redirects are dropped" 5 dropped hub tx_icmp_redirect
check_eq "none arrives" "$(count redirect "icmp[0] == 5")" 0
kill $agent
wait $agent 2>/dev/null
ip -n hub link set dvpn0 type dvpn redirect off

# The hub believes a network behind one, which believes it behind the hub.
ip -n hub route add 10.9.9.0/24 via 10.0.0.2 dev dvpn0
ip -n one route add 10.9.9.0/24 via 10.0.0.77 dev dvpn0
capture hub wan loop "ip proto 47"
in_ns hub ping -qn -c 1 -W 1 10.9.9.9 >/dev/null
capture_stop loop
check_eq "the fallback does not send a packet back" "$(count loop "$(inner4 10.9.9.9)")" 1
check_within "that is counted" 5 dropped one tx_back

# --- multicast ---------------------------------------------------------------------------

unmap hub one
unmap hub two
map_to hub one multicast
map_to hub two multicast
capture hub wan multicast "ip proto 47"
in_ns hub ping -qn -c 1 -W 1 -I dvpn0 224.0.0.5 >/dev/null
in_ns hub ping -qn -c 1 -W 1 -I dvpn0 ff02::5 >/dev/null
check "two peers, four mappings: copies of IPv4" \
	wait_for 5 has multicast 2 "$(inner4 224.0.0.5)"
check "copies of IPv6" wait_for 5 has multicast 2 "$(inner6 ff02::5)"
in_ns hub ping -qn -c 1 -W 1 10.0.0.2 >/dev/null
check "all before this ping are there" wait_for 5 has multicast 1 "$(inner4 10.0.0.2)"
capture_stop multicast
for to in 192.0.2.2 192.0.2.3; do
	check_eq "one copy for $to" "$(count multicast "dst $to and $(inner4 224.0.0.5)")" 1
	check_eq "IPv6: one copy for $to" "$(count multicast "dst $to and $(inner6 ff02::5)")" 1
done

unmap hub two
map_to hub two multicast probation
capture hub wan probation "ip proto 47"
in_ns hub ping -qn -c 1 -W 1 -I dvpn0 224.0.0.5 >/dev/null
capture_stop probation
check_eq "who is on probation gets no copy" \
	"$(count probation "dst 192.0.2.3 and $(inner4 224.0.0.5)")" 0
check_eq "the other does" "$(count probation "dst 192.0.2.2 and $(inner4 224.0.0.5)")" 1
unmap hub two
map_to hub two multicast

in_ns hub sysctl -q net.ipv4.conf.all.bc_forwarding=1 net.ipv4.conf.dvpn0.bc_forwarding=1
unmap one hub
map_to one hub nhs 10 multicast
capture hub wan back "ip proto 47"
in_ns one ping -qn -b -c 1 -W 1 10.0.0.255 >/dev/null 2>&1
check "a broadcast that the hub forwards goes on" \
	wait_for 5 has back 1 "dst 192.0.2.3 and $(inner4 10.0.0.255)"
in_ns hub ping -qn -c 1 -W 1 10.0.0.2 >/dev/null
check "all before this ping are there" wait_for 5 has back 1 "$(inner4 10.0.0.2)"
capture_stop back
check_eq "and never back" "$(count back "dst 192.0.2.2 and $(inner4 10.0.0.255)")" 0

# More peers than copies are made at once. None of them exists.
before=$(stat_of hub mcast_copies)
map hub bulk 198 10.64.0.1 203.0.0.1 multicast >/dev/null
in_ns hub ip route add 203.0.0.0/24 via 192.0.2.3
in_ns hub ping -qn -c 1 -W 1 -I dvpn0 224.0.0.5 >/dev/null 2>&1
check "200 peers get 200 copies" wait_for 10 copies $((before + 200))
map hub flush >/dev/null
map_to hub one

# --- strangers ---------------------------------------------------------------------------

before=$(drops hub rx_unknown_peer)
check_fails "a packet from no peer does not enter" "100% packet loss" \
	in_ns two ping -qn -c 1 -W 1 10.0.0.1
check_within "it is counted" 5 eval '[ "$(drops hub rx_unknown_peer)" -gt "$before" ]'
ip -n hub link set dvpn0 down
check_fails "a device that is down receives nothing" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.1
check_within "that is counted" 5 dropped hub rx_down
ip -n hub link set dvpn0 up
check "up again, its table is as it was" ping_all one 10.0.0.1
