#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# kernel: 6.1
#
# Every type of NHRP message, as it leaves hub and spokes, for IPv4 and IPv6 inside: tshark
# finds the checksum right and nothing malformed.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
command -v tshark >/dev/null || skip_all "tshark is not installed"

# hub_counts COUNTER - it is not zero
hub_counts()
{
	dvpnctl_in hub show counters | grep -qE "^dvpn0 +nhrp +$1 +[1-9]"
}

load_dvpn
network_up || bail_out "cannot build the network"
# Promiscuous, the switch itself sees whatever passes it.
capture underlay br0 all "proto gre"
agent_configs
# Without authentication: what Cisco sends tshark takes for what the RFC says, and misses the
# rest of an IPv6 address in it.
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke.conf"
start_dvpnd spoke2 "$SCRATCH/spoke.conf"
check_within "both spokes are registered" 5 registered spoke1 spoke2
in_ns lan1 ping -qn -i 0.05 -c 40 192.168.40.10 >/dev/null
check_within "both have a shortcut" 2 both_shortcuts

# A refusal: nobody has this address.
in_ns lan1 ping -qn -i 0.05 -c 3 -W 1 192.168.111.99 >/dev/null
# Something that has to be refused by an error.
check "an odd packet is sent" in_ns spoke2 "$TOP/tests/interop/odd-nhrp" 42 \
	192.168.50.3 192.168.50.1 192.168.111.3 192.168.111.1
check_within "the hub refuses it by an Error Indication" 5 hub_counts tx-error

check "a spoke leaves" dvpnctl_in spoke2 leave
# A hint: the hub has lost its memory.
stop_dvpnd hub KILL 2>/dev/null
rm -rf /run/node/hub/lib/*
ip -n hub link delete dvpn0
tunnel hub 1 redirect on
hub_routes
start_dvpnd hub -
in_ns spoke1 ping -qn -c 1 -W 1 192.168.111.1 >/dev/null
check_within "the hub has sent a hint" 5 hub_counts tx-hint
check_within "and it had its effect" 5 is_registered_with hub 192.168.111.2
check_within "for IPv6 too, although the hub's link-local address is new" 10 \
	is_registered_with hub "$(link_local spoke1)"

capture_stop all
check "messages of all eight types were sent, and all are as tshark wants them" \
	"$TOP/tests/interop/tshark-nhrp" -t "1 2 3 4 5 6 7 8" "$RESULTS/all.pcap"
diag "$(cat "$SCRATCH/check")"
decode all -Y nhrp -T fields -e nhrp.hdr.op.type -e nhrp.reqid -e nhrp.hdr.pro.type \
	>"$SCRATCH/nhrp"
check "a hint was among them" grep -qP '^4\t0x00000000\t' "$SCRATCH/nhrp"
check "registrations of IPv4 addresses were" grep -qP '^3\t.*\t0x0800' "$SCRATCH/nhrp"
check "registrations of IPv6 addresses were" grep -qP '^3\t.*\t0x86dd' "$SCRATCH/nhrp"
