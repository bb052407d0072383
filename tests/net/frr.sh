# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# frr.sh - FRR's daemons in namespaces; sourced after lib.sh

FRR=/usr/lib/frr

# frr_start NS DAEMON - with the configuration on standard input, in a path space of its own
frr_start()
{
	local dir=/run/frr/$1

	mkdir -p "$dir"
	cat >"$dir/$2.conf"
	chown -R frr:frr "$dir"
	in_ns "$1" "$FRR/$2" -d -N "$1" -f "$dir/$2.conf" -i "$dir/$2.pid" -A 127.0.0.1 \
		--log "file:$dir/$2.log" >"$RESULTS/frr-$1-$2.out" 2>&1 ||
		bail_out "FRR's $2 does not start: $(tail -n 3 "$RESULTS/frr-$1-$2.out")"
	wait_for 20 test -S "$dir/$2.vty" || bail_out "FRR's $2 has no vty socket"
}

# frr NS DAEMON COMMAND - what the daemon answers
frr()
{
	frr-vty "/run/frr/$1/$2.vty" "$3"
}

# never COMMAND... - for check: the command fails
never()
{
	! "$@"
}

# frr_logs - keeps the daemons' logs with the results
frr_logs()
{
	local log

	for log in /run/frr/*/*.log; do
		[ ! -e "$log" ] || cp "$log" "$RESULTS/$(echo "${log#/run/frr/}" | tr / -)"
	done
}

# ospf_start NS ID LAN TYPE [LINE] - zebra and ospfd: dvpn0 as TYPE ("broadcast", ...) and the
# LAN's network in area 0; LINE is one more for interface dvpn0
ospf_start()
{
	frr_start "$1" zebra <<-END
		hostname $1
	END
	frr_start "$1" ospfd <<-END
		hostname $1
		interface dvpn0
		 ip ospf network $4
		 ip ospf hello-interval 1
		 ip ospf dead-interval 6
		 ${5:-!}
		router ospf
		 ospf router-id $2
		 timers throttle spf 50 100 1000
		 passive-interface lan
		 network 192.168.111.0/24 area 0
		 network $3 area 0
	END
}

# ospf_neighbours NS - "router-id state" of each, sorted
ospf_neighbours()
{
	frr "$1" ospfd "show ip ospf neighbor" | tr -d '\r' |
		awk '$1 ~ /^[0-9.]+$/ { sub(/\/.*/, "", $3); print $1, $3 }' | sort
}

# ospf_full NS N - exactly N neighbours, all of them Full
ospf_full()
{
	[ "$(ospf_neighbours "$1" | wc -l)" = "$2" ] && [ "$(ospf_neighbours "$1" | grep -c Full)" = "$2" ]
}

# bfd_start NS - bfdd for "ip ospf bfd" and its profile "tunnel"; a guest that stands still for a
# second or two must not cost a session
bfd_start()
{
	frr_start "$1" bfdd <<-END
		hostname $1
		bfd
		 profile tunnel
		  detect-multiplier 10
		  receive-interval 500
		  transmit-interval 500
	END
}

# bfd_up NS N - exactly N sessions are up
bfd_up()
{
	[ "$(frr "$1" bfdd "show bfd peers brief" | tr -d '\r' | grep -c ' up *$')" = "$2" ]
}

# ospf6_start NS ID PRIORITY - zebra and ospf6d: dvpn0 as broadcast, and the LAN, in area 0
ospf6_start()
{
	frr_start "$1" zebra <<-END
		hostname $1
	END
	frr_start "$1" ospf6d <<-END
		hostname $1
		interface dvpn0
		 ipv6 ospf6 area 0
		 ipv6 ospf6 network broadcast
		 ipv6 ospf6 hello-interval 1
		 ipv6 ospf6 dead-interval 6
		 ipv6 ospf6 priority $3
		interface lan
		 ipv6 ospf6 area 0
		 ipv6 ospf6 passive
		router ospf6
		 ospf6 router-id $2
		 timers throttle spf 50 100 1000
	END
}

# ospf6_full NS N - exactly N neighbours, all of them Full
ospf6_full()
{
	frr "$1" ospf6d "show ipv6 ospf6 neighbor" | tr -d '\r' | awk -v n="$2" '
		$1 ~ /^[0-9.]+$/ { all++; if ($4 ~ /^Full/) full++ }
		END { exit all != n || full != n }'
}

# family ADDRESS - for ip -f
family()
{
	[[ $1 == *:* ]] && echo inet6 || echo inet
}

# has_route NS PREFIX GATEWAY - by dvpn0
has_route()
{
	[[ $(ip -n "$1" -f "$(family "$2")" route show "$2") == *"via $3 dev dvpn0"* ]]
}

# mgre NS NUMBER - gre1, ip_gre's multipoint device, as FRR's manual has it: a /32 address, and
# the link named, or zebra makes another device of it
mgre()
{
	ip -n "$1" tunnel add gre1 mode gre key 42 ttl 64 dev wan
	ip -n "$1" address add "192.168.111.$2/32" dev gre1
	ip -n "$1" link set gre1 up multicast on mtu 1400
	in_ns "$1" sh -c 'echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects
		echo 0 >/proc/sys/net/ipv4/conf/gre1/send_redirects'
}

# nhrpd_routes NS LINE... - zebra, and static routes by FRR: it must know them
nhrpd_routes()
{
	local ns=$1

	shift
	frr_start "$ns" zebra <<-END
		hostname $ns
	END
	printf '%s\n' "hostname $ns" "$@" | frr_start "$ns" staticd
}

# nhrpd_start NS HOLDTIME LINE... - nhrpd for gre1; LINEs are of the interface
nhrpd_start()
{
	local ns=$1 holdtime=$2

	shift 2
	printf '%s\n' "hostname $ns" "log timestamp precision 6" "debug nhrp all" \
		"nhrp nflog-group 1" "interface gre1" " ip nhrp network-id 1" \
		" ip nhrp holdtime $holdtime" "${@/#/ }" " tunnel source wan" |
		frr_start "$ns" nhrpd
}

# nhrpd_nflog - what nhrpd of the hub needs to redirect: the first packet of each pair of
# addresses in 15 s
nhrpd_nflog()
{
	in_ns hub nft -f - <<-END
		table ip nhrp {
			set seen {
				type ipv4_addr . ipv4_addr
				flags dynamic, timeout
				timeout 15s
			}
			chain indicate {
				type filter hook forward priority 0
				iifname "gre1" oifname "gre1" ip saddr . ip daddr != @seen \
					add @seen { ip saddr . ip daddr } \
					log group 1 snaplen 128 queue-threshold 1
			}
		}
	END
}

# frr_stop NS DAEMON - and waits for its end
frr_stop()
{
	local pid

	read -r pid <"/run/frr/$1/$2.pid"
	kill "$pid"
	wait_for 10 test ! -e "/proc/$pid"
	rm -f "/run/frr/$1/$2.vty"
}

# nhrpd_registered NS - its hub has answered
nhrpd_registered()
{
	[[ $(ip -n "$1" route show 192.168.111.1) == *"dev gre1 proto nhrp"* ]]
}
