# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# swan.sh - strongSwan in namespaces, Debian's as it is; sourced after lib.sh, and for flip() after
# spokes.sh
#
# Each charon has a directory of its own, /run/swan/NS: strongswan.conf, swanctl/ (what is
# /etc/swanctl elsewhere), charon.vici. Its log is $RESULTS/charon-NS.log.

CHARON=/usr/sbin/charon-systemd
# All of them, with their self-tests, take 20 s to load in an emulated guest.
SWAN_PLUGINS="random nonce openssl hmac kdf pem x509 pkcs1 kernel-netlink socket-default vici"
SWAN_CONFIG=$TOP/Documentation/examples/ipsec/swanctl.conf
declare -A CHARON_PID=()

# swan_needed - else the test is skipped
swan_needed()
{
	[ -x $CHARON ] || skip_all "strongSwan is not installed"
}

# swan_warm - the kernel has the guide's algorithm: its modules come over 9p, for which the first
# association would wait for seconds
swan_warm()
{
	modprobe -a xfrm_user esp4
	ip netns add warm
	ip -n warm xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000 mode transport \
		aead "rfc4106(gcm(aes))" 0x000102030405060708090a0b0c0d0e0f10111213 128
	ip netns delete warm
}

# swan_config NS [FILE] - its swanctl.conf: FILE, "-" for standard input, or what the guide has
swan_config()
{
	mkdir -p "/run/swan/$1/swanctl"
	cat "${2:-$SWAN_CONFIG}" >"/run/swan/$1/swanctl/swanctl.conf"
}

# swan_start NS [LINE...] - charon runs and can be asked; it has loaded nothing. LINEs are more
# of its section in strongswan.conf.
swan_start()
{
	local ns=$1 dir=/run/swan/$1

	mkdir -p "$dir/swanctl"
	rm -f "$dir/charon.vici"
	cat >"$dir/strongswan.conf" <<-END
		charon-systemd {
			load = $SWAN_PLUGINS
			install_routes = no
			plugins { vici { socket = unix://$dir/charon.vici } }
			filelog { log {
				path = $RESULTS/charon-$ns.log
				append = yes
				default = 1
				time_format = %H:%M:%S
				time_add_ms = yes
				flush_line = yes
			} }
			$(printf '%s\n' "${@:2}")
		}
		swanctl { load = pem x509 pkcs1 openssl random }
	END
	STRONGSWAN_CONF=$dir/strongswan.conf ip netns exec "$ns" "$CHARON" \
		</dev/null >"$RESULTS/charon-$ns.out" 2>&1 &
	CHARON_PID[$ns]=$!
	wait_for 60 test -S "$dir/charon.vici" ||
		bail_out "charon of $ns does not start: $(tail -n 5 "$RESULTS/charon-$ns.out")"
}

# swan NS ARGUMENT... - swanctl, for the charon of a namespace
swan()
{
	local dir=/run/swan/$1

	STRONGSWAN_CONF=$dir/strongswan.conf SWANCTL_DIR=$dir/swanctl \
		in_ns "$1" swanctl "${@:2}" --uri "unix://$dir/charon.vici"
}

# swan_load NS - what is in its swanctl.conf
swan_load()
{
	swan "$1" --load-all >"$SCRATCH/swan-load.$1" 2>&1 ||
		bail_out "swanctl --load-all in $1: $(cat "$SCRATCH/swan-load.$1")"
}

# swan_up NS... - charons with the guide's configuration, at work
swan_up()
{
	local ns

	for ns; do
		swan_config "$ns"
		swan_start "$ns"
		swan_load "$ns"
	done
}

# swan_stop NS [SIGNAL] - ends it (default TERM) and waits; status as of wait
swan_stop()
{
	local pid=${CHARON_PID[$1]} status

	kill "-${2:-TERM}" "$pid"
	wait "$pid"
	status=$?
	unset "CHARON_PID[$1]"
	return $status
}

# nodes_end - agents, charons and devices of all in $NODES
nodes_end()
{
	local node

	for node in $NODES; do
		stop_dvpnd "$node"
		swan_stop "$node"
		ip -n "$node" link delete dvpn0
	done
}

# spi_in NODE NBMA - of the first with that peer
spi_in()
{
	dvpnctl_in "$1" show sas | awk -v nbma="$2" '$2 == nbma { print $7; exit }'
}

# answered COUNT FILE - ping has so many answers (for wait_for)
answered()
{
	[ "$(grep -c ' bytes from ' "$2")" -ge "$1" ]
}

# flip FROM TO NAME - pings from a host in one spoke's LAN to one in another's, 200 at least, and
# until there are direct answers
flip()
{
	local file=$SCRATCH/pings pid

	ip netns exec "$1" ping -D -n -i 0.05 -W 5 "$2" >"$file" &
	pid=$!
	check_within "$3: answers come directly" 30 grep -q 'ttl=62' "$file"
	wait_for 60 answered 200 "$file"
	check "$3: and do not end" ping_end $pid "$file"
	read_ping "$file"
	diag "$received answers, $direct of them direct, the first after $flip_ms ms"
	check_eq "$3: no packet is lost" "$lost" 0
	check_eq "$3: the first answer came by the hub" "$first_ttl" 61
	check_eq "$3: once direct, the path stays direct" "$relapse" 0
}

# protected_only NAME [FILTER] - two results: in this capture is ESP; and IKE, and nothing else but
# the link's own, what FILTER says and, from who has stopped, that it does not take IKE any more
protected_only()
{
	check "$1: ESP was on the wire" test "$(decode "$1" -Y esp | wc -l)" -gt 50
	check_eq "$1: and IKE, and nothing else, from first to last" "$(tcpdump -nr \
		"$RESULTS/$1.pcap" "not (esp or udp port 500 or udp port 4500 or arp or ip6 or
		(icmp[0] = 3 and icmp[1] = 3) ${2:+or ($2)})" 2>/dev/null | head)" ""
}

# esp_packets NS PEER - packets that were encrypted to the peer or decrypted from it
esp_packets()
{
	ip -n "$1" -s xfrm state | awk -v peer="$2" '
		/^src / { counts = $2 == peer || $4 == peer }
		counts && /packets/ && match($0, /, *[0-9]+\(packets\)/) {
			n += substr($0, RSTART + 1, RLENGTH - 10)
		}
		END { print n + 0 }'
}

# profile CONF NODE [TIME] - $SCRATCH/CONF.conf with what protects the tunnel there, and that
# holding time (default 15), as $SCRATCH/agent.NODE
profile()
{
	sed "s|tunnel dvpn0 {|ipsec-socket = /run/swan/$2/charon.vici\n&\n\tipsec-profile = dvpn|
		s|ipsec-profile = .*|&\n\tholding-time = ${3:-15}|" "$SCRATCH/$1.conf" >"$SCRATCH/agent.$2"
}

# has_sa NODE NBMA
has_sa()
{
	dvpnctl_in "$1" --json show sas | grep -qF "\"nbma\": \"$2\""
}

# has_no_sa NODE NBMA
has_no_sa()
{
	! has_sa "$@"
}

# says NODE TEXT - what is wrong, in one line
says()
{
	dvpnctl_in "$1" --json status | grep -F '"reason":' | grep -qF "$2"
}

# nothing_wrong NODE...
nothing_wrong()
{
	local node

	for node; do
		[[ $(dvpnctl_in "$node" --json status) != *'"reason":'* ]] || return
	done
}
