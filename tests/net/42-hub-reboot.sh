#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# kernel: 6.12
#
# The hub reboots: its agent, the agent's state and the kernel's table are gone. A spoke that
# sends is told so and registers; one that is idle finds out by its own probe.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

load_dvpn
network_up || bail_out "cannot build the network"
agent_configs
sed 's/hub main/probe-interval = 5; &/' "$SCRATCH/spoke.conf" >"$SCRATCH/idle.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke.conf"
start_dvpnd spoke2 "$SCRATCH/idle.conf"
check_within "both spokes are registered" 5 registered spoke1 spoke2

stop_dvpnd hub KILL 2>/dev/null
rm -rf /run/node/hub/lib/*
ip -n hub link delete dvpn0
tunnel hub 1 redirect on
hub_routes
check "the hub knows nobody" no_maps hub
start_dvpnd hub -

start=$(now_ms)
# One packet is enough; it is not answered, the hub does not know its sender.
in_ns spoke1 ping -qn -c 1 -W 1 192.168.111.1 >/dev/null
check_within "a spoke that sends any packet is registered again within 5 s" 5 \
	is_registered_with hub 192.168.111.2
diag "$(($(now_ms) - start)) ms after it sent"
check_within "an idle one within its probe interval" 6 is_registered_with hub 192.168.111.3
check "traffic flows" ping_all lan1 192.168.40.10
