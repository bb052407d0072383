// SPDX-License-Identifier: GPL-2.0
/* The config file of dvpnd: what it means, and that its man page has all of it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "config_text.h"

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
	assert_false(config_has_secret(cfg));
	assert_string_equal(cfg->tunnels[0].name, "dvpn0");
	assert_false(core->nhs);
	assert_int_equal(core->phase, 3);
	assert_true(core->shortcut);
	assert_int_equal(core->holding_time_s, 600);
	assert_int_equal(core->max_holding_time_s, 0);
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
		"		encap = udp; mark = 0x10; if-id = 7; extensions = off }\n"
		"	hub b { nbma = 2001:db8::1; encap = udp; port = 5 }\n"
		"	encap = gre\n"
		"	phase = 2; redirect = yes; shortcut = off; resolve = forward\n"
		"	holding-time = 10; probe-interval = off; max-holding-time = 11\n"
		"	max-hubs = 2; hub-hold-down = 0; carrier-follows-hubs = yes\n"
		"	export-registrations = 252\n"
		"	unique = strict; register-unique = no\n"
		"	auth = cisco; password = \"a b\\\"#\"\n"
		"	probation = off; multicast = false; extensions = no\n"
		"	min-prefix = 24; min-prefix6 = 64\n"
		"	max-spokes = 5; max-shortcuts = 6\n"
		"	map 10.0.0.9 { nbma = 192.0.2.9; multicast = true; probation = on }\n"
		"}\n"
		"tunnel x { role = nhs; auth = hmac; key = 65535\n"
		"	key 256 { secret = \"a secret of 22 letters\" }\n"
		"	key 65535 { secret = hex:0F1e2d3c4b5a69788796a5b4c3d2e1f0 } }";
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
	assert_int_equal(core->max_holding_time_s, 11);
	assert_int_equal(core->max_hubs, 2);
	assert_int_equal(core->hub_hold_down_s, 0);
	assert_true(cfg->tunnels[0].carrier_follows_hubs);
	assert_false(cfg->tunnels[1].carrier_follows_hubs);
	assert_int_equal(cfg->tunnels[0].export_table, 252);
	assert_int_equal(cfg->tunnels[1].export_table, 0);
	assert_int_equal(core->unique, NHRP_UNIQUE_STRICT);
	assert_string_equal(core->password, "a b\"#");
	assert_true(config_has_secret(cfg));
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
	assert_int_equal(core->hubs[0].says.extensions, NHRP_OFF);
	assert_int_equal(core->hubs[0].says.probation, NHRP_AS_TUNNEL);
	assert_int_equal(core->hubs[1].priority, 2);
	assert_int_equal(core->hubs[1].peer.port, 5);
	assert_int_equal(core->hubs[1].peer.nbma.family, AF_INET6);
	assert_string_equal(cfg->tunnels[0].hub_names[1], "b");
	assert_int_equal(core->nr_statics, 1);
	assert_true(core->statics[0].multicast);
	assert_int_equal(core->statics[0].says.probation, NHRP_ON);
	assert_int_equal(core->statics[0].says.extensions, NHRP_AS_TUNNEL);
	assert_int_equal(core->statics[0].peer.port, 0);
	core = &cfg->tunnels[1].core;
	assert_int_equal(core->auth, NHRP_AUTH_HMAC);
	assert_int_equal(core->key_id, 65535);
	assert_int_equal(core->nr_keys, 2);
	assert_int_equal(core->keys[0].id, 256);
	assert_int_equal(core->keys[0].secret.len, 22);
	assert_memory_equal(core->keys[0].secret.octet, "a secret of 22 letters", 22);
	assert_int_equal(core->keys[1].secret.len, 16);
	assert_memory_equal(core->keys[1].secret.octet, "\x0f\x1e\x2d\x3c\x4b\x5a\x69\x78"
			    "\x87\x96\xa5\xb4\xc3\xd2\xe1\xf0", 16);
	assert_ptr_equal(config_find(cfg, "x"), &cfg->tunnels[1]);
	assert_null(config_find(cfg, "y"));
	config_free(cfg);
}

static void assert_secret(const struct nhrp_key *key, u16 id, const char *secret)
{
	assert_int_equal(key->id, id);
	assert_int_equal(key->secret.len, strlen(secret));
	assert_memory_equal(key->secret.octet, secret, strlen(secret));
}

/* A hub has its own, or says nothing of it. */
static void auth_of_hubs(void **state)
{
	struct config *cfg = parse_ok("tunnel t { auth = cisco; password = common\n"
				      "hub a { nbma = 192.0.2.1; auth = hmac; key = 300 }\n"
				      "hub b { nbma = 192.0.2.2; auth = cisco; password = NHRPAUTH }\n"
				      "hub c { nbma = 192.0.2.3; auth = none }\n"
				      "hub d { nbma = 192.0.2.4 }\n"
				      "hub e { nbma = 192.0.2.2; encap = udp; auth = none }\n"
				      "key 300 { secret = \"a secret with the hub\" } }\n"
				      "tunnel u {\n"
				      "hub a { nbma = 192.0.2.1; auth = cisco; password = x } }\n");
	static const enum nhrp_auth_mode modes[] = {
		NHRP_AUTH_HMAC, NHRP_AUTH_CISCO, NHRP_AUTH_NONE, NHRP_AUTH_CISCO, NHRP_AUTH_NONE,
	};
	const struct nhrp_tunnel_config *core = &cfg->tunnels[0].core;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_int_equal(nhrp_auth_mode_of(core, &core->hubs[i]), modes[i]);
		assert_int_equal(core->hubs[i].auth.own, i != 3);
	}
	assert_int_equal(core->auth, NHRP_AUTH_CISCO);
	assert_string_equal(core->hubs[1].auth.password, "NHRPAUTH");
	assert_string_equal(core->hubs[3].auth.password, "");
	assert_int_equal(core->hubs[0].key_ids[0], 300);
	assert_int_equal(core->nr_keys, 1);
	assert_true(nhrp_auth_signs(core));
	assert_false(nhrp_auth_signs(&cfg->tunnels[1].core));
	/* Of a tunnel that has none, too: the file is looked at, and no core file made. */
	assert_true(config_has_secret(cfg));
	cfg->tunnels[0].core.auth = NHRP_AUTH_NONE;
	cfg->tunnels[0].core.nr_hubs = 0;
	assert_true(config_has_secret(cfg));
	config_free(cfg);
}

/* Their keys are theirs, wherever they are; what is left is the group's. */
static void identities(void **state)
{
	struct config *cfg = parse_ok("tunnel t {\n"
				      "role = nhs; auth = hmac; identity-required = yes\n"
				      "key 300 { secret = \"a secret of three hundred\" }\n"
				      "identity a { key = 300 302 ; max-addresses = 4\n"
				      "claim = 10.0.0.2 10.1.0.0/16 fd00::2 }\n"
				      "identity b { key = 303 }\n"
				      "identity old { auth = cisco; password = 12345678\n"
				      "claim = 10.0.0.9 }\n"
				      "key 301 { secret = \"a secret of the whole group\" }\n"
				      "key 302 { secret = \"another secret for a\" }\n"
				      "key 303 { secret = \"a secret that b has\" }\n"
				      "}\n"
				      "tunnel u { auth = hmac; key = 9999\n"
				      "key 9999 { secret = \"a secret of the whole group\" }\n"
				      "key 300 { secret = \"a secret with the hub\" }\n"
				      "hub h { nbma = 192.0.2.1; key = 300 } }\n");
	const struct nhrp_tunnel_config *core = &cfg->tunnels[0].core;
	const struct nhrp_identity *a;
	struct config_tunnel copy;

	(void)state;
	assert_true(core->identity_required);
	assert_int_equal(core->nr_keys, 1);
	assert_secret(&core->keys[0], 301, "a secret of the whole group");
	assert_int_equal(core->identities->nr, 3);
	a = &core->identities->identity[0];
	assert_string_equal(a->name, "a");
	assert_int_equal(a->nr_keys, 2);
	assert_secret(&a->keys[0], 300, "a secret of three hundred");
	assert_secret(&a->keys[1], 302, "another secret for a");
	assert_int_equal(a->max_addresses, 4);
	assert_int_equal(a->claim.nr, 3);
	assert_int_equal(a->claim.prefix[1].plen, 16);
	assert_int_equal(a[1].claim.nr, 0);
	assert_int_equal(a[1].auth, NHRP_IDENTITY_HMAC);
	assert_int_equal(a[2].auth, NHRP_IDENTITY_CISCO);
	assert_string_equal(a[2].password, "12345678");
	assert_int_equal(a[2].nr_keys, 0);
	assert_int_equal(a[1].max_addresses, NHRP_IDENTITY_ADDRESSES_DEFAULT);
	assert_int_equal(cfg->tunnels[1].core.hubs[0].key_ids[0], 300);
	assert_int_equal(cfg->tunnels[1].core.nr_keys, 2);
	assert_null(cfg->tunnels[1].core.identities);
	assert_int_equal(config_tunnel_copy(&copy, &cfg->tunnels[0]), 0);
	config_free(cfg);
	assert_secret(&copy.core.identities->identity[0].keys[1], 302, "another secret for a");
	config_tunnel_free(&copy);
}

/* Those that IKE proves need nobody to sign. */
static void ike_identities(void **state)
{
	struct config *cfg = parse_ok("tunnel t {\nrole = nhs; identity-required = yes\n"
				      "ipsec-profile = dvpn\n"
				      "identity a { ike = a.example.net; claim = 10.0.0.2 }\n"
				      "identity b { ike = \"C=DE, CN=b\" }\n}\n"
				      "tunnel u {\nrole = nhs; auth = hmac; ipsec-profile = dvpn\n"
				      "key 300 { secret = \"a secret of three hundred\" }\n"
				      "identity a { ike = a; key = 300 }\n}\n");
	const struct nhrp_identities *set = cfg->tunnels[0].core.identities;
	const struct nhrp_identities *both = cfg->tunnels[1].core.identities;

	(void)state;
	assert_int_equal(set->nr_ike, 2);
	assert_ptr_equal(nhrp_identity_by_ike(set, "a.example.net"), &set->identity[0]);
	assert_ptr_equal(nhrp_identity_by_ike(set, "C=DE, CN=b"), &set->identity[1]);
	assert_null(nhrp_identity_by_ike(set, "b"));
	assert_int_equal(set->identity[0].nr_keys, 0);
	assert_int_equal(both->identity[0].nr_keys, 1);
	assert_string_equal(both->identity[0].ike, "a");
	config_free(cfg);
}

static void hub_names(void **state)
{
	struct config *cfg = parse_ok("tunnel t {\n"
				      "hub a { nbma = Hub-1.example.net }\n"
				      "hub b { nbma = hub_2.example.net. ; mark = 1 }\n"
				      "hub c { nbma = hub_2.example.net. ; mark = 2 }\n"
				      "hub d { nbma = 2x }\n"
				      "}");
	struct config *same = parse_ok("tunnel t {\n"
				       "hub a { nbma = hub-1.EXAMPLE.net }\n"
				       "hub b { nbma = hub_2.example.net. ; mark = 1 }\n"
				       "hub c { nbma = hub_2.example.net. ; mark = 2 }\n"
				       "hub d { nbma = 2x }\n"
				       "}");
	const struct nhrp_hub *hubs = cfg->tunnels[0].core.hubs;
	char *text = config_format(cfg);

	(void)state;
	assert_string_equal(hubs[0].name, "Hub-1.example.net");
	assert_true(nhrp_addr_none(&hubs[0].peer.nbma));
	assert_string_equal(hubs[1].name, "hub_2.example.net.");
	assert_string_equal(hubs[3].name, "2x");
	assert_non_null(strstr(text, "nbma = hub_2.example.net.\n"));
	assert_int_equal(config_diff(cfg, same, NULL, NULL), 0);
	same->tunnels[0].core.hubs[0].name[4] = '9';
	assert_int_equal(config_diff(cfg, same, NULL, NULL), 1);
	free(text);
	config_free(same);
	config_free(cfg);
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
		cmocka_unit_test(auth_of_hubs),
		cmocka_unit_test(identities),
		cmocka_unit_test(ike_identities),
		cmocka_unit_test(hub_names),
		cmocka_unit_test(what_stays),
		cmocka_unit_test(suggestions),
		cmocka_unit_test(documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
