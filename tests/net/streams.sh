# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# streams.sh - TCP streams from a spoke, and from its LAN, to the hub; sourced after star.sh
#
#	lan (10.7.0.2, fd07::2) --- one --- hub, which has the server

BYTES=400000	# of a stream: 297 packets of 1400 bytes
# What two of them may take at most if they stay large: a third. That is less than one of them
# cut, and less than both in packets of two segments, the least that TCP makes.
FEW=200

# sender NODE - starts a program there that sends streams: one start for all of them
declare -A ORDERS=() ANSWERS=() SENDERS=()
sender()
{
	local orders answers

	mkfifo "$SCRATCH/orders-$1" "$SCRATCH/answers-$1"
	ip netns exec "$1" python3 -IS -c 'import socket, sys
data = open(sys.argv[1], "rb").read()
for address in sys.stdin:
    with socket.create_connection((address.strip(), 5001)) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        print(sock.recv(2).decode(), flush=True)' "$SCRATCH/sent" \
		<"$SCRATCH/orders-$1" >"$SCRATCH/answers-$1" &
	SENDERS[$1]=$!
	exec {orders}>"$SCRATCH/orders-$1" {answers}<"$SCRATCH/answers-$1"
	ORDERS[$1]=$orders ANSWERS[$1]=$answers
}

# stream NODE - sends one stream by IPv4 and one by IPv6 to the hub, and both arrive unchanged
stream()
{
	local address answer

	for address in 10.0.0.1 fd00::1; do
		echo $address >&"${ORDERS[$1]}"
		read -rt $((20 * DVPN_TIME_SCALE)) answer <&"${ANSWERS[$1]}" || return
		[ "$answer" = ok ] || return
	done
}

# options WORD... - of the devices
options()
{
	local node

	for node in hub one; do
		ip -n $node link set dvpn0 type dvpn "$@" || return
	done
}

# csum_errors - that the hub has seen
csum_errors()
{
	in_ns hub awk '/^(Tcp|Udp):/ { for (i = 1; i <= NF; i++) if ($i == "InCsumErrors") at[$1] = i
		if ($2 ~ /[0-9]/) n += $(at[$1]) } END { print n }' /proc/net/snmp
	drops hub rx_csum
}

# streams_begin [OPTION...] - network, devices with these options, and programs
streams_begin()
{
	local node

	head -c $BYTES /dev/urandom >"$SCRATCH/sent"
	star_add hub one
	ns_add lan
	ns_link lan eth 10.7.0.2/24 one lan 10.7.0.1/24
	for node in hub one; do
		ip -n $node address add "2001:db8::${INSIDE[$node]##*.}/64" dev wan
		tunnel_add $node "$@"
	done
	ip -n lan -batch - <<-END
		address add fd07::2/64 dev eth
		route add default via 10.7.0.1
		route add default via fd07::1
	END
	ip -n one address add fd07::1/64 dev lan
	ip -n hub -batch - <<-END
		route add 10.7.0.0/24 via 10.0.0.2
		route add fd07::/64 via fd00::2
	END
	ns_forward one
	# How large TCP makes its packets depends on the round trip, else: on the load of the machine.
	for node in one lan; do
		in_ns $node sysctl -q net.ipv4.tcp_min_tso_segs=32
	done
	ip netns exec hub python3 -IS -c 'import socket, sys
want = open(sys.argv[1], "rb").read()
server = socket.create_server(("::", 5001), family=socket.AF_INET6, dualstack_ipv6=True)
open(sys.argv[2], "w").close()
while True:
    with server.accept()[0] as peer:
        got = b"".join(iter(lambda: peer.recv(65536), b""))
        peer.sendall(b"ok" if got == want else b"no")' "$SCRATCH/sent" "$SCRATCH/listening" &
	SERVER=$!
	wait_for 20 test -e "$SCRATCH/listening"
	sender one
	sender lan
}

# streams_end - of the programs
streams_end()
{
	kill "$SERVER" "${SENDERS[@]}"
	wait "$SERVER" "${SENDERS[@]}" 2>/dev/null
}
