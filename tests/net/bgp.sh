# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# bgp.sh - BGP from spokes to the hub as the routing guide has it; sourced after lib.sh,
# network.sh, spokes.sh and frr.sh. VRF is the name of the VRF that the tunnel and the LANs are
# in, if any; who has another daemon than FRR's has routing_start and routing_stop of its own.

CONFIGS=$TOP/Documentation/examples/routing
: "${VRF=}"
declare -A ZEBRA=()

# bgp_config FILE NUMBER LAN - an example with its words filled in
bgp_config()
{
	sed "s/HUB/192.168.111.1/; s/SPOKE/192.168.111.$2/; s|LAN\$|$3.0/24|
		${VRF:+s/^router bgp 65000/& vrf $VRF/}" "$CONFIGS/$1"
}

# routing_start NODE NUMBER LAN
routing_start()
{
	local kind=spoke

	[ "$1" != hub ] || kind=hub
	# Its socket says nothing: another test may have left one.
	[ -n "${ZEBRA[$1]-}" ] || frr_start "$1" zebra <<<"hostname $1"
	ZEBRA[$1]=1
	bgp_config $kind-bgp.conf "$2" "$3" | frr_start "$1" bgpd
}

# routing_stop NODE - no routes by it any more
routing_stop()
{
	frr_stop "$1" bgpd
}

# vrf_join NODE - its tunnel and its LAN are in the VRF
vrf_join()
{
	[ -n "$VRF" ] || return 0
	ip -n "$1" -batch - <<-END
		link add $VRF type vrf table 10
		link set $VRF up
		link set dvpn0 master $VRF
		link set lan master $VRF
	END
}

# bgp_route NODE PREFIX GATEWAY - by dvpn0
bgp_route()
{
	# shellcheck disable=SC2086
	[[ $(ip -n "$1" route show ${VRF:+vrf $VRF} "$2") == *"via $3 dev dvpn0"* ]]
}

# bgp_routes NODE - what it has learned
bgp_routes()
{
	# shellcheck disable=SC2086
	ip -n "$1" route show ${VRF:+vrf $VRF} | awk '/ via .* dev dvpn0/ { printf "%s ", $1 }'
}

# direct_path NAME - pings between the LANs go by the hub and then directly
direct_path()
{
	in_ns lan1 ping -D -n -i 0.05 -c 100 -W $((2 * DVPN_TIME_SCALE)) 192.168.40.10 \
		>"$SCRATCH/pings"
	read_ping "$SCRATCH/pings"
	# shellcheck disable=SC2154
	diag "$received of $sent answered, $direct directly, the first after $flip_ms ms"
	# shellcheck disable=SC2154
	check_eq "$1: no packet of 100 is lost" "$sent $received" "100 100"
	# shellcheck disable=SC2154
	check "$1: the path became direct" test "$direct" -gt 20
	# shellcheck disable=SC2154
	check_eq "$1: and stayed so" "$relapse" 0
}

# bgp_test - all of it
bgp_test()
{
	local node

	load_dvpn
	network_links
	network_tunnels || bail_out "cannot make the tunnel"
	agent_configs
	for node in hub spoke1 spoke2; do
		vrf_join $node || bail_out "cannot make a VRF"
	done
	start_dvpnd hub "$SCRATCH/hub.conf"
	start_dvpnd spoke1 "$SCRATCH/spoke.conf"
	start_dvpnd spoke2 "$SCRATCH/spoke.conf"
	check_within "both spokes are registered" 5 registered spoke1 spoke2
	routing_start hub 1 192.168.10
	routing_start spoke1 2 192.168.30
	routing_start spoke2 3 192.168.40
	check_within "the hub has learned where the LAN of spoke1 is" 20 \
		bgp_route hub 192.168.30.0/24 192.168.111.2
	check_within "and that of spoke2" 20 bgp_route hub 192.168.40.0/24 192.168.111.3
	check_within "spoke1 has the summary" 20 bgp_route spoke1 192.168.0.0/16 192.168.111.1
	check_within "and spoke2" 20 bgp_route spoke2 192.168.0.0/16 192.168.111.1
	check_eq "and nothing else" "$(bgp_routes spoke1)" "192.168.0.0/16 "
	# shellcheck disable=SC2086
	check_eq "what is in no LAN ends at the hub" \
		"$(ip -n hub route show ${VRF:+vrf $VRF} type blackhole | awk '{ print $2 }')" \
		192.168.0.0/16
	check "the hub's LAN is reached" ping_all lan1 192.168.10.10
	direct_path "a LAN learned by BGP"
	check "there is a shortcut both ways" both_shortcuts

	# The session ends with a word, so the route goes at once; the direct path itself works.
	routing_stop hub
	check_within "the route is withdrawn" 20 never bgp_route spoke1 192.168.0.0/16 192.168.111.1
	check_fails "the shortcut has no effect: no route" 'Unreachable|0 received' \
		in_ns lan1 ping -n -c 2 -i 0.2 -W 1 192.168.40.10
	check_within "and is dropped" 10 no_shortcut spoke1 192.168.40.0
	routing_start hub 1 192.168.10
	check_within "the route comes again" 30 bgp_route spoke1 192.168.0.0/16 192.168.111.1
	check_within "and the one to the other LAN" 30 bgp_route hub 192.168.40.0/24 192.168.111.3
	check_within "and back" 30 bgp_route hub 192.168.30.0/24 192.168.111.2
	direct_path "after that"
}
