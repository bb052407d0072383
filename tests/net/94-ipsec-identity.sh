#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 320
#
# Who IKE has proved to be at the other end of a security association owns what it registers: another
# one is refused its address, and both are named; it may move itself; whom the policy does not name
# is not registered.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

NODES="hub spoke1 spoke2"

# secret NAME [ID] - a section of that in swanctl.conf: the secret of NAME, for that ID or all
secret()
{
	printf 'ike-%s {\n%s\nsecret = "what only %s and the hub know"\n}\n' \
		"$1" "${2:+id = $2.example.net}" "$1"
}

# swan_as NODE NAME SECRET... - its swanctl.conf: that of the guide, but with an identity of its own
swan_as()
{
	{
		sed "/^secrets/,\$d; s/local {/&\n\t\t\tid = $2.example.net/" "$SWAN_CONFIG"
		printf '%s\n' 'secrets {' "${@:3}" '}'
	} >"$SCRATCH/swan.$1"
	swan_config "$1" "$SCRATCH/swan.$1"
}

# entry_of PROTOCOL - what the hub's table has of it
entry_of()
{
	dvpnctl_in hub --json show maps | tr -d '\n' | grep -o '{[^{]*{[^}]*}[^}]*}' |
		grep "\"protocol\": \"$1\""
}

# owner_is PROTOCOL IDENTITY IKE
owner_is()
{
	local entry

	entry=$(entry_of "$1")
	[[ $entry = *"\"identity\": \"$2\""* && $entry = *"\"ike\": \"$3\""* ]]
}

# at PROTOCOL - where the hub sends what is for it
at()
{
	dvpnctl_in hub show maps | awk -v address="$1" '$2 == address { print $3 }'
}

is_at()
{
	[ "$(at "$1")" = "$2" ]
}

# in_log NODE TEXT
in_log()
{
	grep -q "$2" "$RESULTS/dvpnd-$1.log"
}

# naks - how often the hub has refused
naks()
{
	dvpnctl_in hub show counters | awk '$2 == "nhrp" && $3 == "nak-sent" { n = $4 } END { print n + 0 }'
}

# refused_since NUMBER - of refusals
refused_since()
{
	[ "$(naks)" -gt "$1" ]
}

swan_needed
load_dvpn
network_links
swan_warm
tunnel hub 1 ipsec require
for n in 1 2; do
	tunnel spoke$n $((n + 1)) ipsec require
done
cat >"$SCRATCH/agent.hub" <<-END
	ipsec-socket = /run/swan/hub/charon.vici
	tunnel dvpn0 {
		role = nhs
		ipsec-profile = dvpn
		identity-required = yes
		identity berlin { ike = spoke1.example.net; claim = 192.168.111.2 }
		identity paris { ike = spoke2.example.net; claim = 192.168.111.2 192.168.111.3 }
	}
END
for n in 1 2; do
	cat >"$SCRATCH/agent.spoke$n" <<-END
		ipsec-socket = /run/swan/spoke$n/charon.vici
		tunnel dvpn0 {
			ipsec-profile = dvpn
			holding-time = 15
			hub main { nbma = 192.168.50.1 }
		}
	END
done
swan_as hub hub "$(secret one spoke1)" "$(secret two spoke2)" "$(secret three spoke3)"
swan_as spoke1 spoke1 "$(secret one)"
swan_as spoke2 spoke2 "$(secret two)"
for node in $NODES; do
	swan_start "$node"
	swan_load "$node"
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done

check_within "both spokes are registered" 60 registered spoke1 spoke2
check "spoke1 is berlin, by IKE" owner_is 192.168.111.2 berlin spoke1.example.net
check "spoke2 is paris, by IKE" owner_is 192.168.111.3 paris spoke2.example.net
check "the hub knows who its peers are" grep -q '"ike": "spoke2.example.net"' \
	<(dvpnctl_in hub --json show peers)
check_eq "nobody was refused, also while strongSwan was late" "$(naks)" 0

ip -n spoke2 address add 192.168.111.2/24 dev dvpn0
check_within "spoke2 claims the address of spoke1 and is told why not" 30 in_log spoke2 "unique"
check "the hub's log names both as IKE knows them" in_log hub \
	"192.168.111.2.*identity paris (IKE spoke2.example.net), owner berlin (IKE spoke1.example.net) at 192.168.50.2"
check "so does its table" grep -q "refused to paris (IKE spoke2.example.net) at 192.168.50.3" \
	<(dvpnctl_in hub --json show maps)
check_eq "spoke1 is where it was" "$(at 192.168.111.2)" 192.168.50.2
ip -n spoke2 address delete 192.168.111.2/24 dev dvpn0

ip -n spoke1 address add 192.168.111.9/24 dev dvpn0
check_within "spoke1 claims what is not its own, and is told" 30 \
	in_log spoke1 "192.168.111.9.*administratively"
check "the hub names it" in_log hub \
	"192.168.111.9.*may not claim.*identity berlin (IKE spoke1.example.net)"
ip -n spoke1 address delete 192.168.111.9/24 dev dvpn0

before=$(naks)
ip -n spoke1 address add 192.168.50.12/24 dev wan
ip -n spoke1 link set dvpn0 type dvpn local 192.168.50.12
check_within "spoke1 has another address, and the hub knows it" 60 \
	is_at 192.168.111.2 192.168.50.12
check_eq "it was not refused" "$(naks)" "$before"
check_within "and is who it was" 10 owner_is 192.168.111.2 berlin spoke1.example.net

stop_dvpnd hub KILL
start_dvpnd hub -
check_within "after a restart the hub knows whose it is" 30 \
	owner_is 192.168.111.2 berlin spoke1.example.net

swan_stop spoke2
ip -n spoke2 xfrm state flush
swan_as spoke2 spoke3 "$(secret three)"
swan_start spoke2
swan_load spoke2
check_within "whom no identity names is not registered" 90 in_log hub "192.168.111.3.*no identity"
check_within "nor is what it had, when that has ended" 60 is_at 192.168.111.3 ""
check_eq "spoke1 has what it had" "$(at 192.168.111.2)" 192.168.50.12

# --- no identity is configured -----------------------------------------------------------

sed -i '/identity/d' /run/node/hub/etc/dvpnd.conf
check "the hub has no identities any more" dvpnctl_in hub reload
check_within "both spokes are registered" 60 is_at 192.168.111.2 192.168.50.12
# Who was refused asks again within 90 s.
check_within "the other one, too" 100 is_at 192.168.111.3 192.168.50.3
for round in "at first" "after a restart"; do
	before=$(naks)
	ip -n spoke2 address add 192.168.111.2/24 dev dvpn0
	check_within "$round: another IKE identity is refused" 60 refused_since "$before"
	check_eq "$round: spoke1 has what it had" "$(at 192.168.111.2)" 192.168.50.12
	ip -n spoke2 address delete 192.168.111.2/24 dev dvpn0
	[ "$round" = "at first" ] || break
	stop_dvpnd hub KILL
	start_dvpnd hub -
	check_within "the hub's dvpnd starts anew" 30 is_at 192.168.111.2 192.168.50.12
done
check "the log names it" in_log hub \
	"192.168.111.2.*IKE identity spoke3.example.net, owner by IKE at 192.168.50.12"
