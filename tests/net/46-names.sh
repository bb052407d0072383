#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 100
# kernel: 6.12
#
# A hub that is known by its name: its address changes and the spoke follows, also to the other
# family and in a VRF; a name server that is silent stops nothing.
. "${0%/*}/lib.sh"

TTL=5
NAME=hub.example.net

# leads_to ADDRESS... - what the name server says from now on
leads_to()
{
	echo "$NAME $TTL $*" >"$SCRATCH/zone.new"
	mv "$SCRATCH/zone.new" "$SCRATCH/zone"
}

# hub_is_at ADDRESS/LEN - and nowhere else
hub_is_at()
{
	ip -n hub address flush dev wan scope global
	ip -n hub address add "$1" dev wan
}

# moves_within_ttl NAME ADDRESS/LEN - the hub moves, the spoke is back in time
moves_within_ttl()
{
	hub_is_at "$2"
	leads_to "${2%/*}"
	check_within "$1" $((TTL + 5)) in_ns spoke ping -n -q -c 1 -W 1 10.0.0.1
	check_eq "$1: by that address" "$(hub_address)" "${2%/*}"
}

# hub_address - where the spoke's kernel has its hub
hub_address()
{
	dvpnctl_in spoke --kernel show maps | awk '$2 == "10.0.0.1/32" || $2 == "10.0.0.1" { print $3 }'
}

# why_is TEXT - what status says of the tunnel
why_is()
{
	[[ $(dvpnctl_in spoke --json status) == *"$1"* ]]
}

asked()
{
	wc -l <"$SCRATCH/asked"
}

# asked_again COUNT - there were more questions than that
asked_again()
{
	[ "$(asked)" -gt "$1" ]
}

# helper - pid of the process that looks up names
helper()
{
	local task=/proc/${DVPND_PID[spoke]}/task/${DVPND_PID[spoke]}

	tr -d ' ' <"$task/children"
}

# of_helper FIELD - from its status
of_helper()
{
	awk -v field="$1:" '$1 == field { print $2 }' "/proc/$(helper)/status"
}

status_ms()
{
	local from

	from=$(now_ms)
	dvpnctl_in spoke status >/dev/null || return
	echo $(($(now_ms) - from))
}

load_dvpn
underlay_add net
ns_add hub spoke names
underlay_join net hub wan 192.0.2.1/24
underlay_join net spoke wan 192.0.2.2/24
underlay_join net names wan 192.0.2.53/24
ip -n spoke address add 2001:db8::2/64 dev wan
ip -n hub link add dvpn0 type dvpn || bail_out "cannot make dvpn0"
ip -n spoke link add dvpn0 type dvpn dev wan || bail_out "cannot make dvpn0"
ip -n hub address add 10.0.0.1/24 dev dvpn0
ip -n spoke address add 10.0.0.2/24 dev dvpn0
ip -n hub link set dvpn0 up
ip -n spoke link set dvpn0 up

mkdir -p /etc/netns/spoke
touch /etc/resolv.conf
echo "nameserver 192.0.2.53" >/etc/netns/spoke/resolv.conf
: >"$SCRATCH/asked"
: >"$SCRATCH/zone"
ip netns exec names "${0%/*}/names.py" 192.0.2.53 "$SCRATCH/zone" "$SCRATCH/asked" &
server=$!

echo "tunnel dvpn0 { role = nhs }" >"$SCRATCH/hub.conf"
cat >"$SCRATCH/spoke.conf" <<END
tunnel dvpn0 {
	probe-interval = 5
	hub main { nbma = $NAME }
}
END
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke "$SCRATCH/spoke.conf"
check_within "a name that nobody knows is told" 10 why_is "$NAME: Domain name not found"
leads_to 192.0.2.1
check_within "a hub is found by its name" 15 pings spoke 10.0.0.1
check_eq "who asks has no capability" "$(of_helper CapPrm)" 0000000000000000
check_eq "and few system calls" "$(of_helper Seccomp)" 2

moves_within_ttl "the hub moves" 192.0.2.77/24

# --- a name server that says nothing ------------------------------------------------------

kill -STOP "$server"
ip -n hub link set wan down
wait_for 20 eval '[[ $(dvpnctl_in spoke show nhs) == *unreachable* ]]'
pause 1
check_times "a silent name server keeps nobody waiting for a status" 1000 \
	"$(status_ms)" "$(status_ms)" "$(status_ms)"
ip -n hub link set wan up
check_within "what was known is used on" 20 pings spoke 10.0.0.1
kill -CONT "$server"

# --- a VRF --------------------------------------------------------------------------------

if modprobe vrf; then
	ip -n spoke -batch - <<-END
		link add under type vrf table 30
		link set under up
		link set wan master under
		link set dvpn0 type dvpn dev under
	END
	check_fails "outside of the VRF there is no name server" . \
		in_ns spoke ping -n -q -c 1 -W 1 192.0.2.53
	count=$(asked)
	check_within "it is asked in the VRF" 20 asked_again "$count"
	moves_within_ttl "the hub moves, seen from a VRF" 192.0.2.78/24
	ip -n spoke address add 2001:db8::2/64 dev wan	# gone with the change of its VRF
else
	skip "a VRF" "no VRF"
fi

# --- the other family ---------------------------------------------------------------------

moves_within_ttl "an address of the other family alone" 2001:db8::1/64

# --- the process that asks ----------------------------------------------------------------

kill -KILL "$(helper)"
check_within "its end is told" 5 grep -q "process that looks up names: has ended" \
	"$RESULTS/dvpnd-spoke.log"
check "and changes nothing" ping_all spoke 10.0.0.1
check "the daemon ends" stop_dvpnd spoke
start_dvpnd spoke -
check_within "what was known outlives a restart" 10 pings spoke 10.0.0.1
pid=$(helper)
check "the daemon ends again" stop_dvpnd spoke
check_within "and its helper with it" 5 eval "! kill -0 $pid 2>/dev/null"
kill "$server"
