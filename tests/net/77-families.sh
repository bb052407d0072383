#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
# kernel: 6.12
#
# Each family inside each family outside: two spokes register, hear of each other and go direct,
# both ways, and lose nothing. IPv4 in IPv4 does so on routers that forward no IPv6, too.
. "${0%/*}/lib.sh"

# tunnel NODE NUMBER INSIDE OUTSIDE [OPTION]... - a device made anew, and the agent on it
tunnel()
{
	local node=$1 number=$2 inside=$3 outside=$4

	[ -z "${DVPND_PID[$node]-}" ] || stop_dvpnd "$node"
	ip -n "$node" link delete dvpn0 2>/dev/null
	ip -n "$node" -batch - <<-END || bail_out "cannot make the tunnel of $node"
		link add dvpn0 type dvpn local ${OUT[$outside]}$number key 42 ${@:5}
		address add ${IN[$inside]}$number/${PREFIX[$inside]} dev dvpn0
		link set dvpn0 up
	END
	rm -rf "/run/node/$node"
	start_dvpnd "$node" "$SCRATCH/$node.conf"
}

# both_registered INSIDE OUTSIDE
both_registered()
{
	maps_to hub "${IN[$1]}2" "${OUT[$2]}2" && maps_to hub "${IN[$1]}3" "${OUT[$2]}3"
}

# both_direct INSIDE OUTSIDE
both_direct()
{
	maps_to one "${LAN[$1]/N/3}" "${OUT[$2]}3" && maps_to two "${LAN[$1]/N/2}" "${OUT[$2]}2"
}

# redirects - how often the hub has told somebody of a better way
redirects()
{
	dvpnctl_in hub show counters | awk '$2 == "nhrp" && $3 == "tx-traffic-indication" { n = $4 }
		END { print n + 0 }'
}

# hops NODE ADDRESS - what is left of those of an answer: 64 straight, 63 by the hub
hops()
{
	in_ns "$1" ping -nc 1 -W $((5 * DVPN_TIME_SCALE)) "$2" |
		sed -n 's/.* ttl=\([0-9]*\).*/\1/p'
}

# enough NAME - so many answers that it means something when none is missing
enough()
{
	[ "$(grep -c ' bytes from ' "$SCRATCH/steady.$1")" -gt 20 ]
}

# family TEXT INSIDE OUTSIDE
family()
{
	local n node

	for node in one two; do
		echo "tunnel dvpn0 { hub main { nbma = ${OUT[$3]}1 } }" >"$SCRATCH/$node.conf"
	done
	tunnel hub 1 "$2" "$3" redirect on
	tunnel one 2 "$2" "$3"
	tunnel two 3 "$2" "$3"
	for n in 2 3; do
		ip -n hub route add "${LAN[$2]/N/$n}" via "${IN[$2]}$n"
	done
	ip -n one route add "${LAN[$2]/N/3}" via "${IN[$2]}1"
	ip -n two route add "${LAN[$2]/N/2}" via "${IN[$2]}1"
	check_within "$1: both are registered" 10 both_registered "$2" "$3"
	steady one "${LAN[$2]/N/3}" one-two
	steady two "${LAN[$2]/N/2}" two-one
	check_within "$1: both have a shortcut" 10 both_direct "$2" "$3"
	wait_for 20 enough one-two
	wait_for 20 enough two-one
	steady_end one-two "$1: no packet is lost on the way there"
	steady_end two-one "$1: nor on the way back"
	check "$1: it was the hub that told them" [ "$(redirects)" -gt 0 ]
	check_eq "$1: they are direct" \
		"$(hops one "${LAN[$2]/N/3}") $(hops two "${LAN[$2]/N/2}")" "64 64"
}

declare -A OUT=([4]=192.168.50. [6]=2001:db8:50::) IN=([4]=192.168.111. [6]=2001:db8:111::)
declare -A PREFIX=([4]=24 [6]=64) LAN=([4]=10.N.0.1 [6]=2001:db8:N::1)

load_dvpn
underlay_add underlay
echo "tunnel dvpn0 { role = nhs }" >"$SCRATCH/hub.conf"
n=0
for node in hub one two; do
	ns_add $node
	ns_forward $node
	underlay_join underlay $node wan 192.168.50.$((++n))/24
	ip -n $node -batch - <<-END
		address add 2001:db8:50::$n/64 dev wan
		link add lan type dummy
		link set lan up
		address add ${LAN[4]/N/$n}/24 dev lan
		address add ${LAN[6]/N/$n}/64 dev lan
	END
done
for inside in 4 6; do
	for outside in 4 6; do
		family "IPv$inside in IPv$outside" $inside $outside
	done
done
for node in hub one two; do
	in_ns $node sh -c 'echo 0 >/proc/sys/net/ipv6/conf/all/forwarding'
done
family "IPv4 in IPv4, no IPv6 forwarded" 4 4
