#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
# kernel: 6.12
#
# Phase 3 with BGP as in 53-bgp, with BIRD.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
# shellcheck source=tests/net/bgp.sh
. "${0%/*}/bgp.sh"
command -v bird >/dev/null || skip_all "BIRD is not installed"

# routing_start NODE NUMBER LAN
routing_start()
{
	local kind=spoke

	[ "$1" != hub ] || kind=hub
	bgp_config $kind-bird.conf "$2" "$3" >"$RESULTS/bird-$1.conf"
	in_ns "$1" bird -c "$RESULTS/bird-$1.conf" -s "$SCRATCH/bird-$1.ctl" \
		-P "$SCRATCH/bird-$1.pid" 2>"$SCRATCH/bird" || bail_out "BIRD: $(cat "$SCRATCH/bird")"
}

routing_stop()
{
	birdc -s "$SCRATCH/bird-$1.ctl" down >/dev/null
}

bgp_test
