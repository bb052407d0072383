#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
# soak time limit: 7200
#
# The end of everything under full traffic, again and again: the device, the module, the
# namespace, the interface below. Each returns at once and leaves nothing behind.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

ROUNDS=5
[ -z "${DVPN_SOAK-}" ] || ROUNDS=250
declare -A TOOK=()

# one_up - the spoke's device, with the hub as its peer
one_up()
{
	tunnel_add one local 192.0.2.2
	map one add 10.0.0.1 192.0.2.1 multicast
}

# port_gone - the switch has lost the spoke: its namespace, or its interface, is really gone
port_gone()
{
	! ip -n net link show one
}

# busy - pings enter the device, and their answers leave it
busy()
{
	local -a now

	read -rd '' -a now < <(in_ns one cat /sys/class/net/dvpn0/statistics/{rx,tx}_packets)
	[ "${now[0]}" -gt 20 ] && [ "${now[1]}" -gt 20 ]
}

# timed WHAT COMMAND... - the command succeeds in time, under traffic
timed()
{
	local what=$1 start

	shift
	if ! wait_for 10 busy; then
		failures+=" $what:no-traffic"
		return
	fi
	start=$(now_ms)
	"$@" || failures+=" $what:failed"
	TOOK[$what]+=" $(($(now_ms) - start))"
}

star_add hub one
load_dvpn
one_up
# The flood does not depend on what is torn down: it comes from a socket, not a dvpn device.
ip netns exec hub python3 -BSEs "$TOP/tests/net/gre-pieces.py" 192.0.2.1 192.0.2.2 \
	10.0.0.1 10.0.0.2 flood 100000 &
flood=$!
failures=
for ((round = 1; round <= ROUNDS; round++)); do
	timed device ip -n one link del dvpn0
	one_up

	timed module rmmod dvpn
	load_dvpn
	one_up

	timed link ip -n one link del wan
	in_ns one test -d /sys/class/net/dvpn0 || failures+=" link:device-gone"
	wait_for 10 port_gone || failures+=" link:stays"
	underlay_join net one wan 192.0.2.2/24
	# The device was not touched: its traffic comes back by itself.
	before=$(counter one dvpn0 tx_packets)
	wait_for 10 eval '[ "$(counter one dvpn0 tx_packets)" -gt $((before + 20)) ]' ||
		failures+=" link:no-traffic-again"

	timed namespace ns_del one
	wait_for 10 port_gone || failures+=" namespace:stays"
	ns_add one
	underlay_join net one wan 192.0.2.2/24
	one_up
done
kill $flood
wait $flood 2>/dev/null
check_eq "$ROUNDS times each: device, module, link and namespace go under traffic" "$failures" ""
for what in device module link namespace; do
	check_times "the $what goes within a second" 1000 ${TOOK[$what]-}
done
check "nothing holds the module" unload_dvpn
