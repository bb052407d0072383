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

# has_route NS PREFIX GATEWAY - by dvpn0
has_route()
{
	[[ $(ip -n "$1" route show "$2") == *"via $3 dev dvpn0"* ]]
}
