#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# What each way to pack a packet costs on the wire, to the byte, and the largest packet that an
# underlay of 1500 bytes takes.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

declare -A ESP=(
	[null]="enc ecb(cipher_null) \"\" auth-trunc hmac(sha1) 0x$(printf %040d 1) 96"
	[gcm]="aead rfc4106(gcm(aes)) 0x$(printf %040d 2) 128"
	[cbc]="enc cbc(aes) 0x$(printf %032d 3) auth-trunc hmac(sha1) 0x$(printf %040d 4) 96"
	[cbc256]="enc cbc(aes) 0x$(printf %032d 3) auth-trunc hmac(sha256) 0x$(printf %064d 4) 128"
)
NAT_T="encap espinudp 4500 4500 0.0.0.0"

# esp NODE PEER CARRIED MODE ALGORITHM [WORD...] - both associations and policies of the node
esp()
{
	local me=${OUTSIDE[$1]} peer=${OUTSIDE[$2]} from=${OUTSIDE[$1]} to=${OUTSIDE[$2]}
	local words="proto esp reqid 1 mode $4 ${ESP[$5]} ${*:6}"
	local tmpl="proto esp mode $4 reqid 1"

	if [ "$3" = icmp ]; then
		from=${INSIDE[$1]}
		to=${INSIDE[$2]}
	fi
	ip -n "$1" -batch - <<-END
		xfrm state add src $me dst $peer spi 0x${me##*[.:]}00 $words
		xfrm state add src $peer dst $me spi 0x${peer##*[.:]}00 $words
		xfrm policy add src $from dst $to proto $3 dir out tmpl src $me dst $peer $tmpl
		xfrm policy add src $to dst $from proto $3 dir in tmpl src $peer dst $me $tmpl
	END
}

# between KEY MODE [ALGORITHM [WORD...]] - a tunnel of hub and one; MODE none is without IPsec
between()
{
	local node peer=one

	for node in hub one; do
		ip -n $node xfrm state flush
		ip -n $node xfrm policy flush
		ip -n $node link delete dvpn0 2>/dev/null
		# shellcheck disable=SC2086
		tunnel_add $node ${1:+key $1}
		ip -n $node link set dvpn0 mtu 1500
		map_to $node $peer
		[ "$2" = none ] || esp $node $peer gre "${@:2}"
		peer=hub
	done
}

# sizes NAME FIELD - of all that was captured, each once
sizes()
{
	decode "$1" -T fields -E occurrence=f -e "$2" -Y "$3" | sort -nu | xargs
}

# costs NAME SIZE - on the wire, of a ping of 60 bytes and its answer
costs()
{
	capture one wan "${1// /-}" "$3"
	check "$1: a ping of 60 bytes" ping_all one 10.0.0.1 2 -s 32
	capture_stop "${1// /-}"
	check_eq "$1: its size outside" "$(sizes "${1// /-}" ip.len ip)" "$2"
}

# largest NAME SIZE - inside, that goes outside in one piece
largest()
{
	local name=${1// /-} wan="ip or ip6"

	capture one wan "$name" "$wan"
	check "$1: a packet of $2 bytes" ping_all one 10.0.0.1 1 -M "do" -s $(($2 - 28))
	check_fails "$1: one byte more is too big, by that" "mtu ?= ?$2" \
		in_ns one ping -n -c 2 -W $((5 * DVPN_TIME_SCALE)) -M "do" -s $(($2 - 27)) 10.0.0.1
	capture_stop "$name"
	check_eq "$1: nothing in pieces" "$(decode "$name" -Y "ip.flags.mf == 1 ||
		ip.frag_offset > 0 || ipv6.fraghdr" | wc -l)" 0
	diag "$1: $(sizes "$name" frame.len "ip || ipv6") bytes with the link's 14"
}

load_dvpn
star_add hub one

between "" none
costs "GRE" 84 "proto gre"
between 42 none
costs "GRE with key" 88 "proto gre"
largest "GRE with key alone" 1472
between "" transport null
costs "GRE, ESP transport" 108 "proto 50"
between 42 transport null
costs "GRE with key, ESP transport" 112 "proto 50"
between "" tunnel null
costs "GRE, ESP tunnel" 128 "proto 50"
between 42 tunnel null
costs "GRE with key, ESP tunnel" 132 "proto 50"

# Beside it, without GRE: a packet of these addresses and nothing around but ESP
peer=one
for node in hub one; do
	ip -n $node xfrm state flush
	ip -n $node xfrm policy flush
	ip -n $node link delete dvpn0
	ip -n $node address add "${INSIDE[$node]}/24" dev wan
	esp $node $peer icmp tunnel null
	peer=hub
done
costs "ESP tunnel alone" 104 "proto 50"
for node in hub one; do
	ip -n $node address del "${INSIDE[$node]}/24" dev wan
done

between 42 transport gcm
largest "AES-GCM" 1438
between 42 transport cbc
largest "AES-CBC, SHA1" 1430
between 42 transport cbc256
largest "AES-CBC, SHA256" 1430
between 42 tunnel gcm
largest "AES-GCM, tunnel" 1418

sockets=()
for node in hub one; do
	ip netns exec $node python3 -IS -c 'import signal, socket
UDP_ENCAP, UDP_ENCAP_ESPINUDP = 100, 2
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 4500))
sock.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP)
print("ready", flush=True)
signal.pause()' >"$SCRATCH/espinudp.$node" &
	sockets+=($!)
	wait_for 20 grep -q ready "$SCRATCH/espinudp.$node"
done
# shellcheck disable=SC2086
between 42 transport gcm $NAT_T
largest "AES-GCM, NAT-T" 1430
# shellcheck disable=SC2086
between 42 transport cbc $NAT_T
largest "AES-CBC, SHA1, NAT-T" 1414
kill "${sockets[@]}"
wait "${sockets[@]}" 2>/dev/null

for node in hub one; do
	ip -n $node address add "2001:db8::${INSIDE[$node]##*.}/64" dev wan
done
OUTSIDE=([hub]=2001:db8::1 [one]=2001:db8::2)
between 42 transport gcm
largest "AES-GCM, IPv6 outside" 1418
