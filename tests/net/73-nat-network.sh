#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 80
# kernel: 6.12
#
# One hub for spokes that use GRE and spokes that use GRE in UDP, two of them behind one NAT:
# everybody reaches everybody, nobody takes another one's place, and who cannot go direct goes by
# the hub without loss.
. "${0%/*}/lib.sh"

# node NAME NUMBER [OPTION]... - the device, and a LAN behind it
node()
{
	ns_forward "$1"
	ip -n "$1" -batch - <<-END
		link add lan type dummy
		address add 10.$2.0.1/24 dev lan
		link set lan up
		link add dvpn0 type dvpn key 42 ${@:3}
		address add 192.168.111.$2/24 dev dvpn0
		link set dvpn0 up
	END
	[ "$1" = hub ] && return
	ip -n "$1" route add 10.0.0.0/8 via 192.168.111.1
	ip -n hub route add "10.$2.0.0/16" via "192.168.111.$2"
}

# spoke NAME ENCAP - its agent
spoke()
{
	echo "tunnel dvpn0 { encap = $2; hub main { nbma = 192.168.50.1 } }" >"$SCRATCH/$1.conf"
	start_dvpnd "$1" "$SCRATCH/$1.conf"
}

# at NUMBER - where the hub has this spoke
at()
{
	dvpnctl_in hub show maps | sed -n "s/^dvpn0 *192.168.111.$1 *\(.*[0-9]\) *registered.*/\1/p"
}

all_registered()
{
	[ -n "$(at 2)" ] && [ -n "$(at 3)" ] && [ -n "$(at 5)" ] && [ -n "$(at 6)" ]
}

places()
{
	local n

	for n in 2 3 5 6; do
		at $n
	done
}

# path NODE ADDRESS - time to live of an answer: 64 straight, 63 by the hub
path()
{
	in_ns "$1" ping -nc 1 -W $((2 * DVPN_TIME_SCALE)) "$2" | sed -n 's/.* ttl=\([0-9]*\).*/\1/p'
}

load_dvpn
underlay_add underlay
underlay_add inside
ns_add hub gre udp nat left right
underlay_join underlay hub wan 192.168.50.1/24
underlay_join underlay gre wan 192.168.50.2/24
underlay_join underlay udp wan 192.168.50.3/24
underlay_join underlay nat wan 192.168.50.4/24
underlay_join inside nat lan 198.51.100.1/24
underlay_join inside left wan 198.51.100.5/24
underlay_join inside right wan 198.51.100.6/24
ip -n left route add default via 198.51.100.1
ip -n right route add default via 198.51.100.1
ns_forward nat
in_ns nat nft -f - <<END
table ip nat {
	chain out {
		type nat hook postrouting priority srcnat
		oifname wan masquerade
	}
}
END
node hub 1 local 192.168.50.1 port 4754 redirect on
node gre 2
node udp 3 port 4754
node left 5 port 4754
node right 6 port 4754
echo "tunnel dvpn0 { role = nhs }" >"$SCRATCH/hub.conf"
start_dvpnd hub "$SCRATCH/hub.conf"
for node in gre udp; do
	spoke "$node" "$node"
done
spoke left udp
spoke right udp
check_within "all four are registered" 10 all_registered
was=$(places)
diag "$was"
check_eq "one by GRE, one by UDP" "$(at 2), $(at 3)" "192.168.50.2, udp 192.168.50.3:4754"
check_eq "two behind one address" "$(at 5 | cut -d: -f1), $(at 6 | cut -d: -f1)" \
	"udp 192.168.50.4, udp 192.168.50.4"
check "at two ports" [ "$(at 5)" != "$(at 6)" ]

# Each pair, in both directions at once: who has a better path takes it meanwhile.
steady left 10.6.0.1 left-right 0.1
steady right 10.2.0.1 right-gre 0.1
steady gre 10.5.0.1 gre-left 0.1
steady udp 10.6.0.1 udp-right 0.1
steady gre 10.3.0.1 gre-udp 0.1
steady udp 10.5.0.1 udp-left 0.1
pause 6
steady_end left-right "between the two behind the NAT nothing is lost"
steady_end right-gre "from there to the one with GRE"
steady_end gre-left "and back to the other one"
steady_end udp-right "from the one with UDP to one behind the NAT"
steady_end udp-left "and to the other one"
steady_end gre-udp "nor between GRE and UDP"
check_eq "GRE and UDP do not go direct" "$(path gre 10.3.0.1)" 63
check_eq "all are where they were" "$(places)" "$was"
check_eq "nobody moved, nobody was in another one's place" \
	"$(grep -cE 'moved|conflict|behind one public address' "$RESULTS/dvpnd-hub.log")" 0

# The NAT gets another address and forgets its bindings: what a spoke says next tells the hub
# where it is.
ip -n nat -batch - <<END
address delete 192.168.50.4/24 dev wan
address add 192.168.50.44/24 dev wan
END
moved()
{
	pings left 192.168.111.1
	pings right 192.168.111.1
	[[ $(at 5) == "udp 192.168.50.44:"* && $(at 6) == "udp 192.168.50.44:"* ]]
}
check_within "the NAT has another address: the hub finds both there" 15 moved
check "and they reach each other" ping_all left 10.6.0.1
