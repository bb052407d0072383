# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# udp.sh - for the tests of GRE in UDP; to be sourced after star.sh

# udp_to NODE PEER [WORD...] - both addresses of PEER by GRE in UDP
udp_to()
{
	map_to "$1" "$2" encap udp "${@:3}"
}

# udp_pair - hub and one, with nothing between them but GRE in UDP
udp_pair()
{
	load_dvpn
	star_add hub one
	tunnel_add hub port 4754
	tunnel_add one port 4754
	udp_to hub one
	udp_to one hub
}

# wire NAME FIELD... - these fields of the packets in a capture, a line for each sort of packet
wire()
{
	local name=$1 args=() field

	shift
	for field; do
		args+=(-e "$field")
	done
	decode "$name" -o udp.check_checksum:TRUE -d udp.port==4754,gre -T fields \
		-E occurrence=f -E separator=/s "${args[@]}" | sort -u
}

# stat_of NODE NAME - a counter of dvpn0
stat_of()
{
	map "$1" dev | sed -n "s/.* $2=\([0-9]*\).*/\1/p"
}

# at_least NUMBER COMMAND... - it prints no less than that
at_least()
{
	[ "$("${@:2}")" -ge "$1" ]
}

# below NUMBER LIMIT
below()
{
	[ "$1" -lt "$2" ]
}

# has_port NODE PORT - a UDP socket is bound to it
has_port()
{
	in_ns "$1" ss -Hauln "sport = :$2" | grep -q .
}

# has_no_port NODE PORT
has_no_port()
{
	! has_port "$@"
}

hostile()
{
	in_ns one python3 -BSEs "$TOP/tests/net/hostile-udp.py" "$@" >/dev/null
}

# stack_deaf NODE - its stack does not hear what routers say about the size of packets, the module
# does: kernels of late believe all that is said about UDP, and tests would not tell who learned.
stack_deaf()
{
	# The last chain of all, behind the module's hook.
	in_ns "$1" nft -f - <<-END || bail_out "nft"
		table inet deaf {
			chain last {
				type filter hook input priority 2147483647
				icmp type destination-unreachable drop
				icmpv6 type packet-too-big drop
			}
		}
	END
}
