#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 100
# kernel: 6.12
#
# A spoke says that it is at an address where it cannot be: the hub refuses it, by the code of the
# standard, and so does its kernel if it is told. One that claims to be where another spoke is
# gets what is for it where it sends from. A spoke loses its power: the other one is back on the
# hub's path, and no route says that it is unreachable.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

# claims PROTOCOL NBMA... - what the hub answers to the liar, on one line
claims()
{
	in_ns liar timeout $((30 * DVPN_TIME_SCALE)) "${0%/*}/claims.py" 42 192.168.50.66 \
		192.168.50.1 "$@" | paste -sd,
}

hub_count()
{
	dvpnctl_in hub show counters | awk -v name="$1" '
		$2 == "nhrp" && $3 == name { n = $4 } END { print n + 0 }'
}

# kernel_at ADDRESS - where the hub's kernel sends what is for it
kernel_at()
{
	dvpnctl_in hub --kernel show maps | awk -v address="$1" '
		$2 == address || $2 == address "/32" { print $3 }'
}

load_dvpn
network_up || bail_out "cannot build the network"
ns_add liar
underlay_join underlay liar wan 192.168.50.66/24
agent_configs
sed -i 's/hub main/probe-interval = 2; &/' "$SCRATCH/spoke.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke.conf"
start_dvpnd spoke2 "$SCRATCH/spoke.conf"
check_within "both spokes are registered" 5 registered spoke1 spoke2
before=$(kernel_tables)

# The hub's own, none, multicast, broadcast, loopback, the claimed address itself, the hub's inside
places="192.168.50.1 0.0.0.0 224.0.0.5 255.255.255.255 127.0.0.1 192.168.111.66 192.168.111.1"
# shellcheck disable=SC2086
check_eq "the hub refuses all of them: administratively prohibited" \
	"$(claims 192.168.111.66 $places)" "$(printf '%s 4\n' $places | paste -sd,)"
check_eq "each is counted with its reason" "$(hub_count drop-policy-nbma)" 7
check_eq "nothing of it is in any kernel" "$(kernel_tables)" "$before"
for nbma in ${places/192.168.111.66 /}; do
	check_fails "the hub's kernel refuses $nbma" 'EINVAL: .*NBMA address' \
		dvpnmap -n hub dvpn0 add 192.168.111.66 "$nbma"
done

check_eq "the hub's own address inside, and what is outside of its subnet" \
	"$(claims 192.168.111.1 192.168.50.66) $(claims 192.0.2.1 192.168.50.66)" \
	"192.168.50.66 4 192.168.50.66 4"
check_eq "the address of a spoke that lives" "$(claims 192.168.111.3 192.168.50.66)" \
	"192.168.50.66 14"
check_eq "which is where it was" "$(kernel_at 192.168.111.3)" 192.168.50.3
check_eq "a spoke that says it is where another one is, is taken for one behind a NAT" \
	"$(claims 192.168.111.66 192.168.50.3)" "192.168.50.3 0"
check_eq "what is for it goes where it sends from" "$(kernel_at 192.168.111.66)" 192.168.50.66
check_eq "and the other one has what it had" "$(kernel_at 192.168.111.3)" 192.168.50.3

# --- a spoke loses its power -------------------------------------------------------------

in_ns lan1 ping -qn -i 0.05 -c 20 192.168.40.10 >/dev/null
check_within "there is a shortcut, both ways" 5 both_shortcuts
routes=$(ip -n spoke1 route)
goes_by_the_hub()
{
	! has_shortcut spoke1 192.168.40.0 192.168.50.3 &&
		[[ $(dvpnctl_in spoke1 why 192.168.40.10) == *"is reached by the hub"* ]]
}
ip netns exec lan1 ping -qn -i 0.1 192.168.40.10 >/dev/null &
traffic=$!
ip -n underlay link set spoke2 down
# Three probes of a second after an interval of at most two.
check_within "spoke1 is back on the hub's path" 8 goes_by_the_hub
check_eq "no route came or went" "$(ip -n spoke1 route)" "$routes"
check "it is said why" grep -q '192.168.111.3: no answer to three probes' \
	"$RESULTS/dvpnd-spoke1.log"
ip -n underlay link set spoke2 up
check_within "spoke2 is back: direct again" 20 both_shortcuts
kill $traffic
wait $traffic 2>/dev/null || true
