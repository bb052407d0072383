#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 100
# kernel: 6.12
#
# A spoke's provider gives it another address, while it talks directly to three others: the hub
# and all of them follow, and nobody has to wait for a holding time. What is registered is unique
# all the time. The network signs.
. "${0%/*}/lib.sh"

peers="spoke2 spoke3 spoke4"

# node NAME NUMBER - on the underlay and in the tunnel, a LAN behind it; the device of a spoke has
# no address of its own outside, it takes what the route has
node()
{
	local options="key 42"

	[ "$1" != hub ] || options="$options local 192.168.50.1 redirect on"
	ns_add "$1"
	ns_forward "$1"
	underlay_join underlay "$1" wan "192.168.50.$2/24"
	ip -n "$1" -batch - <<-END
		link add lan type dummy
		address add 10.$2.0.1/24 dev lan
		link set lan up
		link add dvpn0 type dvpn $options
		address add 192.168.111.$2/24 dev dvpn0
		link set dvpn0 up
	END
}

# config NAME SECTION... - what all have, and this
config()
{
	printf '%s\n' 'tunnel dvpn0 {' 'auth = hmac; key = 300' \
		'key 300 { secret = "one key for all who are in it" }' "${@:2}" '}' \
		>"$SCRATCH/$1.conf"
}

# direct_to NBMA - all have a shortcut to the spoke's LAN, and it leads there
direct_to()
{
	local node

	for node in $peers; do
		maps_to "$node" 10.2.0.1 "$1" || return
	done
}

# direct_from - the spoke has one to each of theirs
direct_from()
{
	maps_to spoke1 10.3.0.1 192.168.50.3 && maps_to spoke1 10.4.0.1 192.168.50.4 &&
		maps_to spoke1 10.5.0.1 192.168.50.5
}

naks()
{
	dvpnctl_in hub show counters | awk '$2 == "nhrp" && $3 == "nak-sent" { n = $4 }
		END { print n + 0 }'
}

# moves TEXT FROM TO HUB-SECONDS SECONDS - under traffic, the hub knows it and all follow in time
moves()
{
	local text=$1 node gap start n=3
	declare -A pids=()

	for node in $peers; do
		ip netns exec "$node" ping -nD -i 0.05 -I 10.$n.0.1 10.2.0.1 \
			>"$SCRATCH/$node.ping" &
		pids[$node]=$!
		n=$((n + 1))
	done
	check_within "$text: all are direct" 10 direct_to "$2"
	check_within "$text: both ways" 5 direct_from
	start=$(now_ms)
	ip -n spoke1 -batch - <<-END
		address delete $2/24 dev wan
		address add $3/24 dev wan
	END
	check_within "$text: the hub knows where it is now" "$4" maps_to hub 192.168.111.2 "$3"
	check_within "$text: all are direct to there" "$5" direct_to "$3"
	check_within "$text: both ways" 2 direct_from
	diag "$(($(now_ms) - start)) ms in all"
	for node in $peers; do
		ping_end "${pids[$node]}" "$SCRATCH/$node.ping"
		gap=$(longest_gap "$SCRATCH/$node.ping")
		check "$text: $node missed $gap ms" \
			[ "$gap" -gt 0 -a "$gap" -le $((($4 + 1) * 1000 * DVPN_TIME_SCALE)) ]
	done
	check_eq "$text: nobody was refused" "$(naks)" 0
}

load_dvpn
underlay_add underlay
node hub 1
config hub 'role = nhs'
n=2
for name in spoke1 spoke2 spoke3 spoke4; do
	node $name $n
	ip -n $name route add 10.0.0.0/8 via 192.168.111.1
	ip -n hub route add 10.$n.0.0/16 via 192.168.111.$n
	config $name 'hub main { nbma = 192.168.50.1; protocol = 192.168.111.1 }'
	n=$((n + 1))
done
for name in hub spoke1 $peers; do
	start_dvpnd "$name" "$SCRATCH/$name.conf"
done
check_within "the spoke is registered" 5 maps_to hub 192.168.111.2 192.168.50.2

# The hub asks the old place three times, a second each, whether somebody is there.
moves "verified" 192.168.50.2 192.168.50.22 4 2
# One that takes the last word does not.
sed -i 's/role = nhs/& ; unique = off/' /run/node/hub/etc/dvpnd.conf
check "the hub does not ask any more" dvpnctl_in hub reload
moves "at once" 192.168.50.22 192.168.50.23 1 2
