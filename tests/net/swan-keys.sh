# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# swan-keys.sh - for tests that replace keys under traffic; sourced after swan.sh

# swan_network - the network of demo/network.sh, all protected, and $SCRATCH/agent.NODE
swan_network()
{
	local n

	load_dvpn
	network_links
	swan_warm
	agent_configs
	profile hub hub 600
	tunnel hub 1 redirect on ipsec require
	hub_routes
	for n in 1 2; do
		tunnel spoke$n $((n + 1)) ipsec require
		ip -n spoke$n route add 192.168.0.0/16 via 192.168.111.1
		profile spoke spoke$n 600
	done
}

# direct - the two spokes of it have a direct path (for wait_for)
direct()
{
	in_ns lan1 ping -qn -c 1 -W 1 192.168.40.10 >/dev/null
	both_shortcuts
}

# told NODE, installed NODE - SPIs of what comes in: by dvpnd; by strongSwan, without what is
# only kept for some seconds after its keys were replaced
told()
{
	dvpnctl_in "$1" --json show sas | sed -n 's/.*"spi_in": "0x\([0-9a-f]*\)".*/\1/p' | sort
}

installed()
{
	swan "$1" --list-sas | awk '
		/^  [^ ]/ { used = /, (INSTALLED|REKEYING|UPDATING),/ }
		used && $1 == "in" { print substr($2, 1, 8) }' | sort
}

# agree - dvpnd and strongSwan have the same, in all of $NODES
agree()
{
	local node

	for node in $NODES; do
		installed "$node" >"$SCRATCH/installed"
		[ -s "$SCRATCH/installed" ] &&
			[ "$(told "$node")" = "$(<"$SCRATCH/installed")" ] || return
	done
}

# gone_events - how often a hub or a peer was taken to be gone
gone_events()
{
	cat "$RESULTS"/dvpnd-*.log | grep -cE ' (nhs-down|spoke-down|peer-dead|shortcut-down):'
}

# no_states - packets that came before the association that they came by was there, or after it
no_states()
{
	local node

	for node in $NODES; do
		in_ns "$node" cat /proc/net/xfrm_stat
	done | awk '$1 ~ "^Xfrm(AcquireError|InNoStates)$" { n += $2 } END { print n + 0 }'
}

# traffic - from LAN to LAN by the direct path, and to the hub's
traffic()
{
	early=$(no_states)
	gone=$(gone_events)
	steady lan1 192.168.40.10 direct
	steady lan1 192.168.10.10 hub
}

# none_gone NAME - since traffic began
none_gone()
{
	check_eq "$1: nobody was taken to be gone" "$(gone_events)" "$gone"
}

# stayed_direct NAME - since traffic began
stayed_direct()
{
	check_eq "$1: the path stays direct" "$(grep -c ttl=61 "$SCRATCH/steady.direct")" 0
	none_gone "$1"
}

# lost_early NAME - end of traffic: nothing is lost but what came before the other end was ready
lost_early()
{
	local lost

	check "$1: there is traffic to the end" ping_end "${STEADY[direct]}" "$SCRATCH/steady.direct"
	check "$1: to the hub, too" ping_end "${STEADY[hub]}" "$SCRATCH/steady.hub"
	lost=$(($(unanswered "$SCRATCH/steady.direct") + $(unanswered "$SCRATCH/steady.hub")))
	early=$(($(no_states) - early))
	diag "$lost lost, $early packets came too early"
	check "$1: nothing is lost but what came too early" test $lost -le $early
}

# esp, ike NODE... - their SPIs
esp()
{
	local node

	for node; do
		ip -n "$node" xfrm state list
	done | awk '$1 == "proto" && $4 != "0x00000000" { print $4 }' | sort -u
}

ike()
{
	local node

	for node; do
		swan "$node" --list-sas
	done | grep -oE '[0-9a-f]{16}_[ir]' | sort -u
}

# none_left LIST... - nobody has those in $SCRATCH/LIST, but others
none_left()
{
	local list

	for list; do
		# shellcheck disable=SC2086
		$list $NODES >"$SCRATCH/now"
		[ -s "$SCRATCH/now" ] && ! grep -qxFf "$SCRATCH/$list" "$SCRATCH/now" || return
	done
}

# traffic_end NAME - nothing is lost
traffic_end()
{
	steady_end direct "$1: nothing is lost between the spokes"
	steady_end hub "$1: nor to the hub"
	stayed_direct "$1"
}
