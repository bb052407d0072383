#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# registrations.sh - how many spokes register with a hub in a second; runs in a guest
#
#	registrations.sh [ROUNDS [SPOKES [BURST]]]
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
# shellcheck source=tests/net/lib.sh
. "${0%/*}/../net/lib.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/../net/frr.sh"

tap_planned=none
rounds=${1:-5}
spokes=${2:-1000}
burst=${3:-10000}
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

# load HUB ROUND WHAT FIRST N WINDOW SERIAL - one line of figures
load()
{
	local hub=$1 n=$5 cpu line answered

	cpu=$(cpu_us "$hub")
	line=$(in_ns generator taskset -c 0 regload run "198.51.${number[$hub]}.1" 42 \
		"$nbma.$(($4 >> 8)).$(($4 & 255))" "10.$((1 + ($4 >> 16))).$(($4 >> 8 & 255)).$(($4 & 255))" \
		"$n" "$6" "$7")
	cpu=$(($(cpu_us "$hub") - cpu))
	answered=${line#*answered=}
	answered=${answered%% *}
	echo "$hub $2 $3 $line cpu=$((cpu / (answered ? answered : 1))) kib=$(kib "$hub")"
}

load_dvpn
ns_add generator
for name in null dvpnd nhrpd; do
	hub "$name"
done
ip -n generator route add local "$nbma.0.0/12" dev lo
for name in generator null dvpnd nhrpd; do
	in_ns "$name" sh -c "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >\$f; done"
done
# nhrpd has a neighbour for each spoke.
for n in 1 2 3; do
	echo $((65536 * n)) >/proc/sys/net/ipv4/neigh/default/gc_thresh$n
done
ip netns exec null regload null 42 &
pids[null]=$!
dvpnd_hub
nhrpd_hub
for name in null dvpnd nhrpd; do
	# shellcheck disable=SC2086
	on_its_cpu ${pids[$name]}
	echo "$name 0 start kib=$(kib "$name")"
done
serial=0
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
exit 0
