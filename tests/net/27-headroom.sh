#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# Room for the headers: a device asks for it, so that no packet has to be copied for lack of it
# but the first ones by a way that takes more than usual; and it does not ask for any amount.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

LEVELS=20

tracing=/sys/kernel/tracing
[ -d $tracing/events ] || mount -t tracefs none $tracing
# Who gives a packet more room in front than it has, at the cost of a copy.
# shellcheck disable=SC2016
echo 'p:test/room pskb_expand_head caller=$stack0:symbol room=$arg2:s32' \
	>>$tracing/kprobe_events || skip_all "no kprobes"
echo 'room > 0 && comm == "ping"' >$tracing/events/test/room/filter
echo 1 >$tracing/events/test/room/enable

# copies ADDRESS COUNT - how many were given room while the hub sent so many pings there, without
# a look at the answers
copies()
{
	: >$tracing/trace
	in_ns hub ping -qn -c "$2" -i 0.2 -W 0.1 "$1" >/dev/null
	grep ' room=' $tracing/trace >"$SCRATCH/copies"
	sed 's/^/# /' "$SCRATCH/copies" >&2
	wc -l <"$SCRATCH/copies"
}

# pair [WORD...] - new devices with these options between the two
pair()
{
	local node

	for node in hub one; do
		ip -n $node link del dvpn0 2>/dev/null
		tunnel_add $node "$@"
	done
}

# maps [WORD...] - and mappings with these
maps()
{
	map_to hub one "$@"
	map_to one hub "$@"
}

# usual NAME - one result: not even the first packets are copied
usual()
{
	check_eq "$1: there is room from the start" "$(copies 10.0.0.2 3)" 0
	check "$1: traffic" ping_all hub 10.0.0.2
}

# learned NAME - one result for the first packets, and one for those behind them
learned()
{
	check "$1: the first have too little room" [ "$(copies 10.0.0.2 1)" -gt 0 ]
	check "$1: traffic" ping_all hub 10.0.0.2
	check_eq "$1: then there is enough" "$(copies 10.0.0.2 5)" 0
}

# esp NODE PEER - tunnel mode for all between the two
esp()
{
	local me=${OUTSIDE[$1]} peer=${OUTSIDE[$2]}
	local key gcm words

	printf -v key %040d 2
	gcm="aead rfc4106(gcm(aes)) 0x$key 128"
	words="proto esp reqid 1 mode tunnel"

	ip -n "$1" -batch - <<-END
		xfrm state add src $me dst $peer spi 0x${me##*.}00 $words $gcm
		xfrm state add src $peer dst $me spi 0x${peer##*.}00 $words $gcm
		xfrm policy add src $me dst $peer dir out tmpl src $me dst $peer $words
		xfrm policy add src $peer dst $me dir in tmpl src $peer dst $me $words
	END
}

# stack NODE PEER - a VLAN in VXLAN to the other, with addresses of its own
stack()
{
	ip -n "$1" -batch - <<-END
		link add vx type vxlan id 9 local ${OUTSIDE[$1]} remote ${OUTSIDE[$2]} \
			dstport 4789 dev wan
		link set vx up
		link add link vx name vx5 type vlan id 5
		address add 198.51.100.${OUTSIDE[$1]##*.}/24 dev vx5
		link set vx5 up
	END
}

load_dvpn
star_add hub one

# --- what one layer takes ----------------------------------------------------------------

pair
maps
usual "GRE"
pair key 7 csum on
maps
usual "with key and checksum"
pair port 4754 key 7
maps encap udp
usual "GRE in UDP with key"

for node in hub one; do
	ip -n $node address add "2001:db8::${OUTSIDE[$node]##*.}/64" dev wan
done
OUTSIDE=([hub]=2001:db8::1 [one]=2001:db8::2)
pair port 4754 key 7
maps encap udp
learned "in IPv6"

# --- what is below -----------------------------------------------------------------------

OUTSIDE=([hub]=192.0.2.1 [one]=192.0.2.2)
if modprobe -a vxlan 8021q; then
	stack hub one
	stack one hub
	OUTSIDE=([hub]=198.51.100.1 [one]=198.51.100.2)
	pair
	maps
	learned "over a VLAN in VXLAN"
	for node in hub one; do
		ip -n $node link del vx
	done
else
	skip "over a VLAN in VXLAN" "the kernel has not got them"
fi

OUTSIDE=([hub]=192.0.2.1 [one]=192.0.2.2)
modprobe -a xfrm_user esp4 || bail_out "no xfrm"
esp hub one
esp one hub
pair port 4754 key 7
maps encap udp
learned "in ESP"
for node in hub one; do
	ip -n $node xfrm policy flush
	ip -n $node xfrm state flush
done

# --- how much it may be ------------------------------------------------------------------

# Each level asks for as much as the one below and 28 bytes. Packets do not get far down.
ip -n hub link del dvpn0
for ((level = 1; level <= LEVELS; level++)); do
	echo "link add in$level type dvpn key $level"
	echo "address add 10.$((100 + level)).0.1/24 dev in$level"
	echo "link set in$level up"
done | ip -n hub -batch -
# shellcheck disable=SC2016
in_ns hub bash -c 'to=192.0.2.2
	for ((level = 101; level <= 100 + $1; level++)); do
		dvpnmap in$((level - 100)) add 10.$level.0.2 $to || exit
		to=10.$level.0.2
		ping -qn -c 1 -W 0.1 $to
	done' - $LEVELS >/dev/null
check_eq "eight tunnels in each other: enough room" "$(copies 10.108.0.2 5)" 0
check "$LEVELS: no more is asked for than 512 bytes, and each packet is copied" \
	[ "$(copies 10.$((100 + LEVELS)).0.2 5)" -ge 5 ]
check "unload" unload_dvpn
echo 0 >$tracing/events/test/room/enable
echo '-:test/room' >>$tracing/kprobe_events
