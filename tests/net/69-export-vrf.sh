#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
# kernel: 6.12
#
# export-registrations into the table of the VRF that the tunnel is in: bgpd finds the routes
# there by itself.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
[ -x "$FRR/bgpd" ] || skip_all "FRR is not installed"
modprobe vrf || skip_all "no VRF"

# hub_start NS NUMBER OTHER
hub_start()
{
	cat >"$SCRATCH/$1.conf" <<-END
		tunnel dvpn0 {
			role = nhs
			export-registrations = 10
			map 192.168.111.$3 { nbma = 192.168.50.$3 }
		}
	END
	ip -n "$1" -batch - <<-END
		link add red type vrf table 10
		link set red up
		link set dvpn0 master red
	END
	start_dvpnd "$1" "$SCRATCH/$1.conf"
	frr_start "$1" zebra <<<"hostname $1"
	sed "s/HERE/192.168.111.$2/; s/OTHER/192.168.111.$3/
		s/^router bgp 65000/& vrf red/; s/redistribute table 100/redistribute kernel/" \
		"$TOP/Documentation/examples/routing/hub-to-hub.conf" | frr_start "$1" bgpd
}

# spoke_start NS HUB-NBMA
spoke_start()
{
	printf 'tunnel dvpn0 {\n shortcut = no\n hub main { nbma = %s }\n}\n' "$2" >"$SCRATCH/$1.conf"
	start_dvpnd "$1" "$SCRATCH/$1.conf"
}

# learned NS PREFIX GATEWAY
learned()
{
	[[ $(ip -n "$1" route show vrf red "$2") == *"via $3 dev dvpn0"* ]]
}

load_dvpn
network_links
ns_add hub2
ns_forward hub2
underlay_join underlay hub2 wan 192.168.50.9/24
{ tunnel hub 1 && tunnel hub2 9 && tunnel spoke1 2 && tunnel spoke2 3; } ||
	bail_out "cannot make the tunnel"
hub_start hub 1 9
hub_start hub2 9 1
spoke_start spoke1 192.168.50.1
spoke_start spoke2 192.168.50.9
check_within "the second hub learns where the spoke of the first is" 20 \
	learned hub2 192.168.111.2 192.168.111.1
check_within "and the first where that of the second is" 20 \
	learned hub 192.168.111.3 192.168.111.9
check "spoke1 reaches spoke2" ping_all spoke1 192.168.111.3
check "the spoke goes" dvpnctl_in spoke1 leave
check_within "and the route" 20 never learned hub2 192.168.111.2 192.168.111.1
check_eq "no other one" "$(ip -n hub route show vrf red proto 47)" ""
frr_logs
