#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# dvpnd and its device: waits for it, shares it with nobody, follows it and its addresses,
# leaves on request, and gives up its privileges.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

log_has()
{
	grep -qE "$2" "$RESULTS/dvpnd-$1.log"
}

state_is()
{
	[[ $(dvpnctl_in "$1" --json status) == *"\"state\": \"$2\""* ]]
}

# status_value NODE NAME: a line of /proc/PID/status of the node's dvpnd
status_value()
{
	sed -n "s/^$2:[[:space:]]*//p" "/proc/${DVPND_PID[$1]}/status"
}

# ends_in_seconds NODE ADDRESS: the mapping has less than a minute left
ends_in_seconds()
{
	dvpnctl_in "$1" show maps | awk -v address="$2" '
		$2 == address && $7 ~ /^[0-9.]+s$/ { found = 1 }
		END { exit !found }'
}

reload_tells()
{
	[[ $(dvpnctl_in "$1" reload) == *"$2"* ]]
}

# Another protocol address for the spoke.
move_address()
{
	ip -n spoke1 address del 192.168.111.2/24 dev dvpn0 &&
		ip -n spoke1 address add 192.168.111.7/24 dev dvpn0
}

network_links || bail_out "cannot build the network"
agent_configs
conf=/run/node/spoke1/etc/dvpnd.conf

start_dvpnd spoke1 "$SCRATCH/spoke.conf"
check_within "without the module it says what to do" 3 \
	log_has spoke1 'no-module: .* modprobe dvpn$'
load_dvpn
check_within "without a device it says what to do" 10 \
	log_has spoke1 'no-device: no such interface: ip link add dvpn0 type dvpn'
start_dvpnd hub "$SCRATCH/hub.conf"
network_tunnels
check_within "it finds its device by itself and registers" 4 registered spoke1
check "Status says so" state_is spoke1 up

mkdir "$SCRATCH/second"
ip netns exec spoke1 dvpnd -c "$SCRATCH/spoke.conf" -s "$SCRATCH/second/sock" \
	--state-dir "$SCRATCH/second/state" 2>"$SCRATCH/second/log" &
second=$!
check_within "a second agent for the device says so" 10 \
	grep -q 'another agent holds dvpn0' "$SCRATCH/second/log"
pause 2
kill $second
wait $second
check_eq "in one line" "$(grep -c 'another agent holds dvpn0' "$SCRATCH/second/log")" 1
check_fails "a second daemon does not take the control socket" \
	'another dvpnd listens there; give this one its own with --socket' \
	in_ns spoke1 dvpnd -c "$SCRATCH/spoke.conf" -s /run/node/spoke1/run/dvpnd.sock \
	--state-dir "$SCRATCH/second/state"
check_fails "nor the state" 'is in use by another dvpnd; give this one its own with --state-dir' \
	in_ns spoke1 dvpnd -c "$SCRATCH/spoke.conf" -s "$SCRATCH/second/sock" \
	--state-dir /run/node/spoke1/lib
check "the first one is not disturbed" registered spoke1
check_fails "without CAP_NET_ADMIN it does not start" 'needs the capability CAP_NET_ADMIN' \
	in_ns spoke1 setpriv --bounding-set -net_admin --inh-caps -net_admin \
	dvpnd -c "$SCRATCH/spoke.conf" -s "$SCRATCH/second/sock" \
	--state-dir "$SCRATCH/second/state"
echo 'tunel dvpn0 { }' >"$SCRATCH/bad.conf"
check_fails "a config with errors is refused with file and line" \
	'bad.conf:1: unknown section "tunel" \(did you mean "tunnel"\?\)' \
	dvpnd --check -c "$SCRATCH/bad.conf"

check_eq "it keeps CAP_NET_ADMIN" "$(status_value spoke1 CapPrm)" 0000000000001000
check_eq "and cannot gain anything" \
	"$(status_value spoke1 CapBnd) $(status_value spoke1 NoNewPrivs)" "0000000000000000 1"
check_eq "system calls are filtered" "$(status_value spoke1 Seccomp)" 2
ip -n hub link set dvpn0 type dvpn redirect off
check_within "a hub that cannot tell of direct paths says what to do" 3 log_has hub \
	'up: spokes hear of no direct path: ip link set dvpn0 type dvpn redirect on$'
ip -n hub link set dvpn0 type dvpn redirect on
stop_dvpnd hub
start_dvpnd hub - --user nobody
check_eq "it runs as the user that it is told" "$(status_value hub Uid | cut -f1)" 65534
check "and still does its work" is_registered_with hub 192.168.111.2

# came_up - how often the hub has taken this address of spoke1's
came_up()
{
	grep -c 'nhs-up: 192.168.111.2:' "$RESULTS/dvpnd-spoke1.log"
}

# Not a link-local address alone, which it has sooner
up_again()
{
	[ "$(came_up)" -gt "$before" ]
}

before=$(came_up)
ip -n spoke1 link delete dvpn0
check_within "the device goes: it waits" 3 state_is spoke1 no-device
tunnel spoke1 2
check_within "the device is made again: it registers again" 4 up_again
move_address
check_within "a new address is registered" 4 is_registered_with hub 192.168.111.7
check_within "and the old one is taken back" 2 no_shortcut hub 192.168.111.2
ip -n spoke1 link set dvpn0 down
check_within "the device is down: so it says" 3 state_is spoke1 down
ip -n spoke1 link set dvpn0 up
check_within "the device is up: it is registered" 4 registered spoke1

echo 'phase = 3' >>"$conf"
check_fails "a reload refuses a file with an error" "dvpnd.conf:4: unknown option" \
	dvpnctl_in spoke1 reload
check "and changes nothing" registered spoke1
sed -i '$d; s/hub main/holding-time = 30; hub main/' "$conf"
check "a reload takes a new holding time" dvpnctl_in spoke1 reload
check_within "of which the hub hears" 4 ends_in_seconds hub 192.168.111.7
mkdir "$conf.d"
echo 'log-level = debug' >"$conf.d/log.conf"
check "a reload reads the directory beside the file, too" reload_tells spoke1 'log-level'

# prints TEXT COMMAND...: dvpnctl prints this
prints()
{
	[[ $(dvpnctl_in spoke1 "${@:2}") == *"$1"* ]]
}

sed -i 's/holding-time = 30/holding-time = 40/' "$conf"
confirm=$((6 * DVPN_TIME_SCALE))
check "a reload that has to be confirmed" prints "30 -> 40" reload --confirm "$confirm"
check "is in force" prints "holding-time = 40" show running-config
check "the status says that it is not confirmed" prints "goes back in " status
check_fails "another reload is refused" "has to be confirmed first" dvpnctl_in spoke1 reload
check_within "nobody confirms it: it goes back" $((confirm + 2)) \
	prints "holding-time = 30" show running-config
check "the address is registered all the time" is_registered_with hub 192.168.111.7
check "the file is as it was" prints "holding-time: 30 -> 40" show running-config --diff
check "once more" prints "30 -> 40" reload --confirm 60
check "it is confirmed" dvpnctl_in spoke1 confirm
check_fails "there is nothing left to confirm" "nothing to confirm" dvpnctl_in spoke1 confirm
check "leave" dvpnctl_in spoke1 leave
check_within "takes everything back" 2 no_shortcut hub 192.168.111.7
check "and is heeded" state_is spoke1 left
ip -n spoke1 link delete dvpn0
tunnel spoke1 2
ip -n spoke1 address add 192.168.111.7/24 dev dvpn0
pause 2
check "also by a device that is made again" state_is spoke1 left
check "which sends nothing" no_shortcut hub 192.168.111.7
check "a reload brings it back" reload_tells spoke1 "changed dvpn0"
check_within "until the next reload" 4 is_registered_with hub 192.168.111.7
check "it leaves" dvpnctl_in spoke1 leave
check "a reload that has to be confirmed brings it back" \
	prints "changed dvpn0" reload --confirm "$confirm"
check_within "for so long" 4 is_registered_with hub 192.168.111.7
check_within "nobody confirms it: it leaves again" $((confirm + 2)) state_is spoke1 left
check_within "and takes everything back" 2 no_shortcut hub 192.168.111.7
stop_dvpnd spoke1
start_dvpnd spoke1 -
check_within "until the next start" 4 is_registered_with hub 192.168.111.7
check "SIGTERM ends it with status 0" stop_dvpnd spoke1
check "and the hub keeps what it knows" is_registered_with hub 192.168.111.7
