#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# Tunnels in VRFs: redirects are found there, and two customers with the same addresses do not
# meet; the underlay in a VRF of its own.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

OUTSIDE[other]=192.0.2.4

# heard FILE REGEX - an event of the hub (for wait_for)
heard()
{
	grep -qE "$2" "$SCRATCH/$1"
}

modprobe vrf || skip_all "no VRF"
load_dvpn
star_add hub one two other
ns_forward hub
ip -n hub -batch - <<-END
	link add red type vrf table 10
	link add blue type vrf table 20
	link set red up
	link set blue up
	link add dvpn0 type dvpn key 1 domain 1 redirect on
	link add dvpn1 type dvpn key 2 domain 2 redirect on
	link set dvpn0 master red
	link set dvpn1 master blue
	address add 10.0.0.1/24 dev dvpn0
	address add fd00::1/64 dev dvpn0
	address add 10.0.0.1/24 dev dvpn1
	link set dvpn0 up
	link set dvpn1 up
END
tunnel_add one key 1
tunnel_add two key 1
ip -n other -batch - <<-END
	link add dvpn0 type dvpn key 2
	address add 10.0.0.2/24 dev dvpn0
	link set dvpn0 up
END
map_to hub one
map_to hub two
dvpnmap -n hub dvpn1 add 10.0.0.2 192.0.2.4
for spoke in one two; do
	map $spoke add 10.0.0.1 192.0.2.1 nhs 1
	map $spoke add fd00::1 192.0.2.1
done
map one add fd00::3 192.0.2.1
map two add fd00::2 192.0.2.1
map other add 10.0.0.1 192.0.2.1 nhs 1
dvpnmap -n hub dvpn0 bind class event >"$SCRATCH/red" &
red=$!
dvpnmap -n hub dvpn1 bind class event >"$SCRATCH/blue" &
blue=$!
wait_for 10 heard red bound && wait_for 10 heard blue bound

check "IPv4 between spokes by way of the hub's VRF" ping_all one 10.0.0.3
check "the agent hears of a better path and whose it is" wait_for 5 heard red \
	'type=redirect .*nbma=192.0.2.2 .*src=10.0.0.2 dst=10.0.0.3'
check "IPv6" ping_all one fd00::3
check "and hears of that" wait_for 5 heard red 'type=redirect .*src=fd00::2 dst=fd00::3'
check_eq "all of it is counted" \
	"$(dvpnmap -n hub dvpn0 dev | sed 's/.* redirects=\([0-9]*\).*/\1/')" 12

before=$(dvpnmap -n hub dvpn0 dev | sed 's/.* tx_packets=\([0-9]*\).*/\1/')
check "the other customer has the same address" ping_all other 10.0.0.1
check_fails "but does not get to the first one's spokes" '100% packet loss' \
	in_ns other ping -qn -c 1 -W 1 10.0.0.3
check "it is not known there" wait_for 5 heard blue 'type=miss .*proto=10.0.0.3'
check_eq "nothing of it got into the first one's tunnel" \
	"$(dvpnmap -n hub dvpn0 dev | sed 's/.* tx_packets=\([0-9]*\).*/\1/')" "$before"
check "nor is there a redirect for it" eval '! heard blue type=redirect'
kill $red $blue
wait $red $blue 2>/dev/null

# The hooks for this go with the last device.
ip -n hub link set dvpn1 nomaster
check "a device that is left in its VRF" ping_all one 10.0.0.3
ip -n hub link set dvpn0 nomaster
ip -n hub link set dvpn0 master red
ip -n hub link delete dvpn1
check "one that came back" ping_all one 10.0.0.3

# --- the underlay in a VRF ---------------------------------------------------------------

ip -n hub -batch - <<-END
	link add under type vrf table 30
	link set under up
	link set wan master under
	link set dvpn0 type dvpn dev under
END
check "the underlay in a VRF of its own" ping_all one 10.0.0.1
check "between spokes" ping_all one 10.0.0.3
ip -n hub link set dvpn0 type dvpn dev wan
check "bound to the interface in there" ping_all one 10.0.0.1
ip -n hub link delete under
check "the VRF goes" ping_all one 10.0.0.1
