#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
# soak time limit: 400
#
# The interface below goes and comes back with another index, again and again, under traffic both
# ways: each device is on the new one at once, with its table as it was, and keeps nothing of the
# old one.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

ROUNDS=5
[ -z "${DVPN_SOAK-}" ] || ROUNDS=20

# routes - entries of IPv4 that are alive in all namespaces, cached ones included
routes()
{
	local line

	{ read -r; read -r line; } </proc/net/stat/rt_cache
	echo $((16#${line%% *}))
}

# link - the spoke's interface to the underlay, always with one MAC address: how long neighbours
# believe in an old one is not ours
link()
{
	ip link add wan netns one address 02:00:00:00:00:02 type veth peer name one netns net
	ip -n net link set one master br0 up
	ip -n one -batch - <<-END
		address add ${OUTSIDE[one]}/24 dev wan
		link set wan up
	END
}

# answered - traffic comes out of both devices of the spoke, within ten seconds
answered()
{
	# shellcheck disable=SC2016
	in_ns one bash -c 'cd /sys/class/net
		exec {never}<> <(:)
		end=$((SECONDS + $1))
		for dev in dvpn0 dvpn1; do
			read -r before <$dev/statistics/rx_packets
			now=$before
			while [ "$now" = "$before" ]; do
				[ "$SECONDS" -lt "$end" ] || exit 1
				read -r now <$dev/statistics/rx_packets
				read -rt 0.02 -u $never || true
			done
		done' - $((10 * DVPN_TIME_SCALE))
}

load_dvpn
star_add hub
ns_add one
link
# One is bound to the interface by name, the other to its address only, and is GRE in UDP.
tunnel_add hub
tunnel_add one dev wan
for node in hub one; do
	ip -n $node -batch - <<-END
		link add dvpn1 type dvpn local ${OUTSIDE[$node]} key 9 port 4754
		address add 10.9.0.${INSIDE[$node]##*.}/24 dev dvpn1
		link set dvpn1 up
	END
done
map_to hub one
map_to one hub
dvpnmap -n hub dvpn1 add 10.9.0.2 192.0.2.2 encap udp
dvpnmap -n one dvpn1 add 10.9.0.1 192.0.2.1 encap udp
check "traffic by both devices" eval 'ping_all one 10.0.0.1 1 && ping_all one 10.9.0.1 1'

gone_ms=() back_ms=() floods=()
for flood in "hub 10.0.0.2" "hub 10.9.0.2" "one 10.0.0.1" "one 10.9.0.1"; do
	ip netns exec "${flood% *}" ping -qn -i 0.01 "${flood#* }" >/dev/null 2>&1 &
	floods+=($!)
done
table=$(map one dump | sed 's/ age=.*//')
indexes=
failures=
for ((round = 1; round <= ROUNDS; round++)); do
	start=$(now_ms)
	ip -n one link del wan || failures+=" $round:del"
	gone_ms+=($(($(now_ms) - start)))
	[ "$(in_ns one cat /sys/class/net/dvpn0/carrier)" = 0 ] || failures+=" $round:carrier"
	link
	indexes+="$(in_ns one cat /sys/class/net/wan/ifindex)"$'\n'
	start=$(now_ms)
	answered || failures+=" $round:no-traffic"
	back_ms+=($(($(now_ms) - start)))
	# By then each has its routes, on every CPU.
	[ "$round" != 1 ] || before=$(routes)
done
check_eq "$ROUNDS times the interface goes and comes back, and traffic with it" "$failures" ""
check_eq "each time it has another index" \
	"$(printf %s "$indexes" | sort -u | wc -l)" $ROUNDS
check_times "it goes at once" 2000 "${gone_ms[@]}"
check_times "traffic is back at once" 2000 "${back_ms[@]}"
check_eq "the table is as it was" "$(map one dump | sed 's/ age=.*//')" "$table"
kill "${floods[@]}"
wait "${floods[@]}" 2>/dev/null
check "no route of an interface that is gone is kept: $before before" \
	wait_for 10 eval '[ "$(routes)" -le $((before + ROUNDS / 2)) ]'
diag "$(routes) afterwards"

# Without it there is another way to the hub, which is narrow, and which dvpn0 must not know of.
ip -n one -batch - <<-END
	link del wan
	link add other mtu 700 type dummy
	address add ${OUTSIDE[one]}/32 dev other
	link set other up
	route add ${OUTSIDE[hub]}/32 dev other
END
check_eq "while it is gone no other is looked at, not even for its MTU" \
	"$(map one peer-get ${OUTSIDE[hub]} | sed -n 's/.* pmtu=\([0-9]*\).*/\1/p')" \
	"$(in_ns one cat /sys/class/net/dvpn0/mtu)"
check "nothing holds the module" unload_dvpn
