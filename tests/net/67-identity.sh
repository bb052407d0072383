#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
# kernel: 6.12
#
# Spokes that have a key each: one that moves is not refused (T12), another one that has its
# address is, and both are named (T22), as is one that claims what it may not (T20). A hub whose
# agent begins anew knows whose is what.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

group="key 500 { secret = \"a text that the whole group knows\" }"
key1="key 301 { secret = \"a text that spoke1 and the hub know\" }"
key2="key 302 { secret = \"a text that spoke2 and the hub know\" }"

# spoke_config KEY SECTION [WORD...]
spoke_config()
{
	printf '%s\n' 'tunnel dvpn0 {' 'auth = hmac' 'key = 500' "$group" "$2" \
		"hub main { nbma = 192.168.50.1; protocol = 192.168.111.1; key = $1 }" \
		"${@:3}" '}'
}

# owner_is PROTOCOL IDENTITY: so says the hub's table
owner_is()
{
	dvpnctl_in hub --json show maps | tr -d '\n' | grep -o '{[^{]*{[^}]*}[^}]*}' |
		grep "\"protocol\": \"$1\"" | grep -q "\"identity\": \"$2\""
}

# at ADDRESS: where the hub sends what is for it
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

# naks: how often the hub has refused
naks()
{
	dvpnctl_in hub show counters | awk '$2 == "nhrp" && $3 == "nak-sent" { n = $4 } END { print n + 0 }'
}

load_dvpn
network_up || bail_out "cannot build the network"
cat >"$SCRATCH/hub.conf" <<-END
	tunnel dvpn0 {
		role = nhs
		auth = hmac
		key = 500
		identity-required = yes
		$group
		$key1
		$key2
		identity berlin { key = 301; claim = 192.168.111.2 }
		identity paris { key = 302; claim = 192.168.111.2 192.168.111.3 }
	}
END
spoke_config 301 "$key1" >"$SCRATCH/spoke1.conf"
spoke_config 302 "$key2" >"$SCRATCH/spoke2.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke1.conf"
start_dvpnd spoke2 "$SCRATCH/spoke2.conf"
check_within "both spokes are registered" 5 registered spoke1 spoke2
check "spoke1 is berlin" owner_is 192.168.111.2 berlin
check "spoke2 is paris" owner_is 192.168.111.3 paris
in_ns lan1 ping -qn -i 0.05 -c 40 192.168.40.10 >/dev/null
check_within "both have a shortcut" 2 both_shortcuts

ip -n spoke1 address add 192.168.50.12/24 dev wan
ip -n spoke1 link set dvpn0 type dvpn local 192.168.50.12
check_within "T12: spoke1 has another address, and the hub knows it" 3 \
	is_at 192.168.111.2 192.168.50.12
check_eq "it was not refused" "$(naks)" 0
check "and is who it was" owner_is 192.168.111.2 berlin

stop_dvpnd hub KILL
start_dvpnd hub -
check "after a restart the hub knows whose it is" owner_is 192.168.111.2 berlin

steady hub 192.168.111.2 owner
ip -n spoke2 address add 192.168.111.2/24 dev dvpn0
check_within "T22: spoke2 claims the address of spoke1 and is told why not" 5 \
	in_log spoke2 "unique"
check "the hub's log names both" \
	in_log hub "192.168.111.2.*identity paris, owner berlin at 192.168.50.12"
check "so does its table" grep -q "refused to paris at 192.168.50.3" \
	<(dvpnctl_in hub show maps)
check_eq "spoke1 is where it was" "$(at 192.168.111.2)" 192.168.50.12
steady_end owner "and lost nothing"
ip -n spoke2 address delete 192.168.111.2/24 dev dvpn0

ip -n spoke1 address add 192.168.111.9/24 dev dvpn0
check_within "T20: spoke1 claims what is not its own, and is told" 5 \
	in_log spoke1 "192.168.111.9.*administratively"
check "the hub names it" in_log hub "192.168.111.9.*may not claim.*identity berlin"
check_eq "and has no such spoke" "$(at 192.168.111.9)" ""
ip -n spoke1 address delete 192.168.111.9/24 dev dvpn0

stop_dvpnd spoke2
sed -i 's/key = 302/key = 500/' "$SCRATCH/spoke2.conf"
start_dvpnd spoke2 "$SCRATCH/spoke2.conf"
check_within "who has the group's key only is refused" 5 \
	in_log hub "192.168.111.3.*signed"
