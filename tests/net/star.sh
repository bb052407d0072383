# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# star.sh - a hub and two spokes on one underlay, tables edited by hand: no agent runs
#
#	 namespace   outside (wan)    inside (dvpn0)
#	 hub         192.0.2.1/24     10.0.0.1/24  fd00::1/64
#	 one         192.0.2.2/24     10.0.0.2/24  fd00::2/64
#	 two         192.0.2.3/24     10.0.0.3/24  fd00::3/64
#	 net         the switch between them, port names as namespaces

declare -A OUTSIDE=([hub]=192.0.2.1 [one]=192.0.2.2 [two]=192.0.2.3)
declare -A INSIDE=([hub]=10.0.0.1 [one]=10.0.0.2 [two]=10.0.0.3)
declare -A INSIDE6=([hub]=fd00::1 [one]=fd00::2 [two]=fd00::3)

# star_add NODE... - the switch and these nodes, without dvpn devices
star_add()
{
	local node

	underlay_add net
	ns_add "$@"
	for node; do
		underlay_join net "$node" wan "${OUTSIDE[$node]}/24"
	done
}

# tunnel_add NODE [OPTION...] - dvpn0 with its addresses, up
tunnel_add()
{
	local node=$1

	shift
	ip -n "$node" link add dvpn0 type dvpn "$@" || bail_out "cannot make dvpn0 in $node"
	tunnel_up "$node"
}

# tunnel_up NODE
tunnel_up()
{
	ip -n "$1" -batch - <<-END
		address add ${INSIDE[$1]}/24 dev dvpn0
		address add ${INSIDE6[$1]}/64 dev dvpn0
		link set dvpn0 up
	END
}

# map NODE WORD... - dvpnmap for dvpn0 of a node
map()
{
	dvpnmap -n "$1" dvpn0 "${@:2}"
}

# map_to NODE PEER [FLAG...] - both addresses of PEER, mapped to its outside address
map_to()
{
	map "$1" add "${INSIDE[$2]}" "${OUTSIDE[$2]}" "${@:3}" &&
		map "$1" add "${INSIDE6[$2]}" "${OUTSIDE[$2]}" "${@:3}"
}

# unmap NODE PEER
unmap()
{
	map "$1" del "${INSIDE[$2]}" && map "$1" del "${INSIDE6[$2]}"
}

# star_multicast - all three with devices, by which multicast goes from the hub to the spokes and
# from one to the hub
star_multicast()
{
	star_add hub one two
	# Without a link-local address the hub says nothing that it is not asked to.
	ip -n hub link add dvpn0 type dvpn || bail_out "cannot make dvpn0 in hub"
	ip -n hub link set dvpn0 addrgenmode none
	tunnel_up hub
	tunnel_add one
	tunnel_add two
	map_to hub one multicast
	map_to hub two multicast
	map_to one hub multicast
	ip -n hub route add 224.0.0.0/4 dev dvpn0
	ip -n one route add 224.0.0.0/4 dev dvpn0
}

# drops NODE REASON - how many packets dvpn0 dropped for that
drops()
{
	map "$1" dev | field "drop_$2"
}

# dropped NODE REASON - it did so (for wait_for)
dropped()
{
	[ "$(drops "$@")" != 0 ]
}

# ip_received NODE - packets that IP has seen there, large ones once
ip_received()
{
	in_ns "$1" awk '/^Ip: [0-9]/ { n += $4 } /^Ip6InReceives / { n += $2 } END { print n }' \
		/proc/net/snmp /proc/net/snmp6
}

# ttl NODE ADDRESS - time to live of the answer to one ping: 64 straight, 63 by a router
ttl()
{
	in_ns "$1" ping -n -c 1 "$2" | sed -n 's/.* ttl=\([0-9]*\).*/\1/p'
}

# tcp_same FROM TO ADDRESS - what is in $SCRATCH/sent arrives unchanged
tcp_same()
{
	rm -f "$SCRATCH/received" "$SCRATCH/listening"
	ip netns exec "$2" timeout $((20 * DVPN_TIME_SCALE)) python3 -IS -c 'import socket, sys
server = socket.create_server(("::", 5001), family=socket.AF_INET6, dualstack_ipv6=True)
open(sys.argv[1], "w").close()
peer = server.accept()[0]
with open(sys.argv[2], "wb") as out:
    while data := peer.recv(65536):
        out.write(data)' "$SCRATCH/listening" "$SCRATCH/received" &
	wait_for 20 test -e "$SCRATCH/listening"
	in_ns "$1" timeout $((20 * DVPN_TIME_SCALE)) python3 -IS -c 'import socket, sys
socket.create_connection((sys.argv[1], 5001)).sendall(open(sys.argv[2], "rb").read())' \
		"$3" "$SCRATCH/sent"
	wait $!
	cmp "$SCRATCH/sent" "$SCRATCH/received"
}
