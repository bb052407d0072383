// SPDX-License-Identifier: GPL-2.0
/* The config file of dvpnd: what it means, and every way to get it wrong */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "dvpnd/config.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define HUB "hub h { nbma = 192.0.2.1 }\n"

static struct config *parse(const char *text, struct config_errors *errors)
{
	memset(errors, 0, sizeof(*errors));
	return config_parse("f", text, strlen(text), errors);
}

static struct config *parse_ok(const char *text)
{
	struct config_errors errors;
	struct config *cfg = parse(text, &errors);
	unsigned int i;

	for (i = 0; i < errors.nr; i++)
		print_error("%s\n", errors.line[i]);
	assert_non_null(cfg);
	assert_int_equal(errors.nr, 0);
	return cfg;
}

/* Exactly these lines, each ended by a newline, and no config. */
static void assert_errors(const char *text, const char *wanted)
{
	struct config_errors errors;
	struct config *cfg = parse(text, &errors);
	char got[8192] = "";
	unsigned int i;

	assert_null(cfg);
	for (i = 0; i < errors.nr; i++) {
		strcat(got, errors.line[i]);
		strcat(got, "\n");
	}
	assert_string_equal(got, wanted);
	config_errors_free(&errors);
}

static void defaults(void **state)
{
	struct config *cfg = parse_ok("tunnel dvpn0 {\n" HUB "}\n");
	const struct nhrp_tunnel_config *core = &cfg->tunnels[0].core;

	(void)state;
	assert_string_equal(cfg->control_socket, "/run/dvpn/dvpnd.sock");
	assert_string_equal(cfg->state_dir, "/var/lib/dvpn");
	assert_string_equal(cfg->user, "dvpn");
	assert_string_equal(cfg->control_group, "");
	assert_int_equal(cfg->log_level, LOG_INFO);
	assert_int_equal(cfg->nr_tunnels, 1);
	assert_string_equal(cfg->tunnels[0].name, "dvpn0");
	assert_false(core->nhs);
	assert_int_equal(core->phase, 3);
	assert_true(core->shortcut);
	assert_int_equal(core->holding_time_s, 600);
	assert_int_equal(core->probe_interval_s, 20);
	assert_int_equal(core->unique, NHRP_UNIQUE_VERIFY);
	assert_true(core->register_unique);
	assert_true(core->probation);
	assert_true(core->extensions);
	assert_int_equal(core->min_plen[0], 8);
	assert_int_equal(core->min_plen[1], 16);
	assert_int_equal(core->max_hubs, NHRP_HUBS_MAX);
	assert_int_equal(core->hub_hold_down_s, 60);
	assert_int_equal(core->nr_hubs, 1);
	assert_int_equal(core->hubs[0].priority, 1);
	assert_false(core->hubs[0].has_proto);
	assert_int_equal(core->hubs[0].peer.encap, NHRP_ENCAP_GRE);
	config_free(cfg);
}

static void everything(void **state)
{
	static const char text[] =
		"# a comment\n"
		"control-socket = /tmp/s ; control-group = \"adm\"\r\n"
		"state-dir = /tmp/d\n"
		"user = \"\"\n"
		"log-level = debug # another\n"
		"tunnel dvpn1 {\n"
		"	role = both\n"
		"	port = 4000\n"
		"	hub a { protocol = 10.0.0.1; nbma = 192.0.2.1; priority = 9\n"
		"		encap = udp; mark = 0x10; if-id = 7 }\n"
		"	hub b { nbma = 2001:db8::1; encap = udp; port = 5 }\n"
		"	encap = gre\n"
		"	phase = 2; redirect = yes; shortcut = off; resolve = forward\n"
		"	holding-time = 10; probe-interval = off\n"
		"	max-hubs = 2; hub-hold-down = 0\n"
		"	unique = strict; register-unique = no\n"
		"	auth = cisco; password = \"a b\\\"#\"\n"
		"	probation = off; multicast = false; extensions = no\n"
		"	min-prefix = 24; min-prefix6 = 64\n"
		"	max-spokes = 5; max-shortcuts = 6\n"
		"	map 10.0.0.9 { nbma = 192.0.2.9; multicast = true }\n"
		"}\n"
		"tunnel x { role = nhs }";
	struct config *cfg = parse_ok(text);
	const struct nhrp_tunnel_config *core = &cfg->tunnels[0].core;

	(void)state;
	assert_string_equal(cfg->control_socket, "/tmp/s");
	assert_string_equal(cfg->control_group, "adm");
	assert_string_equal(cfg->user, "");
	assert_int_equal(cfg->log_level, LOG_DEBUG);
	assert_int_equal(cfg->nr_tunnels, 2);
	assert_true(core->nhs);
	assert_true(core->redirect);
	assert_false(core->shortcut);
	assert_false(core->resolve_answer);
	assert_int_equal(core->probe_interval_s, 0);
	assert_int_equal(core->max_hubs, 2);
	assert_int_equal(core->hub_hold_down_s, 0);
	assert_int_equal(core->unique, NHRP_UNIQUE_STRICT);
	assert_string_equal(core->password, "a b\"#");
	assert_false(core->probation || core->multicast || core->extensions);
	assert_int_equal(core->min_plen[1], 64);
	assert_int_equal(core->max_bindings, 5);
	assert_int_equal(core->max_shortcuts, 6);
	assert_int_equal(core->nr_hubs, 2);
	assert_true(core->hubs[0].has_proto);
	assert_int_equal(core->hubs[0].priority, 9);
	assert_int_equal(core->hubs[0].peer.port, 4000);
	assert_int_equal(core->hubs[0].peer.mark, 16);
	assert_int_equal(core->hubs[0].peer.if_id, 7);
	assert_int_equal(core->hubs[1].priority, 2);
	assert_int_equal(core->hubs[1].peer.port, 5);
	assert_int_equal(core->hubs[1].peer.nbma.family, AF_INET6);
	assert_string_equal(cfg->tunnels[0].hub_names[1], "b");
	assert_int_equal(core->nr_statics, 1);
	assert_true(core->statics[0].multicast);
	assert_int_equal(core->statics[0].peer.port, 0);
	assert_ptr_equal(config_find(cfg, "x"), &cfg->tunnels[1]);
	assert_null(config_find(cfg, "y"));
	config_free(cfg);
}

/* Every option, none as by default, just as it is written again. */
static const char whole_text[] =
	"control-socket = /tmp/s\n"
	"control-group = adm\n"
	"state-dir = \"/tmp/a b\"\n"
	"user = \"\"\n"
	"log-level = debug\n"
	"tunnel dvpn1 {\n"
	"	role = both\n"
	"	phase = 2\n"
	"	holding-time = 10\n"
	"	probe-interval = off\n"
	"	max-hubs = 1\n"
	"	hub-hold-down = 3600\n"
	"	unique = strict\n"
	"	register-unique = no\n"
	"	auth = cisco\n"
	"	password = p\\w\n"
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
	"	}\n"
	"	hub b {\n"
	"		nbma = 2001:db8::1\n"
	"		port = 5\n"
	"	}\n"
	"	map 10.0.0.9 {\n"
	"		nbma = 192.0.2.9\n"
	"		multicast = yes\n"
	"		encap = gre\n"
	"		mark = 1\n"
	"		if-id = 2\n"
	"	}\n"
	"	map fd00::1 {\n"
	"		nbma = 192.0.2.10\n"
	"		port = 6\n"
	"	}\n"
	"}\n"
	"tunnel \"a{=;#b\" {\n"
	"	role = nhs\n"
	"	probe-interval = 3600\n"
	"}\n";

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
	char *text = config_format(cfg), *secret;
	char options[sizeof(whole_text) + 1], *p;

	(void)state;
	assert_non_null(text);
	/* But for the password, instead of which there is a comment. */
	assert_null(strstr(text, "p\\w"));
	secret = strstr(text, "# password = ***\n");
	assert_non_null(secret);
	memmove(secret, secret + 2, strlen(secret + 2) + 1);
	memcpy(strchr(secret, '*'), "p\\w", 3);
	assert_string_equal(text, whole_text);

	again = parse_ok(text);
	assert_int_equal(config_diff(cfg, again, NULL, NULL), 0);
	config_free(again);
	config_free(cfg);
	free(text);

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

#define MAP_GONE "no data to this address until it is found otherwise\n"
#define HUB_GONE "registrations there are withdrawn: no data by this hub any more\n"

static void costs(void **state)
{
	static const char spoke[] = "tunnel t {\n" HUB "}";
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
	assert_costs("tunnel a { role = nhs }\ntunnel t {\n" HUB "}", spoke,
		     "role: leaves: no data by this tunnel any more\n");
}

static void what_stays(void **state)
{
	struct config *running = parse_ok("user = a; control-socket = /tmp/a/long/path\n"
					  "tunnel t {\n" HUB "}");
	struct config *cfg = parse_ok("user = b; control-group = b; state-dir = /b\n"
				      "log-level = error\ntunnel u {\n" HUB "}");

	(void)state;
	config_keep(cfg, running);
	assert_string_equal(cfg->user, "a");
	assert_string_equal(cfg->control_socket, "/tmp/a/long/path");
	assert_string_equal(cfg->control_group, "");
	assert_string_equal(cfg->state_dir, "/var/lib/dvpn");
	assert_int_equal(cfg->log_level, LOG_ERR);
	assert_string_equal(cfg->tunnels[0].name, "u");
	config_free(running);
	config_free(cfg);
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

static void unknown_names(void **state)
{
	(void)state;
	assert_errors("tunnel t {\n" HUB "phsae = 3\nauht = none\nkeey = 4\n}\n",
		      "f:3: unknown option \"phsae\" (did you mean \"phase\"?)\n"
		      "f:4: unknown option \"auht\" (did you mean \"auth\"?)\n"
		      "f:5: unknown option \"keey\" in a tunnel\n");
	assert_errors("tunnel t {\n" HUB "key = 42\n}\n",
		      "f:3: key belongs to the device: ip link set DEVICE type dvpn key ...\n");
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
		      "hub a { nbma = hub.example.org }\n"
		      "hub b { nbma = 0.0.0.0 }\n"
		      "hub c { nbma = 224.0.0.5 }\n"
		      "hub d { nbma = 127.0.0.1 }\n"
		      "hub e { nbma = 255.255.255.255 }\n"
		      "hub f { nbma = ff02::1; protocol = :: }\n"
		      "map 1.2.3.4.5 { nbma = 192.0.2.1 }\n"
		      "}\n",
		      "f:2: nbma = hub.example.org: not an IPv4 or IPv6 address (names are not looked up)\n"
		      "f:3: nbma = 0.0.0.0: the unspecified address cannot be a hub\n"
		      "f:4: nbma = 224.0.0.5: a multicast address cannot be a hub\n"
		      "f:5: nbma = 127.0.0.1: a loopback address cannot be a hub\n"
		      "f:6: nbma = 255.255.255.255: a broadcast or reserved address cannot be a hub\n"
		      "f:7: nbma = ff02::1: a multicast address cannot be a hub\n"
		      "f:7: protocol = ::: the unspecified address cannot be a protocol address\n"
		      "f:8: map = 1.2.3.4.5: not an IPv4 or IPv6 address (names are not looked up)\n");
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
	assert_errors("tunnel t {\nauth = cisco\n" HUB "}\n",
		      "f:1: tunnel t: auth = cisco needs a password\n");
	assert_errors("tunnel t {\npassword = secret\n" HUB "}\n",
		      "f:1: tunnel t: a password needs auth = cisco\n");
	assert_errors("# nothing\n", "f:2: no tunnel is configured: tunnel NAME { ... }\n");
	assert_errors("tunnel t {\nhub a { nbma = 192.0.2.1; protocol = 10.0.0.1 }\n"
		      "hub b { nbma = 192.0.2.2; protocol = 10.0.0.1 }\n}\n",
		      "f:1: tunnel t: hubs a and b have one protocol address\n");
}

/* A password must not end up in a log. */
static void password_is_not_shown(void **state)
{
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

static void files(void **state)
{
	char name[] = "/tmp/test_config.XXXXXX";
	struct config_errors errors = { 0 };
	struct config *cfg;
	int fd;

	(void)state;
	assert_null(config_load("/nonexistent/file", &errors));
	assert_string_equal(errors.line[0], "/nonexistent/file: No such file or directory");
	config_errors_free(&errors);
	assert_null(config_load("/", &errors));
	assert_string_equal(errors.line[0], "/: Is a directory");
	config_errors_free(&errors);

	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "tunnel t { role = nhs }", 23), 23);
	cfg = config_load(name, &errors);
	assert_non_null(cfg);
	config_free(cfg);
	assert_int_equal(ftruncate(fd, CONFIG_FILE_MAX + 1), 0);
	assert_null(config_load(name, &errors));
	assert_non_null(strstr(errors.line[0], ": larger than 1 MiB"));
	config_errors_free(&errors);
	close(fd);
	unlink(name);
}

static char conf_dir[32];

static void put_file(const char *name, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", conf_dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* What reading @conf_dir/f says, with the directory's name left out. */
static void assert_load_errors(const char *wanted)
{
	struct config_errors errors = { 0 };
	char path[64], got[2048] = "", *at;
	unsigned int i;

	snprintf(path, sizeof(path), "%s/f", conf_dir);
	assert_null(config_load(path, &errors));
	for (i = 0; i < errors.nr; i++) {
		strcat(got, errors.line[i]);
		strcat(got, "\n");
	}
	snprintf(path, sizeof(path), "%s/", conf_dir);
	while ((at = strstr(got, path)))
		memmove(at, at + strlen(path), strlen(at + strlen(path)) + 1);
	assert_string_equal(got, wanted);
	config_errors_free(&errors);
}

static void directories(void **state)
{
	static const char *const names[] = {
		"f.d/b.conf", "f.d/a.conf", "f.d/.c.conf", "f.d/d.conf~", "f.d/.conf", "f",
	};
	struct config_errors errors = { 0 };
	struct config *cfg;
	char path[64];
	size_t i;

	(void)state;
	snprintf(conf_dir, sizeof(conf_dir), "/tmp/test_config_d.XXXXXX");
	assert_non_null(mkdtemp(conf_dir));
	snprintf(path, sizeof(path), "%s/f.d", conf_dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put_file("f", "user = x\n");
	assert_load_errors("f:2: no tunnel is configured: tunnel NAME { ... }\n");
	put_file("f.d/b.conf", "tunnel b {\nrole = nhs\n}\n");
	put_file("f.d/a.conf", "log-level = error; tunnel a { role = nhs }");
	put_file("f.d/.c.conf", "wrong");
	put_file("f.d/d.conf~", "wrong");
	put_file("f.d/.conf", "wrong");
	snprintf(path, sizeof(path), "%s/f", conf_dir);
	cfg = config_load(path, &errors);
	assert_non_null(cfg);
	assert_string_equal(cfg->user, "x");
	assert_int_equal(cfg->log_level, LOG_ERR);
	assert_int_equal(cfg->nr_tunnels, 2);
	assert_string_equal(cfg->tunnels[0].name, "a");
	assert_string_equal(cfg->tunnels[1].name, "b");
	config_free(cfg);

	/* All errors of all files, also if the first is bad. */
	put_file("f", "user = x\ntunnel b { role = nhs }\nwrong\n");
	put_file("f.d/a.conf", "\nuser = y; phase = 1\n");
	assert_load_errors("f:3: unknown option \"wrong\"\n"
			   "f.d/a.conf:2: user was already set in f:1\n"
			   "f.d/a.conf:2: unknown option \"phase\"\n"
			   "f.d/b.conf:1: tunnel b was already configured in f:2\n");
	/* A section ends in its file. */
	put_file("f", "tunnel c {\nrole = nhs\n");
	put_file("f.d/a.conf", "}\n");
	assert_load_errors("f:3: \"}\" is missing for tunnel c of line 1\n"
			   "f.d/a.conf:1: \"}\" without a \"{\" before it\n");
	put_file("f", "");
	put_file("f.d/a.conf", "");
	snprintf(path, sizeof(path), "%s/f.d/b.conf", conf_dir);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_load_errors("f.d/b.conf: Is a directory\n");
	rmdir(path);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", conf_dir, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/f.d", conf_dir);
	assert_int_equal(rmdir(path), 0);
	put_file("f", "tunnel a { role = nhs }");
	put_file("f.d", "not a directory");
	assert_load_errors("f.d: Not a directory\n");
	unlink(path);
	snprintf(path, sizeof(path), "%s/f", conf_dir);
	unlink(path);
	assert_int_equal(rmdir(conf_dir), 0);
}

static void suggestions(void **state)
{
	static const char *const names[] = { "phase", "port", "password", "probation" };

	(void)state;
	assert_string_equal(config_suggest("phase", names, 4), "phase");
	assert_string_equal(config_suggest("pahse", names, 4), "phase");
	assert_string_equal(config_suggest("passwrd", names, 4), "password");
	assert_string_equal(config_suggest("prot", names, 4), "port");
	assert_null(config_suggest("x", names, 4));
	assert_null(config_suggest("holding-time", names, 4));
	assert_null(config_suggest("", names, 4));
	assert_null(config_suggest("a-word-that-is-longer-than-any-option-could-be", names, 4));
}

/*
 * An option comes as "*name* =" in the man page, as often as there are sections with it.
 */
struct manual {
	char *text;
	unsigned int options;
};

static void find_in_manual(const char *name, void *ctx)
{
	struct manual *man = ctx;
	char wanted[64];
	char *at;

	snprintf(wanted, sizeof(wanted), "\n*%s* =", name);
	at = strstr(man->text, wanted);
	if (!at)
		fail_msg("the man page does not have %s", name);
	/* The next one of that name is another section's. */
	at[strlen(wanted) - 3] = '+';
	man->options++;
}

static void documented(void **state)
{
	const char *top = getenv("DVPN_TOP");
	struct manual man = { .text = calloc(1, 65536) };
	char path[4096];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/Documentation/man/dvpnd.conf.5.scd", top ? top : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(man.text, 1, 65535, f) > 0);
	fclose(f);
	config_options(find_in_manual, &man);
	assert_true(man.options > 30);
	/* And none that is not there. */
	assert_null(strstr(strstr(man.text, "# OPTIONS"), "* ="));
	free(man.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(everything),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(default_is_not_written),
		cmocka_unit_test(differences),
		cmocka_unit_test(costs),
		cmocka_unit_test(what_stays),
		cmocka_unit_test(tunnel_differences),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(wrong_addresses),
		cmocka_unit_test(wrong_syntax),
		cmocka_unit_test(said_twice),
		cmocka_unit_test(does_not_fit),
		cmocka_unit_test(password_is_not_shown),
		cmocka_unit_test(wrong_names),
		cmocka_unit_test(limits),
		cmocka_unit_test(files),
		cmocka_unit_test(directories),
		cmocka_unit_test(suggestions),
		cmocka_unit_test(documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
