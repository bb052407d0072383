#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
#
# The device by ip(8): create, change, show, and what is refused, in words.
. "${0%/*}/lib.sh"

load_dvpn
ns_add node
ip -n node link add eth0 type dummy
ip -n node addr add 192.0.2.1/24 dev eth0
ip -n node link set eth0 up

# link WORD... - ip link in the namespace
link()
{
	ip -n node link "$@"
}

# info NAME - what is shown of the device's options, as text
info()
{
	ip -n node -d link show "$1" | sed -n 's/^ *dvpn \(.*[^ ]\) *addrgenmode.*/\1/p'
}

# json NAME EXPRESSION - a value of what is shown as JSON; fails if it is not valid
json()
{
	ip -n node -d -s -j link show "$1" |
		python3 -c 'import json, sys
link = json.load(sys.stdin)[0]
data = link["linkinfo"].get("info_data", {})
print(eval(sys.argv[1]))' "$2"
}

# --- create ------------------------------------------------------------------------------

defaults="local any nodev nokey port 0 ttl 64 tos 0x0 df set mss auto domain 0 redirect off \
ipsec off csum off udpcsum on udp6csum on fwmark 0x0 if_id 0x0 max-maps 16384 \
max-peers 16384 queue 0 agent-grace 0 rx-source loose"

check "a device without options" link add plain type dvpn
check_eq "it has the defaults" "$(info plain)" "$defaults"
check_eq "its MTU is 1400" "$(json plain 'link["mtu"]')" 1400
check_fails "a second one with the same tuple is refused" 'Error: .*(dvpn|device|tuple)' \
	link add plain2 type dvpn
check "nothing is left of the refused one" test ! -e /sys/class/net/plain2
check "the words that are shown make the same device" eval "
	link del plain && link add plain type dvpn $defaults"
check_eq "and it shows the same" "$(info plain)" "$defaults"
link del plain

check "a device with every option that can be set" \
	link add dvpn0 type dvpn local 192.0.2.1 dev eth0 key 42 ttl inherit tos 0x10 df unset \
	mss 1240 domain 7 redirect on max-maps 100 max-peers 200 agent-grace 60
wanted="local 192.0.2.1 dev eth0 key 42 port 0 ttl inherit tos 0x10 df unset mss 1240 domain 7 \
redirect on ipsec off csum off udpcsum on udp6csum on fwmark 0x0 if_id 0x0 max-maps 100 \
max-peers 200 queue 0 agent-grace 60 rx-source loose"
check_eq "all of them are shown" "$(info dvpn0)" "$wanted"

# --- show --------------------------------------------------------------------------------

check_eq "JSON: kind" "$(json dvpn0 'link["linkinfo"]["info_kind"]')" dvpn
check_eq "JSON: numbers are numbers" \
	"$(json dvpn0 '[data[k] for k in ("key", "domain", "max-maps", "tos", "port")]')" \
	"[42, 7, 100, 16, 0]"
check_eq "JSON: words are strings" \
	"$(json dvpn0 '[data[k] for k in ("local", "dev", "ttl", "df", "ipsec", "down_reason")]')" \
	"['192.0.2.1', 'eth0', 'inherit', 'unset', 'off', 'none']"
check_eq "JSON: switches are booleans" \
	"$(json dvpn0 '[data[k] for k in ("redirect", "csum", "udpcsum")]')" "[True, False, True]"
check_eq "JSON: every drop reason, none happened" \
	"$(json dvpn0 'sum(link["linkinfo"]["info_xstats"]["drops"].values())')" 0
check "JSON is valid with -p, too" eval \
	'ip -n node -d -s -j -p link show dvpn0 | python3 -m json.tool >/dev/null'
check "text: drops" eval 'ip -n node -d -s link show dvpn0 | grep -q "drops: none"'
check_eq "ip link xstats" "$(link xstats type dvpn dev dvpn0 | tr -s ' \n' ' ')" \
	"dvpn0 drops: none "
check_eq "ip link xstats, JSON" \
	"$(ip -n node -j link xstats type dvpn | python3 -c 'import json, sys
print([(d["ifname"], sum(d["drops"].values())) for d in json.load(sys.stdin)])')" \
	"[('dvpn0', 0)]"
check_fails "ip link xstats of no such device" 'there is no device "nope"' \
	link xstats type dvpn dev nope
check "help names every option" eval '
	link help dvpn >"$SCRATCH/help"
	for option in local dev nodev key nokey port ttl tos df mss domain redirect ipsec csum \
		udpcsum udp6csum fwmark if_id max-maps max-peers queue agent-grace rx-source; do
		grep -q "^    $option " "$SCRATCH/help" || exit
	done'
check_eq "and every default" \
	"$(sed -n '/^Defaults:/,/^$/p' "$SCRATCH/help" | sed 1d | xargs)" "$defaults"

# --- change ------------------------------------------------------------------------------

check "a change of one option" link set dvpn0 type dvpn ttl 9
check_eq "leaves all others" "$(info dvpn0)" "${wanted/ttl inherit/ttl 9}"
link set dvpn0 up
check "a change of a device that is up" link set dvpn0 type dvpn redirect off domain 8
check_eq "does not take it down" "$(json dvpn0 '"UP" in link["flags"]')" True
wanted=${wanted/ttl inherit/ttl 9}
wanted=${wanted/domain 7 redirect on/domain 8 redirect off}
check_eq "and is in effect" "$(info dvpn0)" "$wanted"

check "nokey takes the key away" link set dvpn0 type dvpn nokey
check_eq "there is none then" "$(info dvpn0)" "${wanted/key 42/nokey}"
check "key 0 is a key" link set dvpn0 type dvpn key 0
check_eq "and is shown" "$(info dvpn0)" "${wanted/key 42/key 0}"
check_eq "also in JSON" "$(json dvpn0 'data["key"]')" 0
check "a key as four bytes" link set dvpn0 type dvpn key 0.0.1.2
check_eq "is the same number" "$(json dvpn0 'data["key"]')" 258
link set dvpn0 type dvpn key 42
check "nodev takes the underlay interface away" link set dvpn0 type dvpn nodev
check_eq "there is none then, too" "$(info dvpn0)" "${wanted/dev eth0/nodev}"
link set dvpn0 type dvpn dev eth0
check "local any takes the addresses away" link set dvpn0 type dvpn local any
check_eq "any address is taken then" "$(info dvpn0)" "${wanted/local 192.0.2.1/local any}"
link set dvpn0 type dvpn local 192.0.2.1
check_eq "all is as it was" "$(info dvpn0)" "$wanted"

# --- the underlay interface goes and comes back ------------------------------------------

link del eth0
check_eq "without its underlay interface the device has no carrier" \
	"$(json dvpn0 'data["down_reason"], data["link_index"], "LOWER_UP" in link["flags"]')" \
	"('no_link', 0, False)"
check "and says why" eval \
	'ip -n node -d link show dvpn0 | grep -q "no carrier: its underlay interface does not exist"'
link add eth0 type dummy
check_eq "it binds to the interface that comes back" \
	"$(json dvpn0 'data["down_reason"], data["link_index"] != 0')" "('none', True)"

# --- refused -----------------------------------------------------------------------------

# Refused by the plugin: no message goes to the kernel. NAME|PATTERN|WORDS
while IFS='|' read -r pattern words; do
	# shellcheck disable=SC2086
	check_fails "refused: $words" "^Error: dvpn: $pattern" link set dvpn0 type dvpn $words
done <<'END'
unknown option "lcoal" \(did you mean "local"\?\)|lcoal 192.0.2.1
unknown option "redir" \(did you mean "redirect"\?\)|redir on
unknown option "max_maps" \(did you mean "max-maps"\?\)|max_maps 5
unknown option "remote"|remote 192.0.2.9
"ttl" needs a value: 1 to 255, or inherit|ttl
ttl 256 is out of range; wanted: 1 to 255, or inherit|ttl 256
ttl "-1" is not a number|ttl -1
ttl 0 means "inherit"|ttl 0
tos "1x" is not a number|tos 1x
key 4294967296 is out of range|key 4294967296
key "1.2.3" is not a key|key 1.2.3
port 65536 is out of range|port 65536
local "192.0.2" is not an IPv4 or IPv6 address|local 192.0.2
"local IPv4-ADDRESS" is given twice|local 192.0.2.1 local 192.0.2.2
"local IPv4-ADDRESS" is given twice|local any local 192.0.2.2
"nokey" is given twice, or contradicts|key 1 nokey
"nodev" is given twice, or contradicts|dev eth0 nodev
"ttl" is given twice|ttl 1 ttl 2
redirect "yes" is neither "on" nor "off"|redirect yes
ipsec "on" is neither "require" nor "off"|ipsec on
df "sometimes" is unknown; wanted: set.unset.inherit|df sometimes
mss 87 is out of range; wanted: auto.off.88 to 65535|mss 87
mss 65536 is out of range|mss 65536
mss "on" is not a number|mss on
"mss" is given twice|mss auto mss off
max-maps 0 is out of range; wanted: 1 to 1048576|max-maps 0
max-peers 1048577 is out of range|max-peers 1048577
queue 4 is out of range; wanted: 0 to 3|queue 4
agent-grace 86401 is out of range; wanted: 0 to 86400|agent-grace 86401
dev "abcdefghijklmnop" is not the name of an interface|dev abcdefghijklmnop
END

# Refused by the kernel, with its text.
while IFS='|' read -r pattern words; do
	# shellcheck disable=SC2086
	check_fails "refused by the kernel: $words" "^Error: $pattern" \
		link set dvpn0 type dvpn $words
done <<'END'
.*link|dev nosuch0
.*|local 224.0.0.5
.*|local 127.0.0.1
.*|local 255.255.255.255
tos must be a multiple of 4|tos 2
rx-source strict is not supported yet|rx-source strict
END
check_eq "nothing has changed" "$(info dvpn0)" "$wanted"

check "another key makes another tuple" \
	link add dvpn1 type dvpn local 192.0.2.1 dev eth0 key 43
check_fails "a change to a tuple that is taken is refused" '^Error: ' \
	link set dvpn1 type dvpn key 42
check_eq "and changes nothing" "$(json dvpn1 'data["key"]')" 43
