#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# What the agent is told, and who is the agent: binding, frames, each event and its limits.
. "${0%/*}/lib.sh"

load_dvpn
ns_add hub spoke1 spoke2 stranger
underlay_add wan
underlay_join wan hub wan 192.0.2.1/24
underlay_join wan spoke1 wan 192.0.2.2/24
underlay_join wan spoke2 wan 192.0.2.3/24
underlay_join wan stranger wan 192.0.2.9/24
n=1
for ns in hub spoke1 spoke2; do
	ip -n $ns link add dvpn0 type dvpn local 192.0.2.$n key 7 domain 1 redirect on
	ip -n $ns address add 10.0.0.$n/24 dev dvpn0
	ip -n $ns link set dvpn0 up
	n=$((n + 1))
done
ip -n stranger link add dvpn0 type dvpn local 192.0.2.9 key 7
ip -n stranger address add 10.0.0.9/24 dev dvpn0
ip -n stranger link set dvpn0 up
ns_forward hub

# map NS WORD... - dvpnmap on the device of a namespace
map()
{
	dvpnmap -n "$1" dvpn0 "${@:2}"
}

declare -A AGENT=()

# agent NS NAME [OPTION]... - an agent that writes to $SCRATCH/NAME
agent()
{
	: >"$SCRATCH/$2"
	dvpnmap -n "$1" dvpn0 bind "${@:3}" >"$SCRATCH/$2" 2>&1 &
	AGENT[$2]=$!
	wait_for 10 grep -q bound "$SCRATCH/$2" || bail_out "no agent: $(cat "$SCRATCH/$2")"
}

# agent_end NAME [SIGNAL]
agent_end()
{
	kill "-${2:-TERM}" "${AGENT[$1]}"
	wait "${AGENT[$1]}" 2>/dev/null || true
}

# count NAME PATTERN - lines of an agent that match
count()
{
	grep -cE -- "$2" "$SCRATCH/$1"
}

# ping_n NS ADDRESS COUNT INTERVAL - sends; answers do not matter
ping_n()
{
	in_ns "$1" ping -qn -c "$3" -i "$4" -W 0.2 "$2" >/dev/null
}

# --- binding -----------------------------------------------------------------------------

check_eq "nobody is the agent" "$(map hub dev | field agent)" ""
agent hub one
check_eq "one socket takes both classes" "$(map hub dev | field agent)" frame,event
check_fails "a second one is refused" 'bind: EBUSY: .*agent' map hub bind
check_fails "for one class as well" 'bind: EBUSY: .*agent' map hub bind class event
agent_end one KILL
agent hub two class frame
ok "when the socket is gone another one can bind"
agent hub three class event
check_eq "two sockets share the classes" "$(map hub dev | field agent)" frame,event
check_fails "and still a third is refused" 'bind: EBUSY' map hub bind class frame
agent_end three
check_eq "each ends by itself" "$(map hub dev | field agent)" frame
agent_end two

# --- frames ------------------------------------------------------------------------------

map hub add 10.0.0.2 192.0.2.2 multicast
map hub add 10.0.0.3 192.0.2.3
map spoke1 add 10.0.0.1 192.0.2.1 nhs 1
map spoke2 add 10.0.0.1 192.0.2.1 nhs 1
map spoke1 frame 192.0.2.1 00112233
check_within "a frame without an agent is counted" 5 eval \
	'[ "$(map hub dev | field drop_frame_no_agent)" = 1 ]'
agent hub frames
check "a frame is sent" map spoke1 frame 192.0.2.1 deadbeef
check_within "and comes with its sender" 5 grep -q \
	"^frame seq=1 lost=0 nbma=192.0.2.2 encap=gre local=192.0.2.1 link=[0-9]* peer=1 data=deadbeef\$" \
	"$SCRATCH/frames"
check "a stranger's frame" map stranger frame 192.0.2.1 cafe local 192.0.2.9
check_within "comes too, without a peer" 5 grep -q \
	"^frame seq=2 lost=0 nbma=192.0.2.9 .* peer=0 data=cafe\$" "$SCRATCH/frames"
check_fails "a frame without a route is refused" 'EHOSTUNREACH: .*route' \
	map spoke1 frame 198.51.100.1 00
in_ns spoke1 ip link set dvpn0 down
check_fails "and one of a device that is down" 'ENETDOWN' map spoke1 frame 192.0.2.1 00
in_ns spoke1 ip link set dvpn0 up

# --- UNKNOWN_PEER ------------------------------------------------------------------------

map stranger add 10.0.0.1 192.0.2.1
before=$(map hub dev | field drop_rx_unknown_peer)
start=$(now_ms)
ping_n stranger 10.0.0.1 20 0.02
seconds=$(seconds_since "$start")
check_within "a stranger's packets are seen" 5 grep -q \
	'type=unknown_peer .*nbma=192.0.2.9 .*local=192.0.2.1 .*src=10.0.0.9 .*inner=0800' \
	"$SCRATCH/frames"
events=$(count frames type=unknown_peer)
diag "$events events for $(($(map hub dev | field drop_rx_unknown_peer) - before)) packets"
check "but no more than one a second is told" test "$events" -le $((1 + seconds))
check "those held back are counted" test "$(map hub dev | field events_limited)" -ge 1

# --- REDIRECT ----------------------------------------------------------------------------

start=$(now_ms)
ping_n spoke1 10.0.0.3 30 0.02
seconds=$(seconds_since "$start")
check_within "a packet that goes out as it came in is told, with the peer" 5 grep -q \
	'type=redirect .*nbma=192.0.2.2 .*src=10.0.0.2 dst=10.0.0.3 .*inner-len=84 excerpt-len=84' \
	"$SCRATCH/frames"
check_within "both directions" 5 grep -q 'type=redirect .*src=10.0.0.3 dst=10.0.0.2' \
	"$SCRATCH/frames"
check_within "every packet is counted" 5 eval '[ "$(map hub dev | field redirects)" -ge 60 ]'
there=$(count frames 'type=redirect .*src=10.0.0.2 dst=10.0.0.3')
back=$(count frames 'type=redirect .*src=10.0.0.3 dst=10.0.0.2')
diag "$there and $back events"
check "at most once a second and direction" test $((there + back)) -le $((2 + 2 * seconds))
agent_end frames

# --- MISS --------------------------------------------------------------------------------

# The hub's other spoke was one until a moment ago.
wait_for 60 eval '[ "$(map spoke1 dev | field incomplete)" = 0 ]'
agent spoke1 miss
start=$(now_ms)
ping_n spoke1 10.0.0.77 100 0.02
took=$(($(now_ms) - start))
check_within "a next hop without mapping is told" 5 grep -q \
	'type=miss .*proto=10.0.0.77 .*src=10.0.0.2 dst=10.0.0.77 .*inner-len=84 excerpt-len=84' \
	"$SCRATCH/miss"
# After 0, 1, 3, 7, 15 s ...
most=1
for ((t = 1000, step = 2000; t <= took; t += step, step *= 2)); do
	most=$((most + 1))
done
misses=$(count miss 'type=miss.*proto=10.0.0.77')
diag "$misses events in $took ms"
check "once per step of the back-off" test "$misses" -le "$most"
ip netns exec spoke1 ping -qn -i 0.1 10.0.0.77 >/dev/null &
ping=$!
check_within "it is shown as incomplete" 5 eval \
	'map spoke1 dump | grep "^map proto=10.0.0.77 len=32 flags=incomplete"'
check_eq "and counted" "$(map spoke1 dev | field incomplete)" 1
# Not INT: a program in the background ignores that until it says otherwise.
kill $ping
wait $ping
map spoke1 add 10.0.0.77 192.0.2.3
check_eq "until there is a mapping" "$(map spoke1 dev | field incomplete)" 0
map spoke1 del 10.0.0.77

# More next hops than the kernel remembers: the packets go by the NHS all the same.
in_ns spoke1 ip route add 10.7.0.0/16 dev dvpn0
before=$(map spoke1 dev)
in_ns spoke1 python3 - <<'PYTHON'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(1500):
    s.sendto(b"x", ("10.7.%d.%d" % (i >> 8, i & 255), 9))
PYTHON
after=$(map spoke1 dev)
check "at most 1024 are remembered" test "$(echo "$after" | field incomplete)" -le 1024
check "packets beyond take the NHS" test \
	$(($(echo "$after" | field tx_nhs) - $(echo "$before" | field tx_nhs))) -ge 1500
check_within "what nobody asks for any more is forgotten" 60 eval \
	'[ "$(map spoke1 dev | field incomplete)" = 0 ]'

# --- EXPIRE ------------------------------------------------------------------------------

map spoke1 add 10.0.0.55 192.0.2.3 owner 3 cookie 0aff expires 300
id=$(map spoke1 dump | grep 10.0.0.55 | field id)
pause 0.4
check_within "an expired mapping is told, with all that it had" 5 grep -qE \
	"type=expire .*proto=10.0.0.55 len=32 .*owner=3 cookie=0aff nbma=192.0.2.3 .*reason=expired" \
	"$SCRATCH/miss"
diag "its id was ${id:-already gone}"
map spoke1 add 10.0.0.55 192.0.2.3 expires 60000
map spoke1 del 10.0.0.55
check_eq "a deleted one is not" "$(count miss type=expire)" 1

# --- PEER_UNREACH ------------------------------------------------------------------------

map spoke1 add 10.0.0.66 198.51.100.7
start=$(now_ms)
ping_n spoke1 10.0.0.66 20 0.02
seconds=$(seconds_since "$start")
check_within "a peer without a route is told" 5 grep -qE \
	'type=peer_unreach .*nbma=198.51.100.7 .*(reason=no_route|errno=)' "$SCRATCH/miss"
check "no more than once a second" test "$(count miss type=peer_unreach)" -le $((1 + seconds))
map spoke1 del 10.0.0.66

# --- losses ------------------------------------------------------------------------------

check_eq "nothing was lost so far" "$(count miss 'lost=[1-9]')" 0
# Numbers in the order of the messages, without a gap.
check_eq "the events are numbered" \
	"$(sed -n 's/^event .* seq=\([0-9]*\) .*/\1/p' "$SCRATCH/miss" | awk '$1 != NR' | wc -l)" 0
agent_end miss

agent spoke1 small class event rcvbuf 1
kill -STOP "${AGENT[small]}"
map spoke1 bulk 200 10.0.1.0 192.0.2.20 expires 1 >/dev/null
# Who asks for one mapping removes all whose time is over.
pause 0.1
map spoke1 get 10.0.1.0 2>/dev/null
kill -CONT "${AGENT[small]}"
check_within "an agent that does not read is told of the overrun" 5 grep -q overrun "$SCRATCH/small"
wait_for 20 waits_for_more "${AGENT[small]}"
map spoke1 add 10.0.1.0 192.0.2.20 expires 1
check_within "the next event says how many were lost" 5 grep -q 'seq=201 .*lost=[1-9]' \
	"$SCRATCH/small"
got=$(count small type=expire)
lost=$(sed -n 's/.* lost=\([1-9][0-9]*\) .*/\1/p' "$SCRATCH/small" | awk '{ n += $1 } END { print n }')
check_eq "those that came and those that were lost are all" $((got + lost)) 201
check "the device counts them" test "$(map spoke1 dev | field events_lost)" -ge "$lost"
check_eq "the numbers have a gap of that size" \
	"$(sed -n 's/^event .* seq=\([0-9]*\) .*/\1/p' "$SCRATCH/small" | tail -n 1)" 201
agent_end small

# --- observers ---------------------------------------------------------------------------

dvpnmap -n spoke1 dvpn0 monitor >"$SCRATCH/monitor" &
monitor=$!
wait_for 5 grep -q listening "$SCRATCH/monitor"
map spoke1 add 10.0.0.88 192.0.2.30 owner 2
map spoke1 set 10.0.0.88 owner 3
map spoke1 del 10.0.0.88
check_within "observers see a mapping come" 5 grep -q '^map .*10.0.0.88 .*owner=2' "$SCRATCH/monitor"
check_within "change" 5 grep -q '^map .*10.0.0.88 .*owner=3' "$SCRATCH/monitor"
check_within "and go, with the reason" 5 grep -q '^reason=deleted map-gone .*10.0.0.88' \
	"$SCRATCH/monitor"
check_within "and so with its peer" 5 grep -q 'peer-gone .*192.0.2.30' "$SCRATCH/monitor"
kill $monitor
wait $monitor 2>/dev/null

# --- the queue of a device without NHS ---------------------------------------------------

map spoke1 flush >/dev/null
map spoke2 add 10.0.0.2 192.0.2.2
in_ns spoke1 ip link set dvpn0 type dvpn queue 3
before=$(map spoke1 dev | field misses)
# One shell for both: it waits three seconds, no longer.
# shellcheck disable=SC2016
in_ns spoke1 sh -c '
	ping -n -c 1 -W 10 10.0.0.3 &
	until dvpnmap dvpn0 dev | grep -qE " misses=$1( |\$)"; do :; done
	dvpnmap dvpn0 add 10.0.0.3 192.0.2.3
	wait' - $((before + 1)) >"$SCRATCH/queued"
check "a packet waits for its mapping" grep -q ' 0% packet loss' "$SCRATCH/queued"
check_eq "it did" $(($(map spoke1 dev | field misses) - before)) 1
drops=$(map spoke1 dev | field drop_tx_queue_full)
ping_n spoke1 10.0.0.44 5 0.02
check_within "one whose mapping does not come is dropped" 15 eval \
	'[ $(($(map spoke1 dev | field drop_tx_queue_full) - drops)) -ge 5 ]'

# --- the device moves --------------------------------------------------------------------

agent spoke2 moved
ip -n spoke2 link set dvpn0 netns stranger name dvpn1
check_eq "a device that moves to another namespace has no agent any more" \
	"$(dvpnmap -n stranger dvpn1 dev | field agent)" ""
check_eq "but its table" "$(dvpnmap -n stranger dvpn1 dev | sed 's/.* maps=\([0-9]*\).*/\1/')" 2
agent_end moved
