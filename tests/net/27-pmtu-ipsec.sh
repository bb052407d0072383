#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
# kernel: 6.1
#
# Path MTU under IPsec: routers speak of ESP, and the peer's path MTU is what is left inside of it.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
# shellcheck source=tests/net/narrow.sh
. "${0%/*}/narrow.sh"
# shellcheck source=tests/net/esp.sh
. "${0%/*}/esp.sh"

# under HUB ONE TWO [WORD...] - these addresses, under ESP with that
under()
{
	local node

	xfrm_flush hub one two
	outside "${@:1:3}"
	for node in one two; do
		xfrm_policies hub $node
		xfrm_policies $node hub
		xfrm_states hub $node "${@:4}"
		xfrm_states $node hub "${@:4}"
	done
}

modprobe -a xfrm_user esp4 esp6
load_dvpn
narrow_begin ipsec require
for node in hub one two; do
	espinudp_listen $node
done
# shellcheck disable=SC2086
{
	under 192.0.2.1 198.51.100.2 192.0.2.3
	narrow 58 "ESP"
	under 192.0.2.1 198.51.100.2 192.0.2.3 $ESPINUDP
	narrow 66 "ESP in UDP"
	under 2001:db8::1 2001:db8:1::2 2001:db8::3
	narrow 78 "ESP in IPv6"
	under 2001:db8::1 2001:db8:1::2 2001:db8::3 $ESPINUDP6
	learned 86 "ESP in UDP in IPv6"
}
