#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 150
#
# PPTP (GRE version 1) between the addresses of a tunnel: it comes to who listens for it as if
# there were no dvpn, and dvpn counts nothing of it.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# The second word of PPTP, where GRE has its key: length of the payload and call.
CALL=00080007
PPP=ff0300210102030405060708

# pptp - each kind of its packets from the spoke to the hub, and from one who is no peer. The last
# is not PPTP, and dvpn's neither: it has another key.
pptp()
{
	local from

	for from in 192.0.2.2 192.0.2.3; do
		in_ns one python3 -BSEs "$TOP/tests/net/raw-gre.py" send $from 192.0.2.1 \
			"3001880b${CALL}00000001$PPP" \
			"3081880b${CALL}0000000200000001$PPP" \
			"2081880b${CALL}00000002" \
			"20010800$CALL$PPP" \
			"0001880b$PPP" \
			"2000880bffffffff$PPP"
	done
}

# got NUMBER - the raw socket has got so many packets (for wait_for)
got()
{
	[ "$(grep -c . "$SCRATCH/raw")" -ge $((1 + $1)) ]
}

# passes - those that the raw socket gets of pptp
passes()
{
	local before

	before=$(($(grep -c . "$SCRATCH/raw") - 1))
	pptp
	wait_for 10 got $((before + 12)) 2>/dev/null
	tail -n +$((before + 2)) "$SCRATCH/raw"
}

# counted - all that the hub's device counts, and the peer
counted()
{
	map hub dev | tr ' ' '\n' | grep -E '^(drop|rx|tx)_'
	map hub peer-get 192.0.2.2 | tr ' ' '\n' | grep -E '^[rt]x='
	in_ns hub sh -c 'cat /sys/class/net/dvpn0/statistics/rx_*'
}

# untouched NAME - one result for the packets, one for the counters
untouched()
{
	local before

	check "$1: its own traffic" ping_all one 10.0.0.1
	before=$(counted)
	check_eq "$1: PPTP passes as without dvpn" "$(passes)" "$without"
	check_eq "$1: and is counted nowhere" "$(counted)" "$before"
}

star_add hub one
ip -n one address add 192.0.2.3/24 dev wan
# shellcheck disable=SC2016
in_ns hub sh -c 'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done'
ip netns exec hub python3 -BSEs "$TOP/tests/net/raw-gre.py" get >"$SCRATCH/raw" 2>&1 &
raw=$!
wait_for 20 grep -q ready "$SCRATCH/raw" || bail_out "no raw socket"
without=$(passes)
check_eq "without dvpn a raw socket gets them" "$(grep -c . <<<"$without")" 12

load_dvpn
check_eq "with its module alone, too" "$(passes)" "$without"
for node in hub one; do
	# No packets but ours.
	ip -n $node link add dvpn0 type dvpn local "${OUTSIDE[$node]}"
	in_ns $node sh -c 'echo 1 >/proc/sys/net/ipv6/conf/dvpn0/disable_ipv6'
	ip -n $node address add "${INSIDE[$node]}/24" dev dvpn0
	ip -n $node link set dvpn0 up
done
map hub add 10.0.0.2 192.0.2.2
map one add 10.0.0.1 192.0.2.1
untouched "a device without key"
for key in 0 $((16#$CALL)); do
	ip -n hub link set dvpn0 type dvpn key "$key"
	ip -n one link set dvpn0 type dvpn key "$key"
	untouched "key $key"
done
check "with the modules that know PPTP" modprobe -a ip_gre pptp nf_conntrack_pptp
untouched "beside them"
kill $raw
wait $raw 2>/dev/null
ip -n hub link del dvpn0
ip -n one link del dvpn0
check "unload" unload_dvpn
