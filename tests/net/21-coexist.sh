#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# Beside ip_gre: tunnels of both kinds between the same two hosts carry traffic, whichever
# module came first and goes first.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# gre_add NODE PEER - a tunnel with another key, and a keyless one to an address that is no
# peer of the dvpn device
gre_add()
{
	ip -n "$1" -batch - <<-END
		link add grekey type gre local ${OUTSIDE[$1]} remote ${OUTSIDE[$2]} key 42 ttl 64
		address add 10.1.0.${INSIDE[$1]##*.}/24 dev grekey
		link set grekey up
		address add 198.51.100.${INSIDE[$1]##*.}/24 dev wan
		link add greplain type gre local 198.51.100.${INSIDE[$1]##*.} \
			remote 198.51.100.${INSIDE[$2]##*.} ttl 64
		address add 10.2.0.${INSIDE[$1]##*.}/24 dev greplain
		link set greplain up
	END
}

gre_del()
{
	ip -n "$1" link del grekey
	ip -n "$1" link del greplain
	ip -n "$1" address del "198.51.100.${INSIDE[$1]##*.}/24" dev wan
}

# all_carry WHEN - pings by each tunnel
all_carry()
{
	check "$1: dvpn carries traffic" ping_all one 10.0.0.1
	check "$1: ip_gre with a key" ping_all one 10.1.0.1
	check "$1: ip_gre without, point to point" ping_all one 10.2.0.1
}

dvpn_add()
{
	tunnel_add hub "$@"
	tunnel_add one "$@"
	map_to hub one
	map_to one hub
}

star_add hub one

check "ip_gre first" modprobe ip_gre
load_dvpn
gre_add hub one
gre_add one hub
dvpn_add
all_carry "ip_gre first"
ip -n hub link set dvpn0 type dvpn key 43
ip -n one link set dvpn0 type dvpn key 43
all_carry "with keys"

# Ethernet in GRE between the same addresses, with dvpn's own key.
for node in hub one; do
	[ $node = hub ] && peer=one || peer=hub
	ip -n $node -batch - <<-END
		link add tap type gretap local ${OUTSIDE[$node]} remote ${OUTSIDE[$peer]} key 43
		address add 10.3.0.${INSIDE[$node]##*.}/24 dev tap
		link set tap up
	END
done
check "gretap with the key of dvpn" ping_all one 10.3.0.1
check "that was left to it, and counted" dropped one rx_proto
ip -n hub link del tap
ip -n one link del tap

check "dvpn goes first" unload_dvpn
check "ip_gre with a key goes on" ping_all one 10.1.0.1
check "ip_gre without, too" ping_all one 10.2.0.1

load_dvpn
dvpn_add local 0.0.0.0 dev wan
all_carry "dvpn again, bound to its link"
gre_del hub
gre_del one
check "ip_gre goes first" modprobe -r ip_gre
check "dvpn goes on" ping_all one 10.0.0.1

check "ip_gre comes when dvpn is there" modprobe ip_gre
gre_add hub one
gre_add one hub
all_carry "dvpn first"
ip -n hub link del dvpn0
check "with dvpn deleted on one side ip_gre goes on" ping_all one 10.1.0.1
check "and without key" ping_all one 10.2.0.1
check_fails "dvpn does not" "100% packet loss" in_ns one ping -qn -c 1 -W 1 10.0.0.1

gre_del hub
gre_del one
check "unload ip_gre" modprobe -r ip_gre
check "unload dvpn" unload_dvpn
