# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# network.sh - the network of the demo, in network namespaces; sourced by demo.sh
#
# One switch is the underlay. The hub and the two spokes each have a leg in it, a LAN with one
# host behind them and a device dvpn0. Nothing but forwarding is switched on: no iptables
# rule, no route between the spokes.

# tunnel NODE NUMBER [OPTION]...: the device, as anyone would make it by hand
tunnel()
{
	ip -n "$1" -batch - <<-END
		link add dvpn0 type dvpn local 192.168.50.$2 key 42 ${@:3}
		address add 192.168.111.$2/24 dev dvpn0
		link set dvpn0 up
	END
}

# lan NODE HOST NETWORK: a LAN with the node as .1 and one host as .10
lan()
{
	ns_link "$1" lan "$3.1/24" "$2" eth0 "$3.10/24"
	ip -n "$2" route add default via "$3.1"
}

# Namespaces, underlay and LANs.
network_links()
{
	underlay_add underlay
	ns_add hub spoke1 spoke2 lan0 lan1 lan2
	ns_forward hub spoke1 spoke2
	underlay_join underlay hub wan 192.168.50.1/24
	underlay_join underlay spoke1 wan 192.168.50.2/24
	underlay_join underlay spoke2 wan 192.168.50.3/24
	lan hub lan0 192.168.10
	lan spoke1 lan1 192.168.30
	lan spoke2 lan2 192.168.40
}

network_tunnels()
{
	tunnel hub 1 redirect on && tunnel spoke1 2 && tunnel spoke2 3
}

# The hub knows whose LAN is where; a spoke sends everything else to the hub.
hub_routes()
{
	ip -n hub -batch - <<-END
		route add 192.168.30.0/24 via 192.168.111.2
		route add 192.168.40.0/24 via 192.168.111.3
	END
}

network_up()
{
	network_links && network_tunnels && hub_routes &&
		ip -n spoke1 route add 192.168.0.0/16 via 192.168.111.1 &&
		ip -n spoke2 route add 192.168.0.0/16 via 192.168.111.1
}

# What the agents are told: $SCRATCH/{hub,spoke}.conf
agent_configs()
{
	cat >"$SCRATCH/hub.conf" <<-END
		tunnel dvpn0 {
			role = nhs
		}
	END
	cat >"$SCRATCH/spoke.conf" <<-END
		tunnel dvpn0 {
			hub main { nbma = 192.168.50.1 }
		}
	END
}
