# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# systems.sh - the tunnels that are measured, each between two routers
#
# Every system has a router "near", whose in0 gets the packets that it encapsulates and sends by
# und, and a router "far", whose und gets what was captured at the near one's and whose out takes
# what comes out of the tunnel. in0, und and out are sinks (tbench), so nothing is in common but
# frames.
#
#	10.200.0.2 -> in0 [near] t0, und ~~> und, t0 [far] out -> 10.64.0.0/10
#
# Outside: near is 192.0.2.1 and 2001:db8::1, far is 192.0.2.2 and 2001:db8::2; far also has all
# of 172.16.0.0/12, where N peers are N addresses. At the far end N peers are 100.64.0.1 and
# those behind it. Inside: 10.64.0.1 and behind it are N destinations.
#
# near_SYSTEM N and far_SYSTEM N make t0; both read $OPTIONS, words for "ip link add t0".

readonly MTU=1400
readonly NEAR=192.0.2.1 FAR=192.0.2.2 NEAR6=2001:db8::1 FAR6=2001:db8::2
readonly NEAR_MAC=02:00:00:00:00:01 FAR_MAC=02:00:00:00:00:02
readonly NEAR_T0_MAC=02:00:00:00:01:01 FAR_T0_MAC=02:00:00:00:01:02
readonly ESP_KEY=0x0123456789abcdef0123456789abcdef01234567

die()
{
	echo "ERROR $*"
	exit 1
}

# netns NAME COMMAND... - a command in a namespace
netns()
{
	nsenter --net="/run/netns/$1" "${@:2}"
}

# batch NAME - lines for ip, in a namespace; all must succeed
batch()
{
	ip -n "$1" -batch - || die "ip in $1 failed"
}

# addresses N - N lines "INDEX INNER OUTER MAC": destination, peer, its Ethernet address
addresses()
{
	awk -v n="$1" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "%d 10.%d.%d.%d 172.%d.%d.%d 02:10:%02x:%02x:%02x:%02x\n", i,
				64 + i / 65536, i / 256 % 256, i % 256,
				16 + i / 65536, i / 256 % 256, i % 256,
				i / 16777216 % 256, i / 65536 % 256, i / 256 % 256, i % 256
	}'
}

# router NAME - a namespace that forwards and is silent by itself
router()
{
	ip netns add "$1" || die "no namespace $1"
	netns "$1" sh -c '
		cd /proc/sys/net/ipv4
		echo 1 >ip_forward
		for conf in all default; do
			echo 0 >conf/$conf/rp_filter
			echo 0 >conf/$conf/send_redirects
			echo 1 >../ipv6/conf/$conf/disable_ipv6
			echo 1 >../ipv6/conf/$conf/addr_gen_mode
		done'
	ip -n "$1" link set lo up
}

# underlay6 NAME ADDRESS PEER PEER-MAC - IPv6 on und, without discovery of anything
underlay6()
{
	netns "$1" sh -c '
		cd /proc/sys/net/ipv6/conf/und
		echo 1 >addr_gen_mode
		echo 0 >router_solicitations
		echo 0 >accept_ra
		echo 0 >disable_ipv6'
	batch "$1" <<-END
		address add $2/64 dev und nodad
		neighbour replace $3 lladdr $4 dev und nud permanent
	END
}

near_router()
{
	router near
	batch near <<-END
		link add in0 address $NEAR_MAC type tbsink
		link add und address $NEAR_MAC type ${1:-tbsink}
		address add 10.200.0.1/24 dev in0
		link set in0 up
		address add $NEAR/24 dev und
		link set und up
		neighbour replace $FAR lladdr $FAR_MAC dev und nud permanent
		route add 172.16.0.0/12 via $FAR dev und
	END
	underlay6 near $NEAR6 $FAR6 $FAR_MAC
}

# A whole network on lo: routes of type local would make every packet's source be looked up.
far_router()
{
	router far
	[ -n "${1-}" ] || ip -n far link add und address $FAR_MAC type tbsink
	[ -z "${1-}" ] || ip -n near link set peer name und address $FAR_MAC netns far
	batch far <<-END
		link add out type tbsink
		address add $FAR/24 dev und
		link set und up
		neighbour replace $NEAR lladdr $NEAR_MAC dev und nud permanent
		route add 100.64.0.0/10 via $NEAR dev und
		address add 10.201.0.1/24 dev out
		link set out up
		neighbour replace 10.201.0.2 lladdr 02:00:00:00:00:03 dev out nud permanent
		route add 10.64.0.0/10 via 10.201.0.2 dev out
		address add 172.31.255.254/12 dev lo
	END
	underlay6 far $FAR6 $NEAR6 $NEAR_MAC
}

# tunnel ROUTER ADDRESS WORD... - t0 with its address; the other side's destinations lead there
tunnel()
{
	local destinations=10.64.0.0/10

	[ "$1" = near ] || destinations=10.200.0.0/24
	batch "$1" <<-END
		link add t0 mtu $MTU ${*:3} ${OPTIONS-}
		address add $2/24 dev t0
		link set t0 up
		route add $destinations dev t0
	END
}

near_tunnel()
{
	tunnel near 10.250.0.1 "$@"
}

far_tunnel()
{
	tunnel far 10.250.0.2 "$@"
}

# ----- no tunnel -----

near_plain()
{
	ip -n near route add 10.64.0.0/10 via $FAR dev und
}

far_plain()
{
	ip -n far route add 10.200.0.0/24 via $NEAR dev und
}

# ----- ip_gre, ip6_gre -----

near_gre()
{
	near_tunnel type gre local $NEAR remote $FAR ttl 64
}

far_gre()
{
	far_tunnel type gre local $FAR remote $NEAR ttl 64
}

# One static neighbour for every destination names its peer.
near_nbma()
{
	near_tunnel type gre local $NEAR key 42 ttl 64
	addresses "$1" |
		awk '{ print "neighbour add", $2, "lladdr", $3, "dev t0 nud permanent" }' |
		batch near
}

far_nbma()
{
	far_tunnel type gre key 42 ttl 64
}

near_gre6()
{
	near_tunnel type ip6gre local $NEAR6 remote $FAR6 encaplimit none hoplimit 64
}

far_gre6()
{
	far_tunnel type ip6gre local $FAR6 remote $NEAR6 encaplimit none hoplimit 64
}

# ----- GRE in UDP, by fou -----

near_gre_fou()
{
	near_tunnel type gre local $NEAR remote $FAR ttl 64 \
		encap fou encap-sport 5555 encap-dport 5555
}

far_gre_fou()
{
	ip -n far fou add port 5555 ipproto 47 || die "no fou"
	far_tunnel type gre local $FAR remote $NEAR ttl 64 \
		encap fou encap-sport 5555 encap-dport 5555
}

# ----- VXLAN: a neighbour and a forwarding entry for every destination -----

near_vxlan()
{
	near_tunnel address $NEAR_T0_MAC type vxlan id 42 local $NEAR dstport 4789 nolearning \
		ttl 64
	addresses "$1" |
		awk '{ print "neighbour add", $2, "lladdr", $4, "dev t0 nud permanent" }' |
		batch near
	addresses "$1" | awk '{ print "fdb add", $4, "dev t0 dst", $3, "self permanent" }' |
		netns near bridge -batch - || die "no forwarding entries"
	# Frames go to the far end's address, whatever peer takes them.
	[ "$1" != 1 ] || ip -n far link set t0 address 02:10:00:00:00:01
}

far_vxlan()
{
	far_tunnel address $FAR_T0_MAC type vxlan id 42 local $FAR dstport 4789 nolearning ttl 64
	ip -n far neighbour replace 10.250.0.1 lladdr $NEAR_T0_MAC dev t0 nud permanent
}

# ----- WireGuard: und is one wire, for the handshake; the far router is made first -----

near_wireguard()
{
	near_tunnel type wireguard
	netns near wg set t0 listen-port 51820 private-key /run/near.key \
		peer "$(wg pubkey </run/far.key)" endpoint $FAR:51820 allowed-ips 10.0.0.0/8
}

far_wireguard()
{
	far_tunnel type wireguard
	wg genkey >/run/near.key
	wg genkey >/run/far.key
	netns far wg set t0 listen-port 51820 private-key /run/far.key \
		peer "$(wg pubkey </run/near.key)" endpoint $NEAR:51820 allowed-ips 10.0.0.0/8
}

# wireguard_handshake - new keys, and then a sink in the place of the wire
wireguard_handshake()
{
	ip -n near route del $FAR/32 2>/dev/null
	netns near ping -q -c 1 -W 2 10.250.0.2 >/dev/null || die "no WireGuard handshake"
	ip -n near route add $FAR/32 dev snk src $NEAR
}

# ----- dvpn: N mappings to N peers -----

readonly LIMITS="max-maps 200000 max-peers 200000"

# dvpn_fill ROUTER WORD... - a bulk of mappings
dvpn_fill()
{
	netns "$1" dvpnmap t0 bulk "${@:2}" | grep -q "refused=0" || die "mappings were refused"
}

near_dvpn()
{
	near_tunnel type dvpn local ${LOCAL-$NEAR} redirect on $LIMITS
	dvpn_fill near "$1" 10.64.0.1 172.16.0.1 ${ENCAP-}
}

far_dvpn()
{
	far_tunnel type dvpn local ${LOCAL-172.16.0.1} redirect on $LIMITS
	dvpn_fill far 1 10.200.0.2 $NEAR ${ENCAP-}
	dvpn_fill far "$1" 10.128.0.1 100.64.0.1 ${ENCAP-}
}

# Without a local address, as a device has whose address comes by DHCP.
near_dvpn_any()
{
	LOCAL=any near_dvpn "$1"
}

far_dvpn_any()
{
	LOCAL=any far_dvpn "$1"
}

# Prefixes of two lengths, which are looked up for every packet and are not its own.
near_dvpn_prefixes()
{
	near_dvpn "$1"
	netns near dvpnmap t0 add 198.51.100.0/24 $FAR >/dev/null &&
		netns near dvpnmap t0 add 198.18.0.0/16 $FAR >/dev/null || die "no prefixes"
}

far_dvpn_prefixes()
{
	far_dvpn "$1"
}

near_dvpn_udp()
{
	OPTIONS="port 4754 udpcsum off" ENCAP="encap udp port 4754" near_dvpn "$1"
}

far_dvpn_udp()
{
	OPTIONS="port 4754 udpcsum off" ENCAP="encap udp port 4754" far_dvpn "$1"
}

# The interface computes the checksum, and has verified it.
near_dvpn_udp_csum()
{
	OPTIONS="port 4754 udpcsum on" ENCAP="encap udp port 4754" near_dvpn "$1"
}

far_dvpn_udp_csum()
{
	OPTIONS="port 4754 udpcsum on" ENCAP="encap udp port 4754" far_dvpn "$1"
}

near_dvpn6()
{
	near_tunnel type dvpn local $NEAR6 redirect on
	dvpn_fill near "$1" 10.64.0.1 $FAR6
}

far_dvpn6()
{
	far_tunnel type dvpn local $FAR6 redirect on
	dvpn_fill far 1 10.200.0.2 $NEAR6
}

# ----- with ESP in transport mode -----

# esp DIRECTION - lines for ip; standard input has lines SOURCE DESTINATION SPI
esp()
{
	awk -v dir="$1" -v key=$ESP_KEY '{
		ends = "src " $1 " dst " $2
		print "xfrm state add", ends, "proto esp spi", $3, "reqid", $3, "mode transport",
			"replay-window 0 aead rfc4106(gcm(aes))", key, 128
		print "xfrm policy add", ends, "proto 47 dir", dir, "tmpl", ends, "proto esp reqid",
			$3, "mode transport"
	}'
}

# esp_all ROUTER DIRECTION N - from the near router to N peers
esp_all()
{
	addresses "$3" | awk -v near=$NEAR '{ print near, $3, 4096 + $1 }' | esp "$2" | batch "$1"
}

near_gre_esp()
{
	echo $NEAR $FAR 4096 | esp out | batch near
	near_gre
}

far_gre_esp()
{
	echo $NEAR $FAR 4096 | esp in | batch far
	far_gre
}

near_dvpn_esp()
{
	esp_all near out "$1"
	near_dvpn "$1"
}

far_dvpn_esp()
{
	esp_all far in "$1"
	far_dvpn "$1"
}
