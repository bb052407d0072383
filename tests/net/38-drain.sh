#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# The local address of a device changes: what peers send to the old one still gets in, for a
# while, and unless somebody else wants it.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# lost - no ping is answered any more (for wait_for): not even late
lost()
{
	! in_ns one ping -qn -c 1 -W 4 10.0.0.1 >/dev/null
}

load_dvpn
star_add hub one
tunnel_add hub local 192.0.2.1
tunnel_add one
map_to hub one
map_to one hub
# The spoke takes what comes from the hub's other addresses.
for address in 192.0.2.11 192.0.2.12; do
	ip -n hub address add $address/24 dev wan
	map one peer-add $address
done
check "traffic" ping_all one 10.0.0.1

before=$(now_ms)
ip -n hub link set dvpn0 type dvpn local 192.0.2.11
check "after the change the old address still receives" ping_all one 10.0.0.1
map one add 10.0.0.1 192.0.2.11 replace
check "and the new one" ping_all one 10.0.0.1
map one add 10.0.0.1 192.0.2.1 replace
# However slow the machine: it is looked at while it must be there.
if [ $(($(now_ms) - before)) -lt 7000 ]; then
	check "another change: the first address still receives" eval \
		'ip -n hub link set dvpn0 type dvpn local 192.0.2.12 && ping_all one 10.0.0.1'
else
	skip "another change: the first address still receives" "too slow for that"
	ip -n hub link set dvpn0 type dvpn local 192.0.2.12
fi
check_within "in the end it does not" 15 lost
check "that took ten seconds" test $(($(now_ms) - before)) -ge 10000
check_eq "what comes there is left to others" "$(drops hub rx_unknown_peer)" 0

# --- somebody else wants it --------------------------------------------------------------

map one add 10.0.0.1 192.0.2.12 replace
check "the address of now receives" ping_all one 10.0.0.1
ip -n hub link set dvpn0 type dvpn local 192.0.2.1
ip -n hub link add dvpn1 type dvpn local 192.0.2.12
dvpnmap -n hub dvpn1 add 10.0.0.2 192.0.2.2
ip -n hub link set dvpn1 up
in_ns one ping -qn -c 1 -W 0.1 10.0.0.1 >/dev/null
check_within "a new device that takes the old address gets what comes there at once" 5 eval \
	'[ "$(dvpnmap -n hub dvpn1 dev | field rx_packets)" = 1 ]'
ip -n hub link delete dvpn1

# A device that goes while it drains.
ip -n hub link set dvpn0 type dvpn local 192.0.2.11
ip -n hub link delete dvpn0
check "a device goes while it still receives on an old address" unload_dvpn
