#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# soak time limit: 300
#
# As many packets as there is time for that each want something: a next hop resolved, a redirect,
# attention as a stranger, a thousand copies. What that makes of events is bounded, memory stays
# as it is, those who are known notice nothing, and an agent that could not keep up can catch up.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

seconds=4
[ -z "${DVPN_SOAK-}" ] || seconds=30
remembered=1024	# next hops of which the kernel remembers that it asked

# agent NODE [OPTION]... - an agent that writes to $SCRATCH/agent
agent()
{
	: >"$SCRATCH/agent"
	dvpnmap -n "$1" dvpn0 bind "${@:2}" >"$SCRATCH/agent" 2>&1 &
	agent=$!
	wait_for 10 grep -q bound "$SCRATCH/agent" || bail_out "no agent: $(cat "$SCRATCH/agent")"
}

agent_end()
{
	kill "$agent"
	wait "$agent" 2>/dev/null
}

memory()
{
	awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo
}

# grown_below BEFORE KIB - so much memory more is in use, at most: what is on its way goes
grown_below()
{
	[ $(($(memory) - $1)) -le "$2" ]
}

# storm NODE WORD... - netload there while one knows the hub; memory and counters of what is hit
storm()
{
	local node=$1 kib

	shift
	kib=$(memory)
	start=$(now_ms)
	before=$(map "$hit" dev)
	steady one 10.0.0.1 storm
	in_ns "$node" netload "$@" >"$SCRATCH/load"
	steady_end storm "who is known loses nothing"
	after=$(map "$hit" dev)
	# What waited in the kernel is still counted while it is asked.
	took=$((($(now_ms) - start + 999) / 1000))
	check_within "memory stays as it is" 10 grown_below $kib 4096
	diag "$(cat "$SCRATCH/load"), memory grew by $(($(memory) - kib)) KiB"
}

# more NAME - by how much a counter of the device that was hit has grown
more()
{
	echo $(($(echo "$after" | field "$1") - $(echo "$before" | field "$1")))
}

load_dvpn
star_add hub one two
for node in hub one two; do
	tunnel_add $node key 7 domain 1 redirect on max-maps 100000 max-peers 100000
done
map_to hub one
map_to hub two
map_to one hub
map_to two hub
ns_forward hub
check "traffic" ping_all one 10.0.0.1

# --- next hops that nobody has -----------------------------------------------------------

ip -n one route add 10.8.0.0/14 dev dvpn0
hit=one
agent one class event rcvbuf 2048
kill -STOP $agent
storm one flood $seconds 10.8.0.0 200000
told=$(($(more events) + $(more events_lost)))
diag "$told events for $(more misses) packets in $took s, $(more events_lost) of them lost"
check "every packet is counted" test "$(more misses)" -ge "$(field packets <"$SCRATCH/load")"
check "a next hop is asked for once per step of the back-off" \
	test $told -le $((remembered * (1 + took)))
check "a bounded number of them" test "$(echo "$after" | field incomplete)" -le $remembered
check "most events did not fit into a small buffer" test "$(more events_lost)" -ge 1
kill -CONT $agent
check_within "the agent is told" 10 grep -q overrun "$SCRATCH/agent"
wait_for 20 waits_for_more $agent
map one add 10.0.0.55 192.0.2.9 expires 1
check_within "and with the next event how much" 10 grep -q 'lost=[1-9]' "$SCRATCH/agent"
check_eq "it can see the table" "$(map one dump | grep -cv incomplete)" 2
agent_end

# --- redirects for a scan ----------------------------------------------------------------

map one set 10.0.0.1 nhs 1
ip -n one route add 10.64.0.0/10 via 10.0.0.1
ip -n hub route add 10.64.0.0/10 via 10.0.0.3 dev dvpn0 onlink
hit=hub
agent hub class event
storm one flood $seconds 10.64.0.0 4000000
told=$(more events)
diag "$told events for $(more redirects) packets in $took s"
check "packets go out as they came in" test "$(more redirects)" -ge 1000
check "the agent is told at most 256 times a second" test "$told" -le $((256 * (1 + took)))
check_within "and told at all" 10 eval '[ "$(grep -c type=redirect "$SCRATCH/agent")" -ge 100 ]'
check "what is held back is counted" \
	test $(($(more events_limited) + told + $(more events_lost))) -ge "$(more redirects)"

# --- strangers ---------------------------------------------------------------------------

storm two strangers $seconds 192.0.2.1 7
told=$(more events)
diag "$told events for $(more drop_rx_unknown_peer) packets in $took s"
check "strangers are seen" test "$(more drop_rx_unknown_peer)" -ge 1000
check "the agent is told at most 64 times a second" test "$told" -le $((64 * (1 + took)))
check_within "and told at all" 10 grep -q type=unknown_peer "$SCRATCH/agent"
check_eq "none of them became a peer" "$(echo "$after" | field peers)" \
	"$(echo "$before" | field peers)"
agent_end

# --- a thousand copies of each -----------------------------------------------------------

ip -n hub route add 198.18.0.0/15 via 192.0.2.3
ip -n hub route add 239.0.0.0/8 dev dvpn0
map hub bulk 1000 10.16.0.0 198.18.0.0 multicast >/dev/null
storm hub flood $seconds 239.1.1.1 1
diag "$(more mcast_copies) copies of $(more mcast_packets) packets," \
	"$(more drop_mcast_queue) dropped"
check "multicast is offered" test "$(more mcast_packets)" -ge 100
check "what the queue has no room for is dropped and counted" \
	test "$(more drop_mcast_queue)" -ge 1

# all_copied - every peer got what was not dropped
all_copied()
{
	after=$(map hub dev)
	[ "$(more mcast_copies)" = \
		$((1000 * ($(more mcast_packets) - $(more drop_mcast_queue)))) ]
}

check_within "all others went to every peer" 30 all_copied
pause 0.3
check "once" all_copied
