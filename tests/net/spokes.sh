# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# spokes.sh - what tests of a whole network ask of it; sourced after lib.sh

# network_and_agents - the network of demo/network.sh with its agents; both spokes are registered
network_and_agents()
{
	load_dvpn
	network_up || bail_out "cannot build the network"
	agent_configs
	start_dvpnd hub "$SCRATCH/hub.conf"
	start_dvpnd spoke1 "$SCRATCH/spoke.conf"
	start_dvpnd spoke2 "$SCRATCH/spoke.conf"
	check_within "both spokes are registered" 5 registered spoke1 spoke2
}

# registered NODE... - hubs have accepted every address of these nodes. That of the link counts
# only where there is no other: it is sooner there, and not every hub takes it.
registered()
{
	local node

	for node; do
		dvpnctl_in "$node" --json show nhs | awk -v RS='[,{}]' '
			/"local":/ { at = $2 }
			/"state":/ {
				known = $2 == "\"registered\""
				some += known
				if (at !~ /"fe80:/)
					ok[at] += known
			}
			END {
				for (at in ok)
					if (!ok[at])
						exit 1
				exit !some
			}' || return
	done
}

# is_registered_with HUB ADDRESS - the hub's kernel has a mapping of this address
is_registered_with()
{
	[[ $(dvpnctl_in "$1" --kernel --json show maps) == *"\"protocol\": \"$2\""* ]]
}

# no_maps NODE - the kernel's table is empty
no_maps()
{
	[[ $(dvpnctl_in "$1" --kernel --json show maps) != *'"protocol":'* ]]
}

# has_shortcut NODE PREFIX NBMA - there is such a shortcut, and it carries packets
has_shortcut()
{
	dvpnctl_in "$1" show maps | awk -v prefix="$2/24" -v nbma="$3" '
		$2 == prefix && $3 == nbma && $4 == "shortcut" && $5 == "active" { found = 1 }
		END { exit !found }'
}

both_shortcuts()
{
	has_shortcut spoke1 192.168.40.0 192.168.50.3 &&
		has_shortcut spoke2 192.168.30.0 192.168.50.2
}

# kernel_tables - what makes a mapping what it is, without age and owner, of all nodes
kernel_tables()
{
	local node

	for node in hub spoke1 spoke2; do
		dvpnctl_in "$node" --kernel --json show maps |
			grep -E '"(protocol|prefix_length|nbma|id)":' | tr -d ' \n'
		echo
	done
}

# owned_by_agents - every mapping is owned by the agent that runs now
owned_by_agents()
{
	local node owner

	for node in hub spoke1 spoke2; do
		owner=$(dvpnctl_in "$node" --json status | grep -o '"owner": [0-9]*')
		[ "$(dvpnctl_in "$node" --kernel --json show maps |
			grep -o '"owner": [0-9]*' | sort -u)" = "$owner" ] || return
	done
}

# all_routes - every route of every node
all_routes()
{
	local node

	for node in hub spoke1 spoke2; do
		ip -n "$node" route show table all
		ip -n "$node" -6 route show table all
	done
}

# read_ping FILE: sets lost (see unanswered), received, sent (up to the last that was answered),
# first_ttl (of the first reply), direct (replies that came the direct way, TTL 62), flip_ms (the
# first of them, after the first packet was sent), relapse (replies by the hub after that),
# start_ms (when the first packet was sent)
read_ping()
{
	lost=$(unanswered "$1")
	received=0 first_ttl=0 direct=0 flip_ms=0 relapse=0 start_ms=0
	eval "$(awk '
		match($0, /ttl=[0-9]+/) {
			ttl = substr($0, RSTART + 4, RLENGTH - 4)
			match($0, /time=[0-9.]+/)
			at = substr($1, 2) * 1000
			if (!start) {
				start = at - substr($0, RSTART + 5, RLENGTH - 5)
				first = ttl
			}
			if (ttl == 62 && !direct++)
				flip = at - start
			if (ttl != 62 && direct)
				relapse++
		}
		/packets transmitted/ {
			printf "received=%d ", $4
		}
		END {
			printf "first_ttl=%d direct=%d flip_ms=%d relapse=%d start_ms=%.0f",
				first, direct, flip, relapse, start
		}' "$1")"
	sent=$((lost + received))
}

# no_shortcut NODE PREFIX - the kernel has none of this prefix
no_shortcut()
{
	[[ $(dvpnctl_in "$1" --kernel --json show maps) != *"\"protocol\": \"$2\""* ]]
}

# link_local NODE - the address of dvpn0 that nobody has configured
link_local()
{
	ip -n "$1" -6 -o address show dev dvpn0 scope link | sed 's/.*inet6 \([^/]*\).*/\1/'
}
