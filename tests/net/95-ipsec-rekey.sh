#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
# kernel: 6.1
#
# Keys are replaced under traffic, whoever begins: nothing is lost, nobody is taken to be gone, the
# direct path stays, nothing old is left.
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

# renewed NAME LISTS ARGUMENT... - these are replaced, by each node in turn and by all at once
renewed()
{
	local name=$1 lists=$2 list who node
	local -a rekeys=()

	traffic
	for who in $NODES "$NODES"; do
		for list in $lists; do
			# shellcheck disable=SC2086
			$list $who >"$SCRATCH/$list"
		done
		for node in $who; do
			swan "$node" --rekey "${@:3}" >"$SCRATCH/rekey.$node" 2>&1 &
			rekeys+=($!)
		done
		wait "${rekeys[@]}"
		rekeys=()
		# shellcheck disable=SC2086
		check_within "$name by ${who// /, }: nothing old is left" 60 none_left $lists
	done
	check_within "$name: dvpnd and strongSwan agree" 30 agree
}

swan_needed
swan_network
for node in $NODES; do
	swan_config "$node"
	swan_start "$node"
	swan_load "$node"
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done
check_within "both spokes are registered" 30 registered spoke1 spoke2
check_within "and have a direct path" 30 direct
check_within "dvpnd and strongSwan agree" 30 agree

renewed "CHILD_SA" esp --child dvpn
traffic_end "CHILD_SA"
renewed "IKE_SA" ike --ike dvpn
traffic_end "IKE_SA"
