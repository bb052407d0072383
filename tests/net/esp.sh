# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# esp.sh - ESP in transport mode, keyed by hand; sourced after star.sh

CARRIED="proto gre"	# what ESP is for

# xfrm_policies NODE PEER [WORD...] - all of that between the two by ESP in transport mode
xfrm_policies()
{
	local me=${OUTSIDE[$1]} peer=${OUTSIDE[$2]} more=${*:3}

	ip -n "$1" -batch - <<-END
		xfrm policy add src $me dst $peer $CARRIED dir out $more tmpl proto esp mode transport reqid 1
		xfrm policy add src $peer dst $me $CARRIED dir in $more tmpl proto esp mode transport reqid 1
	END
}

# xfrm_states NODE PEER [WORD...] - both associations
xfrm_states()
{
	local me=${OUTSIDE[$1]} peer=${OUTSIDE[$2]} more=${*:3}
	local esp="proto esp reqid 1 mode transport aead rfc4106(gcm(aes))"
	local key=0x000102030405060708090a0b0c0d0e0f10111213

	ip -n "$1" -batch - <<-END
		xfrm state add src $me dst $peer spi 0x${me##*[.:]}00 $esp $key 128 $more
		xfrm state add src $peer dst $me spi 0x${peer##*[.:]}00 $esp $key 128 $more
	END
}

# xfrm_flush NODE... - nothing of that is left
xfrm_flush()
{
	local node

	for node; do
		ip -n "$node" xfrm policy flush
		ip -n "$node" xfrm state flush
	done
}

# esp_between ENCAP HUB ONE [WORD...] - hub and one are peers of each other by these addresses, and
# nothing else is, under ESP with that
esp_between()
{
	local node peer=one

	OUTSIDE=([hub]=$2 [one]=$3)
	for node in hub one; do
		xfrm_flush $node
		map $node flush >/dev/null
		map_to $node $peer encap "$1"
		xfrm_policies $node $peer
		xfrm_states $node $peer "${@:4}"
		peer=hub
	done
}

# espinudp_listen NODE - it takes ESP in UDP, as behind a NAT: for associations with $ESPINUDP,
# or $ESPINUDP6 where the outside is IPv6
ESPINUDP="encap espinudp 4500 4500 0.0.0.0"
ESPINUDP6="encap espinudp 4500 4500 ::"
espinudp_listen()
{
	ip netns exec "$1" python3 -IS -c 'import signal, socket, sys
UDP_ENCAP, UDP_ENCAP_ESPINUDP = 100, 2
socks = [socket.socket(family, socket.SOCK_DGRAM) for family in (socket.AF_INET, socket.AF_INET6)]
socks[1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
for sock in socks:
    sock.bind(("", 4500))
    sock.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP)
open(sys.argv[1], "w").close()
signal.pause()' "$SCRATCH/espinudp-$1" &
	wait_for 20 test -e "$SCRATCH/espinudp-$1"
}
