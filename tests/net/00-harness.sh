#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
#
# The guest and lib.sh themselves: what every other test relies on.
. "${0%/*}/lib.sh"

check "results can be written" touch "$RESULTS/touched"
check "the time scale is a whole number from 1 to 20" \
	test "$DVPN_TIME_SCALE" -ge 1 -a "$DVPN_TIME_SCALE" -le 20

underlay_add lan
ns_add one two
underlay_join lan one eth0 192.0.2.1/24
underlay_join lan two eth0 192.0.2.2/24
capture two eth0 pings icmp
check "two namespaces reach one another by the underlay" ping_all one 192.0.2.2 3
capture_stop pings
check_eq "the capture has every packet" \
	"$(tcpdump -nr "$RESULTS/pings.pcap" 2>/dev/null | grep -c 'ICMP echo request')" 3
check_fails "an address that nobody has is not reached" ' 0 received' \
	in_ns one ping -qn -c 1 -W 1 192.0.2.9

start=$(now_ms)
wait_for 0.2 false
check "wait_for ends at its limit" test $(($(now_ms) - start)) -ge 200
(pause 0.2; touch "$SCRATCH/late") &
check_within "wait_for sees a condition come true" 5 test -e "$SCRATCH/late"

load_dvpn
check "the module is loaded" test -d /sys/module/dvpn
check "the module is unloaded" unload_dvpn
