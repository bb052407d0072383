#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
# kernel: 6.12
#
# Agent and module are not of one release. A module that cannot do what is configured: the agent
# says what that is and puts nothing into its table. One that can do more than the agent knows is
# as good as any. What the module says of itself is changed in its file; it is otherwise ours.
. "${0%/*}/lib.sh"
# shellcheck source=tests/demo/network.sh
. "${0%/*}/../demo/network.sh"
# shellcheck source=tests/net/spokes.sh
. "${0%/*}/spokes.sh"

# load CLEAR SET - the module, with these bits of its features cleared and set
load()
{
	"${0%/*}/module-features.py" "$DVPN_KO" "$SCRATCH/dvpn.ko" "$1" "$2" ||
		bail_out "cannot change the module"
	load_module "$SCRATCH/dvpn.ko"
	tunnel hub 1 redirect on port 4754
	tunnel spoke1 2 port 4754
}

unload()
{
	ip -n hub link delete dvpn0
	ip -n spoke1 link delete dvpn0
	unload_dvpn
}

# state_is STATE TEXT - of the spoke's tunnel, and why
state_is()
{
	local status

	status=$(dvpnctl_in spoke1 --json status)
	[[ $status == *"\"state\": \"$1\""* && $status == *"$2"* ]]
}

# encap WORD - the spoke's config from now on
encap()
{
	sed -i "s/encap = [a-z]*/encap = $1/" /run/node/spoke1/etc/dvpnd.conf
	dvpnctl_in spoke1 reload
}

# by_udp - the hub has the spoke so
by_udp()
{
	dvpnctl_in hub show maps | grep -q "udp 192.168.50.2:4754"
}

lacks="the module cannot do udp: load that of dvpn"
udp=0x4
network_links || bail_out "cannot build the network"
echo 'tunnel dvpn0 { role = nhs }' >"$SCRATCH/hub.conf"
echo 'tunnel dvpn0 { encap = udp; hub main { nbma = 192.168.50.1 } }' >"$SCRATCH/spoke1.conf"

load $udp 0
start_dvpnd hub "$SCRATCH/hub.conf"
start_dvpnd spoke1 "$SCRATCH/spoke1.conf"
check_within "UDP is configured: the agent says what is missing" 3 state_is no-module "$lacks"
check "in its log, too" grep -q "no-module: $lacks" "$RESULTS/dvpnd-spoke1.log"
check "it does no half of it: nothing is in the kernel's table" no_maps spoke1
check_eq "nothing was sent" "$(counter spoke1 dvpn0 tx_packets)" 0
check "the hub, which needs no UDP, runs" grep -q " up " <(dvpnctl_in hub status)
check "the spoke gives up UDP" encap gre
check_within "it is registered" 5 is_registered_with hub 192.168.111.2
check_fails "a reload that wants it again is refused" "tunnel dvpn0: $lacks" encap udp
check "the tunnel is what it was" state_is up ""
check "and works" ping_all spoke1 192.168.111.1

# The module is replaced while the agents wait.
check "unload" unload
check_within "without module" 5 state_is no-module "modprobe dvpn"
check "who cannot know what is missing does not refuse" dvpnctl_in spoke1 reload
load 0 0x80000000
check_within "a module that can do all, and what nobody knows: registered" 10 \
	is_registered_with hub 192.168.111.2
check_within "by UDP, no longer as it was registered before" 5 by_udp
check "traffic" ping_all spoke1 192.168.111.1
check "unload" unload
