#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 400
# kernel: 6.1
#
# OSPF and BFD, FRR's, over a tunnel that strongSwan protects, where one spoke's link takes 1400
# bytes: adjacencies come up although what they say does not fit there, the MTU of no device
# changes, and the network outside sees ESP and IKE. Then the same with a NAT before that spoke.
#
#	hub, spoke1 --- underlay --- mid --- 1400 bytes --- spoke2
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"
if ! [ -x $FRR/ospfd ] || ! [ -x $FRR/bfdd ]; then
	skip_all "FRR is not installed"
fi

NODES="hub spoke1 spoke2"
# A router's advertisement is 72 bytes and 12 for each: one that fits the device, not the path.
STUBS=108
declare -A NBMA=([hub]=192.168.50.1 [spoke1]=192.168.50.2 [spoke2]=192.168.60.3)

# links - underlay, the narrow link and the LANs
links()
{
	local node n

	underlay_add underlay
	ns_add hub spoke1 spoke2 mid lan0 lan1 lan2
	ns_forward hub spoke1 spoke2 mid
	underlay_join underlay hub wan 192.168.50.1/24
	underlay_join underlay spoke1 wan 192.168.50.2/24
	underlay_join underlay mid wan 192.168.50.9/24
	ns_link mid far 192.168.60.9/24 spoke2 wan 192.168.60.3/24
	ip -n mid link set far mtu 1400
	ip -n spoke2 link set wan mtu 1400
	for node in hub spoke1; do
		ip -n $node route add 192.168.60.0/24 via 192.168.50.9
	done
	ip -n spoke2 route add 192.168.50.0/24 via 192.168.60.9
	lan hub lan0 192.168.10
	lan spoke1 lan1 192.168.30
	lan spoke2 lan2 192.168.40
	{
		echo "link add stubs type dummy"
		for ((n = 1; n <= STUBS; n++)); do
			echo "address add 10.9.0.$n/32 dev stubs"
		done
		echo "link set stubs up"
	} | ip -n hub -batch -
}

# tunnels [OPTION]... - the devices
tunnels()
{
	local node n=1 options="ipsec require redirect on"

	for node in $NODES; do
		ip -n "$node" -batch - <<-END || bail_out "cannot make the tunnel"
			link add dvpn0 type dvpn local ${NBMA[$node]} key 42 $options $*
			address add 192.168.111.$n/24 dev dvpn0
			link set dvpn0 up
		END
		options="ipsec require"
		n=$((n + 1))
	done
}

# agents - dvpnd of all, with strongSwan's profile
agents()
{
	local node

	profile hub hub
	profile spoke spoke1
	profile spoke spoke2
	for node in $NODES; do
		start_dvpnd "$node" "$SCRATCH/agent.$node"
	done
}

# routing - BFD has 5 s, so that a neighbour which is gone sooner than in two minutes is gone by it
routing()
{
	local more=$'ip ospf dead-interval 120\n ip ospf bfd\n ip ospf bfd profile tunnel'
	local type=point-to-multipoint node

	ospf_start hub 10.0.0.1 192.168.10.0/24 $type \
		"$more"$'\nrouter ospf\n network 10.9.0.0/16 area 0\n passive-interface stubs'
	ospf_start spoke1 10.0.0.2 192.168.30.0/24 $type "$more"
	ospf_start spoke2 10.0.0.3 192.168.40.0/24 $type "$more"
	for node in $NODES; do
		bfd_start "$node"
	done
}

# mtus - of the devices
mtus()
{
	local node

	for node in $NODES; do
		in_ns "$node" cat /sys/class/net/dvpn0/mtu
	done
}

# no_route NS PREFIX - nor a narrower one
no_route()
{
	[ -z "$(ip -n "$1" route show root "$2")" ]
}

# adjacent NAME - results: all is exchanged, all have the others' LANs, BFD is up
adjacent()
{
	check_within "$1: the hub is adjacent to both spokes" 90 ospf_full hub 2
	check_within "$1: spoke1 to the hub alone" 30 ospf_full spoke1 1
	check_within "$1: spoke2 to the hub alone" 30 ospf_full spoke2 1
	check_within "$1: the hub learns the LAN of spoke1" 60 \
		has_route hub 192.168.30.0/24 192.168.111.2
	check_within "$1: and that of spoke2" 60 has_route hub 192.168.40.0/24 192.168.111.3
	check_within "$1: spoke1 learns that of spoke2" 60 \
		has_route spoke1 192.168.40.0/24 192.168.111.1
	check_within "$1: spoke2 learns that of spoke1" 60 \
		has_route spoke2 192.168.30.0/24 192.168.111.1
	check_within "$1: and the last address of the hub" 60 \
		has_route spoke2 10.9.0.$STUBS 192.168.111.1
	check_within "$1: BFD is up at the hub, to both" 60 bfd_up hub 2
	check_within "$1: and at spoke2" 30 bfd_up spoke2 1
}

# large NAME FITS - results: by the narrow link goes what fits, who may not be fragmented is told,
# who may be gets there
large()
{
	local why="frag needed.*mtu ?= ?$2"

	check_within "$1: a sender behind the hub is told that $2 bytes fit" 30 told lan0 "$why"
	check_within "$1: so is one behind spoke1" 30 told lan1 "$why"
	check "$1: so many get there" ping_all lan0 192.168.40.10 3 -M "do" -s $(($2 - 28))
	check "$1: and 1400 that may be fragmented" ping_all lan0 192.168.40.10 3 -M dont -s 1372
	check "$1: back, too" ping_all lan2 192.168.10.10 3 -M dont -s 1372
	check "$1: spoke1's link takes all of them" ping_all lan0 192.168.30.10 3 -M "do" -s 1372
	check_eq "$1: no device has another MTU" "$(mtus | tr '\n' ' ')" "1400 1400 1400 "
}

# told NS PATTERN - a packet of 1400 bytes that may not be fragmented is answered so
told()
{
	in_ns "$1" ping -nc 2 -W 1 -M "do" -s 1372 192.168.40.10 2>&1 | grep -qiE "$2"
}

# was_large CAPTURE FITS - in it is a message of OSPF that does not fit the path
was_large()
{
	[ -n "$(decode "$1" -Y "ospf && ip.len > $2 && ip.src == 192.168.111.1")" ]
}

# dead_path NAME - results: nothing goes by mid any more, and BFD finds out, not OSPF's two minutes
dead_path()
{
	in_ns mid nft -f - <<-END
		table ip dead {
			chain forward {
				type filter hook forward priority 0
				drop
			}
		}
	END
	check_within "$1: BFD finds the dead path" 60 bfd_up hub 1
	check_within "$1: the adjacency is gone" 30 ospf_full hub 1
	check_within "$1: and the routes are" 60 no_route spoke1 192.168.40.0/24
	in_ns mid nft delete table ip dead
}

# protected - ends the captures of all: ESP and IKE, and that packets did not fit
protected()
{
	local node

	for node in $NODES; do
		capture_stop "$1-$node-wan"
		protected_only "$1-$node-wan" "icmp[0] = 3 and icmp[1] = 4"
	done
}

# captures NAME
captures()
{
	local node

	for node in $NODES; do
		capture "$node" wan "$1-$node-wan"
	done
}

# down - nothing but FRR is left, and somebody still sends
down()
{
	local node

	for node in $NODES; do
		stop_dvpnd "$node"
		swan_stop "$node"
	done
	in_ns lan1 ping -qn -c 3 -i 0.1 -W 1 192.168.40.10 >/dev/null
	for node in $NODES; do
		ip -n "$node" link delete dvpn0
	done
}

swan_needed
load_dvpn
links
captures gre
swan_warm
agent_configs
tunnels
capture hub dvpn0 gre-inside "proto 89"
agents
# shellcheck disable=SC2086
swan_up $NODES
check_within "all are registered" 60 registered spoke1 spoke2
routing
adjacent "GRE"
capture_stop gre-inside
check "what the hub advertised did not fit the narrow link" was_large gre-inside 1338
large "GRE" 1338

flip lan1 192.168.40.10 "the LAN is there"
check_within "spoke1 has the shortcut" 30 has_shortcut spoke1 192.168.40.0 192.168.60.3
ip -n spoke2 link set lan down
check_within "the LAN is withdrawn: the hub has no route" 60 no_route hub 192.168.40.0/24
check_within "nor has spoke1" 60 no_route spoke1 192.168.40.0/24
check_within "and no shortcut" 60 no_shortcut spoke1 192.168.40.0
ip -n spoke2 link set lan up
check_within "it is there again: spoke1 has the route" 60 \
	has_route spoke1 192.168.40.0/24 192.168.111.1
check_within "its host answers" 60 pings lan1 192.168.40.10
check_within "and the shortcut is back" 60 eval \
	'pings lan1 192.168.40.10; has_shortcut spoke1 192.168.40.0 192.168.60.3'
dead_path "GRE"
adjacent "GRE, again"
down
protected gre

# --- a NAT before spoke2 -----------------------------------------------------------------

ip -n hub route delete 192.168.60.0/24
ip -n spoke1 route delete 192.168.60.0/24
in_ns mid nft -f - <<END
table ip nat {
	chain out {
		type nat hook postrouting priority srcnat
		oifname wan masquerade
	}
}
END
captures nat
sed -i '/^\t*tunnel/a encap = udp' "$SCRATCH/hub.conf" "$SCRATCH/spoke.conf"
# What the guide has for UDP
sed 's|local_ts.*|local_ts = dynamic[udp/4754]|; s|remote_ts.*|remote_ts = dynamic[udp]|' \
	"$SWAN_CONFIG" >"$SCRATCH/swanctl.conf"
tunnels port 4754
agents
for node in $NODES; do
	swan_config "$node" "$SCRATCH/swanctl.conf"
	swan_start "$node"
	swan_load "$node"
done
check_within "NAT: all are registered" 90 registered spoke1 spoke2
adjacent "NAT"
# Less than what GRE in UDP in ESP in UDP leaves of 1400.
check "NAT: a packet of 1300 bytes gets there" \
	ping_all lan0 192.168.40.10 3 -M "do" -s 1272
check "NAT: and 1400 that may be fragmented" ping_all lan0 192.168.40.10 3 -M dont -s 1372
check_eq "NAT: no device has another MTU" "$(mtus | tr '\n' ' ')" "1400 1400 1400 "
down
protected nat
frr_logs
