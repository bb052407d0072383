#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
# kernel: 6.1
#
# dvpnd gives strongSwan its connection, each for the UDP port of its device: no swanctl.conf has more
# than the secret.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"
# shellcheck source=tests/net/swan.sh
. "${0%/*}/swan.sh"

NODES="hub spoke1 spoke2"
declare -A PORT=([hub]=4754 [spoke1]=5101 [spoke2]=5101)

# secret_only NODE... - their swanctl.conf
secret_only()
{
	local node

	for node; do
		sed -n '/^secrets/,/^}/p' "$SWAN_CONFIG" | swan_config "$node" -
	done
}

# section NODE [LINE...] - its config: LINEs in the section
section()
{
	local conf=spoke

	[ "$1" != hub ] || conf=hub
	{
		printf 'ipsec-socket = /run/swan/%s/charon.vici\n' "$1"
		printf 'ipsec corp {\n'
		printf '\t%s\n' "${@:2}"
		printf '}\n'
		sed '/^\t*tunnel/a encap = udp\nport = 5101\nipsec-profile = corp
			s/nbma = [^ ]*/&; port = 4754/' "$SCRATCH/$conf.conf"
	} >"$SCRATCH/agent.$1"
}

# reload NODE - with what section() has written
reload()
{
	cp "$SCRATCH/agent.$1" "/run/node/$1/etc/dvpnd.conf"
	dvpnctl_in "$1" reload >/dev/null
}

# conn_has NODE TEXT - the connection that strongSwan has
conn_has()
{
	swan "$1" --list-conns | grep -qF -- "$2"
}

# has_no_conn NODE
has_no_conn()
{
	[ -z "$(swan "$1" --list-conns)" ]
}

# trapped NODE SELECTOR - of ours
trapped()
{
	swan "$1" --list-pols --trap | grep -F 'local:' | grep -qF -- "$2"
}

# selected NODE TEXT - among the selectors of its associations
selected()
{
	swan "$1" --list-sas | grep -E 'local|remote' | grep -qF -- "$2"
}

swan_needed
load_dvpn
network_links
swan_warm
tunnel hub 1 redirect on port "${PORT[hub]}" ipsec require
hub_routes
for n in 1 2; do
	tunnel spoke$n $((n + 1)) port "${PORT[spoke$n]}" ipsec require
	ip -n spoke$n route add 192.168.0.0/16 via 192.168.111.1
done
agent_configs
# shellcheck disable=SC2086
secret_only $NODES
for node in $NODES; do
	section "$node"
	swan_start "$node"
	swan_load "$node"
	start_dvpnd "$node" "$SCRATCH/agent.$node"
done

check_within "both spokes are registered" 30 registered spoke1 spoke2
check_within "nothing is wrong" 15 nothing_wrong hub spoke1 spoke2
for node in $NODES; do
	check "$node has a trap policy for its own port" trapped "$node" "[udp/${PORT[$node]}]"
done
dvpnctl_in spoke1 ipsec template >"$SCRATCH/template"
check "the template has the secret" grep -q 'secret =' "$SCRATCH/template"
check "and no connection" eval '! grep -q "connections" "$SCRATCH/template"'

flip lan1 192.168.40.10 "spoke1 to spoke2"
check "spoke1 has the port of spoke2 in an association" selected spoke1 "[udp/${PORT[spoke2]}]"
check "and of its own" selected spoke1 "[udp/${PORT[spoke1]}]"

# What is in use stays when the connection is another one.
before=$(spi_in spoke1 192.168.50.1)
steady lan1 192.168.10.10 reload
section spoke1 "dpd-delay = 77" "rekey-time = 1800"
check "a reload with another section" reload spoke1
check_within "strongSwan has it" 10 conn_has spoke1 "77"
check_within "nothing is wrong with it" 10 nothing_wrong spoke1
steady_end reload "no packet was lost meanwhile"
check_eq "the association is the same" "$(spi_in spoke1 192.168.50.1)" "$before"

section spoke1 "esp-proposals = nonsense"
reload spoke1
check_within "what strongSwan refuses is said" 10 says spoke1 'strongSwan refuses connection \"corp\": '
diag "$(dvpnctl_in spoke1 --json status | grep -F reason)"
section spoke1
reload spoke1
check_within "and not when that is over" 10 nothing_wrong spoke1

ip -n spoke1 link set dvpn0 type dvpn port 5103
check_within "the device has another port: strongSwan, too" 15 trapped spoke1 "[udp/5103]"
check "and not the one before" eval '! trapped spoke1 "[udp/5101]"'
check_within "an association is for that port" 60 selected hub "[udp/5103]"
check_within "and pings go" 60 ping_all spoke1 192.168.10.10
check_within "nothing is wrong" 15 nothing_wrong spoke1

check "somebody loads the files anew" swan spoke1 --load-all
check_within "the connection comes back" 20 conn_has spoke1 corp
check_within "its trap policy, too" 10 trapped spoke1 "[udp/5103]"

swan_stop spoke1
swan_start spoke1
check "strongSwan started again: only the secret is loaded" swan spoke1 --load-creds
check_within "the connection comes back" 30 conn_has spoke1 corp
check_within "spoke1 has an association with the hub" 60 selected spoke1 "192.168.50.1/32[udp/4754]"
check_within "and is registered" 60 registered spoke1
check_within "nothing is wrong" 15 nothing_wrong spoke1

sed -i '/ipsec-profile/d' "$SCRATCH/agent.spoke1"
check "without a profile" reload spoke1
check_within "strongSwan loses the connection" 15 has_no_conn spoke1
