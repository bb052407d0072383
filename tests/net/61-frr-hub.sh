#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# kernel: 6.12
#
# FRR's nhrpd with ip_gre as the hub, redirecting by NFLOG, of two dvpn spokes.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
[ -x $FRR/nhrpd ] || skip_all "FRR is not installed"

# frr_knows ADDRESS NBMA - nhrpd's cache has it as registered
frr_knows()
{
	frr hub nhrpd "show ip nhrp cache" | tr -d '\r' | awk -v a="$1" -v n="$2" '
		$2 == "dynamic" && $3 == a && $4 == n { found = 1 }
		END { exit !found }'
}

load_dvpn
modprobe -a ip_gre nfnetlink_log nft_log
network_links
{ tunnel spoke1 2 && tunnel spoke2 3; } || bail_out "cannot make the tunnel"
ip -n spoke1 route add 192.168.0.0/16 via 192.168.111.1
ip -n spoke2 route add 192.168.0.0/16 via 192.168.111.1
mgre hub 1
nhrpd_routes hub "ip route 192.168.30.0/24 192.168.111.2 gre1" \
	"ip route 192.168.40.0/24 192.168.111.3 gre1"
# No "ip nhrp shortcut": then nhrpd answers no resolution, not even for itself.
nhrpd_start hub 30 "ip nhrp redirect"
printf 'tunnel dvpn0 {\n holding-time = 30\n hub frr { nbma = 192.168.50.1 }\n}\n' \
	>"$SCRATCH/spoke.conf"
capture hub wan at-hub "proto gre"
start_dvpnd spoke1 "$SCRATCH/spoke.conf"
start_dvpnd spoke2 "$SCRATCH/spoke.conf"
check_within "both spokes are registered" 5 registered spoke1 spoke2
since=$(now_ms)
check_within "nhrpd has one" 2 frr_knows 192.168.111.2 192.168.50.2
check_within "and the other" 2 frr_knows 192.168.111.3 192.168.50.3
check "a spoke reaches the hub" ping_all spoke1 192.168.111.1
check "the hub's LAN reaches a spoke's" ping_all lan0 192.168.40.10
ping_answers "$SCRATCH/pings" lan1 192.168.40.10 40
read_ping "$SCRATCH/pings"
check_eq "no packet of 40 between the spokes is lost" "$lost $received" "0 40"
check_eq "all of them by the hub, which does not redirect yet" "$direct" 0

nhrpd_nflog || bail_out "no nft rule"
ping_answers "$SCRATCH/pings" lan1 192.168.40.10 200
read_ping "$SCRATCH/pings"
diag "$received answers, $direct directly, the first after $flip_ms ms"
check_eq "no packet of 200 is lost" "$lost $received" "0 200"
check "nhrpd's redirect makes the path direct, both ways" test "$direct" -gt 100
check_eq "and it stays so" "$relapse" 0
check "spoke1 has the shortcut, proven" has_shortcut spoke1 192.168.40.0 192.168.50.3
check "spoke2 has the shortcut, proven" has_shortcut spoke2 192.168.30.0 192.168.50.2

# The hub is foreign: it answers no probe, and is not dead for that.
left=$((40000 - ($(now_ms) - since)))
[ $left -gt 0 ] || left=0
count=$((left / 50 + 20))
ping_answers "$SCRATCH/pings" lan1 192.168.40.10 $count
read_ping "$SCRATCH/pings"
check_eq "past the holding time: no packet is lost" "$lost $received" "0 $count"
check_eq "nor one sent by the hub" "$direct" "$count"
check "both spokes are still registered" registered spoke1 spoke2
check "and nhrpd has one" frr_knows 192.168.111.2 192.168.50.2
check "and the other" frr_knows 192.168.111.3 192.168.50.3
for node in spoke1 spoke2; do
	check "$node never lost the hub" never grep -qE 'nhs-(down|unreachable): 192' \
		"$RESULTS/dvpnd-$node.log"
	diag "$(dvpnctl_in $node show nhs)"
	diag "$(dvpnctl_in $node show peers)"
done
check "the spokes know that the hub is not dvpn" \
	grep -q '"kind": "foreign"' <(dvpnctl_in spoke1 --json show nhs)

# --- restart of either side, expiry ------------------------------------------------------
ping_answers "$SCRATCH/pings" lan1 192.168.40.10 300 &
pings=$!
frr_stop hub nhrpd
nhrpd_start hub 30 "ip nhrp redirect"
check_within "nhrpd, restarted, is told by the next refresh of one" 20 \
	frr_knows 192.168.111.2 192.168.50.2
check_within "and of the other" 20 frr_knows 192.168.111.3 192.168.50.3
stop_dvpnd spoke1 KILL 2>/dev/null
start_dvpnd spoke1 -
check_within "a spoke's agent is killed and restarted: it is registered" 20 registered spoke1
wait $pings
read_ping "$SCRATCH/pings"
check_eq "in all that no packet of 300 is lost" "$lost $received" "0 300"
diag "$received answers, $direct directly"

# It takes no purge; a registration from elsewhere mends what it has.
ip -n spoke2 -batch - <<-END
	address delete 192.168.50.3/24 dev wan
	address add 192.168.50.13/24 dev wan
	link set dvpn0 type dvpn local 192.168.50.13
END
check_within "a spoke moves: nhrpd has it where it is now" 30 \
	frr_knows 192.168.111.3 192.168.50.13
check_within "the hub's LAN reaches it there" 30 pings lan0 192.168.40.10

stop_dvpnd spoke2 KILL 2>/dev/null
sed 's/= 30/= 10/' "$SCRATCH/spoke.conf" >"$SCRATCH/short.conf"
start_dvpnd spoke2 "$SCRATCH/short.conf"
check_within "with a short holding time it is registered" 20 \
	frr_knows 192.168.111.3 192.168.50.13
stop_dvpnd spoke2 KILL 2>/dev/null
check_within "who is dead is forgotten after it" 40 \
	never frr_knows 192.168.111.3 192.168.50.13
check "the other one is not" frr_knows 192.168.111.2 192.168.50.2
capture_stop at-hub
check "all that was sent decodes well" "$TOP/tests/interop/tshark-nhrp" -t "1 2 3 4 8" \
	"$RESULTS/at-hub.pcap"
frr_logs
