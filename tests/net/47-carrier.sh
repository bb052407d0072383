#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 90
# kernel: 6.12
#
# carrier-follows-hubs: those who watch the interface of a spoke see whether a hub works.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

# state_is STATE MODE - operational state and link mode of the spoke's device
state_is()
{
	[[ $(ip -n spoke1 -o link show dvpn0) == *" state $1 mode $2 "* ]]
}

# reason - why the tunnel is not better, as dvpnctl says
reason()
{
	dvpnctl_in spoke1 --json status | sed -n 's/.*"reason": "\(.*\)".*/\1/p'
}

load_dvpn
network_up || bail_out "cannot build the network"
agent_configs
cat >"$SCRATCH/spoke1.conf" <<END
tunnel dvpn0 {
	carrier-follows-hubs = yes
	probe-interval = 1
	hub main { nbma = 192.168.50.1; protocol = 192.168.111.1 }
}
END
check "the kernel decides by itself" state_is UNKNOWN DEFAULT
start_dvpnd spoke1 "$SCRATCH/spoke1.conf"
check_within "no hub: dormant" 5 state_is DORMANT DORMANT
check_eq "and it is said why" "$(reason)" "dormant: no hub is registered (carrier-follows-hubs)"
# What iproute2 calls NO-CARRIER is a device that is not RUNNING.
check_eq "with carrier, but not running" \
	"$(ip -n spoke1 -o link show dvpn0 | grep -o "NO-CARRIER\|UP,LOWER_UP" | xargs)" \
	"NO-CARRIER UP,LOWER_UP"
start_dvpnd hub "$SCRATCH/hub.conf"
check_within "registered: up" 20 state_is UP DORMANT
check_eq "nothing to say" "$(reason)" ""

ip -n spoke1 -o monitor link dev dvpn0 >"$SCRATCH/monitor" &
monitor=$!
stop_dvpnd spoke1 KILL 2>/dev/null
start_dvpnd spoke1 -
check_within "registered again after a restart" 5 registered spoke1
pause 1
check "all the time it was up" state_is UP DORMANT
check_eq "and nobody heard anything else" "$(grep -c "state DORMANT" "$SCRATCH/monitor")" 0
kill $monitor

ip -n spoke1 link set dvpn0 down
ip -n spoke1 link set dvpn0 up
check_within "down and up again" 5 state_is UP DORMANT

stop_dvpnd hub KILL 2>/dev/null
check_within "the hub's agent is gone: dormant" 30 state_is DORMANT DORMANT
check "its kernel still forwards, and so does ours" ping_all spoke1 192.168.111.1
start_dvpnd hub -
check_within "it is back: up" 30 state_is UP DORMANT

stop_dvpnd hub KILL 2>/dev/null
check_within "gone again: dormant" 30 state_is DORMANT DORMANT
sed -i '/carrier-follows/d' /run/node/spoke1/etc/dvpnd.conf
check "the option is taken out" dvpnctl_in spoke1 reload
check_within "the kernel decides again" 5 state_is UP DEFAULT
