#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# Why was my packet dropped? Each reason is provoked, and exactly its counter moves; the same is
# told by netlink, by ip(8) and by the tracepoints.
#
# Not here: tx_nomem and rx_nomem, as Debian's kernels cannot be told to run out of memory at
# one place; mcast_queue, which needs hundreds of peers (see 25-groups).
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

device=hub0
before=

# m WORD... - dvpnmap on the hub
m()
{
	dvpnmap -n hub "$device" "$@"
}

# counts - "reason=n" of all drops that are not 0
counts()
{
	local word words=

	for word in $(m dev); do
		case $word in
		drop_*=0) ;;
		drop_*) words="$words ${word#drop_}" ;;
		esac
	done
	echo "${words# }"
}

# moved - what has been counted since $before
moved()
{
	local word name n was

	for word in $(counts); do
		name=${word%=*} n=${word#*=} was=" $before "
		case $was in
		*" $name="*)
			was=${was##* "$name"=}
			n=$((n - ${was%% *}))
			;;
		esac
		[ "$n" = 0 ] || printf '%s=%s ' "$name" "$n"
	done
}

# has_moved WANTED - (for wait_for) leaves in $moved what did
has_moved()
{
	moved=$(moved)
	[ "$moved" = "$1 " ]
}

# provokes "REASON=N..." NAME COMMAND... - these counters move, and no other
provokes()
{
	local wanted=$1 name=$2

	shift 2
	before=$(counts)
	"$@" >/dev/null 2>&1
	wait_for 8 has_moved "$wanted"
	check_eq "$wanted: $name" "$moved" "$wanted "
}

# to ADDRESS [OPTION]... - the hub sends one packet
to()
{
	in_ns hub ping -qn -c 1 -W 0.1 "${@:2}" "$1"
}

# from NODE FLAGS PROTOCOL HEX [TOS] - the node sends a GRE packet to the hub
from()
{
	in_ns "$1" "${0%/*}/inject.py" gre "${OUTSIDE[$1]}" 192.0.2.1 "${@:2}"
}

# An ICMP echo request to the hub, whose checksum nobody needs.
icmp=4500001c000000004001000000000000000000000800000000000000

modprobe -a xfrm_user esp4 dummy || skip_all "no xfrm"
load_dvpn
tracing=/sys/kernel/tracing
[ -d $tracing/events ] || mount -t tracefs tracefs $tracing
for events in dvpn skb/kfree_skb; do
	echo 1 >$tracing/events/$events/enable || bail_out "no tracepoints"
done

star_add hub one two
ns_forward hub
# No IPv6 there: no packets but ours.
ip -n hub link add hub0 type dvpn redirect on
in_ns hub sh -c 'echo 1 >/proc/sys/net/ipv6/conf/hub0/disable_ipv6'
ip -n hub -batch - <<-END
	address add 10.0.0.1/24 dev hub0
	link set hub0 up
END
tunnel_add one
tunnel_add two
map_to one hub
map_to two hub
m add 10.0.0.2 192.0.2.2 multicast

# --- out ---------------------------------------------------------------------------------

provokes tx_no_map=1 "no mapping, no NHS" to 10.0.0.77
m add 10.0.0.78 192.0.2.78 unreachable expires 600000
provokes tx_unreachable=1 "a mapping that does not answer" to 10.0.0.78
ip -n hub link set hub0 type dvpn queue 1
provokes tx_queue_full=3 "pushed out by the next packet, or never resolved" \
	to 10.0.0.79 -c 3 -i 0.2
ip -n hub link set hub0 type dvpn queue 0
provokes tx_proto=1 "ARP" in_ns hub "${0%/*}/inject.py" packet hub0 0806 "$icmp"
provokes tx_malformed=1 "four bytes of IPv4" \
	in_ns hub "${0%/*}/inject.py" packet hub0 0800 4500001c
ip -n hub route add unreachable 203.0.113.0/24
m add 10.0.0.80 203.0.113.80
provokes tx_no_route=1 "no route to the peer" to 10.0.0.80
m add 10.0.0.81 192.0.2.81
ip -n hub address add 192.0.2.81/32 dev wan
provokes tx_bad_route=1 "a peer whose address has become ours" to 10.0.0.81
ip -n hub route add 198.51.100.0/24 dev hub0
m add 10.0.0.82 198.51.100.82
provokes tx_loop=1 "the way to the peer leads into the tunnel" to 10.0.0.82
ip -n hub xfrm policy add dst 192.0.2.83/32 proto gre dir out action block
m add 10.0.0.83 192.0.2.83
provokes tx_policy=1 "an IPsec policy blocks it" to 10.0.0.83
ip netns exec hub ip xfrm monitor acquire >"$SCRATCH/acquire" &
monitor=$!
wait_for 10 in_ns hub grep -qE '^[0-9a-f]+ 6 +[0-9]+ +0*1 ' /proc/net/netlink
ip -n hub xfrm policy add src 192.0.2.1/32 dst 192.0.2.84/32 proto gre dir out \
	tmpl src 192.0.2.1 dst 192.0.2.84 proto esp mode transport
m add 10.0.0.84 192.0.2.84
provokes tx_no_sa=1 "there is no security association yet" to 10.0.0.84
kill $monitor && wait $monitor 2>/dev/null
m peer-set 192.0.2.2 mtu 1300
provokes tx_too_big=1 "larger than the path takes" to 10.0.0.2 -M "do" -s 1350
m peer-set 192.0.2.2 mtu 0
m group-add 239.1.1.3 192.0.2.78
ip -n hub route add 239.0.0.0/8 dev hub0
provokes mcast_no_peer=1 "a group that nobody takes" to 239.1.1.3
ip -n hub route add 10.9.0.0/16 dev hub0
ip -n one route add 10.9.0.0/16 via 10.0.0.1 dev dvpn0
m set 10.0.0.2 nhs 1
provokes "tx_back=1 tx_icmp_redirect=1" "the NHS would get its own packet back" \
	in_ns one ping -qn -c 1 -W 0.1 10.9.9.9
m set 10.0.0.2 no-nhs

# --- in ----------------------------------------------------------------------------------

provokes rx_unknown_peer=1 "from nobody we know" from two 0 0800 $icmp
provokes rx_malformed=1 "no IPv4 header inside" from one 0 0800 45000014
provokes rx_csum=1 "a wrong GRE checksum" from one 8000 0800 "12340000$icmp"
provokes rx_proto=1 "Ethernet inside" from one 0 6558 $icmp
provokes rx_ecn=1 "congestion marked on what cannot carry it" from one 0 0800 $icmp 3
ip -n hub link set hub0 type dvpn ipsec require
provokes rx_policy=1 "in clear where IPsec is required" from one 0 0800 $icmp
ip -n hub link set hub0 type dvpn ipsec off
provokes frame_no_agent=1 "NHRP and no agent" from one 0 2001 0001000000000000
dvpnmap -n hub hub0 bind class frame rcvbuf 1 >"$SCRATCH/bind" &
agent=$!
wait_for 10 grep -q bound "$SCRATCH/bind"
kill -STOP $agent
overrun()
{
	from one 0 2001 "$(printf '00%.0s' {1..1300})" 0 8
	case $(moved) in
	frame_overrun=*)
		;;
	*)
		return 1
		;;
	esac
}
before=$(counts)
check_within "frame_overrun: an agent that does not read" 20 overrun
kill -CONT $agent && kill $agent
wait $agent 2>/dev/null
ip -n hub link set hub0 down
provokes rx_down=1 "the device is down" from one 0 0800 $icmp
ip -n hub -batch - <<-END
	link set hub0 up
	link add under type dummy
	link set under up
	link add hub1 type dvpn dev under
	link set hub1 up
END
device=hub1
ip -n hub link delete under
# Without carrier the stack sends nothing; the agent may.
provokes tx_no_link=1 "the underlay interface is gone" m frame 192.0.2.2 0001
device=hub0

# --- who else tells ----------------------------------------------------------------------

m add 10.0.0.3 192.0.2.3
map two add 10.0.0.2 192.0.2.1
in_ns two ping -qn -c 1 -W 2 10.0.0.2 >/dev/null
m add 10.0.0.90 192.0.2.90 expires 100
wait_for 5 eval '! m get 10.0.0.90'
m del 10.0.0.78
for events in dvpn skb/kfree_skb; do
	echo 0 >$tracing/events/$events/enable
done
cp $tracing/trace "$RESULTS/trace"
echo >$tracing/trace

ip -n hub -d -s link show hub0 >"$RESULTS/link"
in_ns hub ip link xstats type dvpn dev hub0 >"$RESULTS/xstats"
told=
for word in $(counts); do
	for file in link xstats; do
		# shellcheck disable=SC2206 # words are what is wanted
		read -rd '' -a shown <"$RESULTS/$file"
		[[ " ${shown[*]} " = *" ${word/=/ } "* ]] || told="$told $file:$word"
	done
	n=$(grep -c "dvpn_drop: dev=hub0 reason=${word%=*} " "$RESULTS/trace")
	[ "$n" = "${word#*=}" ] || told="$told trace:$word:$n"
done
check_eq "ip -s link, ip link xstats and the tracepoint agree with netlink" "$told" ""
format=$(<$tracing/events/dvpn/dvpn_drop/format)
told=
for word in $(m dev); do
	name=${word%=*}
	case $name in
	drop_*)
		[[ $format = *"\"${name#drop_}\""* ]] || told="$told ${name#drop_}"
		;;
	esac
done
check_eq "the tracepoint knows all names" "$told" ""

# What the kernel itself calls it, for what is dropped and not left to others. Of ECN it knows only
# since 6.13.
told=$(awk '
/ dvpn_drop: / {
	split($0, word, / reason=| skbaddr=| protocol=/)
	why[word[4]] = word[2]
}
match($0, / kfree_skb: skbaddr=[^ ]+/) {
	skb = substr($0, RSTART + 20, RLENGTH - 20)
	if (skb in why)
		print why[skb] "=" $NF
	delete why[skb]
}' "$RESULTS/trace" | grep -vE "^(rx_(unknown_peer|proto|ecn)|frame_[a-z_]*)=" |
	sort -u | tr '\n' ' ')
check_eq "skb:kfree_skb has the nearest of its own reasons" "$told" "mcast_no_peer=NEIGH_FAILED \
rx_csum=SKB_CSUM rx_down=DEV_READY rx_malformed=HDR_TRUNC rx_policy=XFRM_POLICY \
tx_back=NOT_SPECIFIED tx_bad_route=IP_OUTNOROUTES tx_icmp_redirect=NOT_SPECIFIED \
tx_loop=IP_OUTNOROUTES tx_malformed=HDR_TRUNC tx_no_link=DEV_READY tx_no_map=NEIGH_FAILED \
tx_no_route=IP_OUTNOROUTES tx_no_sa=XFRM_POLICY tx_policy=XFRM_POLICY tx_proto=UNHANDLED_PROTO \
tx_queue_full=NEIGH_QUEUEFULL tx_too_big=PKT_TOO_BIG tx_unreachable=NEIGH_FAILED "

# traced PATTERN
traced()
{
	grep -qE "$1" "$RESULTS/trace"
}

check "traced: a mapping comes" traced \
	'dvpn_map: dev=hub0 id=[0-9]+ proto=::ffff:10.0.0.2 prefixlen=32 nbma=::ffff:192.0.2.2 peer=1 flags=0x2 owner=0 gone=0 reason=none'
check "it changes" traced 'dvpn_map: dev=hub0 .*proto=::ffff:10.0.0.2 .*flags=0x3 .*gone=0'
check "one expires" traced 'dvpn_map: dev=hub0 .*10.0.0.90 .*gone=1 reason=expired'
check "one is deleted" traced 'dvpn_map: dev=hub0 .*10.0.0.78 .*gone=1 reason=deleted'
check "a peer comes" traced \
	'dvpn_peer: dev=hub0 id=1 nbma=::ffff:192.0.2.2 encap=gre port=0 flags=0x0 maps=0 gone=0 reason=none'
check "one goes" traced 'dvpn_peer: dev=hub0 .*192.0.2.90 .*gone=1 reason=expired'
check "a miss" traced 'dvpn_miss: dev=hub0 nexthop=::ffff:10.0.0.77 .*len=84'
check "a redirect" traced \
	'dvpn_redirect: dev=hub0 src=::ffff:10.0.0.3 dst=::ffff:10.0.0.2 .*len=84'
check "a drop has the packet's length and protocol" traced \
	'dvpn_drop: dev=hub0 reason=tx_proto protocol=0x0806 len=28 '
