#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# kernel: 6.12
#
# A hub is sent more registrations than it has time for, with forged sources: who is registered
# stays so, and the table is not read again for what is lost of them. A hub that did not run for
# longer than a holding time finds that its spokes were refreshed meanwhile.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

seconds=6
[ -z "${DVPN_SOAK-}" ] || seconds=30

# value NODE NAME - a number that the node's agent counts
value()
{
	dvpnctl_in "$1" --json show counters | grep -o "\"$2\": [0-9]*" | grep -o '[0-9]*$'
}

# kib NODE - memory of the node's agent
kib()
{
	awk '$1 == "VmRSS:" { print $2 }' "/proc/${DVPND_PID[$1]}/status"
}

# told NODE EVENT - how often its agent has said so
told()
{
	grep -c " $2:" "$RESULTS/dvpnd-$1.log"
}

# overruns - frames for which the kernel had no room
overruns()
{
	dvpnmap -n hub dvpn0 dev | field drop_frame_overrun
}

has_overrun()
{
	[ "$(overruns)" -gt "$before" ]
}

# has_grown NAME - the hub's agent has counted some more
has_grown()
{
	[ "$(value hub "$1")" -gt "$2" ]
}

load_dvpn
network_up || bail_out "cannot build the network"
ns_add mallory
underlay_join underlay mallory wan 192.168.50.66/24
agent_configs
# Refreshed every three seconds.
sed -i 's/role = nhs/&\n\t\t\tholding-time = 10/' "$SCRATCH/hub.conf"
sed -i 's/hub main/holding-time = 10\n\t\t\t&/' "$SCRATCH/spoke.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke.conf"
start_dvpnd spoke2 "$SCRATCH/spoke.conf"
check_within "both spokes are registered" 5 registered spoke1 spoke2

# --- a flood -----------------------------------------------------------------------------

memory=$(kib hub)
answered=$(value spoke1 rx-registration-reply)
steady spoke1 192.168.111.1 flood 0.05
in_ns mallory netload register $seconds 192.168.50.1 42 >"$SCRATCH/load"
steady_end flood "no packet of who is registered is lost"
diag "$(cat "$SCRATCH/load"); the hub handled $(value hub rx-registration-request)," \
	"dropped $(value hub drop-oldest) of those that waited," \
	"the kernel $(value hub frames_lost); $(kib hub) KiB after $memory"
check "the spokes were refreshed" test "$(value spoke1 rx-registration-reply)" -gt "$answered"
check_eq "none was forgotten" "$(told hub spoke-down)" 0
check_eq "and none missed the hub" "$(told spoke1 nhs-down) $(told spoke2 nhs-down)" "0 0"

# --- one that takes a spoke's address ----------------------------------------------------

in_ns mallory netload register 2 192.168.50.1 42 192.168.50.2 >"$SCRATCH/load"
diag "$(cat "$SCRATCH/load"); refused for its rate: $(value hub drop-rate-limit)"
check "a source has only its share" test "$(value hub drop-rate-limit)" -ge 1
check_eq "the other spoke does not notice" "$(told spoke2 nhs-down)" 0

# --- more than fits anywhere, as nobody reads --------------------------------------------

before=$(overruns)
lost=$(value hub frames_lost)
oldest=$(value hub drop-oldest)
kill -STOP "${DVPND_PID[hub]}"
ip netns exec mallory netload register 100 192.168.50.1 42 >/dev/null &
load=$!
check_within "the kernel has no room for more" 30 has_overrun
kill -CONT "${DVPND_PID[hub]}"
check_within "the oldest of those that wait are dropped" 10 has_grown drop-oldest "$oldest"
check_within "lost frames are counted" 10 has_grown frames_lost "$lost"
kill $load
wait $load 2>/dev/null
check_within "the spokes are registered" 15 registered spoke1 spoke2
check_eq "the table is not read again for frames" "$(value hub resyncs)" 0
check "memory stays as it is" test $(($(kib hub) - memory)) -le 8192

# --- stopped for longer than a holding time ----------------------------------------------

down=$(told hub spoke-down)
kill -STOP "${DVPND_PID[hub]}"
check_within "the kernel's mappings end" 15 no_maps hub
kill -CONT "${DVPND_PID[hub]}"
check_within "the hub takes the refreshes that came meanwhile" 2 \
	is_registered_with hub 192.168.111.2
check_within "of both spokes" 1 is_registered_with hub 192.168.111.3
check_eq "and nobody's time was over before" "$(told hub spoke-down)" "$down"
check_within "traffic flows" 5 pings lan1 192.168.40.10
