#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# The whole network over GRE in UDP: spokes register, go direct, and send keepalives to the hub
# when there is nothing else to send.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

load_dvpn
network_up || bail_out "cannot build the network"
agent_configs
# Without probes, which are something else to send.
sed -i '/^\t*tunnel/a encap = udp\nprobe-interval = off' "$SCRATCH/hub.conf" "$SCRATCH/spoke.conf"
for node in hub spoke1 spoke2; do
	ip -n $node link set dvpn0 type dvpn port 4754
done
capture hub wan wire "ip host 192.168.50.2"
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke.conf"
start_dvpnd spoke2 "$SCRATCH/spoke.conf"
check_within "both spokes are registered" 4 registered spoke1 spoke2
check "a spoke reaches the hub" ping_all spoke1 192.168.111.1
ping_answers "$SCRATCH/pings" lan1 192.168.40.10 100
read_ping "$SCRATCH/pings"
check_eq "no packet of 100 is lost" "$lost $received" "0 100"
check "they go direct" test "$direct" -gt 0
check "a shortcut over UDP" eval \
	'dvpnctl_in spoke1 show maps | grep -qE "192.168.40.0/24 +udp 192.168.50.3:4754 +shortcut +active"'
capture_stop wire
check_eq "all of it was UDP" "$(decode wire -Y '!arp && !udp' | wc -l)" 0
check "keepalives to the hub" wait_for 60 eval \
	'[[ $(dvpnctl_in spoke1 --json show counters) = *"\"keepalives\": "[1-9]* ]]'
