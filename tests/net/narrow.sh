# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# narrow.sh - a router with a narrow link before one of two spokes; sourced after star.sh
#
#	one --- 1300 bytes --- mid --- net --- hub, two

EXPIRES=$((6 * DVPN_TIME_SCALE))
ENCAP=()	# of all peers, as dvpnmap wants it

# pmtu NODE - what the hub believes to fit on its way there
pmtu()
{
	map hub peer-get "${OUTSIDE[$1]}" "${ENCAP[@]}" | sed -n 's/.* pmtu=\([0-9]*\).*/\1/p'
}

# grown NODE MTU - it is that (for wait_for)
grown()
{
	[ "$(pmtu "$1")" = "$2" ]
}

# udp_probe NODE ADDRESS SIZE - sends packets of this size with DF until that fails, and waits
# after each for an error; prints how many went and the path MTU that the sender was told
udp_probe()
{
	in_ns "$1" timeout $((20 * DVPN_TIME_SCALE)) python3 -IS -c 'import select, socket, sys
IP_MTU_DISCOVER, IP_PMTUDISC_DO, IP_MTU = 10, 2, 14
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
sock.connect((sys.argv[1], 9))
error = select.poll()
error.register(sock, 0)
for sent in range(10):
    try:
        sock.send(bytes(int(sys.argv[2]) - 28))
    except OSError as failed:
        if failed.errno == 90:
            break
    error.poll(5000)
print(sent, sock.getsockopt(socket.IPPROTO_IP, IP_MTU))' "$2" "$3"
}

# outside ADDRESS ADDRESS ADDRESS - hub, one and two have these now, and nothing but ENCAP
# between them
outside()
{
	local node

	for node in hub one two; do
		map $node flush >/dev/null
		ip -n $node route flush cache
	done
	OUTSIDE=([hub]=$1 [one]=$2 [two]=$3)
	map_to hub one "${ENCAP[@]}"
	map_to hub two "${ENCAP[@]}"
	map_to one hub nhs 1 "${ENCAP[@]}"
	map_to two hub nhs 1 "${ENCAP[@]}"
}

# learned OVERHEAD NAME - the hub learns it from the router
learned()
{
	local fits=$((1300 - $1)) name=$2

	check_eq "$name: before, both spokes take what the device takes" \
		"$(pmtu one) $(pmtu two)" "1400 1400"
	check "$name: traffic to both" ping_all hub 10.0.0.2
	ping_all hub 10.0.0.3 >/dev/null
	in_ns hub ping -qn -c 1 -W 1 -M "do" -s 1372 10.0.0.2 >/dev/null
	check "$name: the narrow link is learned from the router" wait_for 5 grown one $fits
	check_eq "$name: of this spoke only" "$(pmtu two)" 1400
	check "$name: the other takes full packets" \
		ping_all hub 10.0.0.3 1 -M "do" -s 1372
	check_eq "$name: one packet of a sender by the hub is lost, then it knows" \
		"$(udp_probe two 10.0.0.2 1400)" "1 $fits"
}

# narrow OVERHEAD NAME - all of it for one outer family
narrow()
{
	local name=$2

	learned "$1" "$name"
	check "$name: TCP of the hub" tcp_same hub one 10.0.0.2
	check "$name: TCP by the hub" tcp_same two one 10.0.0.2
	check "$name: TCP by the hub, IPv6" tcp_same two one fd00::2
	check "$name: IPv6 packets of 1280 bytes pass" \
		in_ns hub ping -qn -c 2 -i 0.2 -s 1232 fd00::2
	check "$name: it grows back" wait_for $((2 * 6)) grown one 1400
}

# narrow_begin [OPTION...] - network, and devices with these options
narrow_begin()
{
	local node

	head -c 300000 /dev/urandom >"$SCRATCH/sent"
	star_add hub two
	ns_add mid one
	underlay_join net mid wan 192.0.2.9/24
	ns_link mid far 198.51.100.9/24 one wan 198.51.100.2/24
	for node in hub two mid one; do
		in_ns $node sysctl -q net.ipv4.route.mtu_expires=$EXPIRES \
			net.ipv6.route.mtu_expires=$EXPIRES
	done
	for node in hub two; do
		ip -n $node -batch - <<-END
			address add 2001:db8::${INSIDE[$node]##*.}/64 dev wan
			route add 198.51.100.0/24 via 192.0.2.9
			route add 2001:db8:1::/64 via 2001:db8::9
		END
	done
	ip -n mid -batch - <<-END
		address add 2001:db8::9/64 dev wan
		address add 2001:db8:1::9/64 dev far
		link set far mtu 1300
	END
	ip -n one -batch - <<-END
		address add 2001:db8:1::2/64 dev wan
		link set wan mtu 1300
		route add default via 198.51.100.9
		route add default via 2001:db8:1::9
	END
	ns_forward mid hub
	in_ns hub sysctl -q net.ipv4.conf.all.send_redirects=0
	for node in hub one two; do
		tunnel_add $node "$@"
	done
}
