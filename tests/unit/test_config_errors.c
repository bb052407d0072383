// SPDX-License-Identifier: GPL-2.0
/* The config file of dvpnd: every way to get it wrong */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_text.h"

/* Exactly these lines, each ended by a newline, and no config. */
static void assert_errors(const char *text, const char *wanted)
{
	struct config_errors errors;
	char got[8192];

	assert_null(parse(text, &errors));
	join_errors(&errors, got, sizeof(got));
	assert_string_equal(got, wanted);
}

#define DOMAIN_NOT_YET \
	"section \"domain\" is not there yet; a device's: ip link set DEVICE type dvpn domain ..."

static void unknown_names(void **state)
{
	(void)state;
	assert_errors("tunnel t {\n" HUB "phsae = 3\nauht = none\nmtu = 4\n}\n",
		      "f:3: unknown option \"phsae\" (did you mean \"phase\"?)\n"
		      "f:4: unknown option \"auht\" (did you mean \"auth\"?)\n"
		      "f:5: mtu belongs to the device: ip link set DEVICE mtu ...\n");
	assert_errors("tunnel t {\n" HUB "address = 4\n}\n",
		      "f:3: unknown option \"address\" in a tunnel\n");
	assert_errors("tunnel t { role = nhs }\ndomain world {\nserver = 192.0.2.1; a { b { } }\n"
		      "}\ndomain { }\ntunnel u {\nrole = nhs; domain x { }; domain = 4\n}\n",
		      "f:2: " DOMAIN_NOT_YET "\n"
		      "f:5: " DOMAIN_NOT_YET "\n"
		      "f:7: " DOMAIN_NOT_YET "\n"
		      "f:7: domain belongs to the device: ip link set DEVICE type dvpn domain ...\n");
	assert_errors("tunnel t {\n" HUB "ttl = 42\n}\n",
		      "f:3: ttl belongs to the device: ip link set DEVICE type dvpn ttl ...\n");
	assert_errors("tunel t {\n hub { x { } } }\ntunnel t { hbu a { } ; role = nhs }\n",
		      "f:1: unknown section \"tunel\" (did you mean \"tunnel\"?)\n"
		      "f:3: unknown section \"hbu\" (did you mean \"hub\"?)\n");
	assert_errors("tunnel t {\nhub h { nmba = 192.0.2.1 }\n}\n",
		      "f:2: unknown option \"nmba\" (did you mean \"nbma\"?)\n"
		      "f:2: hub h has no nbma = ADDRESS\n");
}

static void wrong_values(void **state)
{
	(void)state;
	assert_errors("log-level = loud\nstate-dir = var\n"
		      "tunnel t {\n" HUB
		      "role = spoke\n"
		      "phase = 4\n"
		      "holding-time = 9\n"
		      "max-spokes = -1\n"
		      "max-shortcuts = 1k\n"
		      "min-prefix = 33\n"
		      "probe-interval = 3601\n"
		      "probation = maybe\n"
		      "port = 99999999999999999999\n"
		      "max-hubs = 0\n"
		      "hub-hold-down = 3601\n"
		      "}\n",
		      "f:1: log-level = loud: must be error, warning, notice, info or debug\n"
		      "f:2: state-dir = var: must be a path that starts with \"/\"\n"
		      "f:5: role = spoke: must be nhc, nhs or both\n"
		      "f:6: phase = 4: must be 1, 2 or 3\n"
		      "f:7: holding-time = 9: must be a number from 10 to 65535 seconds\n"
		      "f:8: max-spokes = -1: must be a number from 1 to 1048576\n"
		      "f:9: max-shortcuts = 1k: must be a number from 1 to 1048576\n"
		      "f:10: min-prefix = 33: must be a number from 1 to 32 bits\n"
		      "f:11: probe-interval = 3601: must be a number from 1 to 3600 seconds, or \"off\"\n"
		      "f:12: probation = maybe: must be yes or no\n"
		      "f:13: port = 99999999999999999999: must be a number from 1 to 65535\n"
		      "f:14: max-hubs = 0: must be a number from 1 to 8\n"
		      "f:15: hub-hold-down = 3601: must be a number from 0 to 3600 seconds\n");
}

static void wrong_addresses(void **state)
{
	(void)state;
	assert_errors("tunnel t {\n"
		      "hub a { nbma = 192.0.2.300 }\n"
		      "hub b { nbma = 0.0.0.0 }\n"
		      "hub c { nbma = 224.0.0.5 }\n"
		      "hub d { nbma = 127.0.0.1 }\n"
		      "hub e { nbma = 255.255.255.255 }\n"
		      "hub f { nbma = ff02::1; protocol = :: }\n"
		      "map 1.2.3.4.5 { nbma = 192.0.2.1 }\n"
		      "}\n",
		      "f:2: nbma = 192.0.2.300: neither an IPv4 or IPv6 address nor a DNS name\n"
		      "f:3: nbma = 0.0.0.0: the unspecified address cannot be a hub\n"
		      "f:4: nbma = 224.0.0.5: a multicast address cannot be a hub\n"
		      "f:5: nbma = 127.0.0.1: a loopback address cannot be a hub\n"
		      "f:6: nbma = 255.255.255.255: a broadcast or reserved address cannot be a hub\n"
		      "f:7: nbma = ff02::1: a multicast address cannot be a hub\n"
		      "f:7: protocol = ::: the unspecified address cannot be a protocol address\n"
		      "f:8: map = 1.2.3.4.5: not an IPv4 or IPv6 address (names are not looked up)\n");
}

#define LABEL "0123456789012345678901234567890123456789012345678901234567890123"

static void wrong_dns_names(void **state)
{
	(void)state;
	assert_errors("tunnel t {\n"
		      "hub a { nbma = -hub.example.net }\n"
		      "hub b { nbma = hub..example.net }\n"
		      "hub c { nbma = hub.example.net/24 }\n"
		      "hub d { nbma = " LABEL ".net }\n"
		      "hub e { nbma = 10.0.0.1.2 }\n"
		      "hub f { nbma = . }\n"
		      "hub g { nbma = hub.example.net }\n"
		      "hub h { nbma = HUB.example.net }\n"
		      "}\n",
		      "f:2: nbma = -hub.example.net: neither an IPv4 or IPv6 address nor a DNS name\n"
		      "f:3: nbma = hub..example.net: neither an IPv4 or IPv6 address nor a DNS name\n"
		      "f:4: nbma = hub.example.net/24: neither an IPv4 or IPv6 address nor a DNS name\n"
		      "f:5: nbma = " LABEL ".net: neither an IPv4 or IPv6 address nor a DNS name\n"
		      "f:6: nbma = 10.0.0.1.2: neither an IPv4 or IPv6 address nor a DNS name\n"
		      "f:7: nbma = .: neither an IPv4 or IPv6 address nor a DNS name\n"
		      "f:1: tunnel t: hubs g and h have one nbma name\n");
}

static void wrong_syntax(void **state)
{
	(void)state;
	assert_errors("tunnel t {\n" HUB "phase\nphase =\nrole = nhc both\nauth none\n= 3\n",
		      "f:3: \"=\" is missing after \"phase\"\n"
		      "f:4: phase has no value\n"
		      "f:5: the line should end after the value; a value with blanks needs quotes\n"
		      "f:6: \"=\" is missing after \"auth\"\n"
		      "f:7: an option or a section is expected here\n"
		      "f:8: \"}\" is missing for tunnel t of line 1\n");
	assert_errors("tunnel t {\n" HUB "password = \"abc\nauth = \x01\n}\n}\n",
		      "f:3: a string is not closed in its line, \" is missing\n"
		      "f:4: a byte that is no printable ASCII character\n"
		      "f:6: \"}\" without a \"{\" before it\n");
	assert_errors("tunnel { }\ntunnel = 3\ntunnel t\n",
		      "f:1: \"tunnel\" has a name: tunnel NAME { ... }\n"
		      "f:2: \"tunnel\" is a section: tunnel NAME { ... }\n"
		      "f:3: \"{\" is missing after tunnel t\n");
}

static void said_twice(void **state)
{
	(void)state;
	assert_errors("tunnel t {\n" HUB "phase = 3\nphase = 2\n" HUB
		      "}\ntunnel t { role = nhs }\n",
		      "f:4: phase was already set in line 3\n"
		      "f:5: hub h is already there\n"
		      "f:1: tunnel t: hubs h and h have one nbma address\n"
		      "f:7: tunnel t was already configured in line 1\n");
	assert_errors("tunnel t {\n role = nhs\n"
		      "map 10.0.0.1 { nbma = 192.0.2.1 }\nmap 10.0.0.1 { nbma = 192.0.2.2 }\n}\n",
		      "f:4: map 10.0.0.1 is already there\n");
}

static void does_not_fit(void **state)
{
	(void)state;
	assert_errors("tunnel t { role = nhc }\n",
		      "f:1: tunnel t: role = nhc needs a hub: hub NAME { nbma = ADDRESS }\n");
	assert_errors("tunnel t {\nrole = hub\n}\n",
		      "f:2: role = hub: must be nhc, nhs or both\n");
	assert_errors("tunnel t {\nrole = nhs\n" HUB "}\n",
		      "f:1: tunnel t: role = nhs registers with no hub; role = both does\n");
	assert_errors("tunnel t {\nredirect = on; resolve = answer\n" HUB "}\n",
		      "f:1: tunnel t: redirect is for a hub (role = nhs or both)\n"
		      "f:1: tunnel t: resolve is for a hub (role = nhs or both)\n");
	assert_errors("tunnel t {\nrole = nhs; carrier-follows-hubs = yes\n}\n",
		      "f:1: tunnel t: carrier-follows-hubs is for a spoke (role = nhc or both)\n");
	assert_errors("tunnel t {\nexport-registrations = 100\n" HUB "}\n",
		      "f:1: tunnel t: export-registrations is for a hub (role = nhs or both)\n");
	assert_errors("tunnel t {\nipsec-profile = a/b\n" HUB "}\n",
		      "f:1: tunnel t: ipsec-profile \"a/b\": a name is 1 to 31 letters, digits, \"_.-\"\n");
	assert_errors("ipsec a/b {\n}\nipsec c {\n}\nipsec c {\n}\ntunnel t { " HUB "}\n",
		      "f:1: ipsec \"a/b\": a name is 1 to 31 letters, digits, \"_.-\"\n"
		      "f:5: ipsec c is already there\n");
	assert_errors("ipsec c {\ncertificate = /x; ca-certificate = y\n}\ntunnel t { " HUB "}\n",
		      "f:2: ca-certificate = y: must be a path that starts with \"/\"\n"
		      "f:1: ipsec c: certificate needs auth = pubkey\n");
	assert_errors("ipsec c {\nauth = pubkey; ca-certificate = /y\n}\ntunnel t { " HUB "}\n",
		      "f:1: ipsec c: auth = pubkey needs certificate = FILE or local-id = ID\n");
	assert_errors("ipsec c {\nhubs = 192.0.2.1@192.0.2.2\n}\ntunnel t { " HUB "}\n",
		      "f:1: ipsec c: hubs needs mode = tunnel\n");
	assert_errors("ipsec c { mode = tunnel\nhubs = 192.0.2.1\n}\ntunnel t { " HUB "}\n",
		      "f:2: hubs = 192.0.2.1: not as \"10.255.0.1@198.51.100.1\" is, the NBMA address of a hub and where IKE finds it\n");
	assert_errors("ipsec c { mode = tunnel\n"
		      "hubs = 192.0.2.1@192.0.2.2 192.0.2.1@192.0.2.3\n}\ntunnel t { " HUB "}\n",
		      "f:2: hubs: 192.0.2.1 is there twice\n");
	assert_errors("ipsec c { mode = tunnel\nhubs = 192.0.2.77@192.0.2.2 }\n"
		      "tunnel t { ipsec-profile = c; encap = udp; port = 9\nhub a { nbma = x.example }\n"
		      "hub b { nbma = 192.0.2.78; encap = gre }\n}\n"
		      "tunnel u { ipsec-profile = c; role = nhs }\n",
		      "f:3: tunnel t: encap = udp is for NAT, ipsec c has mode = tunnel\n"
		      "f:3: tunnel t: hub a: ipsec c has mode = tunnel, in which an NBMA address is no name\n"
		      "f:3: tunnel t: hub b: ipsec c has not got it: hubs = 192.0.2.78@ADDRESS\n"
		      "f:7: tunnel u: a hub waits for spokes, it has none: ipsec c has hubs\n"
		      "f:7: tunnel u: ipsec c has mode = tunnel, and is another tunnel's already\n");
	assert_errors("ipsec c { mode = tunnel\nhubs = 192.0.2.77@192.0.2.2 }\n"
		      "tunnel t { ipsec-profile = c; hub a { nbma = 192.0.2.77 }\n"
		      "map 10.0.0.8 { nbma = 192.0.2.77; encap = udp }\n"
		      "map 10.0.0.9 { nbma = 192.0.2.78 }\n}\n",
		      "f:3: tunnel t: map 10.0.0.8: encap = udp is for NAT, ipsec c has mode = tunnel\n"
		      "f:3: tunnel t: map 10.0.0.9: ipsec c has not got it: hubs = 192.0.2.78@ADDRESS\n");
	assert_errors("ipsec c { mode = tunnel\nhubs = 192.0.2.77@192.0.2.2 }\n"
		      "tunnel t { ipsec-profile = c; role = both\nhub a { nbma = 192.0.2.77 }\n}\n",
		      "f:3: tunnel t: a hub waits for spokes, it has none: ipsec c has hubs\n");
	assert_errors("ipsec c {\nauth = cert; ca-certificate = /y\n}\ntunnel t { " HUB "}\n",
		      "f:2: auth = cert: must be psk or pubkey\n"
		      "f:1: ipsec c: ca-certificate needs auth = pubkey\n");
	assert_errors("ipsec c {\nesp-proposals = aes128,aes256\nproposals = aes128!\n"
		      "dpd-delay = 3601; rekey-time = 59\nlocalid = a\n}\ntunnel t { " HUB "}\n",
		      "f:2: esp-proposals = aes128,aes256: not as \"aes256gcm16 aes128-sha256\" is\n"
		      "f:3: proposals = aes128!: not as \"aes256gcm16 aes128-sha256\" is\n"
		      "f:4: dpd-delay = 3601: must be a number from 1 to 3600 seconds, or \"off\"\n"
		      "f:4: rekey-time = 59: must be a number from 60 to 604800 seconds\n"
		      "f:5: unknown option \"localid\" (did you mean \"local-id\"?)\n");
	assert_errors("ipsec = yes\nipsce c {\n}\n"
		      "tunnel t {\nipsec c {\n}\nipsec = require\n" HUB "}\n",
		      "f:1: \"ipsec\" is a section: ipsec NAME { ... }\n"
		      "f:2: unknown section \"ipsce\" (did you mean \"ipsec\"?)\n"
		      "f:5: section \"ipsec\" does not belong into a tunnel, but beside it\n"
		      "f:7: ipsec belongs to the device: ip link set DEVICE type dvpn ipsec ...\n");
	assert_errors("tunnel t {\nclaim = 10.0.0.0/8\n" HUB "}\n",
		      "f:1: tunnel t: claim is for a hub (role = nhs or both)\n");
	assert_errors("tunnel t {\nrole = nhs; claim = 10.0.0.1/24\n}\n",
		      "f:2: claim = 10.0.0.1/24: bits are set that are not in the prefix\n");
	assert_errors("tunnel t {\nmax-holding-time = 60\n" HUB "}\n",
		      "f:1: tunnel t: max-holding-time is for a hub (role = nhs or both)\n");
	assert_errors("tunnel t {\nrole = nhs; max-holding-time = 9\n}\n",
		      "f:2: max-holding-time = 9: must be a number from 10 to 65535 seconds, or \"off\"\n");
	assert_errors("tunnel t {\nrole = nhs; export-registrations = 253\n}\n",
		      "f:2: export-registrations = 253: must be a number from 1 to 252 (a routing table), or \"off\"\n");
	assert_errors("tunnel t {\nauth = cisco\n" HUB "}\n",
		      "f:1: tunnel t: auth = cisco needs a password\n");
	assert_errors("tunnel t {\npassword = secret\n" HUB "}\n",
		      "f:1: tunnel t: a password needs auth = cisco\n");
	assert_errors("tunnel t {\nauth = hmac; password = secret\n" HUB "}\n",
		      "f:1: tunnel t: a password needs auth = cisco\n"
		      "f:1: tunnel t: auth = hmac needs the key to sign with: key = ID\n");
	assert_errors("tunnel t {\nauth = hmac; key = 300; extensions = no\n" HUB
		      "key 301 { secret = 0123456789abcdef }\n}\n",
		      "f:1: tunnel t: key = 300: there is no key 300 { secret = TEXT }\n"
		      "f:1: tunnel t: auth = hmac needs extensions = yes\n");
	assert_errors("tunnel t {\nkey = 42\n" HUB "}\n",
		      "f:2: key = 42: must be a number from 256 to 65535 (id of a key)\n"
		      "f:1: tunnel t: key needs auth = hmac (for that of GRE see dvpn-link(8))\n");
	assert_errors("tunnel t {\n" HUB "key 300 { secret = 0123456789abcdef }\n}\n",
		      "f:1: tunnel t: key 300 needs auth = hmac\n");
	assert_errors("tunnel t {\n" HUB "auth = hmac; key = 300\nkey 300 { }\n"
		      "key 300 { secret = 0123456789abcdef }\n"
		      "key 255 { secret = 0123456789abcdef }\n"
		      "key x { secret = 0123456789abcdef; scret = 1 }\n}\n",
		      "f:4: key 300 has no secret = TEXT\n"
		      "f:5: key 300 is already there\n"
		      "f:6: key = 255: must be a number from 256 to 65535 (id of a key)\n"
		      "f:7: key: must be a number from 256 to 65535 (id of a key), not a secret\n"
		      "f:7: unknown option \"scret\" (did you mean \"secret\"?)\n");
	assert_errors("# nothing\n", "f:2: no tunnel is configured: tunnel NAME { ... }\n");
	assert_errors("tunnel t {\nhub a { nbma = 192.0.2.1; protocol = 10.0.0.1 }\n"
		      "hub b { nbma = 192.0.2.2; protocol = 10.0.0.1 }\n}\n",
		      "f:1: tunnel t: hubs a and b have one protocol address\n");
}

#define SECRET "{ secret = 0123456789abcdef }\n"

static void wrong_identities(void **state)
{
	(void)state;
	assert_errors("tunnel t {\nrole = nhs; auth = hmac\n"
		      "identity a { key = 300\n}\nidentity b {\n}\n"
		      "identity a { key = 301 }\nidentity a/b { key = 301 }\n}\n",
		      "f:5: identity b has no key = ID and no ike = ID\n"
		      "f:7: identity a is already there\n"
		      "f:8: identity \"a/b\": a name is 1 to 31 letters, digits, \"_.-\"\n"
		      "f:1: tunnel t: identity a: there is no key 300 { secret = TEXT }\n"
		      "f:1: tunnel t: identity a: there is no key 301 { secret = TEXT }\n"
		      "f:1: tunnel t: identity a/b: there is no key 301 { secret = TEXT }\n");
	assert_errors("tunnel t {\nrole = nhs; auth = hmac; key = 300\nkey 300 " SECRET
		      "identity a { key = 300 }\nidentity b { key = 300 }\n}\n",
		      "f:1: tunnel t: key 300 belongs to two identities, one is b\n"
		      "f:1: tunnel t: key = 300: that key is an identity's\n");
	assert_errors("tunnel t {\nrole = nhs; auth = hmac\nkey 300 " SECRET "identity a {\n"
		      "key = 300 301 302\nkey = 300 300\n"
		      "claim = 10.0.0.1/24 10.0.0.0/33 x\nmax-addresses = 0\n"
		      "claim = 1.0.0.0/8 2.0.0.0/8 3.0.0.0/8 4.0.0.0/8 5.0.0.0/8 6.0.0.0/8 7.0.0.0/8 8.0.0.0/8 9.0.0.0/8\n"
		      "}\n}\n",
		      "f:5: key: more than 2 keys\n"
		      "f:6: key was already set in line 5\n"
		      "f:6: key: 300 is there twice\n"
		      "f:6: key: 300 is there twice\n"
		      "f:7: claim = 10.0.0.1/24: bits are set that are not in the prefix\n"
		      "f:7: claim = 10.0.0.0/33: not an address or a prefix, ADDRESS/BITS\n"
		      "f:7: claim = x: not an address or a prefix, ADDRESS/BITS\n"
		      "f:8: max-addresses = 0: must be a number from 1 to 65535\n"
		      "f:9: claim was already set in line 7\n"
		      "f:9: claim: more than 8 prefixes\n"
		      "f:1: tunnel t: identity a: there is no key 301 { secret = TEXT }\n");
	assert_errors("tunnel t {\nrole = nhs; auth = hmac\nidentity a { auth = cisco }\n"
		      "identity b { auth = none; password = 123456789 }\n"
		      "identity c { auth = cisco; password = x; key = 300; claim = 10.0.0.1 }\n"
		      "identity d { password = y; key = 301 }\nkey 300 " SECRET "key 301 " SECRET
		      "}\n",
		      "f:3: identity a: auth = cisco needs a password\n"
		      "f:3: identity a: auth = cisco needs its addresses: claim = ADDRESS ...\n"
		      "f:4: auth = none: must be hmac or cisco\n"
		      "f:4: password must have 1 to 8 characters\n"
		      "f:4: identity b: a password needs auth = cisco\n"
		      "f:4: identity b has no key = ID and no ike = ID\n"
		      "f:5: identity c: key needs auth = hmac\n"
		      "f:6: identity d: a password needs auth = cisco\n");
	assert_errors("tunnel t {\nrole = nhs; auth = hmac; key 300 " SECRET
		      "identity a { key = 300; claim = 10.0.0.7 }\n"
		      "identity b { auth = cisco; password = secrets; claim = 10.0.0.0/28 }\n"
		      "identity c { auth = cisco; password = secrets; claim = 10.0.0.1 }\n}\n",
		      "f:1: tunnel t: identity b: auth = cisco, and its claim has addresses of identity a, which signs\n"
		      "f:1: tunnel t: identities b and c have one password\n");
	assert_errors("tunnel t {\n" HUB "auth = hmac; key = 300; key 300 " SECRET
		      "identity b { auth = cisco; password = secrets; claim = 10.0.0.7 }\n}\n",
		      "f:1: tunnel t: identity b: auth = cisco is for a hub (role = nhs or both)\n");
	assert_errors("tunnel t {\nrole = nhs; auth = cisco; password = x\n"
		      "identity b { auth = cisco; password = secrets; claim = 10.0.0.7 }\n}\n",
		      "f:1: tunnel t: identity b needs auth = hmac\n");
	assert_errors("tunnel t {\nrole = nhs; identity-required = yes\nkey 300 " SECRET
		      "identity a { key = 300 }\n}\n",
		      "f:1: tunnel t: key 300 needs auth = hmac\n"
		      "f:1: tunnel t: identity a needs auth = hmac\n"
		      "f:1: tunnel t: identity-required needs auth = hmac\n");
	assert_errors("tunnel t {\nrole = nhs; identity-required = yes; auth = hmac\n"
		      "identity a { ike = a.example.net }\nidentity b { ike = a.example.net }\n"
		      "identity c { ike = \"\" }\nidentity d { ike = *@example.org }\n"
		      "identity e { auth = cisco; password = x; claim = 10.0.0.1; ike = e }\n"
		      "identity f { ikee = f; ike = f }\n}\n",
		      "f:5: ike = : must be an identity as \"dvpnctl show sas\" has it, in printable characters\n"
		      "f:6: ike = *@example.org: is compared as it is: \"*\" stands for nothing else\n"
		      "f:7: identity e: it has a password, and needs none: ike proves more\n"
		      "f:8: unknown option \"ikee\" (did you mean \"ike\"?)\n"
		      "f:1: tunnel t: identity a: ike needs the tunnel's ipsec-profile = NAME\n"
		      "f:1: tunnel t: identity b: ike needs the tunnel's ipsec-profile = NAME\n"
		      "f:1: tunnel t: identities a and b have one ike\n"
		      "f:1: tunnel t: identity e: ike needs the tunnel's ipsec-profile = NAME\n"
		      "f:1: tunnel t: identity f: ike needs the tunnel's ipsec-profile = NAME\n");
	assert_errors("tunnel t {\nrole = nhs; identity-required = yes; ipsec-profile = x\n"
		      "identity a { ike = a.example.net; key = 300 }\nkey 300 " SECRET "}\n",
		      "f:1: tunnel t: key 300 needs auth = hmac\n"
		      "f:1: tunnel t: identity a needs auth = hmac\n");
	assert_errors("tunnel t {\nrole = nhs; auth = hmac; ipsec-profile = x\n"
		      "identity a { ike = a.example.net }\n}\n",
		      "f:1: tunnel t: auth = hmac needs the key to sign with: key = ID\n");
	assert_errors("tunnel t {\nauth = hmac; key = 256; key 256 { secret = 0123456789abcdef }\n"
		      "hub a { nbma = 192.0.2.1; extensions = no }\n"
		      "map 10.0.0.9 { nbma = 192.0.2.9; extensions = off }\n}\n",
		      "f:1: tunnel t: hub a: auth = hmac needs extensions = yes\n"
		      "f:1: tunnel t: map 10.0.0.9: auth = hmac needs extensions = yes\n");
	assert_errors("tunnel t {\nhub a { nbma = 192.0.2.1; probation = maybe }\n}\n",
		      "f:2: probation = maybe: must be yes or no\n");
	assert_errors("tunnel t {\nidentity-required = yes; auth = hmac; key = 300\nkey 300 "
		      SECRET "hub h { nbma = 192.0.2.1; key = 301 }\n}\n",
		      "f:1: tunnel t: identity-required is for a hub (role = nhs or both)\n"
		      "f:1: tunnel t: hub h: key = 301: there is no key 301 { secret = TEXT }\n");
	assert_errors("tunnel t {\nhub h { nbma = 192.0.2.1; key = 300 }\n}\n",
		      "f:1: tunnel t: hub h: key needs auth = hmac\n");
}

#define HUB_A "hub a { nbma = 192.0.2.1; "
#define HUB_B "hub b { nbma = 192.0.2.2; "

/* What a hub says of it is whole, or it says nothing. */
static void wrong_auth_of_hubs(void **state)
{
	(void)state;
	assert_errors("tunnel t {\nauth = cisco; password = x\n"
		      HUB_A "auth = cisco }\n" HUB_B "password = y }\n"
		      "hub c { nbma = 192.0.2.3; auth = none; password = y }\n"
		      "hub d { nbma = 192.0.2.4; auth = md5 }\n}\n",
		      "f:3: hub a: auth = cisco needs a password of the hub\n"
		      "f:4: hub b: a password needs auth = cisco of the hub\n"
		      "f:5: hub c: a password needs auth = cisco of the hub\n"
		      "f:6: auth = md5: must be none, cisco or hmac\n");
	assert_errors("tunnel t {\n" HUB_A "auth = hmac }\n" HUB_B "auth = none; key = 300 }\n"
		      "hub c { nbma = 192.0.2.3; key = 300 }\nkey 300 " SECRET "}\n",
		      "f:3: hub b: key needs auth = hmac\n"
		      "f:1: tunnel t: hub a: auth = hmac needs the key to sign with: key = ID\n"
		      "f:1: tunnel t: hub c: key needs auth = hmac\n");
	assert_errors("tunnel t {\nkey = 300; extensions = no\n" HUB_A "auth = hmac; key = 301 }\n"
		      "key 300 " SECRET "}\n",
		      "f:1: tunnel t: key needs auth = hmac (for that of GRE see dvpn-link(8))\n"
		      "f:1: tunnel t: hub a: key = 301: there is no key 301 { secret = TEXT }\n"
		      "f:1: tunnel t: auth = hmac needs extensions = yes\n");
	assert_errors("tunnel t {\nauth = hmac; key = 300\nkey 300 " SECRET
		      HUB_A "auth = cisco; password = 123456789 }\n}\n",
		      "f:4: password must have 1 to 8 characters\n");
	/* Who has a password need not understand us. */
	assert_errors("tunnel t {\n" HUB_A "auth = hmac; key = 300; extensions = no }\n"
		      HUB_B "auth = cisco; password = x; extensions = no }\nkey 300 " SECRET
		      "map 10.0.0.9 { nbma = 192.0.2.9; extensions = no }\n}\n",
		      "f:1: tunnel t: hub a: auth = hmac needs extensions = yes\n");
	/* By one way, as packets are told apart by no mark. */
	assert_errors("tunnel t {\n" HUB_A "}\n"
		      "hub b { nbma = 192.0.2.1; mark = 1; auth = cisco; password = x }\n}\n",
		      "f:1: tunnel t: hubs a and b have one nbma address: give them the same auth\n");
}

/* A secret must not end up in a log. */
static void secrets_are_not_shown(void **state)
{
	static const char *const rows[][2] = {
		{ "topsecret", "16 to 64 characters" },
		{ "topsecrettopsecrettopsecrettopsecrettopsecrettopsecrettopsecretto",
		  "16 to 64 characters" },
		{ "hex:00112233445566778899aabbccddee",
		  "an even number of hexadecimal digits, 32 to 128" },
		{ "hex:00112233445566778899aabbccddeeff0",
		  "an even number of hexadecimal digits, 32 to 128" },
		{ "hex:00112233445566778899aabbccddee-1",
		  "an even number of hexadecimal digits, 32 to 128" },
		{ "hex:topsecrettopsecret", "an even number of hexadecimal digits, 32 to 128" },
	};
	char text[256], wanted[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(text, sizeof(text), "tunnel t {\nauth = hmac; key = 256; " HUB
			 "key 256 { secret = %s }\n}\n", rows[i][0]);
		snprintf(wanted, sizeof(wanted), "f:3: secret must have %s\n", rows[i][1]);
		assert_errors(text, wanted);
	}
	(void)state;
	assert_errors("tunnel t {\nauth = cisco\npassword = topsecret\n" HUB "}\n",
		      "f:3: password must have 1 to 8 characters\n");
}

static void wrong_names(void **state)
{
	(void)state;
	assert_errors("tunnel a/b {\n" HUB "}\n",
		      "f:1: tunnel \"a/b\": an interface has 1 to 15 characters, no \"/:%\"\n");
	assert_errors("tunnel abcdefghijklmnop {\n" HUB "}\n",
		      "f:1: tunnel \"abcdefghijklmnop\": an interface has 1 to 15 characters, no \"/:%\"\n");
	assert_errors("tunnel t {\nhub \"a b\" { nbma = 192.0.2.1 }\n}\n",
		      "f:2: hub \"a b\": a name is 1 to 31 letters, digits, \"_.-\"\n");
}

static void limits(void **state)
{
	struct config_errors errors;
	char *text = malloc(1 << 20);
	char *p = text;
	int i;

	(void)state;
	for (i = 0; i < 60; i++)
		p += sprintf(p, "x%d = 1\n", i);
	assert_null(parse(text, &errors));
	assert_int_equal(errors.nr, CONFIG_ERRORS_MAX);
	assert_string_equal(errors.line[0], "f:1: unknown option \"x0\"");
	assert_string_equal(errors.line[49], "f:50: too many errors, no more are shown");
	config_errors_free(&errors);

	p = text + sprintf(text, "tunnel t {\n");
	for (i = 0; i < NHRP_HUBS_MAX + 1; i++)
		p += sprintf(p, "hub h%d { nbma = 192.0.2.%d }\n", i, i + 1);
	sprintf(p, "}\n");
	assert_errors(text, "f:10: more than 8 hubs\n");

	p = text + sprintf(text, "tunnel t {\nrole = nhs; auth = hmac; key = 300\n");
	for (i = 0; i < NHRP_KEYS_MAX + 1; i++)
		p += sprintf(p, "key %d { secret = 0123456789abcdef }\n", 300 + i);
	sprintf(p, "}\n");
	assert_errors(text, "f:11: more than 8 keys\n");

	p = text;
	for (i = 0; i < CONFIG_TUNNELS_MAX + 1; i++)
		p += sprintf(p, "tunnel t%d { role = nhs }\n", i);
	assert_errors(text, "f:257: more than 256 tunnels\n");

	/* Unknown sections may nest as deep as they like. */
	memset(text, '{', 1 << 20);
	text[0] = 'x';
	text[(1 << 20) - 1] = 0;
	assert_null(parse(text, &errors));
	assert_string_equal(errors.line[0], "f:1: unknown section \"x\"");
	config_errors_free(&errors);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(wrong_addresses),
		cmocka_unit_test(wrong_dns_names),
		cmocka_unit_test(wrong_syntax),
		cmocka_unit_test(said_twice),
		cmocka_unit_test(does_not_fit),
		cmocka_unit_test(wrong_identities),
		cmocka_unit_test(wrong_auth_of_hubs),
		cmocka_unit_test(secrets_are_not_shown),
		cmocka_unit_test(wrong_names),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
