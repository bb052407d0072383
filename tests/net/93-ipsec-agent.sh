#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# dvpnd and strongSwan: what is wrong is said, what comes up is used at once, what is gone is made
# again, and what nobody needs ends.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

NODES="hub spoke1 spoke2"

# identifies NODE NAME - it knows who one of its peers is
identifies()
{
	dvpnctl_in "$1" --json show sas | grep -qF "\"identity\": \"$2\""
}

# other_sa NODE NBMA SPI - there is one, and it is not that one (for check_within)
other_sa()
{
	has_sa "$1" "$2" && [ "$(spi_in "$1" "$2")" != "$3" ]
}

# has_no_state NODE SPI - in the kernel (for check_within)
has_no_state()
{
	! ip -n "$1" xfrm state list | grep -q "spi $2 "
}

# waits NODE - the kernel has asked for an association and has no answer
waits()
{
	ip -n "$1" xfrm state list | awk '
		/^src / { waiting += open; open = 1 }
		/^\t(aead|enc|auth)/ { open = 0 }
		END { exit !(waiting + open) }'
}

# children NODE - how many strongSwan has
children()
{
	swan "$1" --list-sas | grep -c INSTALLED
}

# children_are NODE NUMBER
children_are()
{
	[ "$(children "$1")" = "$2" ]
}

swan_needed
load_dvpn
network_links
swan_warm
tunnel hub 1 redirect on ipsec require
hub_routes
for n in 1 2; do
	tunnel spoke$n $((n + 1)) ipsec require
	ip -n spoke$n route add 192.168.0.0/16 via 192.168.111.1
done
agent_configs
profile hub "hub"
for n in 1 2; do
	profile spoke spoke$n
done
for node in $NODES; do
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done

check_within "without strongSwan it says so" 10 says spoke1 \
	"strongSwan is not running, nobody listens at /run/swan/spoke1/charon.vici: start it"
check "show sas has nothing" has_no_sa spoke1 192.168.50.1
for node in $NODES; do
	swan_start "$node"
done
check_within "without the connection it says so" 15 says spoke1 \
	'strongSwan has no connection \"dvpn\": swanctl --load-all'

# The one that is printed is the one of the guide.
for node in $NODES; do
	dvpnctl_in "$node" ipsec template >"$SCRATCH/template.$node" || bail_out "no template"
done
sed 's/replace this/replaced/' "$SCRATCH/template.spoke1" >"$SCRATCH/template"
swan_config spoke1 "$SCRATCH/template"
sed '/start_action/d' "$SCRATCH/template" >"$SCRATCH/no-trap"
sed 's/mode = transport/mode = tunnel/' "$SCRATCH/template" >"$SCRATCH/tunnel-mode"
sed 's/dynamic\[gre]/dynamic[udp]/' "$SCRATCH/template" >"$SCRATCH/udp"

# wrong FILE TEXT - with this swanctl.conf it says that
wrong()
{
	swan_config spoke1 "$SCRATCH/$1"
	swan_load spoke1
	check_within "$1: it says so" 15 says spoke1 "$2"
}

wrong no-trap 'starts IKE for no packet: it needs start_action = trap and mode = transport'
# It makes no trap of that.
wrong tunnel-mode 'starts IKE for no packet: it needs start_action = trap and mode = transport'
wrong udp 'not for packets of this tunnel: local_ts = dynamic[gre]'

for node in $NODES; do
	swan_config "$node" "$SCRATCH/template"
	swan_load "$node"
done
check_within "with the template spokes register" 30 registered spoke1 spoke2
check_within "and nothing is wrong any more" 15 nothing_wrong hub spoke1 spoke2
check_within "spoke1 has an association with the hub" 5 has_sa spoke1 192.168.50.1
check_within "the hub has one with each" 5 has_sa hub 192.168.50.2
check "of both" has_sa hub 192.168.50.3
check "it knows who that is" identifies hub 192.168.50.2
check "and strongSwan has the same" children_are hub 2

# Who starts anew finds what is there, and asks for nothing.
stop_dvpnd hub
start_dvpnd hub -
check_within "an agent that starts anew knows of both" 10 has_sa hub 192.168.50.2
check "and that" has_sa hub 192.168.50.3
check_within "and who is registered" 15 is_registered_with hub 192.168.111.2
pause 3
check_eq "it has no IKE begun" "$(grep -c 'initiating IKE_SA' "$RESULTS/charon-hub.log")" 0

ip -n spoke1 link set dvpn0 type dvpn ipsec off
check_within "a device that may send in clear is named" 10 says spoke1 \
	"ip link set dvpn0 type dvpn ipsec require"
ip -n spoke1 link set dvpn0 type dvpn ipsec require
check_within "and is not if it may not" 10 nothing_wrong spoke1

# An association that is gone is made again, by asking the peer.
before=$(spi_in spoke1 192.168.50.1)
check "the hub ends it" swan hub --terminate --ike dvpn
check_within "spoke1 has another one" 20 other_sa spoke1 192.168.50.1 "$before"
check_within "and both are registered" 20 registered spoke1 spoke2
check "pings go" ping_all spoke1 192.168.10.10

# The direct path has its own, which ends when the path has.
check_within "spoke1 and spoke2 talk directly" 30 eval \
	'in_ns lan1 ping -qn -c 1 -W 1 192.168.40.10; both_shortcuts'
check_within "by an association of their own" 5 has_sa spoke1 192.168.50.3
# Nobody uses the path any more: it ends with its holding time, the peer with it.
check_within "then it ends" 90 has_no_sa spoke1 192.168.50.3
check_within "on both sides" 90 has_no_sa spoke2 192.168.50.2
check "in strongSwan, too" children_are spoke1 1
check "that with the hub stays" has_sa spoke1 192.168.50.1

# strongSwan's end says nothing of peers.
swan_stop spoke1 KILL
check_within "killed, it is said to be gone" 10 says spoke1 "strongSwan is not running"
check "pings go by the associations that are there" ping_all spoke1 192.168.10.10
check "the hub is still registered with" registered spoke1
orphan=$(spi_in spoke1 192.168.50.1)
steady lan1 192.168.10.10 orphan
swan_start spoke1
swan_load spoke1
check_within "started again, all is well" 30 nothing_wrong spoke1
# The new one knows nothing of those: at the other end they will end, and here nobody would notice.
check_within "it is asked for an association of its own" 30 other_sa spoke1 192.168.50.1 "$orphan"
check_within "the one from before ends" 30 has_no_state spoke1 "$orphan"
# The other end uses the new one before it is installed here: what it sends until then is lost.
check "pings went on" ping_end "${STEADY[orphan]}" "$SCRATCH/steady.orphan"
lost=$(unanswered "$SCRATCH/steady.orphan")
diag "$lost of them were lost, at 50 a second"
check "but for a moment" [ "$lost" -lt 250 ]
check_within "and registered" 30 registered spoke1

# What the kernel has asked a strongSwan that was killed then keeps it from asking the next one.
kill -STOP "${CHARON_PID[spoke1]}"
ip -n spoke1 xfrm state flush
check_within "a message waits for an association" 30 waits spoke1
swan_stop spoke1 KILL
swan_start spoke1
swan_load spoke1
check_within "it is asked for again" 60 has_sa spoke1 192.168.50.1
check_within "and all is well" 30 nothing_wrong spoke1
