#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# The main job: two spokes that know only the hub come to talk directly, and lose no packet.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

network_and_agents
check "a spoke reaches the hub by the tunnel" ping_all spoke1 192.168.111.1
routes=$(all_routes)

capture hub wan at-hub "proto gre"
capture lan2 eth0 at-lan2 icmp
ping_answers "$SCRATCH/pings" lan1 192.168.40.10 200
capture_stop at-lan2
capture_stop at-hub
read_ping "$SCRATCH/pings"
diag "$received answers, $direct of them direct, the first after $flip_ms ms"

check_eq "no packet of 200 is lost" "$lost $received" "0 200"
check_eq "the first answer came by the hub" "$first_ttl" 61
check "a direct answer came at all" test "$direct" -gt 0
check "the first direct packet left within 0.3 s of the first packet" \
	test "$flip_ms" -le $((300 * DVPN_TIME_SCALE))
check_eq "once direct, the path stays direct" "$relapse" 0
# One hop less: the hub has not touched it.
check_eq "the last request came directly too" \
	"$(decode at-lan2 -Y 'icmp.type == 8' -T fields -e ip.ttl | tail -n 1)" 62
check_eq "the hub has seen nothing of the last half" \
	"$(decode at-hub -Y 'icmp.type == 8 && icmp.seq > 100' | wc -l)" 0
check "spoke1 has the shortcut, proven" has_shortcut spoke1 192.168.40.0 192.168.50.3
check "spoke2 has the shortcut, proven" has_shortcut spoke2 192.168.30.0 192.168.50.2
check_eq "no route has come or gone" "$(all_routes)" "$routes"
