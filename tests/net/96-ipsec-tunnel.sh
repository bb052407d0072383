#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
# kernel: 6.1
#
# ESP in tunnel mode, between private addresses on loopback devices: each spoke with its hub; between
# spokes by the hub, and it is said why.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

NODES="hub spoke1 spoke2"

# inside NODE NUMBER - its private address, the device on that, and the way to those of others
inside()
{
	ip -n "$1" -batch - <<-END
		link add private type dummy
		address add 10.255.0.$2/32 dev private
		link set private up
		route add 10.255.0.0/24 via 192.168.50.254 dev wan onlink src 10.255.0.$2
		link add dvpn0 type dvpn local 10.255.0.$2 key 42 ipsec require ${@:3}
		address add 192.168.111.$2/24 dev dvpn0
		link set dvpn0 up
	END
}

# config NODE [LINE...] - of the section
config()
{
	local role="hub main { nbma = 10.255.0.1 }"

	[ "$1" != hub ] || role="role = nhs"
	cat >"$SCRATCH/agent.$1" <<-END
		ipsec-socket = /run/swan/$1/charon.vici
		ipsec corp {
			mode = tunnel
			$(printf '%s\n' "${@:2}")
		}
		tunnel dvpn0 {
			ipsec-profile = corp
			holding-time = 15
			$role
		}
	END
}

# why_hub - spoke1 tells why packets for spoke2's LAN go by the hub
why_hub()
{
	dvpnctl_in spoke1 why 192.168.40.10 | tee "$RESULTS/why" | grep -qF "ESP in tunnel mode"
}

# modes NODE - of its associations
modes()
{
	dvpnctl_in "$1" --json show sas | sed -n 's/.*"mode": "\([a-z]*\)".*/\1/p' | sort -u
}

swan_needed
load_dvpn
network_links
for node in $NODES; do
	# What is sent: what came appears a second time when it is decrypted.
	capture "$node" wan "$node-wan" "-Q out"
done
swan_warm
inside hub 1 redirect on
hub_routes
for n in 1 2; do
	inside spoke$n $((n + 1))
	ip -n spoke$n route add 192.168.0.0/16 via 192.168.111.1
done
config hub
config spoke1 "hubs = 10.255.0.1@192.168.50.1"
config spoke2 "hubs = 10.255.0.1@192.168.50.1"
for node in $NODES; do
	sed -n '/^secrets/,/^}/p' "$SWAN_CONFIG" | swan_config "$node" -
	swan_start "$node"
	swan_load "$node"
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done
check_within "both spokes are registered" 60 registered spoke1 spoke2
check_within "nothing is wrong" 15 nothing_wrong hub spoke1 spoke2
check_eq "spoke1 is where it is inside" "$(dvpnctl_in hub show maps |
	awk '$2 == "192.168.111.2" { print $3 }')" 10.255.0.2
check "the hub has an association with that address" has_sa hub 10.255.0.2
check "spoke1 has one with the hub's" has_sa spoke1 10.255.0.1
for node in $NODES; do
	check_eq "$node: they are in tunnel mode" "$(modes "$node")" tunnel
done

steady lan1 192.168.40.10 between
check_within "spoke1 says why spokes do not talk directly" 15 why_hub
pause 3
steady_end between "between the spokes nothing is lost"
check_eq "all of it went by the hub" "$(grep -c 'ttl=62' "$SCRATCH/steady.between")" 0
check_eq "nobody has begun IKE with another spoke" "$(grep -l \
	'initiating IKE_SA .* to 192.168.50.[23]$' "$RESULTS"/charon-*.log)" ""

# strongSwan of the hub starts anew: spokes have to begin.
swan_stop hub
swan_start hub
swan_load hub
check_within "the hub's strongSwan starts anew: spoke1 finds it" 120 ping_all lan1 192.168.10.10
check_within "so does spoke2" 120 ping_all lan2 192.168.10.10
check_within "both are registered" 60 registered spoke1 spoke2

# --- the mode is changed by a reload -------------------------------------------------------

# reload - of spoke1
reload()
{
	cp "$SCRATCH/agent.spoke1" /run/node/spoke1/etc/dvpnd.conf
	dvpnctl_in spoke1 reload
}

# why_other - spoke1 has another reason, or none
why_other()
{
	! why_hub
}

sed -i '/hubs =/d; s/mode = tunnel/mode = transport/' "$SCRATCH/agent.spoke1"
check "in transport mode" reload
check "nothing keeps packets at the hub" why_other
config spoke1 "hubs = 10.255.0.1@192.168.50.1"
check "in tunnel mode again" reload
check "they stay there" why_hub
check_within "and the hub is reached" 60 ping_all lan1 192.168.10.10

# --- what cannot be ----------------------------------------------------------------------

sed 's/^\t*holding-time/\t\tencap = udp\n&/' "$SCRATCH/agent.spoke1" >"$SCRATCH/udp.conf"
check_fails "with GRE in UDP it is refused" "encap = udp is for NAT, ipsec corp has mode = tunnel" \
	dvpnd --check -c "$SCRATCH/udp.conf"
config spoke1
check_fails "and without the place of a hub" "ipsec corp has not got it: hubs = 10.255.0.1@ADDRESS" \
	dvpnd --check -c "$SCRATCH/agent.spoke1"

nodes_end
for node in $NODES; do
	capture_stop "$node-wan"
	protected_only "$node-wan"
done
