#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# demo.sh - a hub and two spokes, and a path that finds itself; runs in a guest (make demo)
#
# Everything it says it has measured or read back: each claim is checked, a claim that does
# not hold is marked FAILED, and then so is the demo (exit status 1).
#
# Environment: that of tests/vm/run; DEMO_COLOR=1 for colours although there is no terminal.
# shellcheck source=tests/net/lib.sh
. "${0%/*}/../net/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/../net/spokes.sh"

PINGS=120
nodes="hub spoke1 spoke2"
tap_planned=none
passed=0
failures=()

if [ -t 1 ] || [ -n "${DEMO_COLOR:-}" ]; then
	bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[1;31m' plain=$'\e[0m'
else
	bold='' dim='' green='' red='' plain=''
fi

step()
{
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

# claim TEXT COMMAND...: does what the text says hold?
claim()
{
	local text=$1

	shift
	if "$@" >/dev/null 2>&1; then
		printf '  %sok%s      %s\n' "$green" "$plain" "$text"
		passed=$((passed + 1))
	else
		printf '  %sFAILED%s  %s\n' "$red" "$plain" "$text"
		failures+=("$text")
	fi
}

# session NODE WORD...: dvpnctl with these words and what it says
session()
{
	printf '  %s%s# dvpnctl %s%s\n' "$dim" "$1" "${*:2}" "$plain"
	dvpnctl_in "$@" 2>&1 | cut -c1-120 | sed 's/^/  | /'
}

# Called by lib.sh too, when something cannot be set up.
bail_out()
{
	printf '\n%sdemo: %s%s (logs: %s)\n' "$red" "$*" "$plain" "$RESULTS"
	exit 1
}

# tell_events MS: what the spokes reported of one another's LAN from that time on
tell_events()
{
	{
		sed "s/^/spoke1 /" "$RESULTS/events-spoke1"
		sed "s/^/spoke2 /" "$RESULTS/events-spoke2"
	} | awk -v start="$1" '
		function member(name) {
			if (!match($0, "\"" name "\":\"?[^\",}]*"))
				return ""
			text = substr($0, RSTART, RLENGTH)
			sub(/^[^:]*:"?/, "", text)
			return text
		}
		{
			at = member("time_ms") - start
			event = member("event")
			subject = member("protocol")
			if (at < -100 || subject !~ /^192\.168\.[34]0\./)
				next
			if (event !~ /^(redirect|resolving|shortcut-)/)
				next
			bits = member("prefix_length")
			if (bits != 32)
				subject = subject "/" bits
			printf "%d  +%.3f s  %s  %s: %s\n", at, at / 1000, $1, subject,
				member("message")
		}' | sort -n | head -n 8 | sed 's/^-*[0-9]*//'
}

# ----- the story -----

started=$SECONDS
cat <<END
${bold}dvpn: a hub, two spokes, and a path that finds itself${plain}   (Linux $(uname -r))

     lan1 192.168.30.10                                lan2 192.168.40.10
          |                    hub .111.1                   |
     spoke1 .111.2 ----- tunnel 192.168.111.0/24 ----- spoke2 .111.3
          | .50.2             .50.1 |                 .50.3 |
          +----------- underlay 192.168.50.0/24 ------------+
END
load_dvpn
network_up 2>"$RESULTS/network.log" || bail_out "network: $(cat "$RESULTS/network.log")"
agent_configs
# Link-local addresses are registered like any other; without them the tables are shorter.
for node in $nodes; do
	ip -n "$node" -6 address flush dev dvpn0
done

step "1. Three agents start. All that a spoke knows is one address of the hub."
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke.conf"
start_dvpnd spoke2 "$SCRATCH/spoke.conf"
# One question at a time: each takes longer than the registration itself.
hub_knows_both()
{
	local maps

	maps=$(dvpnctl_in hub --kernel --json show maps)
	[[ $maps == *'"192.168.111.2"'* && $maps == *'"192.168.111.3"'* ]]
}
t=$(now_ms)
wait_for 10 hub_knows_both
took=$(($(now_ms) - t))
registered_in_time()
{
	[ "$took" -le $((2000 * DVPN_TIME_SCALE)) ] && wait_for 5 registered spoke1 spoke2
}
claim "both spokes are registered with the hub, $took ms after the last agent is up" \
	registered_in_time
session spoke1 show maps
for node in $nodes; do
	dvpnctl_in "$node" --json monitor >"$RESULTS/events-$node" 2>&1 &
	disown
	wait_for 10 test -s "$RESULTS/events-$node"
done

step "2. lan1 pings lan2, 20 times a second. A reply's TTL counts the routers on its way."
routes=$(all_routes)
hub_rx=$(counter hub dvpn0 rx_packets)
ping_answers "$RESULTS/ping1" lan1 192.168.40.10 $PINGS
hub_rx=$(($(counter hub dvpn0 rx_packets) - hub_rx))
read_ping "$RESULTS/ping1"
tell_events "$start_ms"
claim "the first reply came by the hub: TTL $first_ttl" test "$first_ttl" = 61
claim "the first direct one was there after $flip_ms ms: TTL 62" \
	test "$direct" -gt 0 -a "$flip_ms" -le $((300 * DVPN_TIME_SCALE))
claim "$sent packets, $((sent - received)) lost: $((received - direct)) by the hub, then $direct direct" \
	test "$sent" = $PINGS -a "$received" = $PINGS -a "$relapse" = 0
claim "both directions are direct: the hub saw $hub_rx packets of $((2 * sent))" \
	test "$hub_rx" -lt $((sent / 2))
session spoke1 show maps
shortcuts_and_nothing_else()
{
	both_shortcuts && [ "$(all_routes)" = "$routes" ]
}
claim "each spoke has a shortcut to the other's LAN, and no routing table has changed" \
	shortcuts_and_nothing_else

step "3. kill -9 for all three agents, in the middle of the next ping."
tables=$(kernel_tables)
hub_rx=$(counter hub dvpn0 rx_packets)
ip netns exec lan1 ping -D -n -i 0.05 192.168.40.10 >"$RESULTS/ping2" &
ping=$!
pause 1
for node in $nodes; do
	stop_dvpnd "$node" KILL 2>/dev/null
done
orphaned()
{
	local node

	for node in $nodes; do
		! dvpnctl_in "$node" monitor || return
	done
	[ "$(kernel_tables)" = "$tables" ]
}
claim "all three are dead; the kernels' tables are what they were" orphaned
session spoke1 show maps
for node in $nodes; do
	start_dvpnd "$node" -
done
wait_for 10 registered spoke1 spoke2
adopted()
{
	registered spoke1 spoke2 && owned_by_agents && [ "$(kernel_tables)" = "$tables" ]
}
claim "started again, they took the table over as it was: same mappings, same ids" adopted
pause 1
ping_end $ping "$RESULTS/ping2"
flowed=$?
read_ping "$RESULTS/ping2"
hub_rx=$(($(counter hub dvpn0 rx_packets) - hub_rx))
claim "all this while: $sent packets, $((sent - received)) lost, $direct direct; the hub saw $hub_rx" \
	test "$sent" -gt 40 -a "$received" = "$sent" -a "$direct" = "$sent" \
	-a $flowed = 0 -a "$hub_rx" -lt 40

took=$((SECONDS - started))
if [ ${#failures[@]} = 0 ]; then
	step "${green}All $passed claims hold.${plain} ($took s)"
	exit 0
fi
step "${red}${#failures[@]} of $((passed + ${#failures[@]})) claims do not hold.${plain} (logs: $RESULTS)"
exit 1
