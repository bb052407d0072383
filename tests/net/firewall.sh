# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# firewall.sh - nftables and conntrack; to be sourced after lib.sh

# rules NODE - replaces all rules of a node
rules()
{
	(echo "flush ruleset"; cat) | in_ns "$1" nft -f - || bail_out "nft does not take the rules"
}

# hits NODE NAME [FAMILY] - packets that a named counter of table "t" saw
hits()
{
	in_ns "$1" nft -j list counter "${3:-ip}" t "$2" |
		sed 's/.*"packets": \([0-9]*\).*/\1/'
}

lost()
{
	in_ns "$1" ping -qn -c 2 -i 0.1 -W 1 "$2"
}

# connections NODE FROM TO - entries of conntrack about GRE between them, who are written as there
connections()
{
	in_ns "$1" grep -c "gre .*src=$2 dst=$3 .*src=$3 dst=$2" /proc/net/nf_conntrack
}

# unanswered_connections NODE FROM TO - those of them that nobody has answered yet
unanswered_connections()
{
	in_ns "$1" grep -c "gre .*src=$2 dst=$3 .*UNREPLIED.* src=$3 dst=$2" /proc/net/nf_conntrack
}
