#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
# kernel: 6.12
#
# BGP as in 53-bgp, with the tunnel and the LANs in a VRF.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
# shellcheck disable=SC2034
VRF=red
# shellcheck source=tests/net/bgp.sh
. "${0%/*}/bgp.sh"
[ -x "$FRR/bgpd" ] || skip_all "FRR is not installed"
modprobe vrf || skip_all "no VRF"

bgp_test
frr_logs
