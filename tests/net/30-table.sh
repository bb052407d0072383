#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
#
# The mapping table: what is refused and leaves it as it was, change by comparison, exact
# expiry, choice of the NHS, and many mappings while traffic flows.
. "${0%/*}/lib.sh"

load_dvpn
ns_add hub spoke1 spoke2
underlay_add wan
underlay_join wan hub wan 192.0.2.1/24
underlay_join wan spoke1 wan 192.0.2.2/24
underlay_join wan spoke2 wan 192.0.2.3/24
n=1
for ns in hub spoke1 spoke2; do
	ip -n $ns link add dvpn0 type dvpn local 192.0.2.$n key 7
	ip -n $ns address add 10.0.0.$n/16 dev dvpn0
	ip -n $ns address add fd00:1::$n/64 dev dvpn0
	ip -n $ns link set dvpn0 up
	n=$((n + 1))
done

# m WORD..., mb, mc - dvpnmap on the device of hub, spoke1, spoke2
m()
{
	dvpnmap -n hub dvpn0 "$@"
}

mb()
{
	dvpnmap -n spoke1 dvpn0 "$@"
}

mc()
{
	dvpnmap -n spoke2 dvpn0 "$@"
}

# lines COMMAND... - how many lines it prints
lines()
{
	"$@" | wc -l
}

# --- what is refused ---------------------------------------------------------------------

m add 10.0.0.2 192.0.2.2 owner 3
before=$(m dev | field generation)

# refused NAME PATTERN WORD... - is refused with a text
refused()
{
	check_fails "refused: $1" "$2" m "${@:3}"
}

refused "NBMA 0.0.0.0" 'EINVAL: .*unspecified' add 10.0.0.3 0.0.0.0
refused "NBMA multicast" 'EINVAL: .*multicast' add 10.0.0.3 224.0.0.5
refused "NBMA broadcast" 'EINVAL: .*broadcast' add 10.0.0.3 255.255.255.255
refused "NBMA broadcast of a network here" 'EINVAL: .*broadcast' add 10.0.0.3 192.0.2.255
refused "NBMA loopback" 'EINVAL: .*loopback' add 10.0.0.3 127.0.0.2
refused "own NBMA" 'EINVAL: .*this host' add 10.0.0.3 192.0.2.1
ip -n hub link add other up type dummy
ip -n hub address add 198.51.100.1/24 dev other
refused "another interface's address" 'EINVAL: .*this host' add 10.0.0.3 198.51.100.1
refused "its broadcast" 'EINVAL: .*broadcast' add 10.0.0.3 198.51.100.255
refused "the tunnel's own address" 'EINVAL: .*this host' add 10.0.0.3 10.0.0.1
ip -n hub link delete other
case ,$(m dev | field features), in
*,underlay6,*)
	ip -n hub link set dvpn0 type dvpn local 2001:db8::1
	for nbma in :: ::1 ff02::1 ff05::2 ::ffff:192.0.2.2 ::ffff:192.0.2.1 fd00:1::1; do
		refused "NBMA $nbma" 'EINVAL: NBMA address' add 10.0.0.3 $nbma
	done
	ip -n hub link set dvpn0 type dvpn local any
	ip -n hub link set dvpn0 type dvpn local 192.0.2.1
	;;
esac
refused "own NBMA for a peer" 'EINVAL: .*this host' peer-add 192.0.2.1
refused "own NBMA in SET" 'EINVAL: .*this host' set 10.0.0.2 nbma 192.0.2.1
refused "a frame to 0.0.0.0" 'EINVAL: .*unspecified' frame 0.0.0.0 00
refused "a mapping that exists" 'EEXIST: .*exists' add 10.0.0.2 192.0.2.3
refused "a peer that exists" 'EEXIST: .*exists' peer-add 192.0.2.2
refused "host bits" 'EINVAL: host bits' add 10.1.0.1/16 192.0.2.2
refused "host bits, IPv6" 'EINVAL: host bits' add fd00::1/64 192.0.2.2
refused "unreachable for ever" 'EINVAL: .*expire' add 10.0.0.3 192.0.2.3 unreachable
refused "to make it unreachable for ever" 'EINVAL: .*expire' set 10.0.0.2 unreachable
refused "a change of what is not there" 'ENOENT: no such mapping' set 10.0.0.9 owner 1
refused "deletion of what is not there" 'ENOENT: no such mapping' del 10.0.0.9
refused "a mapping by an id that is not there" 'ENOENT' get id=77
refused "a peer that is not there" 'ENOENT: no such peer' peer-set 192.0.2.9 mtu 1400
refused "deletion of a peer in use" 'EBUSY: .*mappings' peer-del 192.0.2.2
refused "an MTU that is too small" 'ERANGE|EINVAL' peer-set 192.0.2.2 mtu 20
refused "another owner" 'ESTALE: .*owner' set 10.0.0.2 owner 9 match-owner 4
refused "another id" 'ESTALE: .*id' set 10.0.0.2 owner 9 match-id 4000
refused "deletion with another owner" 'ESTALE: .*owner' del 10.0.0.2 match-owner 4
refused "replacement with another owner" 'ESTALE: .*owner' \
	add 10.0.0.2 192.0.2.2 replace match-owner 4
refused "replacement of what is gone" 'ESTALE: .*gone' \
	add 10.0.0.8 192.0.2.2 replace match-owner 4

check_fails "an answer about the peer's address points to it" 'EINVAL: .*attribute nbma4' \
	m add 10.0.0.3 224.0.0.5
check_fails "that of a peer, too" 'EINVAL: .*attribute nbma4' m peer-add 255.255.255.255
check_fails "and that of a frame" 'EINVAL: .*attribute nbma4' m frame 127.0.0.1 00
check_eq "none of it changed the table" "$(m dev | field generation)" "$before"
check_eq "nor the mapping" "$(m dump | sed 's/ age=.* owner/ owner/')" \
	"map id=1 proto=10.0.0.2 len=32 flags= owner=3 nbma=192.0.2.2 encap=gre peer=1"

# The same user without the capability: all that the family has.
for words in dev dump peers "add 10.0.0.3 192.0.2.3" "set 10.0.0.2 owner 1" "del 10.0.0.2" \
	"get 10.0.0.2" flush "lookup 10.0.0.2" "peer-add 192.0.2.3" "peer-set 192.0.2.2 mtu 1400" \
	"peer-del 192.0.2.2" "peer-get 192.0.2.2" peer-flush "frame 192.0.2.2 00" \
	"group-add 239.1.1.1 192.0.2.2" groups bind monitor; do
	# shellcheck disable=SC2086
	check_fails "without CAP_NET_ADMIN: $words" 'EPERM' \
		in_ns hub setpriv --bounding-set -net_admin --inh-caps -net_admin \
		dvpnmap dvpn0 $words
done
check_eq "that did not change the table either" "$(m dev | field generation)" "$before"

# --- SET, REPLACE, peers -----------------------------------------------------------------

# shown PROTO - a mapping without what changes by itself
shown()
{
	m get "$1" | sed 's/ age=[0-9]*//; s/ idle=[0-9]*//'
}

check "SET with the right owner and id" \
	m set 10.0.0.2 owner 4 cookie c0ffee match-owner 3 match-id 1
check_eq "changes what is given and nothing else" "$(shown 10.0.0.2)" \
	"map id=1 proto=10.0.0.2 len=32 flags= owner=4 cookie=c0ffee nbma=192.0.2.2 encap=gre peer=1"
check "SET by id" m set id=1 nhs 9 multicast
check_eq "sets flags and preference" "$(shown id=1)" \
	"map id=1 proto=10.0.0.2 len=32 flags=nhs,multicast preference=9 owner=4 cookie=c0ffee \
nbma=192.0.2.2 encap=gre peer=1"
m set 10.0.0.2 no-nhs static nbma 192.0.2.3
check_eq "clears a flag, keeps the others, moves it to another peer" "$(shown 10.0.0.2)" \
	"map id=1 proto=10.0.0.2 len=32 flags=multicast,static owner=4 cookie=c0ffee \
nbma=192.0.2.3 encap=gre peer=2"
check_eq "the peer that no mapping needs is gone" "$(m peers | field nbma)" 192.0.2.3
check "REPLACE" m add 10.0.0.2 192.0.2.2 owner 5 replace
check_eq "replaces all but the id" "$(shown 10.0.0.2)" \
	"map id=1 proto=10.0.0.2 len=32 flags= owner=5 nbma=192.0.2.2 encap=gre peer=3"
m peer-add 192.0.2.3 owner 5 mtu 1380
check_eq "a peer without mappings" "$(m peer-get 192.0.2.3 | sed 's/ pmtu=[0-9]*//')" \
	"peer id=4 nbma=192.0.2.3 encap=gre flags= mark-mask=0 mtu=1380 mtu-advertised=0 mss=0 \
keepalive=0 owner=5 maps=0 tx=0 rx=0"
m add 10.0.0.3 192.0.2.3
m del 10.0.0.3
check "stays when its mappings go" m peer-get id=4
check "until it is deleted" m peer-del 192.0.2.3
check_fails "then it is gone" ENOENT m peer-get id=4
m peer-add 192.0.2.3 expires 300
pause 0.4
check_fails "a peer without mappings expires" ENOENT m peer-get 192.0.2.3

m add 10.0.0.3 192.0.2.3 owner 6
m add 10.0.0.4 192.0.2.3 owner 7
m add 10.0.0.5 192.0.2.3
check_eq "a flush spares the owner that it names and owner 0" "$(m flush not-owner 6)" flushed=2
check_eq "nothing else is left" "$(m dump | sed 's/.* proto=\([^ ]*\).*/\1/' | tr '\n' ' ')" \
	"10.0.0.3 10.0.0.5 "
m flush >/dev/null

# --- where a packet goes -----------------------------------------------------------------

# goes NAME WANTED DST [NEXTHOP] - the verdict and the NBMA address used
goes()
{
	local got

	got=$(m lookup "${@:3}" | sed 's/verdict=\([a-z_]*\) .*nbma=\([^ ]*\).*/\1 \2/;s/^verdict=//;s/ map$//')
	check_eq "$1" "$got" "$2"
}

goes "nothing is known: dropped" drop 10.50.1.9
m add 10.0.0.2 192.0.2.2 nhs 1
goes "unknown: by the NHS" "nhs 192.0.2.2" 10.50.1.9 10.0.0.3
m add 10.0.0.3 192.0.2.3
goes "by the mapping of the next hop" "direct 192.0.2.3" 10.50.1.9 10.0.0.3
m add 10.50.0.0/16 192.0.2.4
m add 10.50.1.0/24 192.0.2.5
goes "a prefix of the destination goes first, the longest of them" "shortcut 192.0.2.5" \
	10.50.1.9 10.0.0.3
m set 10.50.1.0/24 probation
goes "one on probation is passed over" "shortcut 192.0.2.4" 10.50.1.9 10.0.0.3
m add 10.50.1.9 192.0.2.6
goes "a host mapping is not for destinations" "shortcut 192.0.2.4" 10.50.1.9 10.0.0.3
m set 10.50.1.9 shortcut
goes "unless it is a shortcut" "shortcut 192.0.2.6" 10.50.1.9 10.0.0.3
m peer-set 192.0.2.6 rx-only
goes "a peer that only sends is never chosen" "shortcut 192.0.2.4" 10.50.1.9 10.0.0.3
m del 10.50.0.0/16
m del 10.50.1.0/24
m del 10.50.1.9
goes "the shortcuts are gone" "direct 192.0.2.3" 10.50.1.9 10.0.0.3
m set 10.0.0.3 probation
goes "on probation: by the NHS" "nhs_probation 192.0.2.2" 10.0.0.3
m set 10.0.0.3 no-probation unreachable expires 60000
goes "unreachable: by the NHS" "nhs_unreachable 192.0.2.2" 10.0.0.3
m set 10.0.0.2 probation
goes "unreachable and no NHS: dropped" drop 10.0.0.3
goes "multicast" multicast 224.0.0.5
m add fd00::/16 192.0.2.5
goes "IPv6, by a prefix" "shortcut 192.0.2.5" fd00::1
m add fd01::3 192.0.2.3
goes "IPv6, by a host" "direct 192.0.2.3" fd01::3
goes "IPv4 by an IPv6 next hop" "direct 192.0.2.3" 10.77.0.1 fd01::3
m flush >/dev/null

# An address that becomes one of this host later: found out on the way.
m add 10.0.0.3 192.0.2.77
ip -n hub address add 192.0.2.77/32 dev lo
before=$(m dev | field drop_tx_bad_route)
in_ns hub ping -qn -c 1 -W 0.2 10.0.0.3 >/dev/null
check_eq "nothing goes to an address that has become our own" \
	$(($(m dev | field drop_tx_bad_route) - before)) 1
ip -n hub address del 192.0.2.77/32 dev lo
m del 10.0.0.3

# --- NHS ---------------------------------------------------------------------------------

for ns in spoke1 spoke2; do
	in_ns $ns ip address add 10.9.0.1/32 dev lo
done
in_ns hub ip route add 10.9.0.0/16 dev dvpn0
mb add 10.0.0.1 192.0.2.1
mc add 10.0.0.1 192.0.2.1
m add 10.0.0.2 192.0.2.2 nhs 10
m add 10.0.0.3 192.0.2.3 nhs 20

# nhs - NBMA address of the default NHS
nhs()
{
	m get "id=$(m dev | field nhs)" | field nbma
}

steady hub 10.9.0.1 nhs
check_eq "the lowest preference is the default NHS" "$(nhs)" 192.0.2.2
m set 10.0.0.3 nhs 5
check_eq "a lower one takes over" "$(nhs)" 192.0.2.3
m set 10.0.0.2 nhs 5
check_eq "with equal preference the lowest id" "$(nhs)" 192.0.2.2
m set 10.0.0.2 probation
check_eq "not one on probation" "$(nhs)" 192.0.2.3
m set 10.0.0.2 no-probation
m peer-set 192.0.2.2 rx-only
check_eq "not one to a peer that only sends" "$(nhs)" 192.0.2.3
m peer-set 192.0.2.2 no-rx-only
m set 10.0.0.2 expires 500
pause 0.7
check_eq "not one that has expired" "$(nhs)" 192.0.2.3
steady_end nhs "and not one packet is lost in all that"
m flush >/dev/null

# --- expiry ------------------------------------------------------------------------------

ttl=2000
# requests NAME - "milliseconds sequence-number" of each echo request in a capture
requests()
{
	tcpdump -ttnr "$RESULTS/$1.pcap" 2>/dev/null |
		awk 'match($0, /echo request.* seq [0-9]+/) {
			split(substr($0, RSTART, RLENGTH), part, " seq ")
			printf "%.0f %d\n", $1 * 1000, part[2]
		}'
}

capture hub dvpn0 expiry-inside 'icmp[0] == 8'
capture hub wan expiry 'ip proto 47 and dst host 192.0.2.2'
ip netns exec hub ping -qn -i 0.01 -W 1 10.0.0.2 >"$SCRATCH/expiry" 2>&1 &
ping=$!
before=$(now_ms)
m add 10.0.0.2 192.0.2.2 expires $ttl
after=$(now_ms)
pause 2.5
kill -INT $ping
wait $ping
capture_stop expiry-inside
capture_stop expiry
requests expiry >"$SCRATCH/wire"
last=$(tail -n 1 "$SCRATCH/wire")
last=${last% *}
# Of those that the device was given while the mapping was there
read -r given dropped < <(requests expiry-inside |
	awk -v from="$after" -v to=$((before + ttl - 20)) '
		NR == FNR { left[$2]; next }
		$1 > from && $1 < to { n++; dropped += !($2 in left) }
		END { print n + 0, dropped + 0 }' "$SCRATCH/wire" -)
diag "added between 0 and $((after - before)) ms, last packet after $((last - before)) ms," \
	"$dropped of $given dropped before"
check "traffic flows until a mapping expires" [ "$given" -gt 10 -a "$dropped" = 0 ]
check "and no longer" test $((last - after)) -le $((ttl + 5))
check_eq "the peer is gone with it" "$(lines m peers)" 0

m add 10.0.0.2 192.0.2.2 expires $((ttl * DVPN_TIME_SCALE))
m set 10.0.0.2 expires 0
pause $((ttl / 1000 * DVPN_TIME_SCALE)).1
check "one whose time to live was taken away stays" m get 10.0.0.2
m set 10.0.0.2 expires 100
pause 0.3
check_fails "one that got one does not" ENOENT m get 10.0.0.2

in_ns hub ip link set dvpn0 type dvpn agent-grace 3600
m add 10.0.0.2 192.0.2.2 expires 100
pause 0.3
check "with agent-grace and no agent, expiry waits" m get 10.0.0.2
goes "and the mapping is used" "direct 192.0.2.2" 10.0.0.2
dvpnmap -n hub dvpn0 bind >"$SCRATCH/grace" &
agent=$!
wait_for 5 grep -q bound "$SCRATCH/grace"
check_fails "until the agent is back" ENOENT m get 10.0.0.2
kill $agent
wait $agent
m add 10.0.0.2 192.0.2.2 expires 100
dvpnmap -n hub dvpn0 monitor >"$SCRATCH/monitor" &
agent=$!
wait_for 5 grep -q listening "$SCRATCH/monitor"
in_ns hub ip link set dvpn0 type dvpn agent-grace 0
check_within "without the grace what waited goes at once" 5 \
	grep -q 'map-gone .*10.0.0.2 ' "$SCRATCH/monitor"
kill $agent
wait $agent 2>/dev/null

# --- many --------------------------------------------------------------------------------

m add 10.0.0.2 192.0.2.2 owner 1
steady hub 10.0.0.2 many
check_eq "10,000 mappings are added" \
	"$(m bulk 10000 10.2.0.0 172.16.0.0 owner 8 | tee "$SCRATCH/bulk" | sed 's/ ms=.*//')" \
	"added=10000 refused=0"
diag "$(cat "$SCRATCH/bulk")"
dvpnmap -n hub dvpn0 churn 600000 300 10.3.0.0 172.18.0.0 >"$SCRATCH/churn" &
churn=$!
check "every dump has each of them exactly once while others come and go" \
	m dumps 4000 10000 10.2.0.0
diag "$(cat "$SCRATCH/check")"
check "others came and went meanwhile" test -d /proc/$churn
check_eq "half of them is replaced" \
	"$(m bulk 5000 10.2.0.0 172.17.0.0 owner 9 replace | sed 's/ ms=.*//')" \
	"added=5000 refused=0"
kill -INT $churn
wait $churn
diag "$(cat "$SCRATCH/churn")"
m dump >"$SCRATCH/dump"
check_eq "the new half" "$(grep -c 'owner=9.* nbma=172\.17\.' "$SCRATCH/dump")" 5000
check_eq "the old half" "$(grep -c 'owner=8.* nbma=172\.16\.' "$SCRATCH/dump")" 5000
check_eq "with a peer each" "$(m dev | field peers)" 10001
check_eq "one owner's are flushed" "$(m flush owner 8)" flushed=5000
check_eq "all but one owner's are flushed" "$(m flush not-owner 1)" flushed=5000
check_eq "the rest" "$(m dev | sed 's/.* \(maps=.*\) incomplete.*/\1/')" "maps=1 peers=1"
steady_end many "not one packet of the traffic was lost"

in_ns hub ip link set dvpn0 type dvpn max-peers 2
m bulk 5 10.0.0.10 192.0.2.2 >"$SCRATCH/limit" 2>"$SCRATCH/limit.err"
check_eq "max-peers holds" "$(sed 's/ ms=.*//' "$SCRATCH/limit")" "added=2 refused=3"
check "and the refusal says so" grep -q 'ENOSPC: .*max-peers' "$SCRATCH/limit.err"
in_ns hub ip link set dvpn0 type dvpn max-maps 4
m add 10.0.0.20 192.0.2.2
check_fails "max-maps holds" 'ENOSPC: .*max-maps' m add 10.0.0.21 192.0.2.2
check "a mapping can still be replaced" m add 10.0.0.20 192.0.2.2 replace owner 2
