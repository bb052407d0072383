#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# soak time limit: 900
#
# Random requests from many sides at once, with traffic: the kernel answers all of them, does
# not complain, shows what it accepted, and in the end nothing is left.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

seconds=$((8 * DVPN_TIME_SCALE))
[ -z "${DVPN_SOAK-}" ] || seconds=600

load_dvpn
star_add hub one
tunnel_add hub
tunnel_add one
map_to hub one
map_to one hub
check "traffic" ping_all one 10.0.0.1
ip netns exec one ping -qn -i 0.01 -s 1200 10.0.0.1 >/dev/null 2>&1 &
ping=$!
in_ns hub nlfuzz $seconds ${DVPN_SEED:+"$DVPN_SEED"} | tee "$RESULTS/nlfuzz" | sed 's/^/# /'
check_eq "random requests for $seconds s" "${PIPESTATUS[0]}" 0
kill $ping
wait $ping
accepted=$(sed -n 's/.* accepted=\([0-9]*\).*/\1/p' "$RESULTS/nlfuzz")
check "many of them were accepted" test "${accepted:-0}" -ge 100
checked=$(sed -n 's/.* checked=\([0-9]*\).*/\1/p' "$RESULTS/nlfuzz")
check "the table was compared before and after many" test "${checked:-0}" -ge 20
confirmed=$(sed -n 's/.* confirmed=\([0-9]*\).*/\1/p' "$RESULTS/nlfuzz")
check "of which some changed it" test "${confirmed:-0}" -ge 5
dvpnmap -n hub dvpn0 flush >/dev/null
dvpnmap -n hub dvpn0 peer-flush >/dev/null
check "the device can be used as before" map_to hub one
check "and has traffic" ping_all one 10.0.0.1
ip -n hub link delete dvpn0
ip -n one link delete dvpn0
# Its caches of objects must be empty, or the kernel complains.
check "nothing is left: the module goes" unload_dvpn
