#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 100
# soak time limit: 600
# kernel: 6.12
#
# The interface to the provider goes and comes back with another index and another address, again
# and again (T13): the hub is told by the spoke, which has a key of its own, and traffic is back.
# The tunnel's device stays as it is, and the agent keeps nothing of what is gone.
. "${0%/*}/lib.sh"

ROUNDS=5
[ -z "${DVPN_SOAK-}" ] || ROUNDS=100

# node NAME NUMBER [OPTION]... - the device has no address of its own outside but the hub's
node()
{
	ip -n "$1" -batch - <<-END
		link add dvpn0 type dvpn key 42 ttl 77 ${@:3}
		address add 192.168.111.$2/24 dev dvpn0
		link set dvpn0 up
	END
}

# config NAME SECTION... - of who signs
config()
{
	printf '%s\n' 'tunnel dvpn0 {' 'auth = hmac; key = 300' \
		'key 300 { secret = "one key for all who are in it" }' \
		'key 301 { secret = "a text that spoke and hub know" }' "${@:2}" '}' \
		>"$SCRATCH/$1.conf"
}

# wan ADDRESS - the spoke's interface
wan()
{
	ip link add wan netns one type veth peer name one netns net
	ip -n net link set one master br0 up
	ns_address one wan "$1/24"
}

# is_at NBMA - so says the hub, and an answer comes from there
is_at()
{
	maps_to hub 192.168.111.2 "$1" && pings one 192.168.111.1
}

# device - what must not change when the underlay does
device()
{
	ip -n one -d -o link show dvpn0 | grep -oE '^[0-9]+|[<,]UP[,>]| key [0-9]+| ttl [0-9]+'
}

# fds - how many files the spoke's agent has open
fds()
{
	local -a files=("/proc/${DVPND_PID[one]}/fd/"*)

	echo ${#files[@]}
}

load_dvpn
underlay_add net
ns_add hub one
underlay_join net hub wan 192.168.50.1/24
node hub 1 local 192.168.50.1
node one 2
wan 192.168.50.100
config hub 'role = nhs' 'identity one { key = 301; claim = 192.168.111.2 }'
config one 'hub main { nbma = 192.168.50.1; protocol = 192.168.111.1; key = 301 }'
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd one "$SCRATCH/one.conf"
check_within "the spoke is registered" 10 is_at 192.168.50.100
before=$(device)
open=$(fds)
in_ns one ping -qn -i 0.05 192.168.111.1 >/dev/null 2>&1 &

failures=
indexes=
back_ms=()
for ((round = 1; round <= ROUNDS; round++)); do
	ip -n one link delete wan || failures+=" $round:delete"
	wan 192.168.50.$((100 + round))
	start=$(now_ms)
	indexes+="$(in_ns one cat /sys/class/net/wan/ifindex)"$'\n'
	wait_for 30 is_at 192.168.50.$((100 + round)) || failures+=" $round:no-traffic"
	back_ms+=($(($(now_ms) - start)))
done
check_eq "$ROUNDS times the interface goes and comes back, and traffic with it" "$failures" ""
check_eq "each time it has another index" \
	"$(printf %s "$indexes" | sort -u | wc -l)" $ROUNDS
check_times "traffic is back soon" 3000 "${back_ms[@]}"
check_eq "the tunnel's device is as it was" "$(device)" "$before"
check_eq "the hub has refused nothing" \
	"$(dvpnctl_in hub show counters | awk '$3 == "nak-sent" { n += $4 } END { print n + 0 }')" 0
has_open()
{
	[ "$(fds)" = "$1" ]
}
check_within "the agent has as many files open as before" 10 has_open "$open"
