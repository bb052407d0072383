#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
#
# The same as 37-firewall with IPv6 outside, where nothing of the stack stands between the hook and
# the rules: each chain sees each packet once, and conntrack knows the tunnel.
. "${0%/*}/lib.sh"
. "${0%/*}/star.sh"
. "${0%/*}/firewall.sh"

GRE="meta nfproto ipv6 meta l4proto gre"
FROM_ONE="iifname wan $GRE ip6 saddr 2001:db8::2"
TO_ONE="oifname wan $GRE ip6 daddr 2001:db8::2"
# As conntrack writes them.
ONE=2001:0db8:0000:0000:0000:0000:0000:0002
HUB=2001:0db8:0000:0000:0000:0000:0000:0001

# hit NAME - packets that a counter of the hub saw
hit()
{
	hits hub "$1" inet
}

load_dvpn
star_add hub one two
OUTSIDE=([hub]=2001:db8::1 [one]=2001:db8::2 [two]=2001:db8::3)
for node in hub one two; do
	ip -n $node address add "${OUTSIDE[$node]}/64" dev wan
	tunnel_add $node
done
for node in one two; do
	map_to hub $node
	map_to $node hub
done
check "traffic" ping_all one 10.0.0.1

# --- what the chains see -----------------------------------------------------------------

rules hub <<-END
	table inet t {
		counter prerouting { }
		counter input { }
		counter output { }
		counter postrouting { }
		chain prerouting {
			type filter hook prerouting priority raw;
			$FROM_ONE counter name prerouting
		}
		chain input {
			type filter hook input priority filter;
			$FROM_ONE counter name input
		}
		chain output {
			type filter hook output priority filter;
			$TO_ONE counter name output
		}
		chain postrouting {
			type filter hook postrouting priority filter;
			$TO_ONE counter name postrouting
		}
	}
END
check "traffic with rules" ping_all one 10.0.0.1 5
for counter in prerouting input output postrouting; do
	check_eq "each packet passes once: $counter" "$(hit $counter)" 5
done

rules hub <<-END
	table inet t {
		chain input {
			type filter hook input priority filter;
			$FROM_ONE drop
		}
	}
END
before=$(counter hub dvpn0 rx_packets)
check_fails "what INPUT drops does not enter" "100% packet loss" lost one 10.0.0.1
check_eq "the device has not seen it" "$(counter hub dvpn0 rx_packets)" "$before"
check "others do" ping_all two 10.0.0.1

rules hub <<-END
	table inet t {
		chain output {
			type filter hook output priority filter;
			$TO_ONE drop
		}
	}
END
before=$(counter hub dvpn0 tx_dropped)
check_fails "what OUTPUT drops does not leave" "100% packet loss" lost one 10.0.0.1
check "the device counts it" [ "$(counter hub dvpn0 tx_dropped)" -gt "$before" ]

# --- conntrack ---------------------------------------------------------------------------

rules hub <<-END
	table inet t {
		counter fresh { }
		counter established { }
		chain input {
			type filter hook input priority filter;
			iifname dvpn0 udp dport 9 drop
			$FROM_ONE ct state new counter name fresh
			$FROM_ONE ct state established counter name established
			iifname wan $GRE ip6 saddr 2001:db8::3 ct state != established drop
		}
	}
END
# shellcheck disable=SC2016
in_ns one bash -c 'for n in 1 2 3 4 5; do echo >/dev/udp/10.0.0.1/9; done'
check_within "packets that nobody answers are new" 5 eval '[ "$(hit fresh)" = 5 ]'
check_eq "and one connection" "$(connections hub $ONE $HUB)" 1
check_eq "that is known to be unanswered" "$(unanswered_connections hub $ONE $HUB)" 1
check "answered ones" ping_all one 10.0.0.1 4
check_eq "belong to it" "$(connections hub $ONE $HUB)" 1
check_eq "that is answered" "$(unanswered_connections hub $ONE $HUB)" 0
check_eq "and is established from the second on" "$(hit established)" 3
check_fails "whom only answers are taken from cannot begin" "100% packet loss" lost two 10.0.0.1
check "but answer" ping_all hub 10.0.0.3
check "and from then on talk" ping_all two 10.0.0.1

rules hub <<-END
	table inet t {
		counter untracked { }
		chain prerouting {
			type filter hook prerouting priority raw;
			$GRE notrack
		}
		chain output {
			type filter hook output priority raw;
			$GRE notrack
		}
		chain input {
			type filter hook input priority filter;
			$GRE ct state untracked counter name untracked
			$GRE drop
		}
	}
END
check_fails "untracked packets meet the rules, too" "100% packet loss" lost one 10.0.0.1
check_eq "as what they are" "$(hit untracked)" 2
in_ns hub nft flush chain inet t input
check "and need no connection" ping_all one 10.0.0.1
