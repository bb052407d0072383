#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
# kernel: 6.1
#
# Keys are replaced by time under traffic, over and over: nothing is lost. Who proves anew who he is
# loses what comes before the other end is ready, and no more.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"
# shellcheck source=tests/net/swan-keys.sh
. "${0%/*}/swan-keys.sh"

NODES="hub spoke1 spoke2"

swan_needed
swan_network
sed 's/^\(\t*\)version.*/&\n\1rekey_time = 20s\n\1over_time = 60s\n\1rand_time = 4s/
	s/^\(\t*\)reqid.*/&\n\1rekey_time = 10s\n\1life_time = 60s\n\1rand_time = 2s/' \
	"$SWAN_CONFIG" >"$SCRATCH/short.conf"
for node in $NODES; do
	swan_config "$node" "$SCRATCH/short.conf"
	swan_start "$node" "make_before_break = yes"
	swan_load "$node"
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done
check_within "both spokes are registered" 30 registered spoke1 spoke2
check_within "and have a direct path" 30 direct

traffic
for round in 1 2; do
	# shellcheck disable=SC2086
	esp $NODES >"$SCRATCH/esp"
	# shellcheck disable=SC2086
	ike $NODES >"$SCRATCH/ike"
	check_within "by time, $round: nothing old is left" 120 none_left esp ike
done
traffic_end "by time"

# Who answers uses the new association at once, while who asked has to read the answer first.
for node in $NODES; do
	traffic
	# shellcheck disable=SC2086
	ike $node >"$SCRATCH/ike"
	swan "$node" --rekey --reauth --ike dvpn >"$SCRATCH/reauth" 2>&1
	check_within "reauthentication by $node: nothing old is left" 60 none_left ike
	lost_early "reauthentication by $node"
	none_gone "reauthentication by $node"
done
check_within "dvpnd and strongSwan agree" 60 agree
