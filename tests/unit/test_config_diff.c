// SPDX-License-Identifier: GPL-2.0
/* A configuration that is written again, and compared with another one */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_text.h"

/* Every option, none as by default, just as it is written again. */
static const char whole_text[] =
	"control-socket = /tmp/s\n"
	"control-group = adm\n"
	"state-dir = \"/tmp/a b\"\n"
	"user = \"\"\n"
	"ipsec-socket = /tmp/vici\n"
	"log-level = debug\n"
	"ipsec corp.1 {\n"
	"	auth = pubkey\n"
	"	local-id = \"C=CH, CN=a\"\n"
	"	remote-id = *.example.org\n"
	"	certificate = /etc/a.pem\n"
	"	ca-certificate = /etc/ca.pem\n"
	"	proposals = aes256-sha256-modp2048 aes128-sha1-x25519\n"
	"	esp-proposals = aes256gcm16\n"
	"	dpd-delay = off\n"
	"	rekey-time = 60\n"
	"}\n"
	"ipsec other {\n"
	"	mode = tunnel\n"
	"	hubs = 192.0.2.77@198.51.100.1 2001:db8::7@2001:db8:1::1\n"
	"}\n"
	"tunnel dvpn1 {\n"
	"	role = both\n"
	"	phase = 2\n"
	"	holding-time = 10\n"
	"	max-holding-time = 65535\n"
	"	probe-interval = off\n"
	"	max-hubs = 1\n"
	"	hub-hold-down = 3600\n"
	"	carrier-follows-hubs = yes\n"
	"	export-registrations = 100\n"
	"	ipsec-profile = corp.1\n"
	"	unique = strict\n"
	"	register-unique = no\n"
	"	auth = cisco\n"
	"	password = p\\w\n"
	"	claim = 10.0.0.0/24 fd00::/64\n"
	"	redirect = yes\n"
	"	shortcut = no\n"
	"	resolve = forward\n"
	"	probation = no\n"
	"	multicast = no\n"
	"	extensions = no\n"
	"	min-prefix = 24\n"
	"	min-prefix6 = 64\n"
	"	max-spokes = 5\n"
	"	max-shortcuts = 6\n"
	"	encap = udp\n"
	"	port = 4000\n"
	"	hub a {\n"
	"		nbma = 192.0.2.1\n"
	"		protocol = 10.0.0.1\n"
	"		priority = 9\n"
	"		encap = gre\n"
	"		mark = 16\n"
	"		if-id = 4294967295\n"
	"		probation = yes\n"
	"		extensions = no\n"
	"	}\n"
	"	hub b {\n"
	"		nbma = 2001:db8::1\n"
	"		port = 5\n"
	"		auth = cisco\n"
	"		password = h\\w\n"
	"	}\n"
	"	hub d {\n"
	"		nbma = 192.0.2.5\n"
	"		auth = none\n"
	"	}\n"
	"	map 10.0.0.9 {\n"
	"		nbma = 192.0.2.9\n"
	"		multicast = yes\n"
	"		encap = gre\n"
	"		mark = 1\n"
	"		if-id = 2\n"
	"		probation = no\n"
	"		extensions = yes\n"
	"	}\n"
	"	map fd00::1 {\n"
	"		nbma = 192.0.2.10\n"
	"		port = 6\n"
	"	}\n"
	"}\n"
	"tunnel \"a{=;#b\" {\n"
	"	role = both\n"
	"	probe-interval = 3600\n"
	"	ipsec-profile = roof\n"
	"	auth = hmac\n"
	"	key = 300\n"
	"	identity-required = yes\n"
	"	hub c {\n"
	"		nbma = 192.0.2.7\n"
	"		key = 300 65535\n"
	"	}\n"
	"	key 300 {\n"
	"		secret = 0123456789abcdef\n"
	"	}\n"
	"	key 65535 {\n"
	"		secret = hex:00112233445566778899aabbccddeeff\n"
	"	}\n"
	"	key 301 {\n"
	"		secret = hex:000102030405060708090a0b0c0d0e0f\n"
	"	}\n"
	"	key 302 {\n"
	"		secret = hex:101112131415161718191a1b1c1d1e1f\n"
	"	}\n"
	"	identity paris.1 {\n"
	"		key = 301 302\n"
	"		ike = \"C=DE, O=paris, CN=1\"\n"
	"		claim = 10.0.0.2/32 fd00::2/128\n"
	"		answer = 10.1.0.0/16 10.2.0.0/16\n"
	"		max-addresses = 2\n"
	"	}\n"
	"	identity rome {\n"
	"		auth = cisco\n"
	"		password = oldpass1\n"
	"		claim = 10.0.0.3/32\n"
	"	}\n"
	"}\n";

/* Instead of secrets there are comments: take them back out of the first one of each. */
static void unhide(char *text, const char *hidden, const char *secret)
{
	char *at = strstr(text, hidden);
	char *rest;

	assert_null(strstr(text, secret));
	assert_non_null(at);
	memmove(at, at + 2, strlen(at + 2) + 1);
	at = strchr(at, '*');
	rest = strdup(at + 3);
	sprintf(at, "%s%s", secret, rest);
	free(rest);
}

/* Each option of each section must be in @ctx, a text; what is found is marked. */
static void find_in_text(const char *name, void *ctx)
{
	char wanted[64];
	char *at;

	snprintf(wanted, sizeof(wanted), "\n%s = ", name);
	at = strstr(ctx, wanted);
	if (!at)
		fail_msg("%s is not among the options of this test", name);
	*at = '+';
}

static void there_and_back(void **state)
{
	struct config *cfg = parse_ok(whole_text), *again;
	char *written = config_format(cfg);
	char text[sizeof(whole_text) + 32];
	char options[sizeof(whole_text) + 1], *p;

	(void)state;
	assert_non_null(written);
	snprintf(text, sizeof(text), "%s", written);
	free(written);
	unhide(text, "# password = ***\n", "p\\w");
	unhide(text, "# password = ***\n", "h\\w");
	unhide(text, "# password = ***\n", "oldpass1");
	unhide(text, "# secret = ***\n", "0123456789abcdef");
	unhide(text, "# secret = ***\n", "hex:00112233445566778899aabbccddeeff");
	unhide(text, "# secret = ***\n", "hex:000102030405060708090a0b0c0d0e0f");
	unhide(text, "# secret = ***\n", "hex:101112131415161718191a1b1c1d1e1f");
	assert_string_equal(text, whole_text);

	again = parse_ok(text);
	assert_int_equal(config_diff(cfg, again, NULL, NULL), 0);
	config_free(again);
	config_free(cfg);

	sprintf(options, "\n%s", whole_text);
	for (p = options; *p; p++)
		if (*p == '\t')
			*p = '\n';
	config_options(find_in_text, options);
}

/* What is as by default is left out, also where the default depends on something else. */
static void default_is_not_written(void **state)
{
	struct config *cfg = parse_ok("log-level = info\ntunnel t { role = nhc; phase = 2\n"
				      "shortcut = yes; encap = udp; redirect = no; port = 4754\n"
				      "hub h { nbma = 192.0.2.1; priority = 1; encap = udp\n"
				      "	port = 4754; mark = 0 }\n"
				      "hub i { nbma = 192.0.2.2; encap = gre; port = 9 } }\n");
	char *text = config_format(cfg);

	(void)state;
	assert_string_equal(text, "tunnel t {\n	phase = 2\n	encap = udp\n"
				  "	hub h {\n		nbma = 192.0.2.1\n	}\n"
				  "	hub i {\n		nbma = 192.0.2.2\n"
				  "		encap = gre\n	}\n}\n");
	free(text);
	config_free(cfg);
}

static void note_difference(const struct config_difference *diff, void *ctx)
{
	char *text = ctx;

	sprintf(text + strlen(text), "%s|%s|%s|%s\n", diff->tunnel ? diff->tunnel : "-",
		diff->path, diff->from ? diff->from : "-", diff->to ? diff->to : "-");
}

static void assert_differences(const char *from, const char *to, const char *wanted)
{
	struct config *a = parse_ok(from), *b = parse_ok(to);
	char got[4096] = "";
	unsigned int nr, lines = 0;
	const char *p;

	nr = config_diff(a, b, note_difference, got);
	assert_string_equal(got, wanted);
	for (p = wanted; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(nr, lines);
	assert_int_equal(config_diff(a, a, NULL, NULL), 0);
	config_free(a);
	config_free(b);
}

static void differences(void **state)
{
	static const char auth[] = "tunnel t { " HUB "auth = cisco; password = short }";
	static const char key[] = "tunnel t { " HUB "auth = hmac; key = 256\n"
		"key 256 { secret = 0123456789abcdef } }";

	(void)state;
	assert_differences("log-level = info\ntunnel t { " HUB "}",
			   "user = root\ntunnel t { shortcut = on; " HUB "}",
			   "-|user|dvpn|root\n");
	assert_differences("tunnel t { phase = 3; role = nhs }",
			   "tunnel t { phase = 2; role = nhs }",
			   "t|phase|3|2\nt|redirect|yes|no\nt|resolve|forward|answer\n");
	assert_differences("tunnel t { " HUB "}", "tunnel u { " HUB "role = both }",
			   "t|hub h.nbma|192.0.2.1|-\n"
			   "u|role|-|both\nu|hub h.nbma|-|192.0.2.1\n");
	assert_differences("tunnel t { " HUB "hub i { nbma = 192.0.2.2 }\n"
			   "map 10.0.0.1 { nbma = 192.0.2.3; mark = 0x10 } }",
			   "tunnel t { hub i { nbma = 192.0.2.2; protocol = 10.0.0.9 }\n" HUB
			   "map 10.0.0.1 { nbma = 192.0.2.4; multicast = yes } }",
			   "t|hub h.priority|1|2\n"
			   "t|hub i.protocol|-|10.0.0.9\nt|hub i.priority|2|1\n"
			   "t|map 10.0.0.1.nbma|192.0.2.3|192.0.2.4\n"
			   "t|map 10.0.0.1.multicast|no|yes\nt|map 10.0.0.1.mark|16|0\n");
	assert_differences(auth, "tunnel t { " HUB "auth = cisco; password = longer }",
			   "t|password|***|***\n");
	assert_differences(auth, "tunnel t { " HUB "}",
			   "t|auth|cisco|none\nt|password|***|-\n");
	assert_differences(auth, auth, "");
	assert_differences(key, key, "");
	assert_differences(key, "tunnel t { " HUB "auth = hmac; key = 256\n"
			   "key 256 { secret = 0123456789abcdeg } }",
			   "t|key 256.secret|***|***\n");
	/* Text and digits of the same octets are the same. */
	assert_differences(key, "tunnel t { " HUB "auth = hmac; key = 257\n"
			   "key 257 { secret = 0123456789abcdef }\n"
			   "key 0256 { secret = hex:30313233343536373839616263646566 } }",
			   "t|key|256|257\nt|key 257.secret|-|***\n");
	assert_differences("tunnel t { role = nhs; auth = hmac; identity a { key = 256 }\n"
			   "key 256 { secret = 0123456789abcdef } }",
			   "tunnel t { role = nhs; auth = hmac\n"
			   "identity b { key = 257 ; claim = 10.0.0.1 }\n"
			   "identity a { key = 256 258; claim = 10.0.0.0/24 fd00::/64 }\n"
			   "key 256 { secret = 0123456789abcdef }\n"
			   "key 257 { secret = 0123456789abcdef }\n"
			   "key 258 { secret = 0123456789abcdef } }",
			   "t|key 257.secret|-|***\nt|key 258.secret|-|***\n"
			   "t|identity a.key|256|256 258\n"
			   "t|identity a.claim|-|10.0.0.0/24 fd00::/64\n"
			   "t|identity b.key|-|257\nt|identity b.claim|-|10.0.0.1/32\n");
	assert_differences("tunnel t { role = nhs; auth = hmac\n"
			   "identity a { auth = cisco; password = x; claim = 10.0.0.1 } }",
			   "tunnel t { role = nhs; auth = hmac\n"
			   "identity a { auth = cisco; password = yz; claim = 10.0.0.1 }\n"
			   "identity b { auth = cisco; password = x; claim = 10.0.0.2 } }",
			   "t|identity a.password|***|***\nt|identity b.auth|-|cisco\n"
			   "t|identity b.password|-|***\nt|identity b.claim|-|10.0.0.2/32\n");
	assert_differences("tunnel t { " HUB "}",
			   "tunnel t { hub h { nbma = 192.0.2.1; auth = cisco; password = x } }",
			   "t|hub h.auth|-|cisco\nt|hub h.password|-|***\n");
	assert_differences("tunnel t { hub h { nbma = 192.0.2.1; auth = cisco; password = x } }",
			   "tunnel t { hub h { nbma = 192.0.2.1; auth = none } }",
			   "t|hub h.auth|cisco|none\nt|hub h.password|***|-\n");
	assert_differences("ipsec a { dpd-delay = 10 }\ntunnel t { " HUB "}",
			   "ipsec a { esp-proposals = aes128 aes256; local-id = b }\n"
			   "ipsec b { }\nipsec c { auth = pubkey; local-id = c }\n"
			   "tunnel t { " HUB "}",
			   "-|ipsec a.local-id||b\n-|ipsec a.esp-proposals|-|aes128 aes256\n"
			   "-|ipsec a.dpd-delay|10|30\n"
			   "-|ipsec c.auth|-|pubkey\n-|ipsec c.local-id|-|c\n");
	/* It stays none when the tunnel goes over. */
	assert_differences("tunnel t { " HUB "}",
			   "tunnel t { hub h { nbma = 192.0.2.1; auth = none } }",
			   "t|hub h.auth|-|none\n");
	assert_differences(key, "tunnel t { " HUB "}",
			   "t|auth|hmac|none\nt|key|256|-\nt|key 256.secret|***|-\n");
}

static void note_cost(const struct config_difference *diff, void *ctx)
{
	char *text = ctx;

	sprintf(text + strlen(text), "%s: %s\n", diff->path, diff->cost ? diff->cost : "-");
}

static void assert_costs(const char *from, const char *to, const char *wanted)
{
	struct config *a = parse_ok(from), *b = parse_ok(to);
	char got[4096] = "";

	config_diff(a, b, note_cost, got);
	assert_string_equal(got, wanted);
	config_free(a);
	config_free(b);
}

#define ANEW "registers anew with this hub: no data by it until it has answered\n"
#define NOT_HEARD "who has it otherwise is not heard: registrations and direct paths " \
	"end with their holding time\n"

#define KEY_NOT_HEARD "who signs with the key as it was is not heard: registrations and " \
	"direct paths end with their holding time\n"

#define MAP_GONE "no data to this address until it is found otherwise\n"
#define HUB_NOT_HEARD "registers again with this hub, which is not heard if it has it otherwise\n"
#define HUB_GONE "registrations there are withdrawn: no data by this hub any more\n"

static void costs(void **state)
{
	static const char spoke[] = "tunnel t {\n" HUB "}";
	static const char keys[] = "tunnel t {\n" HUB "auth = hmac; key = 256\n"
		"key 256 { secret = 0123456789abcdef }\n"
		"key 257 { secret = 0123456789abcdef } }";
	static const char mapped[] = "tunnel t {\n" HUB
		"map 10.0.0.1 { nbma = 192.0.2.5; multicast = yes }\n}";

	(void)state;
	assert_costs(spoke, "control-socket = /s; control-group = g; state-dir = /d; user = u\n"
		     "log-level = error; tunnel t {\n" HUB "}",
		     "control-socket: takes effect when dvpnd is restarted\n"
		     "control-group: takes effect when dvpnd is restarted\n"
		     "state-dir: takes effect when dvpnd is restarted\n"
		     "user: takes effect when dvpnd is restarted\n"
		     "log-level: -\n");
	assert_costs(spoke, "tunnel t {\nauth = cisco; password = x; shortcut = no\n"
		     "multicast = no; holding-time = 60\n" HUB "}",
		     "holding-time: -\n"
		     "auth: " NOT_HEARD
		     "password: " NOT_HEARD
		     "shortcut: direct paths end, data goes by the hub\n"
		     "multicast: no multicast, so a routing protocol may lose its neighbours\n");
	assert_costs("tunnel t {\nshortcut = no; multicast = no\n" HUB "}", spoke,
		     "shortcut: -\nmulticast: -\n");
	assert_costs("tunnel t {\nrole = both\n" HUB "}", spoke,
		     "role: spokes that are registered here are forgotten\n");
	assert_costs(spoke, "tunnel t {\nrole = both\n" HUB "}", "role: -\n");
	assert_costs(spoke, "tunnel t {\nhub h { nbma = 192.0.2.2; protocol = 10.0.0.1\n"
		     "priority = 2; encap = udp; port = 1; mark = 1; if-id = 1 }\n}",
		     "hub h.nbma: " ANEW
		     "hub h.protocol: unless the hub has this address: " ANEW
		     "hub h.priority: -\n"
		     "hub h.encap: " ANEW "hub h.port: " ANEW "hub h.mark: " ANEW
		     "hub h.if-id: " ANEW);
	assert_costs(mapped, spoke,
		     "map 10.0.0.1.nbma: " MAP_GONE "map 10.0.0.1.multicast: " MAP_GONE);
	assert_costs(mapped, "tunnel t {\n" HUB "map 10.0.0.1 { nbma = 192.0.2.6 }\n}",
		     "map 10.0.0.1.nbma: -\nmap 10.0.0.1.multicast: no multicast to it\n");
	assert_costs(spoke, mapped, "map 10.0.0.1.nbma: -\nmap 10.0.0.1.multicast: -\n");
	assert_costs("tunnel t {\n" HUB "hub i { nbma = 192.0.2.2 }\n}", spoke,
		     "hub i.nbma: " HUB_GONE);
	assert_costs("tunnel a { role = nhs }\ntunnel t {\n" HUB "}", "tunnel a { role = nhs }",
		     "hub h.nbma: " HUB_GONE);
	assert_costs(keys, "tunnel t {\n" HUB "auth = hmac; key = 257\n"
		     "key 257 { secret = 0123456789abcdeg } }",
		     "key: who does not have this key does not hear us\n"
		     "key 256.secret: " KEY_NOT_HEARD "key 257.secret: " KEY_NOT_HEARD);
	assert_costs(spoke, "tunnel t {\nhub h { nbma = 192.0.2.1; auth = cisco; password = x }\n}",
		     "hub h.auth: " HUB_NOT_HEARD "hub h.password: " HUB_NOT_HEARD);
	assert_costs("ipsec a { local-id = b }\ntunnel t {\n" HUB "}", spoke,
		     "ipsec a.local-id: strongSwan begins no security association by it any more\n");
	assert_costs("tunnel a { role = nhs }\ntunnel t {\n" HUB "}", spoke,
		     "role: leaves: no data by this tunnel any more\n");
}

/* Only what means something else makes work. */
static void tunnel_differences(void **state)
{
	static const struct {
		const char *text;
		bool differs;
	} rows[] = {
		{ "tunnel t {\n" HUB "hub i { nbma = 192.0.2.2 }\n}", false },
		{ "user = x; tunnel t {\n" HUB
		  "hub i { nbma = 192.0.2.2; priority = 2 }\n}", false },
		{ "tunnel t {\nhub i { nbma = 192.0.2.2; priority = 2 }\n"
		  "hub h { nbma = 192.0.2.1; priority = 1 }\n}", false },
		{ "tunnel t {\n" HUB "}", true },
		{ "tunnel t {\n" HUB "hub j { nbma = 192.0.2.2 }\n}", true },
		{ "tunnel t {\n" HUB "hub i { nbma = 192.0.2.2; if-id = 1 }\n}", true },
		{ "tunnel t { role = nhs }", true },
	};
	struct config *was = parse_ok(rows[0].text), *is;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		is = parse_ok(rows[i].text);
		assert_int_equal(config_tunnel_differs(was->tunnels, is->tunnels), rows[i].differs);
		assert_int_equal(config_tunnel_differs(is->tunnels, was->tunnels), rows[i].differs);
		config_free(is);
	}
	config_free(was);
}

/* As many identities as there may be, each with its key. */
static struct config *parse_many(const char *name, bool backwards)
{
	struct config *cfg;
	unsigned int i, n;
	size_t len;
	char *text;
	FILE *f;

	f = open_memstream(&text, &len);
	assert_non_null(f);
	fputs("tunnel dvpn0 {\nrole = nhs\nauth = hmac\n", f);
	for (i = 0; i < NHRP_IDENTITIES_MAX; i++) {
		n = backwards ? NHRP_IDENTITIES_MAX - 1 - i : i;
		fprintf(f, "key %u { secret = secret-of-the-key-%u }\n", n + 1000, n);
		fprintf(f, "identity %s%u { key = %u }\n", name, n, n + 1000);
	}
	fputs("}\n", f);
	assert_int_equal(fclose(f), 0);
	cfg = parse_ok(text);
	free(text);
	return cfg;
}

/* Other names for all, or the same ones in another order: with a search for each it takes hours. */
static void many_identities(void **state)
{
	struct config *from = parse_many("spoke", false), *to = parse_many("spoke", true);

	(void)state;
	assert_int_equal(config_diff(from, to, NULL, NULL), 0);
	config_free(to);
	to = parse_many("other", false);
	assert_int_equal(config_diff(from, to, NULL, NULL), 2 * NHRP_IDENTITIES_MAX);
	to->tunnels[0].core.identities->identity[9].keys[0].secret.octet[3] ^= 1;
	assert_int_equal(config_diff(from, to, NULL, NULL), 2 * NHRP_IDENTITIES_MAX + 1);
	config_free(from);
	config_free(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(default_is_not_written),
		cmocka_unit_test(differences),
		cmocka_unit_test(costs),
		cmocka_unit_test(tunnel_differences),
		cmocka_unit_test(many_identities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
