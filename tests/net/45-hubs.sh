#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 150
# kernel: 6.12
#
# Spokes with two hubs, of which one is enough. The better one loses its power and comes back:
# traffic goes by the other one meanwhile, and shortcuts do not notice.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

# A second hub, as near to what is behind the first one.
spare_hub()
{
	ns_add spare
	ns_forward spare
	underlay_join underlay spare wan 192.168.50.9/24
	tunnel spare 9 redirect on
	ip -n spare address add 192.168.10.1/32 dev lo
}

# hub_is NAME STATE IN-USE: how spoke1 sees its hub
hub_is()
{
	dvpnctl_in spoke1 show nhs | awk -v hub="$1" -v state="$2" -v used="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
		$column["HUB"] == hub && $column["OWN-ADDRESS"] == "192.168.111.2" &&
		$column["STATE"] == state && $column["IN-USE"] == used { found = 1 }
		END { exit !found }'
}

# multicast_goes_to ADDRESS: to this hub and to no other one
multicast_goes_to()
{
	local to

	to=$(dvpnctl_in spoke1 --kernel show maps |
		awk '/multicast/ && $2 ~ /^192/ { printf "%s ", $2 }')
	[ "$to" = "$1 " ]
}

load_dvpn
network_up || bail_out "cannot build the network"
spare_hub
agent_configs
cat >"$SCRATCH/two.conf" <<END
tunnel dvpn0 {
	probe-interval = 5
	max-hubs = 1
	hub-hold-down = $((5 * DVPN_TIME_SCALE))
	hub main { nbma = 192.168.50.1; protocol = 192.168.111.1 }
	hub spare { nbma = 192.168.50.9; protocol = 192.168.111.9 }
}
END
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spare "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/two.conf"
start_dvpnd spoke2 "$SCRATCH/two.conf"
check_within "both spokes are registered" 5 registered spoke1 spoke2
check_within "with the better hub, which is in use" 2 hub_is main registered yes
check_within "the other one is on standby" 2 hub_is spare standby -
check "and knows nobody" no_shortcut spare 192.168.111.2
check_within "multicast goes to the one hub" 2 multicast_goes_to 192.168.111.1
in_ns lan1 ping -qn -i 0.05 -c 20 192.168.40.10 >/dev/null
check_within "there is a shortcut, both ways" 2 both_shortcuts

ip netns exec lan1 ping -D -n -i 0.1 -W $((2 * DVPN_TIME_SCALE)) 192.168.40.10 \
	>"$SCRATCH/shortcut" &
shortcut=$!
ip netns exec spoke1 ping -D -n -i 0.1 192.168.10.1 >"$SCRATCH/hub" &
pinging=$!
pause 1
stop_dvpnd hub KILL 2>/dev/null
rm -rf /run/node/hub/lib/*
ip -n hub link delete dvpn0
ip -n hub link set wan down
check_within "the better hub is dead: the other one is in use" 12 hub_is spare registered yes
check_within "multicast goes there" 2 multicast_goes_to 192.168.111.9
check "traffic, too" ping_all spoke1 192.168.10.1
check_within "by both spokes" 12 is_registered_with spare 192.168.111.3
ping_end $pinging "$SCRATCH/hub"
gap=$(longest_gap "$SCRATCH/hub")
diag "no answer for $gap ms"
check "after 10 s at most" test "$gap" -le $((10000 * DVPN_TIME_SCALE))

ip netns exec spoke1 ping -D -n -i 0.1 -W $((2 * DVPN_TIME_SCALE)) 192.168.10.1 \
	>"$SCRATCH/back" &
pinging=$!
ip -n hub link set wan up
tunnel hub 1 redirect on
hub_routes
start_dvpnd hub -
check_within "it is back: registered with" 20 hub_is main registered -
check "and not used yet" hub_is spare registered yes
check_within "after its hold-down it is used" 7 hub_is main registered yes
check_within "the other one is on standby again" 2 hub_is spare standby -
check_within "and has been told to forget us" 2 no_shortcut spare 192.168.111.2
check_within "multicast goes to the better one" 2 multicast_goes_to 192.168.111.1
pause 1
check "traffic flows to the end" ping_end $pinging "$SCRATCH/back"
check "by the shortcut, too" ping_end $shortcut "$SCRATCH/shortcut"
check_eq "the way back costs no packet" "$(unanswered "$SCRATCH/back")" 0
check_eq "the shortcut did not lose one all the time" "$(unanswered "$SCRATCH/shortcut")" 0
read_ping "$SCRATCH/shortcut"
check_eq "nor was it left" "$relapse" 0
