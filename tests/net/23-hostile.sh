#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# What strangers may send, by the underlay and by netlink: it is counted or refused, and all
# goes on as if it had not been.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# hostile KIND WORD... - from the spoke to the hub
hostile()
{
	in_ns one python3 -BSEs "$TOP/tests/net/hostile-gre.py" "$1" 192.0.2.2 192.0.2.1 "${@:2}"
}

# pmtu - what the hub believes to fit on its way to the spoke
pmtu()
{
	map hub peer-get 192.0.2.2 | sed -n 's/.* pmtu=\([0-9]*\).*/\1/p'
}

# pmtu_is MTU - (for wait_for)
pmtu_is()
{
	[ "$(pmtu)" = "$1" ]
}

# requests SEED N - so many random ones to the hub's device
requests()
{
	in_ns hub python3 -IS "$TOP/tests/net/hostile-netlink.py" "$ifindex" "$1" "$2"
}

# grew NODE REASON BEFORE - one more packet was dropped for that (for wait_for)
grew()
{
	[ "$(drops "$1" "$2")" = $(($3 + 1)) ]
}

load_dvpn
star_add hub one
tunnel_add hub
tunnel_add one
map_to hub one
map_to one hub
ifindex=$(in_ns hub cat /sys/class/net/dvpn0/ifindex)
check "traffic" ping_all one 10.0.0.1

# --- the path MTU ------------------------------------------------------------------------

check_eq "the path MTU is that of the device" "$(pmtu)" 1400
hostile frag-needed 198.51.100.1 192.0.2.2 1000 >/dev/null
hostile frag-needed 192.0.2.1 192.0.2.9 1000 >/dev/null
check_eq "an error about a packet from elsewhere, or to no peer" "$(pmtu)" 1400
hostile frag-needed 192.0.2.1 192.0.2.2 1000 7 >/dev/null
check_eq "with a key that we do not use" "$(pmtu)" 1400
hostile frag-needed 192.0.2.1 192.0.2.2 100 >/dev/null
check_eq "with an MTU that cannot be" "$(pmtu)" 1400
hostile frag-needed 192.0.2.1 192.0.2.2 1000 - 900 >/dev/null
check_eq "about a packet that would have passed" "$(pmtu)" 1400
for cut in 0 19 20 23; do
	hostile frag-needed 192.0.2.1 192.0.2.2 1000 - 1424 $cut >/dev/null
done
check_eq "cut off before the end of the GRE header" "$(pmtu)" 1400
hostile frag-needed 192.0.2.1 192.0.2.2 1000 >/dev/null
check_within "one about a packet of ours is believed" 5 pmtu_is 976
ip -n hub route flush cache

ip -n hub -batch - <<-END
	link set dvpn0 type dvpn fwmark 1
	rule add fwmark 1 table 100
	route add 192.0.2.0/24 dev wan table 100
END
check "traffic with a mark" ping_all hub 10.0.0.2
check_eq "no packet was too big yet" "$(pmtu)" 1400
hostile frag-needed 192.0.2.1 192.0.2.2 1000 >/dev/null
check_within "the route that the mark leads to learns the MTU" 5 pmtu_is 976
ip -n hub -batch - <<-END
	link set dvpn0 type dvpn fwmark 0
	rule del fwmark 1 table 100
	route flush cache
END

# --- MPLS, which is not carried ----------------------------------------------------------

mpls=00010140450000180000000040110000c0000202c0000201
for proto in 8847 8848; do
	before=$(drops hub tx_proto)
	in_ns hub "${0%/*}/inject.py" packet dvpn0 $proto $mpls
	check_within "MPLS ($proto) does not leave" 5 grew hub tx_proto "$before"
	before=$(drops hub rx_proto)
	in_ns one "${0%/*}/inject.py" gre 192.0.2.2 192.0.2.1 0 $proto $mpls
	check_within "and does not enter from a peer" 5 grew hub rx_proto "$before"
done

# --- packets -----------------------------------------------------------------------------

dvpnmap -n hub dvpn0 bind >/dev/null 2>&1 &
agent=$!
check "broken packets from a peer" hostile storm 1 1000
check "traffic as before" ping_all one 10.0.0.1
for reason in rx_malformed rx_csum rx_proto rx_ecn; do
	check_within "some were dropped: $reason" 5 dropped hub $reason
done
ip -n hub link set dvpn0 type dvpn key 7
check "the same packets on a device with a key" hostile storm 1 1000
ip -n hub link set dvpn0 type dvpn nokey
unmap hub one
check "and from a stranger" hostile storm 1 1000
check_within "they were left to others" 5 dropped hub rx_unknown_peer
kill $agent
wait $agent 2>/dev/null
map_to hub one
check "traffic after all that" ping_all one 10.0.0.1

# --- requests ----------------------------------------------------------------------------

ip netns exec one ping -qfn 10.0.0.1 >/dev/null 2>&1 &
flood=$!
check "random requests under traffic" requests 1 1500
requests 2 300 >"$SCRATCH/requests"
check "the kernel takes some and refuses some" \
	grep -qE 'accepted=[1-9][0-9]* refused=[1-9]' "$SCRATCH/requests"
diag "$(cat "$SCRATCH/requests")"
in_ns hub setpriv --bounding-set -net_admin --inh-caps -net_admin python3 -IS \
	"$TOP/tests/net/hostile-netlink.py" "$ifindex" 3 100 >"$SCRATCH/requests"
check "without CAP_NET_ADMIN none" grep -q 'accepted=0 refused=100' "$SCRATCH/requests"
kill $flood
wait $flood 2>/dev/null
map hub flush >/dev/null
map hub peer-flush >/dev/null
check_eq "the table is empty after a flush" "$(map hub dump | grep -vc incomplete)" 0
map_to hub one
check "and serves again" ping_all one 10.0.0.1
