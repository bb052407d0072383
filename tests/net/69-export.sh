#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
# kernel: 6.12
#
# export-registrations: two hubs with a spoke each in one subnet. Each hub puts who is
# registered with it into a table, from where FRR's bgpd tells the other one.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/frr.sh
. "${0%/*}/frr.sh"
[ -x "$FRR/bgpd" ] || skip_all "FRR is not installed"

# The other hub (.9) is in the place of a spoke: nothing leads to it but what is configured.
two_hubs()
{
	network_links
	ns_add hub2
	ns_forward hub2
	underlay_join underlay hub2 wan 192.168.50.9/24
	tunnel hub 1 && tunnel hub2 9 && tunnel spoke1 2 && tunnel spoke2 3 || return
	for at in hub:1 hub2:9 spoke1:2 spoke2:3; do
		ip -n "${at%:*}" address add "fd00:111::${at#*:}/64" dev dvpn0
	done
}

# hub_config NUMBER-OF-THE-OTHER-ONE
hub_config()
{
	cat <<-END
		tunnel dvpn0 {
			role = nhs
			export-registrations = 100
			map 192.168.111.$1 { nbma = 192.168.50.$1 }
		}
	END
}

# spoke_config HUB-NBMA - by the hubs alone
spoke_config()
{
	cat <<-END
		tunnel dvpn0 {
			shortcut = no
			hub main { nbma = $1 }
		}
	END
}

# bgp_start NS NUMBER OTHER
bgp_start()
{
	frr_start "$1" zebra <<<"ip import-table 100"
	sed "s/HERE/192.168.111.$2/; s/OTHER/192.168.111.$3/" "$CONFIGS/hub-to-hub.conf" |
		frr_start "$1" bgpd
}

# exported NS - addresses in its table that are dvpnd's
exported()
{
	{
		ip -n "$1" -4 route show table 100 proto 47
		ip -n "$1" -6 route show table 100 proto 47
	} | sort | awk '{ printf "%s ", $1 }'
}

exports()
{
	[ "$(exported "$1")" = "$2" ]
}

# ttl NS ADDRESS - of the answer to a ping
ttl()
{
	in_ns "$1" ping -n -c 1 -W $((2 * DVPN_TIME_SCALE)) "$2" | sed -n 's/.* ttl=\([0-9]*\).*/\1/p'
}

# is_direct NS ADDRESS - by no hub
is_direct()
{
	[ "$(ttl "$1" "$2")" = 64 ]
}

# bgp_lost NS NEXT-HOP - there is no way to it
bgp_lost()
{
	[[ $(frr "$1" bgpd "show bgp nexthop") == *" $2 invalid"* ]]
}

# state_is NS STATE - of its tunnel
state_is()
{
	[[ $(dvpnctl_in "$1" --json status) == *"\"state\": \"$2\""* ]]
}

CONFIGS=$TOP/Documentation/examples/routing
load_dvpn
two_hubs || bail_out "cannot build the network"
hub_config 9 >"$SCRATCH/hub.conf"
hub_config 1 >"$SCRATCH/hub2.conf"
spoke_config 192.168.50.1 >"$SCRATCH/spoke1.conf"
spoke_config 192.168.50.9 >"$SCRATCH/spoke2.conf"
for node in hub hub2 spoke1 spoke2; do
	start_dvpnd $node "$SCRATCH/$node.conf"
done
bgp_start hub 1 9
bgp_start hub2 9 1
check_within "the first hub has its spoke in the table" 5 exports hub "192.168.111.2 fd00:111::2 "
check_within "and the second its own" 5 exports hub2 "192.168.111.3 fd00:111::3 "
check_eq "as a route to who is on the link" \
	"$(ip -n hub route show table 100 192.168.111.2)" "192.168.111.2 dev dvpn0 proto 47 scope link "
check_within "the second hub learns by BGP where the spoke of the first is" 20 \
	has_route hub2 192.168.111.2 192.168.111.1
check_within "and the first where that of the second is" 20 \
	has_route hub 192.168.111.3 192.168.111.9
check "spoke1 reaches spoke2" ping_all spoke1 192.168.111.3
check_eq "by both hubs" "$(ttl spoke1 192.168.111.3)" 62

for node in hub hub2; do
	ip -n $node -o monitor route >"$SCRATCH/monitor.$node" &
	monitors="${monitors-} $!"
done
steady spoke1 192.168.111.3 restart
stop_dvpnd hub KILL 2>/dev/null
pause 0.5
start_dvpnd hub -
pause 3
steady_end restart "the agent of the first hub is killed and started again: nothing is lost"
check_eq "no route has changed" \
	"$(cat "$SCRATCH/monitor.hub" "$SCRATCH/monitor.hub2" | grep -c ' proto 47\|192.168.111.2 ')" 0
check "the routes are there" exports hub "192.168.111.2 fd00:111::2 "
# shellcheck disable=SC2086
kill $monitors

stop_dvpnd hub KILL 2>/dev/null
ip -n hub -batch - <<-END
	route add 192.168.111.77 dev dvpn0 table 100 proto 47
	route add 192.168.111.78 dev dvpn0 table 101 proto 47
	route add 192.168.111.79 dev dvpn0 table 100
	route delete 192.168.111.2 table 100
END
start_dvpnd hub -
check_within "what is left over goes, what is not there comes" 5 \
	exports hub "192.168.111.2 fd00:111::2 "
check_eq "in any table" "$(ip -n hub route show table 101)" ""
check_eq "a route of somebody else stays" \
	"$(ip -n hub route show table 100 192.168.111.79)" "192.168.111.79 dev dvpn0 scope link "

# IPv6 addresses go with it, too. FRR's zebra, shown down and up at once, believes its own
# routes are still there.
ip -n hub link set dvpn0 down
wait_for 10 bgp_lost hub 192.168.111.9 || bail_out "bgpd does not see that the interface is down"
ip -n hub -batch - <<-END
	link set dvpn0 up
	address add fd00:111::1/64 dev dvpn0
END
check_within "routes that the kernel drops with the interface come again" 10 \
	exports hub "192.168.111.2 fd00:111::2 "
check_within "and are learned again" 20 has_route hub2 192.168.111.2 192.168.111.1

sed -i 's/= 100/= 102/' /run/node/hub/etc/dvpnd.conf
ip -n hub route add 192.168.111.2 dev dvpn0 table 102
check "another table" dvpnctl_in hub reload
check_within "the first one is empty" 5 exports hub ""
check_eq "the other has what nobody else has put there" \
	"$(ip -n hub -6 route show table 102 proto 47 | awk '{ print $1 }')" fd00:111::2
check_eq "of which there is one line" "$(grep -c 'table 102 has a route to 192.168.111.2 already' \
	"$RESULTS/dvpnd-hub.log")" 1
ip -n hub route delete 192.168.111.2 table 102
check "it was taken out" dvpnctl_in hub reload
sed -i 's/= 102/= 100/' /run/node/hub/etc/dvpnd.conf
check "back to the first table" dvpnctl_in hub reload
check_within "all is as before" 5 exports hub "192.168.111.2 fd00:111::2 "
check_within "at the other hub, too" 20 has_route hub2 192.168.111.2 192.168.111.1
# Or the first one says that there is no such address, and is not asked again for 30 s.
check_within "the first hub knows the way to the spoke of the second again" 20 \
	has_route hub 192.168.111.3 192.168.111.9

for node in spoke1 spoke2; do
	sed -i '/shortcut = no/d' /run/node/$node/etc/dvpnd.conf
	check "$node may have direct paths" dvpnctl_in $node reload
done
check_within "one comes up, though no hub knows both ends" 20 is_direct spoke1 192.168.111.3

check "the spoke goes" dvpnctl_in spoke1 leave
check_within "and its routes" 5 exports hub ""
check_within "at the other hub, too" 20 never has_route hub2 192.168.111.2 192.168.111.1

# Of an agent before; this one does not get to work.
stop_dvpnd hub KILL 2>/dev/null
ip -n hub address flush dev dvpn0
ip -n hub route add 192.168.111.77 dev dvpn0 table 100 proto 47
start_dvpnd hub -
check_within "the hub has no address" 5 state_is hub no-address
check "what is left over stays" exports hub "192.168.111.77 "
sed -i 's/dvpn0/dvpn9/' /run/node/hub/etc/dvpnd.conf
check "its section goes" dvpnctl_in hub reload
check_within "and what is left over with it" 5 exports hub ""
frr_logs
