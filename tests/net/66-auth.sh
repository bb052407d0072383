#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
# kernel: 6.12
#
# A network that signs: who has no key gets nowhere, what was recorded counts once, agents that
# begin anew are heard, and the key is replaced while traffic flows.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

old=0f1e2d3c4b5a69788796a5b4c3d2e1f0ffeeddccbbaa99887766554433221100
new="and now a text that nobody guesses"
old_key="key 300 { secret = hex:$old }"
new_key="key 301 { secret = \"$new\" }"

# config NODE KEY SECTION...: what its agent reads at the next start or reload
config()
{
	local role='hub main { nbma = 192.168.50.1 }'

	[ "$1" != hub ] || role='role = nhs'
	mkdir -p "/run/node/$1/etc"
	printf '%s\n' 'tunnel dvpn0 {' "$role" 'auth = hmac' "key = $2" "${@:3}" '}' \
		>"/run/node/$1/etc/dvpnd.conf"
}

# reload_all KEY SECTION...: one after the other
reload_all()
{
	local node

	for node in hub spoke1 spoke2; do
		config $node "$@" && dvpnctl_in $node reload >/dev/null || return
		pause 1
	done
}

# hub_epoch - as its agent has written it down
hub_epoch()
{
	awk '$1 == "epoch" { print $2 }' /run/node/hub/lib/state
}

# hub_count COUNTER: its value
hub_count()
{
	dvpnctl_in hub show counters | awk -v name="$1" '
		$2 == "nhrp" && $3 == name { n = $4 } END { print n + 0 }'
}

is_counted()
{
	(($(hub_count "$1") > 0))
}

# spoke1_at: where the hub sends what is for it
spoke1_at()
{
	dvpnctl_in hub show maps | awk '$2 == "192.168.111.2" { print $3 }'
}

# what_people_see: of keys and everything around them
what_people_see()
{
	local node

	for node in hub spoke1 spoke2; do
		dvpnctl_in $node show running-config
		dvpnctl_in $node --json status
		dvpnctl_in $node --json show nhs
		cat "$RESULTS/dvpnd-$node.log"
	done
}

# is_secret: all of that has a key in it, and no secret
is_secret()
{
	what_people_see >"$SCRATCH/seen"
	grep -q 'key 30[01] {' "$SCRATCH/seen" && ! grep -iE "$old|$new" "$SCRATCH/seen"
}

is_not_registered()
{
	! registered "$1"
}

load_dvpn
network_up || bail_out "cannot build the network"
capture underlay br0 all "proto gre"
for node in hub spoke1 spoke2; do
	config $node 300 "$old_key"
	start_dvpnd $node -
done
check_within "both spokes are registered" 5 registered spoke1 spoke2
in_ns lan1 ping -qn -i 0.05 -c 40 192.168.40.10 >/dev/null
check_within "both have a shortcut" 2 both_shortcuts
check_eq "nobody was refused" "$(hub_count drop-authentication)" 0
check "no secret is shown anywhere" is_secret
capture_stop all
check_eq "all messages have an authentication extension with the key's id" \
	"$(decode all -Y 'nhrp && nhrp.auth_ext.spi != 300' | wc -l)" 0

# The first registration of spoke1, from where it was and from elsewhere
replayed=$(hub_count drop-replayed)
check "a recorded registration comes again" in_ns spoke1 "${0%/*}/inject.py" nhrp \
	"$RESULTS/all.pcap" 3 192.168.50.2 192.168.50.2
check "and from another place" in_ns spoke2 "${0%/*}/inject.py" nhrp \
	"$RESULTS/all.pcap" 3 192.168.50.2 192.168.50.3
twice_refused()
{
	(($(hub_count drop-replayed) == replayed + 2))
}
check_within "both are refused" 3 twice_refused
check_eq "spoke1 is where it was" "$(spoke1_at)" 192.168.50.2

steady lan1 192.168.40.10 keys 0.05
check "the new key is known to all" reload_all 300 "$old_key" "$new_key"
check "it is used by all" reload_all 301 "$old_key" "$new_key"
check "the old one is forgotten by all" reload_all 301 "$new_key"
epoch=$(hub_epoch)
stop_dvpnd hub
start_dvpnd hub -
newer_epoch()
{
	[ "$(hub_epoch)" -gt "$epoch" ]
}
check_within "a hub's agent that begins anew has a newer epoch" 5 newer_epoch
stop_dvpnd spoke1
start_dvpnd spoke1 -
check_within "both spokes are registered with the new key" 10 registered spoke1 spoke2
steady_end keys "no packet was lost meanwhile"
check_eq "and nobody was refused" \
	"$(hub_count drop-authentication) $(hub_count drop-unknown-key)" "0 0"

stop_dvpnd spoke2
ip -n spoke2 link delete dvpn0
tunnel spoke2 3
config spoke2 300 "$old_key"
start_dvpnd spoke2 -
check_within "who has the old key is counted" 5 is_counted drop-unknown-key
check_within "and is told" 5 grep -q 'authentication failure' "$RESULTS/dvpnd-spoke2.log"
sed -i '/auth\|key/d' /run/node/spoke2/etc/dvpnd.conf
check "spoke2 gives it up" dvpnctl_in spoke2 reload
check_within "who has none is counted" 10 is_counted drop-authentication
check "it is not registered" is_not_registered spoke2
check "the other one still is" registered spoke1
check "and no secret was shown" is_secret
