#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# A path that loses large packets and all word of it: TCP works if it never offers segments
# that are too large, whichever end sees to that.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

bytes=150000

# pass connect|fetch ADDRESS [SECONDS] - so many bytes get from "one" to the other end or back
pass()
{
	in_ns one "${0%/*}/tcp-pass.py" "$1" "$2" 5000 $bytes $((${3:-20} * DVPN_TIME_SCALE))
}

# both_ways NAME ADDRESS
both_ways()
{
	check "$1: there" pass connect "$2"
	check "$1: and back" pass fetch "$2"
}

# offered - segment sizes of the SYN that came last to "two", of its answer as "one" heard it
offered()
{
	capture_sync two
	capture_sync one
	tcpdump -nr "$RESULTS/two.pcap" 'tcp[13] & 18 == 2' 2>/dev/null |
		sed -n 's/.*\[S\].*mss \([0-9]*\).*/\1/p' | tail -n 1
	tcpdump -nr "$RESULTS/one.pcap" 'tcp[13] & 18 == 18' 2>/dev/null |
		sed -n 's/.*\[S.\].*mss \([0-9]*\).*/\1/p' | tail -n 1
}

load_dvpn
star_add one two
tunnel_add one
tunnel_add two
map_to one two
map_to two one
# Shown is what comes out of the tunnel.
capture two dvpn0 two "tcp[13] & 2 != 0"
capture one dvpn0 one "tcp[13] & 2 != 0"
ip netns exec two "${0%/*}/tcp-pass.py" listen 5000 $bytes $((20 * DVPN_TIME_SCALE)) \
	>"$RESULTS/server.log" 2>&1 &
wait_for 10 grep -q listening "$RESULTS/server.log" || bail_out "no server"

# device_mss one|two WORD
device_mss()
{
	ip -n $1 link set dvpn0 type dvpn mss $2
}

device_mss one off
device_mss two off
check "a path without obstacles" pass connect 10.0.0.3
# A bridge says nothing of what is too large for its port. But it forwards what is still to be
# cut into segments, whatever their size.
for ns in one two; do
	in_ns $ns ethtool -K wan tso off gso off tx-gre-segmentation off \
		tx-gre-csum-segmentation off >/dev/null
done
ip -n net link set two mtu 1300
check_fails "packets that are too large get lost, nobody tells" 'timed out' \
	pass connect 10.0.0.3 2

check_fails "a segment size that is none" 'ERANGE: .*88 to 65535' \
	map one peer-set 192.0.2.3 mss 87
map one peer-set 192.0.2.3 mss 1200
both_ways "IPv4, clamp to a size at one end" 10.0.0.3
check_eq "both ends were offered that" "$(offered | xargs)" "1200 1200"
both_ways "IPv6, clamp to a size at one end" fd00::3
map one peer-set 192.0.2.3 mss 0
map two peer-set 192.0.2.2 mss 1200
both_ways "IPv4, clamp at the other end" 10.0.0.3
map two peer-set 192.0.2.2 mss 0

map one peer-set 192.0.2.3 mss 1 mtu 1270
both_ways "IPv4, clamp to the configured path MTU" 10.0.0.3
check_eq "it leaves room for the headers" "$(offered | xargs)" "1230 1230"
both_ways "IPv6, clamp to the configured path MTU" fd00::3
map one peer-set 192.0.2.3 mss 1 mtu 0

# Peers without a setting of their own: the device's.
map one peer-add 192.0.2.3 replace mtu 1270
map two peer-add 192.0.2.2 replace
device_mss two 1220
check "IPv4, the device's size at the other end" pass connect 10.0.0.3
check_eq "both ends were offered that" "$(offered | xargs)" "1220 1220"
device_mss two off
device_mss one auto
both_ways "IPv4, the device's clamp to the path MTU" 10.0.0.3
check_eq "it leaves room for the headers" "$(offered | xargs)" "1230 1230"
both_ways "IPv6, the device's clamp to the path MTU" fd00::3
# What was sent when the path MTU was set is repeated for long: forget what was learned by that.
device_mss one 1200
map one peer-add 192.0.2.3 replace mss 0
ip -n one route flush cache
check_fails "a peer whose own setting is off" 'timed out' pass fetch 10.0.0.3 2
map one peer-add 192.0.2.3 replace mss 1100
check "a peer with a size of its own" pass connect 10.0.0.3
check_eq "which is less" "$(offered | xargs)" "1100 1100"

# Inside fragments nothing is clamped, nothing breaks.
check "other packets pass" ping_all one 10.0.0.3
capture_stop one
capture_stop two
