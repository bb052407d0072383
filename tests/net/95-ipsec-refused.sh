#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# kernel: 6.12
#
# A spoke whose secret is wrong, one whose certificate is of another CA, one whose certificate has
# expired: its agent says so and what to do, and nobody else notices.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"
# shellcheck source=tests/net/swan-pki.sh
. "${0%/*}/swan-pki.sh"

NODES="hub spoke1 spoke2"

# certificate NAME CA DAYS - as $PKI/NAME-CA-DAYS.pem
certificate()
{
	sign "$1" "$2" "$PKI/$1-$2-$3.pem" -days "$3"
}

# certified NODE CA DAYS - the guide's file with certificates, and such a one
certified()
{
	pki_install "$1" "$PKI/$1-$2-$3.pem"
	pki_config | swan_config "$1" -
}

# identity NODE NBMA - who the peer there is
identity()
{
	dvpnctl_in "$1" --json show sas | tr -d '\n' | sed -n \
		"s/.*\"nbma\": \"$2\"[^]]*\"identity\": \"\([^\"]*\)\".*/\1/p"
}

# reason_is WORDS - why spoke2 has no hub
reason_is()
{
	dvpnctl_in spoke2 show nhs | grep -qF "$1"
}

# hubs_lost - how often spoke1 has lost its hub
hubs_lost()
{
	grep -c ' nhs-down:' "$RESULTS/dvpnd-spoke1.log"
}

# others - the traffic of spoke1
others()
{
	was_lost=$(hubs_lost)
	steady lan1 192.168.10.10 others
}

# refused NAME WORDS - spoke2 is, and says so; then it is mended by the command that follows
refused()
{
	check_within "$1: spoke2 says what to do" 60 says spoke2 "$2"
	check "$1: of that hub, too" reason_is "$2"
	check "$1: and in its log" grep -qF "no security association: $2" \
		"$RESULTS/dvpnd-spoke2.log"
	check_eq "$1: there in one line" "$(grep -cF "no security association: $2" \
		"$RESULTS/dvpnd-spoke2.log")" 1
	check "$1: nothing is wrong elsewhere" nothing_wrong hub spoke1
}

# mended NAME
mended()
{
	check_within "$1, mended: it is registered" 60 registered spoke2
	check_within "$1, mended: nothing is wrong any more" 30 nothing_wrong spoke2
	steady_end others "$1: the other spoke has lost nothing"
	check_eq "$1: and has not lost its hub" "$(hubs_lost)" "$was_lost"
}

swan_needed
load_dvpn
network_links
swan_warm
pki
for node in $NODES; do
	new_key "$node" -out "$PKI/$node.csr"
	certificate "$node" ca 20
done
certificate spoke2 other 20
certificate spoke2 ca -1
tunnel hub 1 redirect on ipsec require
hub_routes
agent_configs
profile hub hub
for n in 1 2; do
	tunnel spoke$n $((n + 1)) ipsec require
	ip -n spoke$n route add 192.168.0.0/16 via 192.168.111.1
	profile spoke spoke$n
done

# --- a secret ----------------------------------------------------------------------------

swan_up hub spoke1
sed 's/secret = "/&not /' "$SWAN_CONFIG" | swan_config spoke2 -
swan_start spoke2
swan_load spoke2
for node in $NODES; do
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done
check_within "spoke1 is registered" 30 registered spoke1
others
refused "wrong secret" "it refuses our secret: swanctl.conf must have the same on both"
swan_config spoke2
swan spoke2 --load-creds >/dev/null 2>&1
mended "wrong secret"

# --- certificates ------------------------------------------------------------------------

for node in $NODES; do
	swan_stop "$node"
	stop_dvpnd "$node"
done
certified hub ca 20
certified spoke1 ca 20
certified spoke2 other 20
for node in $NODES; do
	rm "$RESULTS/dvpnd-$node.log"
	swan_start "$node"
	swan_load "$node"
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done
check_within "with certificates spoke1 is registered" 30 registered spoke1
check_eq "and the hub knows it by its certificate" "$(identity hub 192.168.50.2)" "CN=spoke1"
others
refused "another CA" "it refuses our certificate: is it expired, or not of the CA"

# Not after a good one: the hub would remember that, which has the same key.
swan_stop spoke2
stop_dvpnd spoke2
rm "$RESULTS/dvpnd-spoke2.log"
certified spoke2 ca -1
swan_start spoke2
swan_load spoke2
start_dvpnd spoke2 -
refused "expired" "it refuses our certificate: is it expired, or not of the CA"
certified spoke2 ca 20
swan_load spoke2
mended "certificate"
