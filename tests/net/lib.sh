# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# lib.sh - for the tests in this directory, which run in a guest (see tests/vm/suite)
#
# A test is a bash script that sources this file, calls the functions below and just ends;
# plan, exit status and cleanup are taken care of:
#
#	#!/bin/bash
#	# SPDX-License-Identifier: GPL-2.0
#	# time limit: 60
#	. "${0%/*}/lib.sh"
#	load_dvpn
#	ns_add hub spoke
#	ns_link hub wan 192.0.2.1/24 spoke wan 192.0.2.2/24
#	check "the link is up" in_ns hub ping -qc 1 -W 1 192.0.2.2
#
# Time limits are for an idle machine and multiplied by DVPN_TIME_SCALE here; never scale a
# count. In an emulated guest every process costs 40 ms, every `ip netns exec` 100 ms: poll
# with builtins where possible (test, read), send many `ip` commands by `ip -batch`.
# Whatever is written to $RESULTS stays after the run.
set -u
export LC_ALL=C
TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
: "${RESULTS:=$(mktemp -d)}" "${DVPN_TIME_SCALE:=1}" "${DVPN_BUILD:=$TOP/build/user}"
export RESULTS DVPN_TIME_SCALE PATH=$DVPN_BUILD:$PATH
SCRATCH=$(mktemp -d)

tap_count=0
tap_failed=0
tap_planned=
declare -A DVPND_PID=() CAPTURE_PID=() DEPENDS_LOADED=()
namespaces=
# Never readable: "read -t" on it sleeps without starting a process.
exec {never}<> <(:)

# --- TAP ---------------------------------------------------------------------------------

# plan N - says beforehand how many results there will be; else the end says it
plan()
{
	tap_planned=$1
	echo "1..$1"
}

# diag TEXT - a comment in the output
diag()
{
	local text="$*"

	printf '# %s\n' "${text//$'\n'/$'\n'# }"
}

# ok NAME, not_ok NAME [TEXT], skip NAME REASON - one result
ok()
{
	echo "ok $((++tap_count)) - $1"
}

not_ok()
{
	echo "not ok $((++tap_count)) - $1"
	tap_failed=$((tap_failed + 1))
	[ $# -lt 2 ] || diag "$2"
}

skip()
{
	echo "ok $((++tap_count)) - $1 # SKIP $2"
}

# skip_all REASON - ends the test: it cannot run here
skip_all()
{
	tap_planned=0
	echo "1..0 # SKIP $*"
	exit 0
}

# bail_out TEXT - ends the test: nothing that follows would make sense
bail_out()
{
	not_ok "${*}"
	exit 1
}

# check NAME COMMAND... - one result: the command succeeds
check()
{
	local name=$1 status

	shift
	"$@" >"$SCRATCH/check" 2>&1
	status=$?
	if [ $status = 0 ]; then
		ok "$name"
	else
		not_ok "$name" "exit status $status: $*"
		tail -n 20 "$SCRATCH/check" | sed 's/^/#   /'
	fi
	return $status
}

# check_fails NAME PATTERN COMMAND... - one result: the command fails, and what it prints
# matches the extended regular expression
check_fails()
{
	local name=$1 pattern=$2

	shift 2
	if "$@" >"$SCRATCH/check" 2>&1; then
		not_ok "$name" "succeeded: $*"
	elif ! grep -qE -- "$pattern" "$SCRATCH/check"; then
		not_ok "$name" "no /$pattern/ in the output of: $*"
	else
		ok "$name"
		return 0
	fi
	tail -n 20 "$SCRATCH/check" | sed 's/^/#   /'
	return 1
}

# check_eq NAME GOT WANTED - one result: the strings are equal
check_eq()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "is      \"$2\""
		diag "must be \"$3\""
		return 1
	fi
}

# check_within NAME SECONDS COMMAND... - one result: the command succeeds before the time
# limit, tried again and again; says how long it took
check_within()
{
	local name=$1 start=${EPOCHREALTIME/./} ms

	if wait_for "${@:2}"; then
		ms=$(((${EPOCHREALTIME/./} - start) / 1000))
		ok "$name"
		diag "after $ms ms"
	else
		not_ok "$name" "not within $2 s x $DVPN_TIME_SCALE: ${*:3}"
		return 1
	fi
}

# --- time --------------------------------------------------------------------------------

# check_times NAME LIMIT_MS MS... - one result, of how long each of several rounds took: most of
# them no longer than the scaled limit, and none five times that. What waits for something that
# nobody gives back takes longer; between the two it was the machine that was busy.
check_times()
{
	local limit_ms=$(($2 * DVPN_TIME_SCALE))
	local -a ms=()

	[ $# -le 2 ] || mapfile -t ms < <(printf '%s\n' "${@:3}" | sort -n)
	if [ ${#ms[@]} -gt 0 ] && [ "${ms[${#ms[@]} / 2]}" -le $limit_ms ] &&
		[ "${ms[-1]}" -le $((5 * limit_ms)) ]; then
		ok "$1"
	else
		not_ok "$1" "more than $limit_ms ms, or one more than $((5 * limit_ms)) ms"
	fi
	diag "milliseconds: ${ms[*]}"
}

# pause SECONDS - waits (fractions too, not scaled) without starting a process. To wait for
# something to happen, use wait_for; this is for letting time pass that a protocol counts.
pause()
{
	read -rt "$1" -u "$never" || true
}

# wait_for SECONDS COMMAND... - polls until the command succeeds; 1 if the scaled time is over,
# which is told, too: who does not look at the status would wait in vain each time. Time in which
# the whole machine stood still, seen as a pause that took too long, does not count.
wait_for()
{
	local end=$((${EPOCHREALTIME/./} + $(to_us "$1") * DVPN_TIME_SCALE)) paused_at

	until "${@:2}" >/dev/null 2>&1; do
		paused_at=${EPOCHREALTIME/./}
		if [ "$paused_at" -ge "$end" ]; then
			diag "not within $1 s x $DVPN_TIME_SCALE: ${*:2}" >&2
			return 1
		fi
		pause 0.05
		end=$((end + ${EPOCHREALTIME/./} - paused_at - 50000))
	done
}

# to_us SECONDS - as a whole number of microseconds
to_us()
{
	local whole=${1%.*} fraction=

	[ "$whole" = "$1" ] || fraction=${1#*.}
	fraction=${fraction}000000
	echo $((10#${whole:-0} * 1000000 + 10#${fraction:0:6}))
}

# now_ms - milliseconds since the epoch
now_ms()
{
	echo $((${EPOCHREALTIME/./} / 1000))
}

# seconds_since START-MS - whole seconds since then, one begun included
seconds_since()
{
	echo $((($(now_ms) - $1) / 1000 + 1))
}

# on_debug_kernel - whether the kernel checks itself: then sizes of its objects say nothing, and
# a tenth of a large number is enough
on_debug_kernel()
{
	[ "${VM_DEBUG_KERNEL:-0}" = 1 ]
}

# --- network -----------------------------------------------------------------------------

# ns_add NAME... - network namespaces with lo up and no IPv6 address on probation; nothing else
# is switched: dvpn asks for no sysctl
ns_add()
{
	local ns

	for ns; do
		ip netns add "$ns" || bail_out "cannot make namespace $ns"
		namespaces="$namespaces $ns"
		ip netns exec "$ns" sh -c '
			ip link set lo up
			[ -d /proc/sys/net/ipv6 ] || exit 0
			for c in all default; do
				echo 0 >/proc/sys/net/ipv6/conf/$c/accept_dad
			done'
	done
}

# ns_forward NAME... - makes routers of them
ns_forward()
{
	local ns

	for ns; do
		ip netns exec "$ns" sh -c '
			echo 1 >/proc/sys/net/ipv4/ip_forward
			[ ! -d /proc/sys/net/ipv6 ] ||
				echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	done
}

# ns_del NAME
ns_del()
{
	ip netns delete "$1"
	namespaces=" $namespaces "
	namespaces=${namespaces/ $1 / }
}

# in_ns NAME COMMAND...
in_ns()
{
	ip netns exec "$@"
}

# ns_link NS IF ADDRESS/LEN NS IF ADDRESS/LEN - a veth pair; "-" for no address
ns_link()
{
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4" ||
		bail_out "cannot link $1 to $4"
	ns_address "$1" "$2" "$3"
	ns_address "$4" "$5" "$6"
}

ns_address()
{
	local commands="link set $2 up"

	[ "$3" = - ] || commands="address add $3 dev $2"$'\n'$commands
	ip -n "$1" -batch - <<<"$commands"
}

# underlay_add NAME - a namespace that is a switch
underlay_add()
{
	ns_add "$1"
	ip -n "$1" link add br0 type bridge forward_delay 0 mcast_snooping 0
	ip -n "$1" link set br0 up
}

# underlay_join NAME NS IF ADDRESS/LEN - connects interface IF of NS to it; its port there is
# called NS
underlay_join()
{
	ip link add "$2" netns "$1" type veth peer name "$3" netns "$2" ||
		bail_out "cannot connect $2 to $1"
	ip -n "$1" link set "$2" master br0 up
	ns_address "$2" "$3" "$4"
}

# is_up NS IF - whether the interface is up and has a carrier
is_up()
{
	[ "$(in_ns "$1" cat "/sys/class/net/$2/operstate")" != down ]
}

# ping_all NS ADDRESS [COUNT [OPTION]...] - every single ping is answered, and no more are sent.
# One by one: after an answer to one of several, ping waits for that to the last no longer than
# twice the longest round trip so far, whatever -W says.
ping_all()
{
	# shellcheck disable=SC2016
	in_ns "$1" bash -c 'for ((n = $1; n > 0; n--)); do ping -qn -c 1 "${@:2}" || exit; done' \
		ping_all "${3:-3}" -W $((5 * DVPN_TIME_SCALE)) "${@:4}" "$2"
}

# ping_answers FILE NS ADDRESS COUNT [OPTION]... - pings until so many are answered (see
# unanswered), a minute longer than that takes at most
ping_answers()
{
	in_ns "$2" ping -D -n -i 0.05 -c "$4" -w $(($4 / 20 + 60)) "${@:5}" "$3" >"$1"
}

# pings NS ADDRESS - a ping is answered (for wait_for)
pings()
{
	in_ns "$1" ping -qn -c 1 -W 1 "$2"
}

# steady NS ADDRESS NAME [INTERVAL] - a ping every 20 ms, until steady_end NAME
declare -A STEADY
steady()
{
	ip netns exec "$1" ping -n -i "${4:-0.02}" -W 5 "$2" >"$SCRATCH/steady.$3" 2>&1 &
	STEADY[$3]=$!
}

# unanswered FILE - how many before the last answer that ping got were not answered
unanswered()
{
	awk '/ bytes from / && match($0, /icmp_seq=[0-9]+/) {
		seq = substr($0, RSTART + 9, RLENGTH - 9) + 0
		answers += !seen[seq]++
		if (seq > last)
			last = seq
	}
	END { printf "%d", last - answers }' "$1"
}

# longest_gap FILE - milliseconds between two answers, of ping -D
longest_gap()
{
	awk '/ bytes from / {
		at = substr($1, 2) * 1000
		if (last && at - last > gap)
			gap = at - last
		last = at
	}
	END { printf "%d", gap }' "$1"
}

# ping_grows FILE SIZE - ping got an answer more (for wait_for)
ping_grows()
{
	[ "$(wc -c <"$1")" -gt "$2" ]
}

# ping_end PID FILE - ends a ping in the background that writes there; fails unless it still gets
# answers. What it sends in the last moment is on its way then: see unanswered.
ping_end()
{
	local status=0

	wait_for 10 ping_grows "$2" "$(wc -c <"$2")" || status=1
	kill -INT "$1"
	wait "$1"
	return $status
}

# steady_end NAME TEXT - one result: none was lost, and there are answers to the end
steady_end()
{
	local file=$SCRATCH/steady.$1 lost answers alive=yes

	ping_end "${STEADY[$1]}" "$file" || alive=no
	lost=$(unanswered "$file")
	answers=$(grep -c ' bytes from ' "$file")
	diag "$answers answers, $lost lost, alive at the end: $alive"
	check "$2" [ "$lost $alive" = "0 yes" -a "$answers" -gt 10 ]
}

# counter NS IF NAME - an interface statistic, as in /sys/class/net/IF/statistics
counter()
{
	in_ns "$1" cat "/sys/class/net/$2/statistics/$3"
}

# capture NS IF NAME [FILTER] - packets to $RESULTS/NAME.pcap, until capture_stop NAME
capture()
{
	local log=$SCRATCH/capture.$3

	# Not in_ns: $! is to be tcpdump itself, not a shell around it. The usual 2 MiB are room for
	# 32 packets: a third of a second of a fast ping.
	# shellcheck disable=SC2086
	ip netns exec "$1" tcpdump -i "$2" -n -U --immediate-mode -s 0 -B 16384 -Z root \
		-w "$RESULTS/$3.pcap" ${4:-} 2>"$log" &
	CAPTURE_PID[$3]=$!
	wait_for 20 grep -q 'listening on' "$log" ||
		bail_out "tcpdump on $1/$2 does not start: $(cat "$log")"
}

# waits_for_more PID - it has done what there was to do, and waits in poll() or recvmsg()
waits_for_more()
{
	local where

	read -r where <"/proc/$1/wchan"
	[[ $where == *poll* || $where == *wait_for_more_packets* ]]
}

# capture_sync NAME - all that was sent until now is in the file
capture_sync()
{
	wait_for 20 waits_for_more "${CAPTURE_PID[$1]}"
}

capture_stop()
{
	capture_sync "$1"
	kill "${CAPTURE_PID[$1]}" && wait "${CAPTURE_PID[$1]}"
	unset "CAPTURE_PID[$1]"
	grep -q '^0 packets dropped by kernel' "$SCRATCH/capture.$1" ||
		diag "capture $1: $(grep 'dropped by kernel' "$SCRATCH/capture.$1")"
}

# decode NAME ARGUMENT... - tshark on a capture of this test
decode()
{
	tshark -n -r "$RESULTS/$1.pcap" "${@:2}" 2>"$SCRATCH/tshark"
}

# field NAME - the value of the last NAME=value in the first line on standard input that has one
field()
{
	local word value=
	local -a words

	while read -ra words; do
		for word in "${words[@]}"; do
			[[ $word != "$1="* ]] || value=$word
		done
		if [ -n "$value" ]; then
			echo "${value#*=}"
			return
		fi
	done
}

# --- dvpn --------------------------------------------------------------------------------

# load_module FILE [PARAMETER]... - insmod with what the module depends on, which stays when it goes
load_module()
{
	local depends

	[ -e "$1" ] || bail_out "there is no ${1##*/} for kernel $(uname -r); make modules"
	if [ -z "${DEPENDS_LOADED[$1]-}" ]; then
		depends=$(modinfo -F depends "$1")
		# shellcheck disable=SC2086
		[ -z "$depends" ] || modprobe -a ${depends//,/ }
		DEPENDS_LOADED[$1]=1
	fi
	insmod "$@" || bail_out "cannot load ${1##*/}: $(dmesg | tail -n 3)"
}

load_dvpn()
{
	load_module "$DVPN_KO" "$@"
}

# load_dvpn_debug - the build with self-tests
load_dvpn_debug()
{
	load_module "$DVPN_KO_DEBUG" "$@"
}

# unload_dvpn - fails when it is in use or does not return in time
unload_dvpn()
{
	timeout $((10 * DVPN_TIME_SCALE)) rmmod dvpn
}

# start_dvpnd NS CONF [ARGUMENT]... - runs dvpnd in the namespace, with /etc/dvpn, /run/dvpn
# and /var/lib/dvpn of its own, and waits for its control socket. CONF is a file, or "-" to
# take what is there from the start before. Its log is $RESULTS/dvpnd-NS.log. It is started by
# $DVPND_BY, a command that runs what follows.
start_dvpnd()
{
	local ns=$1 conf=$2 dir=/run/node/$1

	shift 2
	mkdir -p "$dir/etc" "$dir/run" "$dir/lib" /etc/dvpn /run/dvpn /var/lib/dvpn
	[ "$conf" = - ] || cp "$conf" "$dir/etc/dvpnd.conf"
	cp "$dir/etc/dvpnd.conf" "$RESULTS/dvpnd-$ns.conf"
	rm -f "$dir/run/dvpnd.sock"
	# ip netns exec gives a mount namespace, so these mounts are seen by dvpnd alone.
	DVPND_BY=${DVPND_BY:-} ip netns exec "$ns" sh -c 'd=$1; shift
		mount --bind "$d/etc" /etc/dvpn && mount --bind "$d/run" /run/dvpn &&
		mount --bind "$d/lib" /var/lib/dvpn && exec $DVPND_BY dvpnd "$@"' dvpnd "$dir" "$@" \
		</dev/null >>"$RESULTS/dvpnd-$ns.log" 2>&1 &
	DVPND_PID[$ns]=$!
	wait_for 10 test -S "$dir/run/dvpnd.sock" ||
		bail_out "dvpnd of $ns does not start: $(tail -n 5 "$RESULTS/dvpnd-$ns.log")"
}

# stop_dvpnd NS [SIGNAL] - ends it (default TERM) and waits; status as of wait
stop_dvpnd()
{
	local pid=${DVPND_PID[$1]} status

	kill "-${2:-TERM}" "$pid"
	wait "$pid"
	status=$?
	unset "DVPND_PID[$1]"
	return $status
}

# dvpnctl_in NS ARGUMENT... - dvpnctl for the dvpnd of a namespace
dvpnctl_in()
{
	in_ns "$1" dvpnctl --socket "/run/node/$1/run/dvpnd.sock" "${@:2}"
}

# maps_to NS PROTOCOL NBMA - its agent's device has that mapping, and packets are sent there
maps_to()
{
	dvpnctl_in "$1" show maps | awk -v proto="$2" -v nbma="$3" '
		$2 == proto && $3 == nbma && $5 == "active" { found = 1 }
		END { exit !found }'
}

# --- end ---------------------------------------------------------------------------------

cleanup()
{
	local status=$? ns
	local -a pids

	trap - EXIT
	for pid in "${DVPND_PID[@]}" "${CAPTURE_PID[@]}"; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	for ns in $namespaces; do
		read -rd '' -a pids < <(ip netns pids "$ns" 2>/dev/null)
		[ ${#pids[@]} = 0 ] || kill -KILL "${pids[@]}" 2>/dev/null
		ip netns delete "$ns" 2>/dev/null
	done
	rm -rf "$SCRATCH" /run/node
	[ -n "$tap_planned" ] || echo "1..$tap_count"
	[ $tap_failed = 0 ] || exit 1
	exit $status
}
trap cleanup EXIT
