#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# What a packet socket sees of a device: each NHRP frame and each packet once, in its direction.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

# A Registration Request, complete and with a correct checksum.
NHRP=000108000000000000ff00348fcb0000010304000404800200000001
NHRP+=c00002020a0000020a000001002000000578025800000000

# seen CAPTURE FILTER - packets in it
seen()
{
	decode "$1" -Y "$2" | wc -l
}

# sees CAPTURE N FILTER - so many (for wait_for)
sees()
{
	[ "$(tcpdump -nr "$RESULTS/$1.pcap" "$3" 2>/dev/null | wc -l)" -ge "$2" ]
}

load_dvpn
star_add hub one
tunnel_add hub
tunnel_add one
map_to hub one
map_to one hub
dvpnmap -n hub dvpn0 bind class frame >"$SCRATCH/agent" &
agent=$!
wait_for 10 grep -q bound "$SCRATCH/agent"
capture hub any any
capture hub dvpn0 device
for _ in 1 2 3; do
	map one frame 192.0.2.1 $NHRP
done
map hub frame 192.0.2.2 $NHRP
map hub frame 192.0.2.2 $NHRP
ping_all one 10.0.0.1 4 >/dev/null
check "the last packet is there" wait_for 10 sees device 8 "icmp"
capture_stop any
capture_stop device

check_eq "frames that came in are seen once on \"any\"" \
	"$(seen any 'sll.etype == 0x2001 && sll.pkttype != 4')" 3
check_eq "frames that went out, too" "$(seen any 'sll.etype == 0x2001 && sll.pkttype == 4')" 2
bytes=$(sed 's/../&:/g; s/:$//' <<<"$NHRP")
check_eq "with every byte" "$(seen any "sll.etype == 0x2001 && frame contains $bytes")" 5
check_eq "their outer packets are seen on the underlay, and understood" \
	"$(seen any 'gre.proto == 0x2001 && nhrp.hdr.pktsz == 52 && !_ws.malformed')" 5
check_eq "packets are seen once on the device" "$(seen device 'icmp.type == 8')" 4
check_eq "answers, too" "$(seen device 'icmp.type == 0')" 4
check_eq "on \"any\" inside and outside" "$(seen any 'icmp.type == 8')" 8
check_within "the agent had the frames" 5 eval '[ "$(grep -c "^frame" "$SCRATCH/agent")" = 3 ]'
check_eq "nothing of it counts as dropped" "$(counter hub dvpn0 rx_dropped)" 0
check_eq "nor as of no protocol" "$(counter hub dvpn0 rx_nohandler)" 0
kill $agent
wait $agent 2>/dev/null
check "unload" unload_dvpn
