#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
# kernel: 6.12
#
# Phase 3 with BGP, FRR's bgpd: the hub listens for dynamic neighbours and sends a summary. A
# shortcut follows, and is without effect when the route is withdrawn.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
# shellcheck source=tests/net/bgp.sh
. "${0%/*}/bgp.sh"
[ -x "$FRR/bgpd" ] || skip_all "FRR is not installed"

bgp_test
frr_logs
