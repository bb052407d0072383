#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# GRE in UDP: source ports by flow, keepalives, spokes behind one NAT, a port that changes under
# traffic.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
. "${0%/*}/udp.sh"

head -c 400000 /dev/urandom >"$SCRATCH/sent"
udp_pair

# --- source ports ------------------------------------------------------------------------

map one peer-set 192.0.2.1 encap udp sport-flow
unknown=$(drops hub rx_unknown_peer)
capture one wan flows "udp and src 192.0.2.2"
hostile flows 10.0.0.1 32
check "flows have source ports of their own" \
	wait_for 20 at_least 16 eval 'wire flows udp.srcport | wc -l'
capture_stop flows
check "from the range that RFC 8086 names" \
	at_least 49152 eval 'wire flows udp.srcport | sort -n | head -n 1'
check_within "a peer that is not known for that is a stranger then" 5 \
	at_least $((unknown + 16)) drops hub rx_unknown_peer
map hub peer-set 192.0.2.2 encap udp any-sport
unknown=$(drops hub rx_unknown_peer)
check "and none if it is" ping_all one 10.0.0.1
check_eq "nothing was dropped" "$(drops hub rx_unknown_peer)" "$unknown"
map hub peer-set 192.0.2.2 encap udp no-any-sport
map one peer-set 192.0.2.1 encap udp no-sport-flow
check "back to one port" ping_all one 10.0.0.1
check_fails "flags of UDP on another peer" 'EINVAL: .*UDP peers' map hub peer-add 192.0.2.77 any-sport

# --- keepalive ---------------------------------------------------------------------------

# heard_lately - the hub has received something from the spoke within three seconds
heard_lately()
{
	below "$(map hub peer-get 192.0.2.2 encap udp | sed -n 's/.* rx-idle=\([0-9]*\).*/\1/p')" \
		3000
}

capture hub wan keepalive "udp and src 192.0.2.2"
map one peer-set 192.0.2.1 encap udp keepalive 1
packets=$(counter hub dvpn0 rx_packets)
check "keepalives are sent when nothing else is" wait_for 20 at_least 3 stat_of one keepalives
capture_stop keepalive
check "they come at the hub" wait_for 5 at_least $((packets + 3)) counter hub dvpn0 rx_packets
check_within "the time of the last packet moves" 5 heard_lately
check_eq "they are GRE without anything inside" \
	"$(wire keepalive ip.len gre.proto)" "32 0x0000"
ip -n one link set dvpn0 down
sent=$(stat_of one keepalives)
pause 3
check_eq "none leaves a device that is down" "$(stat_of one keepalives)" "$sent"
ip -n one link set dvpn0 up
ip -n one address add fd00::2/64 dev dvpn0
check "they begin again" wait_for 20 at_least $((sent + 1)) stat_of one keepalives
map one peer-set 192.0.2.1 encap udp keepalive 0
sent=$(stat_of one keepalives)
pause 3
check_eq "none without keepalive" "$(stat_of one keepalives)" "$sent"

# --- two spokes behind one NAT -----------------------------------------------------------

ns_add nat left right
ns_forward nat
underlay_join net nat wan 192.0.2.4/24
underlay_add lan
underlay_join lan nat lan 198.51.100.1/24
n=5
for ns in left right; do
	underlay_join lan $ns wan 198.51.100.$n/24
	ip -n $ns route add default via 198.51.100.1
	OUTSIDE[$ns]=192.0.2.4 INSIDE[$ns]=10.0.0.$n INSIDE6[$ns]=fd00::$n
	tunnel_add $ns port 500$n
	udp_to $ns hub
	udp_to hub $ns port 500$n
	n=$((n + 1))
done
in_ns nat nft -f - <<-END
	table ip nat {
		chain out {
			type nat hook postrouting priority srcnat
			oifname wan masquerade
		}
	}
END
check "one spoke behind NAT" ping_all left 10.0.0.1
check "the other" ping_all right 10.0.0.1
check "from the hub to each" eval 'ping_all hub 10.0.0.5 && ping_all hub 10.0.0.6'
check_fails "two peers with one address and port" 'EEXIST: .*this address and UDP port' \
	map hub peer-add 192.0.2.4 encap udp port 5005 mark 5

# A device with that port in the middle: packets that only pass must come out of GRO as they
# went in.
ip -n nat link add dvpn0 type dvpn port 4754 key 3
in_ns nat ethtool -K lan gro on >/dev/null
in_ns lan ethtool -K nat tso off >/dev/null
in_ns left ethtool -K wan tso off gso off tx-udp_tnl-segmentation off \
	tx-udp_tnl-csum-segmentation off >/dev/null
check "TCP through a router that has the same port" tcp_same left hub 10.0.0.1

: >"$SCRATCH/agent"
dvpnmap -n hub dvpn0 bind >"$SCRATCH/agent" 2>&1 &
agent=$!
wait_for 10 grep -q bound "$SCRATCH/agent"
ip netns exec left ping -qn -i 0.2 10.0.0.1 >/dev/null &
traffic=$!
check "a port changes under traffic" ip -n left link set dvpn0 type dvpn port 5015
check "the table is as before" at_least 2 eval 'map left dump | grep -c encap=udp'
check "the hub hears of the stranger, with its port" \
	wait_for 10 grep -q "type=unknown_peer.* nbma=192.0.2.4 encap=udp port=5015" "$SCRATCH/agent"
check "two mappings move" eval '
	map hub set 10.0.0.5 nbma 192.0.2.4 encap udp port 5015 &&
	map hub set fd00::5 nbma 192.0.2.4 encap udp port 5015'
check "traffic goes on" ping_all left 10.0.0.1
kill $traffic
wait $traffic 2>/dev/null
check "NHRP from a stranger" map right frame 192.0.2.1 0001080000000000 encap udp
check "goes to the agent, with the port" \
	wait_for 10 grep -q "^frame .* nbma=192.0.2.4 encap=udp port=5006" "$SCRATCH/agent"

kill $agent
wait $agent 2>/dev/null || true
