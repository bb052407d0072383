#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 400
# kernel: 6.12
#
# A hub with many spokes: all begin IKE at once, and replace their keys at once, while one whose
# certificate is of another CA tries on. One strongSwan plays them all, without tunnels.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"
# shellcheck source=tests/net/swan-pki.sh
. "${0%/*}/swan-pki.sh"

MANY=49

# certificate NODE CA [NAME...] - its own by that CA, also for these names
certificate()
{
	local names=DNS:$1.example

	[ $# -lt 3 ] || names=$(printf ',DNS:%s' "${@:3}")
	new_key "$1" -out "$PKI/$1.csr"
	echo "subjectAltName = ${names#,}" >"$PKI/$1.names"
	sign "$1" "$2" "$PKI/$1.pem" -days 20 -extfile "$PKI/$1.names"
	pki_install "$1" "$PKI/$1.pem"
}

# spokes - the same for each of them, with an address and a name of its own; who begins IKE begins
# to replace keys, too, of all at once
spokes()
{
	local n

	for ((n = 1; n <= MANY; n++)); do
		pki_config | sed "1,2d; \$d
			s/^\tdvpn {/\ts$n {\n\t\tlocal_addrs = 192.168.60.$n\n\t\trekey_time = 60s\n\t\tover_time = 600s\n\t\trand_time = 0s/
			s/remote_addrs.*/remote_addrs = 192.168.50.1/
			s/certs = cert.pem/&\n\t\t\tid = s$n.example/
			s/start_action.*/start_action = none/"
	done | sed '1i connections {
		$a }'
}

# associations - of the hub, as strongSwan has them: NAME SPI
associations()
{
	swan hub --list-sas | awk '
		/^  remote / { gsub("\047", ""); name = $2 }
		/^    in / { sub(",", ""); print name, $2 }' | grep '^s[0-9]*\.example' | sort
}

# whole - the hub has one association with each of them, and its dvpnd knows the same
whole()
{
	associations >"$SCRATCH/now"
	[ "$(wc -l <"$SCRATCH/now")" = $MANY ] &&
		[ "$(cut -d' ' -f1 "$SCRATCH/now" | sort -u | wc -l)" = $MANY ] &&
		[ "$(cut -d' ' -f2 "$SCRATCH/now" | sort)" = "$(dvpnctl_in hub --json show sas |
			sed -n 's/.*"spi_in": "0x\([0-9a-f]*\)".*/\1/p' | sort)" ]
}

# others_now FILE - none of those in FILE is left
others_now()
{
	whole && ! grep -qxFf "$1" "$SCRATCH/now"
}

# ikes - IKE_SAs of the hub with them
ikes()
{
	swan hub --list-sas | grep -oE '^dvpn: #[0-9]+, ESTABLISHED.*' |
		grep -oE '[0-9a-f]{16}_[ir]' | sort -u
}

# other_ikes FILE
other_ikes()
{
	ikes >"$SCRATCH/ikes"
	[ "$(wc -l <"$SCRATCH/ikes")" -ge $((2 * MANY)) ] && ! grep -qxFf "$1" "$SCRATCH/ikes"
}

# refusals - of the one
refusals()
{
	grep -c 'AUTH_FAILED' "$RESULTS/charon-bad.log"
}

# refused_again NUMBER - more often than that
refused_again()
{
	[ "$(refusals)" -gt "$1" ]
}

# tries_at_once - of the one, at most; a hub with much to do has a try begin anew
tries_at_once()
{
	awk '/initiating IKE_SA/ && $(NF - 2) != last {
			last = $(NF - 2)
			if (++open > most)
				most = open
		}
		/AUTH_FAILED/ { open-- }
		END { print most }' "$RESULTS/charon-bad.log"
}

swan_needed
load_dvpn
underlay_add underlay
ns_add hub bad many
underlay_join underlay hub wan 192.168.50.1/16
underlay_join underlay bad wan 192.168.50.2/16
underlay_join underlay many wan 192.168.60.1/16
for ((n = 2; n <= MANY; n++)); do
	echo "address add 192.168.60.$n/16 dev wan"
done | ip -n many -batch -
swan_warm
pki
certificate hub ca
certificate bad other
# shellcheck disable=SC2046
certificate many ca $(seq -f 's%g.example' $MANY)
tunnel hub 1 ipsec require
tunnel bad 2 ipsec require
# Associations that no peer of the module needs are ended.
for ((n = 1; n <= MANY; n++)); do
	in_ns hub dvpnmap dvpn0 add 192.168.111.$((100 + n)) 192.168.60.$n ||
		bail_out "dvpnmap"
done
agent_configs
profile hub hub
profile spoke bad
for node in hub bad; do
	pki_config | swan_config $node -
done
spokes | swan_config many -
for node in hub bad many; do
	swan_start $node "retransmit_timeout = 20"
	swan_load $node
done
start_dvpnd hub "$SCRATCH/agent.hub"
start_dvpnd bad "$SCRATCH/agent.bad"
check_within "the one is refused" 60 refused_again 0

for ((n = 1; n <= MANY; n++)); do
	echo s$n
done | in_ns many env STRONGSWAN_CONF=/run/swan/many/strongswan.conf xargs -P $MANY -n 1 \
	swanctl --initiate --uri unix:///run/swan/many/charon.vici --timeout -1 --child dvpn --ike \
	>"$SCRATCH/initiate" 2>&1
check_within "the hub has an association with each of $MANY" 180 whole
up=$(grep -c ' sa-up:' "$RESULTS/dvpnd-hub.log")
check_eq "each came up once" "$up" $MANY

before=$(refusals)
cp "$SCRATCH/now" "$SCRATCH/before"
ikes >"$SCRATCH/ikes.before"
check "all replace their keys at once" swan many --rekey --child dvpn
check_within "nothing old is left" 180 others_now "$SCRATCH/before"
check_within "nor of the IKE_SAs, in their time" 180 other_ikes "$SCRATCH/ikes.before"
check_within "there is one association with each" 60 whole
check_eq "none was gone meanwhile" "$(grep -c ' sa-down:' "$RESULTS/dvpnd-hub.log")" 0
check_within "the one is refused, as before" 120 refused_again "$before"
check "and has none" has_no_sa hub 192.168.50.2
check_eq "and makes one try at a time" "$(tries_at_once)" 1
