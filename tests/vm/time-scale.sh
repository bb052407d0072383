# SPDX-License-Identifier: GPL-2.0
#
# time-scale.sh - how slow is this guest? Sourced by tests/vm/guest and the suite.
#
# Time limits of tests are meant for an idle machine and are multiplied by DVPN_TIME_SCALE:
# a fixed piece of work (10 processes started, 2,000 turns of a shell loop) is timed and
# divided by the time it takes in a software-emulated guest on two idle 3 GHz cores. The
# factor is a whole number from 1 to 4, and 20 on a debug kernel. Counts and ratios are
# never scaled.
TIME_SCALE_REFERENCE_MS=500

time_scale_work()
{
	local i

	for ((i = 0; i < 10; i++)); do
		/bin/true
	done
	for ((i = 0; i < 2000; i++)); do
		:
	done
}

time_scale_measure()
{
	local start=${EPOCHREALTIME/./} ms

	if [ "${VM_DEBUG_KERNEL:-0}" = 1 ]; then
		export DVPN_TIME_SCALE=20
		return
	fi
	time_scale_work
	ms=$(((${EPOCHREALTIME/./} - start) / 1000))
	DVPN_TIME_SCALE=$(((ms * 4 + TIME_SCALE_REFERENCE_MS * 3) / (TIME_SCALE_REFERENCE_MS * 4)))
	[ $DVPN_TIME_SCALE -ge 1 ] || DVPN_TIME_SCALE=1
	[ $DVPN_TIME_SCALE -le 4 ] || DVPN_TIME_SCALE=4
	export DVPN_TIME_SCALE TIME_SCALE_MS=$ms
}
