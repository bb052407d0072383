#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# What comes and goes around the device: its link, its address, namespaces, itself under load.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# flood NODE ADDRESS - packets as fast as they go, until flood_stop
flood()
{
	ip netns exec "$1" ping -qfn "$2" >/dev/null 2>&1 &
	flood=$!
}

flood_stop()
{
	kill "$flood"
	wait "$flood" 2>/dev/null
}

# carrier NODE - 1 or 0
carrier()
{
	in_ns "$1" cat /sys/class/net/dvpn0/carrier
}

# down_reason NAME - why a device of one has no carrier
down_reason()
{
	ip -n one -d -j link show "$1" | grep -o '"down_reason": *"[a-z_]*"' | cut -d '"' -f 4
}

# deletion_times FROM ADDRESS - deletes the device of one with 10,000 mappings, each to a peer of
# its own, while FROM sends to ADDRESS, three times; sets took_ms. A new device is there after it.
deletion_times()
{
	local round start

	took_ms=()
	for ((round = 0; round < 3; round++)); do
		map one bulk 10000 10.64.0.1 203.0.0.1 >/dev/null || return
		flood "$1" "$2"
		pause 0.5
		start=$(now_ms)
		ip -n one link del dvpn0 || return
		took_ms+=($(($(now_ms) - start)))
		flood_stop
		tunnel_add one
		map_to one hub
	done
}

load_dvpn
star_add hub one

# --- the link ----------------------------------------------------------------------------

tunnel_add hub
tunnel_add one dev wan
map_to hub one
map_to one hub
check "bound to its link" ping_all one 10.0.0.1

# Older kernels rename only what is down.
ip -n one -batch - <<-END
	link set wan down
	link set wan name other
	link set other up
END
check_eq "the link is renamed: no carrier" "$(carrier one)" 0
check_fails "and no traffic" "100% packet loss" in_ns one ping -qn -c 1 -W 1 10.0.0.1
ip -n one -batch - <<-END
	link set other down
	link set other name wan
END
check_eq "it has its name again: carrier" "$(carrier one)" 1
ip -n one link set wan up
check "traffic, with the table as it was" wait_for 10 pings one 10.0.0.1

ip -n one link del wan
check_eq "the link is deleted: the device stays, without carrier" "$(carrier one)" 0
check "it tells why" eval 'ip -n one -d link show dvpn0 | grep -q "no carrier: its underlay"'
underlay_join net one wan 192.0.2.2/24
check_eq "a new one of that name: carrier" "$(carrier one)" 1
check "traffic again" wait_for 10 pings one 10.0.0.1

ip -n one -batch - <<-END
	link add wait type dummy
	link add dvpn1 type dvpn dev wait key 7
	link del wait
	link add used type dummy
	link add dvpn2 type dvpn dev used key 7
	link set used name wait
END
check_eq "a link gets the name that another device waits for: that one has it" \
	"$(ip -n one -d link show dvpn1 | grep -c "no carrier")" 0
check "the one that had it waits now" \
	eval 'ip -n one -d link show dvpn2 | grep -q "no carrier: its underlay"'
ip -n one -batch - <<-END
	link del dvpn1
	link del dvpn2
	link del wait
END

ip -n one -batch - <<-END
	link add wait type dummy
	link add used type dummy
	link add dvpn1 type dvpn dev wait key 7
	link add dvpn2 type dvpn dev used key 7
	link del wait
	link property add dev used altname wait
	link add event type dummy
END
check_eq "the name waited for is a second one of a link whose key is taken" \
	"$(down_reason dvpn1) $(down_reason dvpn2)" "collision none"
ip -n one link set dvpn2 type dvpn key 8
check_eq "until the other takes another key" \
	"$(down_reason dvpn1) $(down_reason dvpn2)" "none none"
ip -n one -batch - <<-END
	link del dvpn1
	link del dvpn2
	link del used
END
ip -n one -batch - <<-END
	link add wait type dummy
	link add dvpn1 type dvpn dev wait key 7 port 5000
	link del wait
END
check_eq "without its link a device has no socket" "$(down_reason dvpn1)" no_link
modprobe fou
ip -n one fou add port 5000 ipproto 47
ip -n one link add wait type dummy
check_eq "the link is there again, and somebody else has the port" "$(down_reason dvpn1)" port
ip -n one fou del port 5000
ip -n one link del event
check_eq "until they let go of it" "$(down_reason dvpn1)" none
ip -n one link del dvpn1
ip -n one link del wait

# --- the address -------------------------------------------------------------------------

ip -n one link set dvpn0 type dvpn local 192.0.2.2
check "with a local address" ping_all one 10.0.0.1
ip -n one addr del 192.0.2.2/24 dev wan
ip -n one addr add 192.0.2.22/24 dev wan
check_fails "the address goes: nothing leaves with it" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.1
check_within "that is counted" 5 dropped one tx_no_route
ip -n one addr add 192.0.2.2/24 dev wan
check "it comes back: traffic" wait_for 10 pings one 10.0.0.1

# --- under load --------------------------------------------------------------------------

check "a device with 10,000 mappings is deleted under traffic" deletion_times one 10.0.0.1
check_times "within a second" 1000 "${took_ms[@]}"
check "receiving, too" deletion_times hub 10.0.0.2
check_times "within a second" 1000 "${took_ms[@]}"

flood hub 10.0.0.2
pause 0.5
ns_del one
check "its namespace is deleted under traffic: the cleanup ends" \
	wait_for 10 eval '! ip -n net link show one'
flood_stop

# --- namespaces --------------------------------------------------------------------------

ns_add one box
underlay_join net one wan 192.0.2.2/24
ip -n one link add dvpn0 type dvpn dev wan
ip -n one link set dvpn0 netns box
ip -n box -batch - <<-END
	address add 10.0.0.2/24 dev dvpn0
	link set dvpn0 up
END
map box add 10.0.0.1 192.0.2.1
check "moved to another namespace, its underlay stays where it was" ping_all box 10.0.0.1
flood box 10.0.0.1
ns_del one
check "the underlay's namespace goes: so does the device" \
	wait_for 10 eval '! ip -n box link show dvpn0'
flood_stop
check "nothing holds the module" unload_dvpn
