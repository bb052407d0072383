#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
# kernel: 6.12
#
# A hub with two WANs has a tunnel on each, of one domain: a spoke of one and a spoke of the other
# hear of each other and go direct, and leave no traces when one is gone.
. "${0%/*}/lib.sh"

# spoke NAME NUMBER - of that tunnel of the hub, with a LAN behind it
spoke()
{
	ns_add "$1"
	underlay_join underlay "$1" wan "192.168.50.1$2/24"
	ip -n "$1" -batch - <<-END
		link add lan type dummy
		address add 10.$2.0.1/24 dev lan
		link set lan up
		link add dvpn0 type dvpn key 42
		address add 172.16.$2.2/24 dev dvpn0
		link set dvpn0 up
		route add 10.0.0.0/8 via 172.16.$2.1
		route add 172.16.0.0/16 via 172.16.$2.1
	END
	echo "tunnel dvpn0 { hub main { nbma = 192.168.50.$2 } }" >"$SCRATCH/$1.conf"
	start_dvpnd "$1" "$SCRATCH/$1.conf"
}

both_registered()
{
	maps_to hub 172.16.1.2 192.168.50.11 && maps_to hub 172.16.2.2 192.168.50.12
}

# both_direct - each has a shortcut to the other's LAN
both_direct()
{
	maps_to one 10.2.0.1 192.168.50.12 && maps_to two 10.1.0.1 192.168.50.11
}

is_gone()
{
	! maps_to one 10.2.0.1 192.168.50.12
}

# hub_counts COUNTER - of both tunnels together
hub_counts()
{
	dvpnctl_in hub show counters | awk -v name="$1" '
		$2 == "nhrp" && $3 == name { n += $4 } END { print n + 0 }'
}

load_dvpn
underlay_add underlay
ns_add hub
ns_forward hub
underlay_join underlay hub wan 192.168.50.1/24
ip -n hub -batch - <<END
address add 192.168.50.2/24 dev wan
link add dvpn1 type dvpn local 192.168.50.1 key 42 domain 7 redirect on
link add dvpn2 type dvpn local 192.168.50.2 key 42 domain 7 redirect on
address add 172.16.1.1/24 dev dvpn1
address add 172.16.2.1/24 dev dvpn2
link set dvpn1 up
link set dvpn2 up
route add 10.1.0.0/16 via 172.16.1.2
route add 10.2.0.0/16 via 172.16.2.2
END
printf 'tunnel dvpn1 { role = nhs }\ntunnel dvpn2 { role = nhs }\n' >"$SCRATCH/hub.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
spoke one 1
spoke two 2
check_within "each is registered with its tunnel" 5 both_registered

ip netns exec one ping -qn -i 0.05 -W 5 -I 10.1.0.1 10.2.0.1 >"$SCRATCH/pings" &
traffic=$!
check_within "they go direct" 5 both_direct
kill -INT $traffic
wait $traffic
check "nothing was lost on the way there" grep -q ' 0% packet loss' "$SCRATCH/pings"
check "the question went from one tunnel to the other" [ "$(hub_counts forwarded)" -gt 0 ]
check_eq "nothing went round" "$(hub_counts drop-loop) $(hub_counts drop-hop-count)" "0 0"
capture hub wan wire "proto gre"
check "it is direct" ping_all one 10.2.0.1
capture_stop wire
check_eq "the hub sees nothing of it" "$(decode wire -Y icmp | wc -l)" 0

check "the far one leaves" dvpnctl_in two leave
check_within "the near one has heard of it" 2 is_gone

# Not of one domain: nobody hears of the other one's.
ip -n hub link set dvpn2 type dvpn domain 8
stop_dvpnd two
start_dvpnd two -
check_within "in another domain" 5 both_registered
before=$(hub_counts forwarded)
check "they reach each other" ping_all one 10.2.0.1 10
check_eq "by the hub, for good" "$(in_ns one ping -nc 1 10.2.0.1 |
	sed -n 's/.* ttl=\([0-9]*\).*/\1/p') $(hub_counts forwarded)" "63 $before"
