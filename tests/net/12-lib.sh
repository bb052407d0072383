#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# libdvpn against the running module.
. "${0%/*}/lib.sh"

load_dvpn
ns_add node
ip -n node -batch - <<'END'
link add eth0 type dummy
addr add 192.0.2.1/24 dev eth0
link set eth0 up
link add dvpn0 type dvpn local 192.0.2.1 key 42
addr add 10.255.255.1/8 dev dvpn0
link set dvpn0 up
END
in_ns node lib-live dvpn0 >"$SCRATCH/out" 2>&1
status=$?
# Its results are this test's.
while IFS= read -r line; do
	case $line in
	"ok "*) ok "${line#*- }" ;;
	"not ok "*) not_ok "${line#*- }" ;;
	1..*) ;;
	*) diag "${line#\# }" ;;
	esac
done <"$SCRATCH/out"
check_eq "lib-live's exit status" $status 0
