#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
# kernel: 6.1
#
# dvpnd with no more rights than dvpnd.service gives it: strongSwan's socket must be its group's.
# Who is who is known by certificates, which it hands to strongSwan.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"
# shellcheck source=tests/net/swan-keys.sh
. "${0%/*}/swan-keys.sh"
# shellcheck source=tests/net/swan-pki.sh
. "${0%/*}/swan-pki.sh"

NODES="hub spoke1 spoke2"
DVPND_BY="setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs
	--bounding-set=-all,+net_admin --inh-caps=-all,+net_admin --ambient-caps=-all,+net_admin"

# section NODE CONF - its config: CONF.conf with what protects the tunnel there
section()
{
	local dir=/run/swan/$1

	profile "$2" "$1"
	sed -i "s/ipsec-profile = .*/ipsec-profile = corp/
		/^tunnel/i ipsec corp {\\
			auth = pubkey\\
			certificate = $dir/swanctl/x509/cert.pem\\
			ca-certificate = $dir/swanctl/x509ca/ca.pem\\
		}" "$SCRATCH/agent.$1"
}

# knows NODE NAME - it has an association with who has that certificate
knows()
{
	dvpnctl_in "$1" --json show sas | grep -qF "\"identity\": \"CN=$2\""
}

# status_of NODE FIELD - of its dvpnd, as /proc has it
status_of()
{
	sed -n "s/^$2:\t*//p" "/proc/${DVPND_PID[$1]}/status"
}

swan_needed
swan_network
pki
for node in $NODES; do
	new_key "$node" -out "$PKI/$node.csr"
	sign "$node" ca "$PKI/$node.pem"
	pki_install "$node" "$PKI/$node.pem"
	section "$node" "${node%[12]}"
	mkdir -p "/run/node/$node/run" "/run/node/$node/lib"
	chown nobody:nogroup "/run/node/$node/run" "/run/node/$node/lib"
	swan_config "$node" /dev/null
	swan_start "$node"
	swan_load "$node"
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done
check_eq "dvpnd may set up networks, and nothing else" "$(status_of spoke1 CapEff)" 0000000000001000
check_within "strongSwan's socket is not for it: it says what to do" 15 says spoke1 \
	"no right to use /run/swan/spoke1/charon.vici: charon-systemd in strongswan.conf needs group"
for node in $NODES; do
	swan_stop "$node"
	swan_start "$node" "group = nogroup"
	swan_load "$node"
done
# shellcheck disable=SC2086
check_within "strongSwan has the group: nothing is wrong" 30 nothing_wrong $NODES
check_within "both spokes are registered" 30 registered spoke1 spoke2
check_within "spoke1 knows whom it has to do with" 15 \
	knows spoke1 hub
flip lan1 192.168.40.10 "between the spokes"
