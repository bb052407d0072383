#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 600
# soak time limit: 1200
#
# Many mappings: what they take of memory, what it takes to dump, replace, expire and delete them,
# next hops of IPv6 by the thousand, and what limits do. Ten thousand, or a hundred thousand in
# soak.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

n=10000
many=4000	# that end at once
hops=2048	# next hops of IPv6: twice the neighbours that there can be by default
seconds=2
if [ -n "${DVPN_SOAK-}" ]; then
	n=100000
	many=10000
	hops=10240
	seconds=20
fi
if on_debug_kernel; then
	n=$((n / 10))
	many=$((many / 10))
fi

# slab NAME COLUMN - of /proc/slabinfo: 2 objects in use, 4 bytes of one
slab()
{
	awk -v name="$1" -v column="$2" '$1 == name { print $column }' /proc/slabinfo
}

# kib NAME - of /proc/meminfo
kib()
{
	local name value rest

	while read -r name value rest; do
		[ "$name" != "$1:" ] || echo "$value"
	done </proc/meminfo
}

# stalls_begin, stalls_end - stall=longest time without a chance to run in between, in us
stalls_begin()
{
	: >"$SCRATCH/stalls"
	netload stalls >"$SCRATCH/stalls" &
	stalls=$!
	wait_for 10 grep -q watching "$SCRATCH/stalls"
}

stalls_end()
{
	kill $stalls
	wait $stalls
	stall=$(field longest-us <"$SCRATCH/stalls")
}

load_dvpn
star_add hub one
tunnel_add hub max-maps 200000 max-peers 200000
tunnel_add one
map_to one hub
map_to hub one
ip -n hub -batch - <<-END
	route add 10.2.0.0/15 dev dvpn0
	route add 172.16.0.0/12 via ${OUTSIDE[one]}
END

# --- memory ------------------------------------------------------------------------------

# The kernel's own caches are full afterwards: what grows now is the table's.
map hub bulk 2000 10.2.0.0 172.16.0.0 owner 8 >/dev/null
map hub flush owner 8 >/dev/null
percpu=$(kib Percpu)
unreclaimable=$(kib SUnreclaim)
vmalloc=$(kib VmallocUsed)
map hub bulk $n 10.2.0.0 172.16.0.0 owner 8 cookie \
	"$(printf '%0128d' 0)" >"$SCRATCH/bulk" 2>&1
diag "$(cat "$SCRATCH/bulk")"
check_eq "$n mappings with a peer each are added" "$(sed 's/ ms=.*//' "$SCRATCH/bulk")" \
	"added=$n refused=0"
slabs=$((($(kib SUnreclaim) - unreclaimable) * 1024 / n))
percpu=$((($(kib Percpu) - percpu) * 1024 / n))
vmalloc=$((($(kib VmallocUsed) - vmalloc) * 1024 / n))
diag "together they take $slabs bytes of slabs, $percpu of per-CPU memory and $vmalloc of other" \
	"memory (hash tables, accounting) each on $(getconf _NPROCESSORS_CONF) CPUs"
for cache in "dvpn_map 256" "dvpn_peer 512"; do
	read -ra pair <<<"$cache"
	set -- "${pair[@]}"
	if on_debug_kernel; then
		skip "memory of $1" "the kernel adds to it"
		continue
	fi
	check "an object of $1 takes at most $2 bytes" test "$(slab "$1" 4)" -le "$2"
	diag "$(slab "$1" 4) bytes, $(slab "$1" 2) in use"
done
cpus=$(awk -F'[-,\n]' '{ print $NF + 1 }' /sys/devices/system/cpu/possible)
check "a peer takes at most 96 bytes per CPU" test "$percpu" -le $((cpus * 96 + 16))

# --- dumps while the table changes -------------------------------------------------------

steady hub 10.0.0.2 churn
# Until it is ended.
dvpnmap -n hub dvpn0 churn 86400000 300 10.4.0.0 172.20.0.0 >/dev/null &
churn=$!
generation=$(map hub dev | field generation)
wait_for 10 eval '[ $(($(map hub dev | field generation) - generation)) -gt 600 ]'
check "every dump has each of them exactly once while others come and go" \
	map hub dumps $((seconds * 1000)) $n 10.2.0.0
diag "$(cat "$SCRATCH/check")"
check "interrupted dumps say so" test "$(field interrupted <"$SCRATCH/check")" -ge 1
check "a reader with a buffer of 4 KB gets on" in_ns hub netload slowdump dvpn0 1
diag "$(cat "$SCRATCH/check")"
check "and to the end of them all" test "$(field fewest <"$SCRATCH/check")" -ge $((n + 1))
# A sample, by address and by id, through the same lookup as a packet's.
addresses=()
want=
for ((i = 0; i < n; i += n / 10)); do
	addresses+=("10.$((2 + (i >> 16))).$((i >> 8 & 255)).$((i & 255))")
	want+="172.$((16 + (i >> 16))).$((i >> 8 & 255)).$((i & 255)) "
done
got=
for address in "${addresses[@]}"; do
	got+="$(map hub lookup "$address" | field nbma) "
done
check_eq "lookups are right meanwhile" "$got" "$want"
check "the others still come and go" test -d /proc/$churn
kill -INT $churn
wait $churn
steady_end churn "and traffic loses nothing"
check_eq "none of those that came is left" "$(map hub dev | field maps)" $((n + 2))

# --- limits ------------------------------------------------------------------------------

total=$(map hub dev | field maps)
ip -n hub link set dvpn0 type dvpn max-maps "$total"
check_fails "beyond max-maps a mapping is refused" 'ENOSPC: .*max-maps' \
	map hub add 10.9.0.1 172.16.0.0
ip -n hub link set dvpn0 type dvpn max-peers "$(map hub dev | field peers)"
check_fails "beyond max-peers a peer" 'ENOSPC: .*max-peers' map hub peer-add 172.30.0.1
check "a mapping can move between peers that are there" map hub set 10.2.0.0 nbma 172.16.0.1
check_eq "the others are untouched" "$(map hub dev | field maps)" "$total"
ip -n hub link set dvpn0 type dvpn max-maps 200000 max-peers 200000

# --- the end of many ---------------------------------------------------------------------

stalls_begin
pause 1
stalls_end
idle=$stall
diag "idle: $idle us"

# lasting NAME COMMAND... - takes long, but does not keep others from running: never for a quarter
# of what the first of these commands, a flush, takes, unless the machine does so by itself. A
# fault shows in each of three rounds, what else the machine does not.
flush_ms=
lasting()
{
	local name=$1 best='' ms=0 failed='' start took

	shift
	for _ in 1 2 3; do
		map hub bulk $many 10.6.0.0 172.24.0.0 owner 9 "${options[@]}" >/dev/null
		stalls_begin
		start=$(now_ms)
		"$@" >"$SCRATCH/lasting" || failed=1
		took=$(($(now_ms) - start))
		stalls_end
		if [ -z "$best" ] || [ "$stall" -lt "$best" ]; then
			best=$stall
			ms=$took
		fi
		[ "$best" -gt $((2 * idle)) ] || break
	done
	diag "$ms ms, longest stall $best us: $(cat "$SCRATCH/lasting")"
	: "${flush_ms:=$ms}"
	[ -z "$failed" ] || diag "it failed: $*"
	check "$name" test -z "$failed" -a \
		"$best" -le $((2 * idle > flush_ms * 250 ? 2 * idle : flush_ms * 250))
}

# expired - wait for those that the bulk before gave an end that is over
expired()
{
	wait_for 30 eval '[ "$(map hub dev | field maps)" -le $((n + 2)) ]'
}

# gone - the device with all that it has; then it is there again
gone()
{
	ip -n hub link delete dvpn0
	tunnel_add hub max-maps 200000 max-peers 200000
	ip -n hub route add 10.2.0.0/15 dev dvpn0
}

options=()
lasting "$many mappings are flushed without a long stall" map hub flush owner 9
options=(expires $((2000 * DVPN_TIME_SCALE)))
: >"$SCRATCH/agent"
dvpnmap -n hub dvpn0 bind class event rcvbuf 2048 >"$SCRATCH/agent" &
agent=$!
wait_for 10 grep -q bound "$SCRATCH/agent"
lasting "$many expire at once without one" expired
wait_for 20 waits_for_more $agent
map hub add 10.0.0.99 172.16.0.1 expires 1
check_within "the agent hears of the last of them" 10 \
	grep -q 'type=expire .*proto=10.0.0.99' "$SCRATCH/agent"
awk '/type=expire/ { n++; match($0, /lost=[0-9]+/); lost += substr($0, RSTART + 5, RLENGTH - 5)
	match($0, /seq=[0-9]+/); seq = substr($0, RSTART + 4, RLENGTH - 4) }
	END { print n + lost - seq, n, lost }' "$SCRATCH/agent" >"$SCRATCH/events"
diag "difference, told, lost: $(cat "$SCRATCH/events")"
check_eq "those told and those lost are all" "$(cut -d' ' -f1 "$SCRATCH/events")" 0
check "the agent sees the table as it is" test "$(map hub dump | wc -l)" -ge 1
kill $agent
wait $agent
options=()
lasting "a device with $((n + many)) mappings goes without one" gone

# --- next hops of IPv6 -------------------------------------------------------------------

map hub bulk $hops fd00::1:0 172.16.0.0 >/dev/null
in_ns hub python3 -IS - $hops <<-'PYTHON'
	import socket, struct, sys
	s6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
	s4 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for i in range(int(sys.argv[1])):
	    to = socket.inet_ntop(socket.AF_INET6, b"\xfd" + bytes(11) + struct.pack("!I", 65536 + i))
	    try:
	        s6.sendto(b"x", (to, 9))
	    except OSError:
	        pass
	    s4.sendto(b"x", ("10.2.%d.%d" % (i >> 8, i & 255), 9))
PYTHON
check "$hops next hops do not overflow the table of neighbours" \
	sh -c '! dmesg | grep -q "table overflow"'
check "IPv4 has one neighbour for all" \
	test "$(ip -n hub -4 neighbour show nud all dev dvpn0 | wc -l)" -le 1
check "every packet left" test "$(map hub dev | field tx_packets)" -ge $hops
