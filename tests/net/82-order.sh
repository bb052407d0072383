#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 150
# soak time limit: 1500
# kernel: 6.12
#
# What makes a spoke a spoke - device, addresses inside and outside, domain, hub, authentication -
# is set up in one order and another (T60): what comes of it is always the same, and nothing is
# restarted.
. "${0%/*}/lib.sh"

# Each is done when its turn comes; an address needs its device, the domain too.
ORDERS=(
	"source device address domain hub auth"
	"auth hub device domain address source"
	"hub auth source device address domain"
	"hub device address auth domain source"
	"device domain auth address hub source"
	"auth source hub device domain address"
)
STEPS="source device address domain hub auth"
[ -z "${DVPN_SOAK-}" ] || for ((i = 0; i < 94; i++)); do
	mapfile -t shuffled < <(tr ' ' '\n' <<<"$STEPS" | shuf --random-source=<(yes "$i"))
	ORDERS+=("${shuffled[*]}")
done

source_step()
{
	ip -n spoke address add 192.168.50.2/24 dev wan
}

device_step()
{
	ip -n spoke link add dvpn0 type dvpn local 192.168.50.2 key 42
	ip -n spoke link set dvpn0 up
}

address_step()
{
	ip -n spoke address add 192.168.111.2/24 dev dvpn0
}

domain_step()
{
	ip -n spoke link set dvpn0 type dvpn domain 7
}

# The agent comes with its hub: there is no spoke without one.
hub_step()
{
	hub='hub main { nbma = 192.168.50.1 }'
	config
	start_dvpnd spoke -
}

auth_step()
{
	auth='auth = hmac; key = 300; key 300 { secret = "of hub and spoke alike" }'
	config
}

# config - is written anew, and read by an agent that runs
config()
{
	printf '%s\n' "tunnel dvpn0 {" "$auth" "$hub" "}" >"$conf"
	[ -z "${DVPND_PID[spoke]-}" ] || dvpnctl_in spoke reload >/dev/null ||
		failures+=" reload"
}

# has_device - what needs it can be done
has_device()
{
	ip -n spoke link show dvpn0 >/dev/null 2>&1
}

# in_order STEP... - one that needs the device is put off until it is there
in_order()
{
	local step delayed late=

	for step; do
		case $step in
		address | domain)
			has_device || { late+=" $step"; continue; }
			;;
		esac
		"${step}_step" || failures+=" $step"
		has_device || continue
		for delayed in $late; do
			"${delayed}_step" || failures+=" $delayed"
		done
		late=
	done
}

is_up()
{
	[[ $(dvpnctl_in spoke --json show nhs) == *'"state": "registered"'* ]] &&
		[[ $(dvpnctl_in spoke --kernel --json show maps) == *'"192.168.111.1"'* ]] &&
		pings spoke 192.168.111.1
}

# outcome - what there is now, without ages, ids and link-local addresses, which are made up
outcome()
{
	ip -n spoke -d link show dvpn0 | grep -oE ' (local|key|domain|mtu) [^ ]+|[<,]UP[,>]'
	dvpnctl_in spoke show maps | awk '$2 ~ /^192/ { print $1, $2, $3, $4, $5 }' | sort
	dvpnctl_in hub show maps | awk '$2 ~ /^192/ { print $1, $2, $3, $4, $5 }' | sort
	dvpnctl_in spoke --json status | grep -oE '"(state|role|tunnel)": "[^"]*"'
	dvpnctl_in spoke show running-config
}

# undone - the spoke is as before
undone()
{
	stop_dvpnd spoke
	unset "DVPND_PID[spoke]"
	ip -n spoke link delete dvpn0
	ip -n spoke address flush dev wan
	rm -rf /run/node/spoke/lib "$conf"
	hub='' auth=''
}

load_dvpn
underlay_add underlay
ns_add hub spoke
underlay_join underlay hub wan 192.168.50.1/24
underlay_join underlay spoke wan 192.168.50.2/24
ip -n spoke address flush dev wan
ip -n hub -batch - <<-END
	link add dvpn0 type dvpn local 192.168.50.1 key 42
	address add 192.168.111.1/24 dev dvpn0
	link set dvpn0 up
END
cat >"$SCRATCH/hub.conf" <<-END
	tunnel dvpn0 {
		role = nhs
		auth = hmac
		key = 300
		key 300 { secret = "of hub and spoke alike" }
	}
END
start_dvpnd hub "$SCRATCH/hub.conf"
mkdir -p /run/node/spoke/etc
conf=/run/node/spoke/etc/dvpnd.conf
hub='' auth='' first='' failures=
for order in "${ORDERS[@]}"; do
	# shellcheck disable=SC2086
	in_order $order
	check_within "$order: it is up" 30 is_up || break
	[ -n "$first" ] || first=$(outcome)
	check_eq "and what there is now is what there always is" "$(outcome)" "$first"
	undone
done
check_eq "no step was refused, in any order" "$failures" ""
diag "$first"
