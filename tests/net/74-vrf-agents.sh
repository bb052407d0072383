#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 80
#
# Agents in VRFs: the underlay of the hub in one, the tunnels of its two customers, who have the
# same addresses, in two others. The interface to the underlay of a spoke moves into a VRF and back.
. "${0%/*}/lib.sh"
modprobe vrf || skip_all "no VRF"

# vrf NODE NAME TABLE
vrf()
{
	ip -n "$1" -batch - <<-END
		link add $2 type vrf table $3
		link set $2 up
	END
}

# spoke NAME NUMBER CUSTOMER - with a LAN behind it, 10.NUMBER.0.1
spoke()
{
	ns_add "$1"
	underlay_join underlay "$1" wan "192.168.50.$2$3/24"
	ip -n "$1" -batch - <<-END
		link add lan type dummy
		address add 10.$2.0.1/24 dev lan
		link set lan up
		link add dvpn0 type dvpn key $3
		address add 192.168.111.$2/24 dev dvpn0
		link set dvpn0 up
		route add 10.0.0.0/8 via 192.168.111.1
	END
	echo "tunnel dvpn0 { hub main { nbma = 192.168.50.1 } }" >"$SCRATCH/$1.conf"
	start_dvpnd "$1" "$SCRATCH/$1.conf"
}

# tunnel_maps_to NODE TUNNEL PROTOCOL NBMA
tunnel_maps_to()
{
	dvpnctl_in "$1" show maps | awk -v tunnel="$2" -v proto="$3" -v nbma="$4" '
		$1 == tunnel && $2 == proto && $3 == nbma && $5 == "active" { found = 1 }
		END { exit !found }'
}

# registered - all spokes of both customers
registered()
{
	tunnel_maps_to hub red 192.168.111.2 192.168.50.21 &&
		tunnel_maps_to hub red 192.168.111.3 192.168.50.31 &&
		tunnel_maps_to hub blue 192.168.111.2 192.168.50.22
}

# is_direct - the spokes of the first customer have shortcuts
is_direct()
{
	pings one 10.3.0.1
	tunnel_maps_to one dvpn0 10.3.0.1 192.168.50.31 && tunnel_maps_to two dvpn0 192.168.111.2 192.168.50.21
}

load_dvpn
underlay_add underlay
ns_add hub
ns_forward hub
vrf hub under 10
vrf hub vred 20
vrf hub vblue 30
underlay_join underlay hub wan 192.168.50.1/24
ip -n hub -batch - <<-END
	link set wan master under
	link add red type dvpn local 192.168.50.1 key 1 dev under redirect on
	link add blue type dvpn local 192.168.50.1 key 2 dev under redirect on
	link set red master vred
	link set blue master vblue
	address add 192.168.111.1/24 dev red
	address add 192.168.111.1/24 dev blue
	link set red up
	link set blue up
	route add 10.2.0.0/16 via 192.168.111.2 vrf vred
	route add 10.3.0.0/16 via 192.168.111.3 vrf vred
	route add 10.2.0.0/16 via 192.168.111.2 vrf vblue
END
printf 'tunnel red { role = nhs }\ntunnel blue { role = nhs }\n' >"$SCRATCH/hub.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
spoke one 2 1
spoke two 3 1
spoke other 2 2
check_within "the spokes of both customers are registered, each with its own" 10 registered
check_within "spokes of one customer go direct" 10 is_direct
check_fails "the other one's do not get there" '100% packet loss' \
	in_ns other ping -qnc 3 -i 0.1 -W 0.5 10.3.0.1
check "theirs is what has the same address" ping_all other 192.168.111.1
check_eq "nothing of one is known to the other" \
	"$(dvpnctl_in hub show maps | grep -c '^blue .* 192.168.50.[23]1 ')" 0

# --- the underlay of a spoke moves -------------------------------------------------------

# device - what must not change when the underlay does
device()
{
	ip -n one -d -o link show dvpn0 | grep -oE '^[0-9]+|[<,]UP[,>]| key [0-9]+'
}

# moved TEXT COMMAND... - both ways are back in time
moved()
{
	local before

	before=$(device)
	check "$1" "${@:2}"
	check_within "$1: the hub is reached" 2 pings one 192.168.111.1
	check_within "$1: and the other spoke" 2 pings one 10.3.0.1
	check_within "$1: direct" 5 is_direct
	check_eq "$1: the device is as it was" "$(device)" "$before"
}

vrf one outer 40
into()
{
	ip -n one -batch - <<-END
		link set wan master outer
		link set dvpn0 type dvpn dev outer
	END
}
back()
{
	ip -n one -batch - <<-END
		link set wan nomaster
		link set dvpn0 type dvpn nodev
	END
}
moved "into a VRF" into
moved "back" back
# With its tunnel in a VRF, too.
vrf one inner 50
ip -n one -batch - <<END
link set dvpn0 master inner
link set lan master inner
route add 10.0.0.0/8 via 192.168.111.1 vrf inner
END
in_inner()
{
	in_ns one ping -I inner -qnc 1 -W 1 "$1"
}
check_within "the tunnel in a VRF: the hub" 5 in_inner 192.168.111.1
direct_in_inner()
{
	in_inner 10.3.0.1
	tunnel_maps_to one dvpn0 10.3.0.1 192.168.50.31
}
check_within "the tunnel in a VRF: direct" 10 direct_in_inner
check "and that is what the agent says" \
	grep -q "is reached directly" <(dvpnctl_in one why 10.3.0.1)
