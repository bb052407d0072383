#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# Packets through the device, the table edited by hand: what is on the wire, who gets what,
# what is dropped and counted.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# sizes NAME - outer and inner length of the packets of 60 bytes in a capture
sizes()
{
	decode "$1" -Y "ip.len == 60" -T fields -E occurrence=a -e ip.len | sort -u
}

# no_loss NODE ADDRESS SIZE - pings of that size, all of them answered
no_loss()
{
	in_ns "$1" ping -qn -c 5 -i 0.1 -W $((2 * DVPN_TIME_SCALE)) -s "$3" "$2" >"$SCRATCH/loss"
	grep " 0% packet loss" "$SCRATCH/loss"
}

# tcp_same FROM TO ADDRESS - a stream arrives unchanged
tcp_same()
{
	rm -f "$SCRATCH/received" "$SCRATCH/listening"
	ip netns exec "$2" timeout $((20 * DVPN_TIME_SCALE)) python3 -IS -c 'import socket, sys
server = socket.create_server(("", 5001))
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

head -c 1000000 /dev/urandom >"$SCRATCH/sent"
load_dvpn
star_add hub one two
ns_forward hub one

# --- two nodes, plain GRE ----------------------------------------------------------------

tunnel_add hub
tunnel_add one
map_to hub one
map_to one hub

capture one wan plain "ip proto 47"
check "IPv4 inside" ping_all one 10.0.0.1
in_ns one ping -qn -c 1 -s 32 10.0.0.1 >/dev/null
capture_stop plain
check "IPv6 inside" ping_all one fd00::1
check_eq "a packet of 60 bytes makes 84 on the wire" "$(sizes plain)" 84,60
check_eq "outside: DF, no id, TTL 64, no GRE flag" \
	"$(decode plain -c 1 -T fields -E occurrence=f -e ip.flags.df -e ip.id -e ip.ttl \
		-e gre.flags_and_version | tr '\t' ' ')" "1 0x0000 64 0x0000"
check "TCP arrives unchanged" tcp_same one hub 10.0.0.1

# --- with key ----------------------------------------------------------------------------

ip -n one link set dvpn0 type dvpn key 7
check_fails "a key on one side only does not fit" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.1
ip -n hub link set dvpn0 type dvpn key 7
capture one wan key "ip proto 47"
check "the same key on both sides" ping_all one 10.0.0.1
in_ns one ping -qn -c 1 -s 32 10.0.0.1 >/dev/null
capture_stop key
check_eq "with a key it makes 88" "$(sizes key)" 88,60
check_eq "the key is on the wire" "$(decode key -T fields -e gre.key | sort -u)" 0x00000007
check "TCP with key" tcp_same one hub 10.0.0.1
ip -n one link set dvpn0 type dvpn key 0
ip -n hub link set dvpn0 type dvpn nokey
check_fails "key 0 is not the same as no key" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.1
ip -n one link set dvpn0 type dvpn nokey

# --- checksum, TTL, TOS ------------------------------------------------------------------

# Else a packet that has not left the machine has no checksum of its own to look at.
in_ns one ethtool -K wan tx off >/dev/null
ip -n one link set dvpn0 type dvpn csum on ttl inherit tos inherit
capture one wan csum "ip proto 47 and src 192.0.2.2"
check "with GRE checksums" ping_all one 10.0.0.1
in_ns one ping -qn -c 1 -t 9 -Q 0xb8 10.0.0.1 >/dev/null
capture_stop csum
check_eq "tshark finds them correct" \
	"$(decode csum -T fields -e gre.checksum.status | sort -u)" 1
check_eq "TTL and DSCP of the inner packet are outside" \
	"$(decode csum -T fields -E occurrence=f -e ip.ttl -e ip.dsfield | tail -n 1 | tr '\t' ' ')" \
	"9 0xb8"
check "TCP with checksums" tcp_same one hub 10.0.0.1
check_eq "none was wrong" "$(drops hub rx_csum)" 0
ip -n one link set dvpn0 type dvpn csum off ttl 64 tos 0

# --- path MTU ----------------------------------------------------------------------------

ip -n one link set wan mtu 1000
ip -n hub link set wan mtu 1000
check_fails "a packet that does not fit is refused to its sender" "mtu ?= ?976" \
	in_ns one ping -n -c 2 -W 1 -M "do" -s 1300 10.0.0.1
check "one that may be fragmented is, from the first on" no_loss one 10.0.0.1 1300
check "one that fits exactly passes" in_ns one ping -qn -c 1 -M "do" -s 948 10.0.0.1
check_fails "an IPv6 packet is refused above what IPv6 needs at least" "mtu ?= ?1280" \
	in_ns one ping -n -c 2 -W 1 -s 1300 fd00::1
check "below that the underlay fragments" no_loss one fd00::1 1232
check "TCP with small packets" tcp_same one hub 10.0.0.1
ip -n one link set wan mtu 1500
ip -n hub link set wan mtu 1500

# --- miss, NHS, probation, unreachable ---------------------------------------------------

tunnel_add two
map_to hub two
check_fails "without mapping and NHS a packet is dropped" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.3
check_eq "that is counted" "$(drops one tx_no_map)" 1

unmap one hub
map_to one hub nhs 10
map_to two hub nhs 10
check_eq "what has no mapping goes by the NHS" "$(ttl one 10.0.0.3)" 63
check "IPv6 as well" ping_all one fd00::3

map_to one two probation
map_to two one probation
check_eq "on probation it still goes by the NHS" "$(ttl one 10.0.0.3)" 63
unmap one two
map_to one two
unmap two one
map_to two one
check_eq "with a mapping it goes straight" "$(ttl one 10.0.0.3)" 64
unmap one two
unmap two one
map_to one two unreachable expires 600000
check_eq "to an unreachable one by the NHS" "$(ttl one 10.0.0.3)" 63
map one add 10.0.0.99 192.0.2.99 unreachable expires 600000
unmap one hub
check_fails "without NHS the sender is told" "Host Unreachable" \
	in_ns one ping -n -c 1 -W 2 10.0.0.99
check "that is counted, too" dropped one tx_unreachable
map_to one hub nhs 10
unmap one two

# --- redirect ----------------------------------------------------------------------------

ip -n hub link set dvpn0 type dvpn redirect on
ip netns exec hub dvpnmap dvpn0 bind >"$SCRATCH/agent" &
agent=$!
wait_for 10 grep -q bound "$SCRATCH/agent"
capture one dvpn0 redirect "icmp"
check "traffic between the spokes passes the hub" ping_all one 10.0.0.3
check "the agent gets a redirect event" wait_for 5 grep -q "redirect" "$SCRATCH/agent"
pause 0.3
capture_stop redirect
check "the hub's own ICMP redirects are dropped" dropped hub tx_icmp_redirect
check_eq "none arrives" "$(count redirect "icmp.type == 5")" 0
kill $agent
wait $agent 2>/dev/null
ip -n hub link set dvpn0 type dvpn redirect off

# The hub believes a network behind one, which believes it behind the hub.
ip -n hub route add 10.9.9.0/24 via 10.0.0.2 dev dvpn0
ip -n one route add 10.9.9.0/24 via 10.0.0.77 dev dvpn0
capture hub wan loop "ip proto 47"
in_ns hub ping -qn -c 1 -W 1 10.9.9.9 >/dev/null
capture_stop loop
check_eq "the fallback does not send a packet back" "$(count loop "ip.dst == 10.9.9.9")" 1
check "that is counted" dropped one tx_back

# --- multicast ---------------------------------------------------------------------------

unmap hub one
unmap hub two
map_to hub one multicast
map_to hub two multicast
capture hub wan multicast "ip proto 47"
in_ns hub ping -qn -c 1 -W 1 -I dvpn0 224.0.0.5 >/dev/null
in_ns hub ping -qn -c 1 -W 1 -I dvpn0 ff02::5 >/dev/null
check "two peers, four mappings: wait for the copies" \
	wait_for 5 eval '[ "$(count multicast "ip.dst == 224.0.0.5")" -ge 2 ]'
pause 0.3
capture_stop multicast
check_eq "one copy for each peer" "$(decode multicast -Y "ip.dst == 224.0.0.5" -T fields \
	-E occurrence=f -e ip.dst | sort | tr '\n' ' ')" "192.0.2.2 192.0.2.3 "
check_eq "IPv6: one copy for each peer" "$(decode multicast -Y "ipv6.dst == ff02::5" -T fields \
	-E occurrence=f -e ip.dst | sort | tr '\n' ' ')" "192.0.2.2 192.0.2.3 "

in_ns hub sysctl -q net.ipv4.conf.all.bc_forwarding=1 net.ipv4.conf.dvpn0.bc_forwarding=1
unmap one hub
map_to one hub nhs 10 multicast
capture hub wan back "ip proto 47"
in_ns one ping -qn -b -c 1 -W 1 10.0.0.255 >/dev/null 2>&1
check "a broadcast that the hub forwards goes on" \
	wait_for 5 eval '[ "$(count back "ip.dst == 192.0.2.3 and ip.dst == 10.0.0.255")" = 1 ]'
pause 0.3
capture_stop back
check_eq "and never back" "$(count back "ip.dst == 192.0.2.2 and ip.dst == 10.0.0.255")" 0

# --- strangers ---------------------------------------------------------------------------

unmap hub two
before=$(drops hub rx_unknown_peer)
check_fails "a packet from no peer does not enter" "100% packet loss" \
	in_ns two ping -qn -c 1 -W 1 10.0.0.1
check "it is counted" [ "$(drops hub rx_unknown_peer)" -gt "$before" ]
ip -n hub link set dvpn0 down
check_fails "a device that is down receives nothing" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.1
check "that is counted" dropped hub rx_down
ip -n hub link set dvpn0 up
check "up again, its table is as it was" ping_all one 10.0.0.1
