#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# Many devices on one host, and devices whose inside and outside are in different places: each
# packet comes to the one device that it is for.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

KEYS=64

# devices NODE - dvpn1 to dvpn64 with these keys, inside 10.KEY.0.0/24, each mapped to the other
devices()
{
	local node=$1 peer=hub own=2 its=1 key

	[ "$node" = one ] || { peer=one own=1 its=2; }
	for ((key = 1; key <= KEYS; key++)); do
		echo "link add dvpn$key type dvpn local ${OUTSIDE[$node]} key $key"
		echo "address add 10.$key.0.$own/24 dev dvpn$key"
		echo "link set dvpn$key up"
	done | ip -n "$node" -batch -
	# shellcheck disable=SC2016
	in_ns "$node" bash -c 'for ((key = 1; key <= $1; key++)); do
			dvpnmap dvpn$key add 10.$key.0.$2 $3 || exit
		done' - $KEYS $its "${OUTSIDE[$peer]}"
}

# datagrams NODE COUNT ADDRESS - so many packets, from one shell
datagrams()
{
	# shellcheck disable=SC2016
	in_ns "$1" bash -c 'for ((n = 0; n < $1; n++)); do echo >/dev/udp/$2/9; done' - "$2" "$3"
}

# demuxed NODE - prints the devices whose counter is not what all_sent sent
demuxed()
{
	# shellcheck disable=SC2016
	in_ns "$1" bash -c 'for ((key = 1; key <= $1; key++)); do
			read -r n </sys/class/net/dvpn$key/statistics/rx_packets
			[ "$n" = $((key % 7 + 1)) ] || echo "dvpn$key: $n"
		done' - $KEYS
}

all_demuxed()
{
	[ -z "$(demuxed hub)" ]
}

# vrf_add NODE NAME TABLE INTERFACE...
vrf_add()
{
	local node=$1 name=$2 table=$3

	shift 3
	{
		echo "link add $name type vrf table $table"
		echo "link set $name up"
		printf "link set %s master $name\n" "$@"
	} | ip -n "$node" -batch -
}

# decoy_add NODE NAME WORD... - an interface that nothing must use, and what leads to it; without
# IPv6, which would greet its neighbours
decoy_add()
{
	ip -n "$1" link add "$2" type dummy
	in_ns "$1" sh -c "echo 1 >/proc/sys/net/ipv6/conf/$2/disable_ipv6"
	ip -n "$1" link set "$2" up
	ip -n "$1" "${@:3}" dev "$2"
}

load_dvpn
star_add hub one

# --- keys --------------------------------------------------------------------------------

check "64 devices with one local address and as many keys" devices hub
check "the same on the other side" devices one
ip -n hub -batch - <<-END
	link add nokey type dvpn local 192.0.2.1
	link add key0 type dvpn local 192.0.2.1 key 0
END
check_eq "one without key and one with key 0 beside them" \
	"$(ip -n hub -br link show type dvpn | wc -l)" $((KEYS + 2))
# shellcheck disable=SC2016
in_ns one bash -c 'for ((key = 1; key <= $1; key++)); do
		for ((n = 0; n <= key % 7; n++)); do echo >/dev/udp/10.$key.0.1/9; done
	done' - $KEYS
check "each packet came in by the device with its key" wait_for 10 all_demuxed
demuxed hub | sed 's/^/# /'

# no_key NODE OWN ITS PEER - addresses and a mapping for both of them
no_key()
{
	local net=100 name

	for name in nokey key0; do
		ip -n "$1" address add 10.$net.0.$2/24 dev $name
		ip -n "$1" link set $name up
		dvpnmap -n "$1" $name add 10.$net.0.$3 "${OUTSIDE[$4]}"
		net=$((net + 1))
	done
}

# rx NAME - packets that the hub's device has received
rx()
{
	counter hub "$1" rx_packets
}

# has_rx NAME COUNT - (for wait_for)
has_rx()
{
	[ "$(rx "$1")" = "$2" ]
}

ip -n one -batch - <<-END
	link add nokey type dvpn local ${OUTSIDE[one]}
	link add key0 type dvpn local ${OUTSIDE[one]} key 0
END
no_key hub 1 2 one
no_key one 2 1 hub
datagrams one 3 10.100.0.1
check "what has no key is for the device without" wait_for 10 has_rx nokey 3
datagrams one 5 10.101.0.1
check "key 0 is for the other" wait_for 10 has_rx key0 5
check_eq "and for that only" "$(rx nokey) $(demuxed hub)" "3 "
for name in nokey key0; do
	ip -n one link delete $name
	ip -n hub link set $name down
done

check_fails "the tuple of another device is refused, and whose it is told" \
	"local address, link and key are all those of device dvpn7" \
	ip -n hub link add twin type dvpn local 192.0.2.1 key 7
check_fails "without key, too" "those of device nokey" \
	ip -n hub link add twin type dvpn local 192.0.2.1
check_fails "key 0 is a key" "those of device key0" \
	ip -n hub link add twin type dvpn local 192.0.2.1 key 0
check_fails "no change leads there either" "those of device dvpn8" \
	ip -n hub link set dvpn9 type dvpn key 8
check "another key does" ip -n hub link set dvpn9 type dvpn key 1009
check "the old one is free" ip -n hub link add twin type dvpn local 192.0.2.1 key 9

# --- links -------------------------------------------------------------------------------

# A second way from the spoke to the hub; the devices take anybody of both as a peer, so only
# the link tells which is meant.
underlay_add net2
underlay_join net2 hub wan2 198.51.100.1/24
underlay_join net2 one wan2 198.51.100.2/24
ip -n hub -batch - <<-END
	link add lan1 type dvpn dev wan key 100
	link add lan2 type dvpn dev wan2 key 100
	address add 10.101.0.1/24 dev lan1
	address add 10.102.0.1/24 dev lan2
	link set lan1 up
	link set lan2 up
END
# shellcheck disable=SC2016
in_ns hub sh -c 'for dev in lan1 lan2; do
		dvpnmap $dev add 10.100.0.1 192.0.2.2
		dvpnmap $dev add 10.100.0.2 198.51.100.2
	done'
ip -n one -batch - <<-END
	link add out type dvpn key 100
	address add 10.100.0.9/24 dev out
	link set out up
END
dvpnmap -n one out add 10.100.0.101 192.0.2.1
dvpnmap -n one out add 10.100.0.102 198.51.100.1
datagrams one 3 10.100.0.101
datagrams one 5 10.100.0.102
check_within "one key on two links: packets of the first" 5 \
	eval '[ "$(counter hub lan1 rx_packets)" = 3 ]'
check_within "and of the second" 5 eval '[ "$(counter hub lan2 rx_packets)" = 5 ]'
check_fails "a third of that key on a link is refused" "those of device lan2" \
	ip -n hub link add twin2 type dvpn dev wan2 key 100
ip -n hub link add any type dvpn key 100
ip -n hub link set any up
datagrams one 1 10.100.0.101
check_within "without link it gets what no link's device takes" 5 \
	eval '[ "$(counter hub lan1 rx_packets)" = 4 ]'
check_eq "that is nothing here" "$(counter hub any rx_packets)" 0

# --- VRFs outside and inside -------------------------------------------------------------

ip -n hub -batch - <<-END
	link del any
	link del lan1
	link del lan2
END
ns_del net2
for node in hub one; do
	ip -n $node link | sed -n 's/^[0-9]*: \(dvpn[0-9]*\|out\|twin\|nokey\|key0\).*/link del \1/p' |
		ip -n $node -batch -
done
vrf_add hub outside 100 wan
ip -n hub link add dvpn0 type dvpn dev outside local 192.0.2.1
decoy_add hub decoy route add 192.0.2.0/24
vrf_add hub inside 200 dvpn0
tunnel_up hub
tunnel_add one
map_to hub one
map_to one hub
check "underlay in one VRF, device in another: traffic" ping_all one 10.0.0.1
check "IPv6" ping_all one fd00::1
check_eq "nothing went by the route outside of them" "$(counter hub decoy tx_packets)" 0
ip -n hub link set dvpn0 nomaster
ip -n hub addr add fd00::1/64 dev dvpn0
check "out of its VRF: traffic" wait_for 5 pings one 10.0.0.1
ip -n hub link set wan nomaster
check_fails "its link out of the VRF: none" "100% packet loss" \
	in_ns one ping -qn -c 1 -W 1 10.0.0.1
ip -n hub link set wan master outside
check "back in it: traffic" wait_for 5 pings one 10.0.0.1

# --- two namespaces ----------------------------------------------------------------------

# The box has a network of the same addresses, and an interface of the same name: nothing of
# the tunnel may leave by it, come in by it, or depend on it.
ns_add box
decoy_add box wan address add 192.0.2.2/24
ip -n one link del dvpn0
ip -n one link add dvpn0 netns box type dvpn dev wan
ip -n box -batch - <<-END
	address add 10.0.0.2/24 dev dvpn0
	address add fd00::2/64 dev dvpn0
	link set dvpn0 up
END
map_to box hub
check "made in another namespace than its underlay: traffic" ping_all box 10.0.0.1
check "the other way" ping_all hub 10.0.0.2
check "IPv6" ping_all box fd00::1
check_fails "a packet too big for the path comes back as an error" "essage too long|Frag needed" \
	eval 'ip -n one link set wan mtu 1000
	      in_ns box ping -n -c 3 -i 0.2 -W 1 -M do -s 1200 10.0.0.1'
ip -n one link set wan mtu 1500
check_eq "nothing left by the interface of the same name" "$(counter box wan tx_packets)" 0
ip -n box link del wan
check "nothing depends on it" ping_all box 10.0.0.1
check "its link is told by number, and the namespace" \
	eval 'ip -n box -d link show dvpn0 | grep -q "link-netns"'

ip -n box link set dvpn0 netns one
tunnel_up one
check "moved to where its underlay is: traffic, with the table as it was" ping_all one 10.0.0.1
ip -n one link set dvpn0 netns box
ip -n box -batch - <<-END
	address add 10.0.0.2/24 dev dvpn0
	link set dvpn0 up
END
check "and away again" ping_all box 10.0.0.1
ip netns exec box ping -qfn 10.0.0.1 >/dev/null 2>&1 &
flood=$!
ip -n one link del wan
check_eq "the link goes: no carrier there" "$(in_ns box cat /sys/class/net/dvpn0/carrier)" 0
underlay_join net one wan 192.0.2.2/24
check "it comes back: traffic" wait_for 10 pings box 10.0.0.1
kill $flood
wait $flood 2>/dev/null

# A container with users of its own gets a device, not the ports and marks of the underlay.
own_users()
{
	[ "$(readlink "/proc/$box/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}
contained()
{
	nsenter -t "$box" -U -n --preserve-credentials "$@"
}
unshare --user --map-root-user --net sleep 1000 &
box=$!
wait_for 10 own_users
ip -n hub link add box0 type dvpn key 77
ip -n hub link set box0 netns $box
check "a container has mappings in its device" \
	contained dvpnmap box0 add 10.0.0.2 192.0.2.2
check_fails "a mark is the underlay's" 'EPERM: .*takes CAP_NET_ADMIN there' \
	contained dvpnmap box0 add 10.0.0.3 192.0.2.3 mark 5
check_fails "and so is a port" 'takes CAP_NET_ADMIN there' \
	contained ip link set box0 type dvpn port 53
kill $box
wait $box 2>/dev/null
check "unload" unload_dvpn
