#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# registrations.sh - how many spokes register with a hub in a second; runs in a guest
#
#	registrations.sh [ROUNDS [SPOKES [BURST]]]
#	registrations.sh profile HUB SPOKES REFRESHES
#
# Three hubs, each in a namespace of its own with a link to the generator: dvpnd, FRR's nhrpd, and
# one that answers everything unread, which shows what the generator can do. They take turns. The
# generator has one processor of the guest, the hubs and what their kernels do for them have the
# other (packets are handed over there by RPS). With a single one (tests/vm/run --icount) what the
# generator takes is what the hub that reads nothing shows. In each round
#	new	SPOKES that the hub does not know register, 32 at a time wait for an answer
#	refresh	the same ones again
#	burst	BURST of them at once; who has no answer asks again after 1, 2, 4 s
# The lines of the output are HUB ROUND WHAT and figures as key=value; beside regload's own
# cpu= (microseconds of the hub's processes per registration) and kib= (their memory).
#
# With "profile" there is one hub, and no figures: SPOKES register and refresh REFRESHES times
# while a plugin of the emulator counts. $RESULTS gets where programs and functions of the kernel
# are ("maps", "kallsyms"), as tests/bench/profile-registrations needs it.
# shellcheck source=tests/net/lib.sh
. "${0%/*}/../net/lib.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/../net/frr.sh"

tap_planned=none
nbma=172.16
cpus=$(nproc)
declare -A number=([null]=1 [dvpnd]=2 [nhrpd]=3) pids=()

# hub NAME - namespace and link to the generator; all that it receives is worked on by CPU 1
hub()
{
	local n=${number[$1]}

	ns_add "$1"
	ns_link "$1" wan "198.51.$n.1/24" generator "to-$1" "198.51.$n.2/24"
	ip -n "$1" route add "$nbma.0.0/12" via "198.51.$n.2"
	[ "$cpus" = 1 ] && return
	in_ns "$1" sh -c 'echo 2 >/sys/class/net/wan/queues/rx-0/rps_cpus'
	in_ns generator sh -c "echo 1 >/sys/class/net/to-$1/queues/rx-0/rps_cpus"
}

# on_its_cpu PID... - the hub's processor
on_its_cpu()
{
	local pid

	for pid; do
		taskset -pc $((cpus - 1)) "$pid" >/dev/null
	done
}

dvpnd_hub()
{
	ip -n dvpnd -batch - <<-END
		link add dvpn0 type dvpn local 198.51.2.1 key 42 max-maps 100000 max-peers 100000
		address add 10.0.0.1/8 dev dvpn0
		link set dvpn0 up
	END
	cat >"$SCRATCH/dvpnd.conf" <<-END
		tunnel dvpn0 {
			role = nhs
			max-spokes = 100000
		}
	END
	start_dvpnd dvpnd "$SCRATCH/dvpnd.conf"
	pids[dvpnd]=${DVPND_PID[dvpnd]}
}

nhrpd_hub()
{
	modprobe ip_gre
	ip -n nhrpd -batch - <<-END
		tunnel add gre1 mode gre key 42 ttl 64 dev wan
		address add 10.0.0.1/32 dev gre1
		link set gre1 up multicast on mtu 1400
	END
	frr_start nhrpd zebra <<-END
		hostname nhrpd
	END
	frr_start nhrpd nhrpd <<-END
		hostname nhrpd
		interface gre1
		 ip nhrp network-id 1
		 ip nhrp holdtime 600
		 tunnel source wan
	END
	pids[nhrpd]="$(cat /run/frr/nhrpd/nhrpd.pid) $(cat /run/frr/nhrpd/zebra.pid)"
}

# cpu_us HUB - what its processes have run, in microseconds
cpu_us()
{
	local pid ns sum=0

	for pid in ${pids[$1]}; do
		for task in /proc/"$pid"/task/*; do
			read -r ns _ <"$task/schedstat"
			sum=$((sum + ns))
		done
	done
	echo $((sum / 1000))
}

# kib HUB - resident memory of its processes
kib()
{
	local pid sum=0

	for pid in ${pids[$1]}; do
		sum=$((sum + $(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status")))
	done
	echo $sum
}

# register HUB FIRST N WINDOW SERIAL - regload's figures
register()
{
	in_ns generator taskset -c 0 regload run "198.51.${number[$1]}.1" 42 \
		"$nbma.$(($2 >> 8)).$(($2 & 255))" "10.$((1 + ($2 >> 16))).$(($2 >> 8 & 255)).$(($2 & 255))" \
		"$3" "$4" "$5"
}

# load HUB ROUND WHAT FIRST N WINDOW SERIAL - one line of figures
load()
{
	local hub=$1 cpu line answered

	cpu=$(cpu_us "$hub")
	line=$(register "$hub" "${@:4}")
	cpu=$(($(cpu_us "$hub") - cpu))
	answered=${line#*answered=}
	answered=${answered%% *}
	echo "$hub $2 $3 $line cpu=$((cpu / (answered ? answered : 1))) kib=$(kib "$hub")"
}

# generator HUB... - makes it, and a link to each hub
generator()
{
	local name

	ns_add generator
	for name in "$@"; do
		hub "$name"
	done
	ip -n generator route add local "$nbma.0.0/12" dev lo
	for name in generator "$@"; do
		in_ns "$name" sh -c "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >\$f; done"
	done
	# nhrpd has a neighbour for each spoke.
	for n in 1 2 3; do
		echo $((65536 * n)) >/proc/sys/net/ipv4/neigh/default/gc_thresh$n
	done
}

null_hub()
{
	ip netns exec null regload null 42 &
	pids[null]=$!
}

# compare ROUNDS SPOKES BURST - all hubs in turns
compare()
{
	local round rounds=$1 spokes=$2 burst=$3 name serial=0 first

	generator null dvpnd nhrpd
	for name in null dvpnd nhrpd; do
		"${name}_hub"
	done
	for name in null dvpnd nhrpd; do
		# shellcheck disable=SC2086
		on_its_cpu ${pids[$name]}
		echo "$name 0 start kib=$(kib "$name")"
	done
	for ((round = 1; round <= rounds; round++)); do
		first=$((256 + (round - 1) * spokes))
		for name in null dvpnd nhrpd; do
			load $name $round new $first "$spokes" 32 $((serial))
			load $name $round refresh $first "$spokes" 32 $((serial + 1))
			load $name $round refresh $first "$spokes" 32 $((serial + 2))
		done
		serial=$((serial + 3))
	done
	for name in null dvpnd nhrpd; do
		load $name 1 burst 32768 "$burst" 0 $((serial))
		load $name 2 burst 32768 "$burst" 0 $((serial + 1))
	done
	frr_logs
}

# profile HUB SPOKES REFRESHES
profile()
{
	local i pid

	# One address in two programs would be one to the plugin.
	echo 2 >/proc/sys/kernel/randomize_va_space
	generator "$1"
	"$1_hub"
	for ((i = 0; i <= $3; i++)); do
		register "$1" 256 "$2" 32 "$i"
	done
	for pid in ${pids[$1]}; do
		grep ' r-xp ' "/proc/$pid/maps"
	done >"$RESULTS/maps"
	cat /proc/kallsyms >"$RESULTS/kallsyms"
}

load_dvpn
if [ "${1:-}" = profile ]; then
	profile "$2" "$3" "$4"
else
	compare "${1:-5}" "${2:-1000}" "${3:-10000}"
fi
exit 0
