#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
# soak time limit: 1300
# kernel: 6.12
#
# Two spokes of plain GRE behind one NAT, which has nothing but addresses to tell them by (T17). A
# NAT that remembers connections lets one of them through, the other one hears nothing; one that
# remembers nothing lets both through to the hub, which keeps the first and names both. Nothing
# flaps.
. "${0%/*}/lib.sh"

LASTS=10
[ -z "${DVPN_SOAK-}" ] || LASTS=600

# node NAME NUMBER [OPTION]...
node()
{
	ip -n "$1" -batch - <<-END
		link add dvpn0 type dvpn key 42 ${@:3}
		address add 192.168.111.$2/24 dev dvpn0
		link set dvpn0 up
	END
}

# is_known NUMBER - to the hub
is_known()
{
	[[ $(dvpnctl_in hub --kernel --json show maps) == *"\"protocol\": \"192.168.111.$1\""* ]]
}

# first_spoke - the hub and one spoke, both anew: who comes first is first
first_spoke()
{
	local name

	for name in hub left right; do
		[ -z "${DVPND_PID[$name]-}" ] || stop_dvpnd $name
		ip -n $name link delete dvpn0 2>/dev/null
		rm -rf /run/node/$name
		rm -f "$RESULTS/dvpnd-$name.log"
	done
	node hub 1 local 192.168.50.1
	node left 5
	node right 6
	start_dvpnd hub "$SCRATCH/hub.conf"
	start_dvpnd left "$SCRATCH/spoke.conf"
	check_within "$1: the first one is registered" 10 is_known 5
}

# lasts NAME - the first one keeps its place and loses nothing, the second one has none
lasts()
{
	steady left 192.168.111.1 "$1" 0.1
	pause $LASTS
	steady_end "$1" "$1: the first one loses nothing"
	check "$1: it is registered" is_known 5
	check_eq "$1: the second one is not" "$(is_known 6 && echo known)" ""
	check_eq "$1: nothing has flapped" \
		"$(grep -cE ' spoke-(down|moved):' "$RESULTS/dvpnd-hub.log")" 0
}

# nat RULES - of the router between the spokes and the hub
nat()
{
	in_ns nat nft -f - <<<"flush ruleset; $1" || bail_out "no nft rule"
}

load_dvpn
underlay_add underlay
underlay_add inside
ns_add hub nat left right
ns_forward nat
underlay_join underlay hub wan 192.168.50.1/24
underlay_join underlay nat wan 192.168.50.4/24
underlay_join inside nat lan 10.66.0.1/24
underlay_join inside left wan 10.66.0.5/24
underlay_join inside right wan 10.66.0.6/24
ip -n left route add default via 10.66.0.1
ip -n right route add default via 10.66.0.1
echo "tunnel dvpn0 { role = nhs }" >"$SCRATCH/hub.conf"
echo "tunnel dvpn0 { hub main { nbma = 192.168.50.1 } }" >"$SCRATCH/spoke.conf"

nat 'table ip nat {
	chain out {
		type nat hook postrouting priority srcnat
		oifname "wan" masquerade
	}
}'
first_spoke "masquerade"
start_dvpnd right "$SCRATCH/spoke.conf"
says_why()
{
	dvpnctl_in right show nhs |
		grep -q 'if another spoke shares your public address use encap udp'
}
check_within "masquerade: the second one says what it may be" 60 says_why
lasts "masquerade"

# Both come from one address; what comes back is for the first.
nat 'table ip nat {
	chain in {
		type filter hook prerouting priority raw
		ip protocol gre notrack
		iifname "wan" ip protocol gre ip daddr set 10.66.0.5
	}
	chain out {
		type filter hook postrouting priority 0
		oifname "wan" ip protocol gre ip saddr set 192.168.50.4
	}
}'
first_spoke "stateless"
start_dvpnd right "$SCRATCH/spoke.conf"
names_both()
{
	grep -q 'NBMA 10\.66\.0\.5 was first, 10\.66\.0\.6 refused; use encap udp' \
		"$RESULTS/dvpnd-hub.log"
}
check_within "stateless: the hub's log names both" 30 names_both
check "stateless: and it counts them" [ "$(dvpnctl_in hub show counters |
	awk '$3 == "drop-conflict" { n += $4 } END { print n + 0 }')" -gt 0 ]
lasts "stateless"
