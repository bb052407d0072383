#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# GRE of all kinds on one host: fragments, headers that others use, and every other tunnel of
# the kernel beside dvpn, whatever comes and goes.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"

MODULES="ip_gre ip6_gre fou pptp nf_conntrack_pptp"

# pieces FROM KIND... - GRE packets with pings inside, from the spoke to the hub
pieces()
{
	in_ns one python3 -BSEs "$TOP/tests/net/gre-pieces.py" "$1" 192.0.2.1 10.0.0.2 10.0.0.1 "${@:2}"
}

# entered - pings that came to the hub's stack so far, by whatever way
entered()
{
	in_ns hub awk '$1 == "Icmp:" && !n { for (n = 2; $n != "InEchos"; n++); next }
		$1 == "Icmp:" { print $n }' /proc/net/snmp
}

# left - packets that the hook left to others so far: counted behind it
left()
{
	in_ns hub nft -j list counter ip behind left | sed 's/.*"packets": \([0-9]*\).*/\1/'
}

# takes NAME KIND... - the device takes it: all the pings in it enter
takes()
{
	local name=$1 before=$entered_by_now

	shift
	pieces 192.0.2.2 "$@"
	entered_by_now=$((before + $#))
	check_within "$name" 5 eval '[ "$(entered)" = $entered_by_now ]'
	entered_by_now=$(entered)
}

# refuses NAME KIND - nothing of it enters. The packet behind it shows that it was there.
refuses()
{
	pieces 192.0.2.2 "$2" whole
	wait_for 5 eval '[ "$(entered)" -gt $entered_by_now ]'
	check_eq "$1" "$(entered)" $((entered_by_now + 1))
	entered_by_now=$(entered)
}

# both - commands of ip for each node: "@" is its own last number, "%" that of the other
both()
{
	local batch

	batch=$(cat)
	sed 's/@/1/g; s/%/2/g' <<<"$batch" | ip -n hub -batch - &&
		sed 's/@/2/g; s/%/1/g' <<<"$batch" | ip -n one -batch -
}

load_dvpn
star_add hub one
tunnel_add hub
tunnel_add one
map_to hub one
map_to one hub
in_ns hub nft -f - <<-END
	table ip behind {
		counter left { }
		chain input {
			type filter hook input priority 2147483647;
			ip protocol gre counter name left
		}
	}
END

# --- fragments ---------------------------------------------------------------------------

entered_by_now=$(entered)
takes "a GRE packet" whole
takes "fragments in order" in-order
takes "from the last to the first" reverse
takes "in any order" shuffled
takes "each twice" twice
refuses "one is missing: nothing enters" gap
refuses "the last alone" tail
refuses "one that overlaps others: nothing enters" overlap
both <<-END
	link set dvpn0 type dvpn df unset
	link set wan mtu 600
END
check "devices that fragment, and reassemble" ping_all hub 10.0.0.2 3 -s 1300
both <<-END
	link set wan mtu 1500
	link set dvpn0 type dvpn df set
END

# --- headers -----------------------------------------------------------------------------

entered_by_now=$(entered)
takes "with a sequence number" seq
takes "with a checksum" csum
takes "with a bit that has to be ignored" reserved
check_eq "nothing was left to others so far" "$(left)" 0
refuses "with source routes: not ours" routing
refuses "version 1, PPTP: not ours" version1
refuses "a version that does not exist: not ours" version7
check_eq "these were left to others" "$(left)" 3

# --- other tunnels -----------------------------------------------------------------------

# shellcheck disable=SC2086
check "all modules of other tunnels" modprobe -a $MODULES
ip -n hub address add 2001:db8::1/64 dev wan
ip -n one address add 2001:db8::2/64 dev wan
ip -n one address add 192.0.2.9/24 dev wan
both <<-END
	link add gre1 type gre local 192.0.2.@ remote 192.0.2.% key 42 ttl 64
	link add tap1 type gretap local 192.0.2.@ remote 192.0.2.% key 43 ttl 64
	link add span1 type erspan seq key 44 local 192.0.2.@ remote 192.0.2.% erspan_ver 1 erspan 7
	link add six1 type ip6gre local 2001:db8::@ remote 2001:db8::% key 45
	link add sixtap1 type ip6gretap local 2001:db8::@ remote 2001:db8::% key 46
	fou add port 5555 ipproto 47
	link add fou1 type gre local 192.0.2.@ remote 192.0.2.% key 47 ttl 64 encap fou \
encap-sport auto encap-dport 5555
	address add 10.1.1.@/24 dev gre1
	address add 10.1.2.@/24 dev tap1
	address add 10.1.3.@/24 dev span1
	address add 10.1.4.@/24 dev six1
	address add 10.1.5.@/24 dev sixtap1
	address add 10.1.6.@/24 dev fou1
	link set gre1 up
	link set tap1 up
	link set span1 up
	link set six1 up
	link set sixtap1 up
	link set fou1 up
	link set gre0 up
END
for tunnel in "1 gre with another key" "2 gretap" "3 erspan" "4 ip6gre" "5 ip6gretap" \
	"6 gre over fou"; do
	check "${tunnel#* }" wait_for 5 pings one "10.1.${tunnel%% *}.1"
done
check "dvpn between them" ping_all one 10.0.0.1
before=$(counter hub gre0 rx_packets)
pieces 192.0.2.9 whole
check_within "gre0 gets what comes from no peer" 5 \
	eval '[ "$(counter hub gre0 rx_packets)" = $((before + 1)) ]'
entered_by_now=$(entered)
takes "and nothing of what does" whole
check_eq "really" "$(counter hub gre0 rx_packets)" $((before + 1))

# --- what comes and goes -----------------------------------------------------------------

steady one 10.1.1.1 gre
in_ns hub ip link del dvpn0
in_ns one ip link del dvpn0
check "dvpn goes under traffic of ip_gre" unload_dvpn
load_dvpn
tunnel_add hub
tunnel_add one
map_to hub one
map_to one hub
check "and comes" ping_all one 10.0.0.1
steady_end gre "ip_gre lost nothing by that"

steady one 10.0.0.1 dvpn
both <<-END
	link del gre1
	link del tap1
	link del span1
	link del six1
	link del sixtap1
	link del fou1
	fou del port 5555
END
unloads=
for order in "$MODULES" "pptp ip6_gre fou nf_conntrack_pptp ip_gre" \
	"nf_conntrack_pptp ip_gre pptp fou ip6_gre"; do
	for module in $order; do
		modprobe -r "$module" || unloads="$unloads $module"
	done
	for module in $order; do
		modprobe "$module" || unloads="$unloads $module"
	done
done
check_eq "other modules go and come in any order" "$unloads" ""
steady_end dvpn "dvpn lost nothing by that"
modprobe -ra $MODULES
check "unload" unload_dvpn
