#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# Multicast in the corners: copies that have to be fragmented, and a packet that enters by one
# device of a domain and leaves by another.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# copies NAME ADDRESS - packets of a capture that carry multicast ICMP to that address outside
copies()
{
	tcpdump -nr "$RESULTS/$1.pcap" \
		"src host 192.0.2.1 and dst host $2 and ip[40:4] == 0xe0000005" 2>/dev/null | wc -l
}

# arrived NAME ADDRESS N - so many did (for wait_for)
arrived()
{
	[ "$(copies "$1" "$2")" -ge "$3" ]
}

modprobe -a sch_ingress cls_matchall act_mirred || skip_all "no tc"
load_dvpn
star_multicast

# --- fragments ---------------------------------------------------------------------------

# Two sizes: fragments for the first would have to be fragmented for the second.
map hub peer-set 192.0.2.2 mtu 1300
map hub peer-set 192.0.2.3 mtu 700
capture hub wan fragments "ip proto 47"
in_ns hub ping -qn -c 1 -W 1 -M dont -s 1372 224.0.0.5 >/dev/null
wait_for 5 arrived fragments 192.0.2.3 3
wait_for 5 arrived fragments 192.0.2.2 2
capture_stop fragments
check_eq "a packet of 1400 bytes for a peer that takes 1300" "$(copies fragments 192.0.2.2)" 2
check_eq "for one that takes 700" "$(copies fragments 192.0.2.3)" 3

# --- two devices of one domain -----------------------------------------------------------

# The first peer of each device has the same id there.
ip -n hub -batch - <<-END
	link set dvpn0 type dvpn domain 1
	link add dvpn1 type dvpn key 5 domain 1
	link set dvpn1 up
END
dvpnmap -n hub dvpn1 add 10.0.0.3 192.0.2.3 multicast
dvpnmap -n hub dvpn1 add 10.0.0.2 192.0.2.2 multicast
in_ns hub tc qdisc add dev dvpn0 ingress
in_ns hub tc filter add dev dvpn0 ingress matchall action mirred egress redirect dev dvpn1
# With a key all is 4 bytes further on.
capture hub wan domain "ip proto 47 and src host 192.0.2.1 and ip[44:4] == 0xe0000005"
in_ns one ping -qn -c 1 -W 1 224.0.0.5 >/dev/null

# left ADDRESS - packets that did
left()
{
	tcpdump -nr "$RESULTS/domain.pcap" "dst host $1" 2>/dev/null | wc -l
}

wait_for 5 eval '[ "$(left 192.0.2.3)" != 0 ]'
capture_stop domain
check_eq "in by one device, out by the other: to its first peer" "$(left 192.0.2.3)" 1
check_eq "but not to the peer that it came from" "$(left 192.0.2.2)" 0
