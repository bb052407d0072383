#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
# kernel: 6.12
#
# The hub reboots, and finds who was registered in its state directory. Spokes whose agents
# stand still cannot help it. A file that is no good is as if there were none.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

file=/run/node/hub/lib/bindings.dvpn0

saved()
{
	[ "$(grep -c '^b 192.168.111' $file)" = "$1" ]
}

# spokes TYPE - how many mappings of that type the hub has, without those of link-local addresses
spokes()
{
	dvpnctl_in hub show maps | awk -v type="$1" '
		$4 == type && $2 ~ /^192/ { n++ } END { print n + 0 }'
}

all_are()
{
	[ "$(spokes "$1")" = 2 ]
}

# With an address of its link alone, which every device has, or with none at all.
runs_without_address()
{
	dvpnctl_in hub status | grep -Eq '(up|no-address) '
}

# device_anew - the kernel's table is gone
device_anew()
{
	ip -n hub link delete dvpn0
	tunnel hub 1 redirect on
	hub_routes
}

# is_ignored WHY - the hub reboots with what is in the file now, and says so in one line
is_ignored()
{
	stop_dvpnd hub KILL 2>/dev/null
	cp "$SCRATCH/now" $file
	device_anew
	start_dvpnd hub -
	wait_for 5 grep -q "bindings.dvpn0 is ignored: .*$1" "$RESULTS/dvpnd-hub.log"
	check_eq "$1: one line" \
		"$(grep -c "bindings.dvpn0 is ignored: .*$1" "$RESULTS/dvpnd-hub.log")" 1
	check_eq "$1: nobody is restored" "$(spokes restored)" 0
}

network_and_agents
check_within "both are saved" 3 saved 2
check_eq "nobody else may read the file" "$(stat -c %a $file)" 600
cp $file "$SCRATCH/good"
stop_dvpnd spoke1
stop_dvpnd spoke2

stop_dvpnd hub KILL 2>/dev/null
device_anew
check "the hub's kernel knows nobody" no_maps hub
start_dvpnd hub -
check_within "the hub takes both back" 2 all_are restored
check "the first packet is forwarded, and its answer" \
	ping_all lan1 192.168.40.10 1

check "the hub is shut down in good order" dvpnctl_in hub leave
stop_dvpnd hub
ip -n hub link delete dvpn0
tunnel hub 1 redirect on
ip -n hub address delete 192.168.111.1/24 dev dvpn0
start_dvpnd hub -
check_within "its address is not there yet" 3 runs_without_address
ip -n hub address add 192.168.111.1/24 dev dvpn0
hub_routes
check_within "its address comes late: both are taken back" 5 all_are restored
start_dvpnd spoke1 -
start_dvpnd spoke2 -
check_within "who is heard of is registered" 5 all_are registered

device_anew
check_within "a device made anew under the running agent: they are taken back" 5 all_are restored
check "and packets are forwarded" ping_all lan1 192.168.40.10
stop_dvpnd spoke1
stop_dvpnd spoke2

head -c -6 "$SCRATCH/good" >"$SCRATCH/now"
is_ignored "it ends too early"
printf "dvpn-bindings 1 \\0\\n" >"$SCRATCH/now"
is_ignored "not a line of such a file"
awk 'NR == 1 { $3 -= 90000 } { print }' "$SCRATCH/good" >"$SCRATCH/now"
is_ignored "it is older than a day"
awk 'NR == 1 { $3 += 90000 } { print }' "$SCRATCH/good" >"$SCRATCH/now"
is_ignored "it was saved in the future"

start_dvpnd spoke1 -
start_dvpnd spoke2 -
check_within "spokes register with a hub that has lost its memory" 5 all_are registered
check_within "which is saved again" 3 saved 2
check "traffic flows" ping_all lan1 192.168.40.10
