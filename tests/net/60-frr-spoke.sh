#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# kernel: 6.1
#
# FRR's nhrpd with ip_gre as one spoke of a dvpn hub, a dvpn spoke as the other. nhrpd knows
# neither purges nor hints: they must not hurt it, and what goes stale in it must heal.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
[ -x $FRR/nhrpd ] || skip_all "FRR is not installed"

# hub_mapping ADDRESS - "milliseconds-left flags" of it in the hub's table
hub_mapping()
{
	dvpnctl_in hub --json show maps | tr -d ' \n"' | tr '{' '\n' | awk -v a="protocol:$1," '
		index($0, a) { found = 1 }
		found && match($0, /flags:\[[^]]*/) { flags = substr($0, RSTART + 7, RLENGTH - 7) }
		found && match($0, /expires_ms:[0-9]+/) {
			print substr($0, RSTART + 11, RLENGTH - 11), flags
			exit
		}'
}

# frr_cache - what nhrpd knows: type, protocol and NBMA address
frr_cache()
{
	frr spoke1 nhrpd "show ip nhrp cache" | tr -d '\r' |
		awk '$1 == "gre1" { print $2, $3, $4 }' | sort
}

# lan_pings FROM TO COUNT - sets what read_ping sets
lan_pings()
{
	ping_answers "$SCRATCH/pings" "$@"
	read_ping "$SCRATCH/pings"
	diag "$1: $received answers, $direct directly, the first after $flip_ms ms"
}

# shortcut_says NODE TEXT - a line of "show shortcuts" has the text
shortcut_says()
{
	dvpnctl_in "$1" show shortcuts | grep -qE -- "$2"
}

load_dvpn
modprobe ip_gre
network_links
{ tunnel hub 1 redirect on && tunnel spoke2 3; } || bail_out "cannot make the tunnel"
hub_routes
ip -n spoke2 route add 192.168.0.0/16 via 192.168.111.1
mgre spoke1 2
agent_configs
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke2 "$SCRATCH/spoke.conf"
capture spoke1 wan at-spoke1 "proto gre"
nhrpd_routes spoke1 "ip route 192.168.0.0/16 192.168.111.1 gre1"

# --- unique, with shortcuts --------------------------------------------------------------
nhrpd_start spoke1 30 "ip nhrp nhs dynamic nbma 192.168.50.1" "ip nhrp shortcut"
check_within "nhrpd registers with the dvpn hub" 5 nhrpd_registered spoke1
since=$(now_ms)
check_within "the dvpn spoke does too" 2 registered spoke2
read -r left flags < <(hub_mapping 192.168.111.2)
check "the hub grants the 30 s that nhrpd asked for" \
	test "$left" -gt 20000 -a "$left" -le 30000
check "and knows that it is unique" grep -q unique <<<"$flags"
check "the hub's LAN reaches the FRR spoke" ping_all lan0 192.168.111.2
check "the FRR spoke reaches the hub's LAN" ping_all lan1 192.168.10.10

lan_pings lan1 192.168.40.10 200
check_eq "FRR to dvpn: no packet of 200 is lost" "$lost $received" "0 200"
check_eq "the first answer came by the hub" "$first_ttl" 61
check "the path became direct, both ways" test "$direct" -gt 100
check_eq "and stayed so" "$relapse" 0
check "dvpn has the shortcut, proven by an answer of nhrpd" has_shortcut spoke2 192.168.30.0 192.168.50.2
check "nhrpd has its route" grep -q 'via 192.168.111.3 dev gre1 proto nhrp' \
	<(ip -n spoke1 route show 192.168.40.0/24)
lan_pings lan2 192.168.30.10 40
check_eq "dvpn to FRR: no packet of 40 is lost" "$lost $received" "0 40"
check_eq "all of them direct" "$direct" 40

# Beyond the holding time of registration and shortcut, in use.
left=$((35000 - ($(now_ms) - since)))
[ $left -gt 0 ] || left=0
count=$((left / 50 + 20))
lan_pings lan2 192.168.30.10 $count
check_eq "past the holding time: no packet is lost" "$lost $received" "0 $count"
check_eq "all of them direct" "$direct" "$count"
check "nhrpd is still registered" is_registered_with hub 192.168.111.2
check "and was all the time" never grep -q "spoke-down: 192.168.111.2" "$RESULTS/dvpnd-hub.log"

# --- a purge, which nhrpd ignores --------------------------------------------------------
before=$(frr_cache)
left=$(dvpnctl_in spoke2 --json leave | tr -d ' \n')
check "the dvpn spoke leaves, and says that one purge was not answered" \
	grep -q '"unanswered":1[,}]' <<<"$left"
diag "$left"
check_eq "the purge leaves nhrpd as it was" "$(frr_cache)" "$before"
dvpnctl_in spoke2 reload >/dev/null
check_within "the spoke comes back" 5 registered spoke2
check_within "and traffic flows again" 30 pings lan1 192.168.40.10
diag "$(dvpnctl_in spoke2 show shortcuts)"

# --- not unique, without shortcuts -------------------------------------------------------
frr_stop spoke1 nhrpd
nhrpd_start spoke1 60 "ip nhrp nhs dynamic nbma 192.168.50.1" "ip nhrp registration no-unique"
check_within "nhrpd, restarted, registers with request id 1 again" 10 nhrpd_registered spoke1
read -r left flags < <(hub_mapping 192.168.111.2)
check "now for 60 s" test "$left" -gt 40000 -a "$left" -le 60000
check "and not unique" never grep -q unique <<<"$flags"
lan_pings lan1 192.168.40.10 40
check_eq "FRR to dvpn: no packet of 40 is lost" "$lost $received" "0 40"
lan_pings lan2 192.168.30.10 40
check_eq "dvpn to FRR: no packet of 40 is lost" "$lost $received" "0 40"
check_eq "all of them by the hub" "$direct" 0
check_within "the reason is shown: nhrpd does not answer without \"ip nhrp shortcut\"" 60 \
	shortcut_says spoke2 '192\.168\.30\.10 +negative .*no answer'

# --- a hint, which nhrpd ignores ---------------------------------------------------------
refreshed()
{
	[ "$(hub_mapping 192.168.111.2 | cut -d' ' -f1)" -gt 57000 ]
}
check_within "nhrpd has just refreshed" 25 refreshed
before=$(frr_cache)
stop_dvpnd hub KILL 2>/dev/null
rm -rf /run/node/hub/lib/*
ip -n hub link delete dvpn0
tunnel hub 1 redirect on
hub_routes
start_dvpnd hub -
in_ns lan1 ping -qn -c 1 -W 1 192.168.10.10 >/dev/null
check_within "the hub without memory is told by nhrpd's refresh" 20 \
	is_registered_with hub 192.168.111.2
check_eq "the hint leaves nhrpd as it was" "$(frr_cache)" "$before"
check_within "traffic flows" 10 pings lan1 192.168.10.10
capture_stop at-spoke1

decode at-spoke1 -Y nhrp -T fields -e nhrp.hdr.op.type -e nhrp.reqid -e frame.time_epoch \
	>"$SCRATCH/nhrp"
check_eq "one hint was sent to it" "$(grep -cP '^4\t0x00000000\t' "$SCRATCH/nhrp")" 1
gap=$(awk '$1 == 3 { gap = $3 - last; last = $3 } END { printf "%d", gap }' "$SCRATCH/nhrp")
check "it made nhrpd send nothing before its time" test "$gap" -ge 19
check "a purge was sent to it" grep -q '^5' "$SCRATCH/nhrp"
check "all that it was sent decodes well" "$TOP/tests/interop/tshark-nhrp" \
	-t "1 2 3 4 5 8" "$RESULTS/at-spoke1.pcap"
frr_logs
