// SPDX-License-Identifier: GPL-2.0
/* Connections that strongSwan is given, which is played here by who answers its requests */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "config_text.h"
#include "dvpnd/daemon.h"
#include "dvpnd/ipsec-load.h"
#include "dvpnd/tunnel.h"

#define ASKED_MAX	8
#define TEXT_MAX	1024

/**
 * struct asked - a request
 * @command: its name.
 * @body: what is in it, as text().
 * @reply: to be called.
 * @ctx: for it.
 */
static struct asked {
	char command[32];
	char body[TEXT_MAX];
	vici_reply_fn reply;
	void *ctx;
} asked[ASKED_MAX];

static unsigned int nr_asked;
static int refuse;
static struct daemon d;
static struct tunnel tunnel, other;
static struct nhrp_tunnel_config now;
static struct ipsec_load load;
static struct ipsec_profiles *all;
static u64 now_s = 1000;

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	ts->tv_sec = now_s;
	ts->tv_nsec = 0;
	return 0;
}

const struct nhrp_tunnel_config *__wrap_nhrp_tunnel_config(const struct nhrp_tunnel *t)
{
	(void)t;
	return &now;
}

/* As swanctl.conf has it, with blanks between. */
static void text(const struct vici_out *o, char *to)
{
	enum vici_token token;
	struct vici_in in;
	char *p = to;

	assert_int_equal(vici_out_error(o), 0);
	vici_in_init(&in, o->data, o->len);
	while ((token = vici_next(&in)) != VICI_END) {
		assert_int_not_equal(token, VICI_BAD);
		if (token == VICI_SECTION)
			p += sprintf(p, "%.*s { ", (int)in.name.len, in.name.p);
		else if (token == VICI_SECTION_END)
			p += sprintf(p, "} ");
		else if (token == VICI_VALUE)
			p += sprintf(p, "%.*s=%.*s ", (int)in.name.len, in.name.p,
				     (int)in.value.len, in.value.p);
		else if (token == VICI_LIST)
			p += sprintf(p, "%.*s=", (int)in.name.len, in.name.p);
		else if (token == VICI_ITEM)
			p += sprintf(p, "%.*s ", (int)in.value.len, in.value.p);
		assert_true(p - to < TEXT_MAX / 2 + TEXT_MAX / 4);
	}
}

int __wrap_charon_request(struct charon *c, const char *command, const struct vici_out *body,
			  vici_reply_fn reply, void *ctx)
{
	struct asked *a = &asked[nr_asked];

	(void)c;
	if (refuse)
		return refuse;
	assert_true(nr_asked < ASKED_MAX);
	snprintf(a->command, sizeof(a->command), "%s", command);
	text(body, a->body);
	a->reply = reply;
	a->ctx = ctx;
	nr_asked++;
	return 0;
}

static void configure(const char *words)
{
	char all_text[512];

	snprintf(all_text, sizeof(all_text), "%s\ntunnel t {\n" HUB "}", words);
	config_free(d.cfg);
	d.cfg = parse_ok(all_text);
	ipsec_load_refresh(&load);
}

static void set_profile(struct tunnel *t, const char *name)
{
	snprintf(t->cfg.ipsec_profile, sizeof(t->cfg.ipsec_profile), "%s", name);
}

static int begin(void **state)
{
	(void)state;
	memset(&tunnel, 0, sizeof(tunnel));
	memset(&other, 0, sizeof(other));
	memset(&now, 0, sizeof(now));
	memset(&load, 0, sizeof(load));
	all = calloc(1, sizeof(*all));
	assert_non_null(all);
	nr_asked = 0;
	refuse = 0;
	nhrp_addr_parse(&now.nbma[0], "192.0.2.1");
	tunnel.d = &d;
	tunnel.nhrp = (struct nhrp_tunnel *)&tunnel;
	tunnel.has_link = true;
	tunnel.link.port = htons(4754);
	set_profile(&tunnel, "corp");
	tunnel.next = &other;
	other = tunnel;
	other.next = NULL;
	set_profile(&other, "");
	d.tunnels = &tunnel;
	configure("ipsec corp { }");
	return 0;
}

static int end(void **state)
{
	(void)state;
	ipsec_load_free(&load);
	config_free(d.cfg);
	d.cfg = NULL;
	free(all);
	return 0;
}

static u64 run(void)
{
	return ipsec_load_run(&load, &d, NULL, now_s * 1000);
}

/* Runs, and is asked this and nothing else. */
static void asks(const char *command, const char *body)
{
	run();
	assert_int_equal(nr_asked, 1);
	assert_string_equal(asked[0].command, command);
	if (!strstr(asked[0].body, body))
		fail_msg("%s\nhas no\n%s", asked[0].body, body);
}

static void asks_nothing(void)
{
	run();
	assert_int_equal(nr_asked, 0);
}

/* The first one that was asked; @error: "": it was done. */
static void answer(const char *error)
{
	struct vici_out body = { 0 };
	struct asked a = asked[0];

	assert_true(nr_asked);
	memmove(asked, asked + 1, --nr_asked * sizeof(asked[0]));
	vici_text(&body, "success", *error ? "no" : "yes");
	if (*error)
		vici_text(&body, "errmsg", "%s", error);
	a.reply(0, body.data, body.len, a.ctx);
	vici_out_free(&body);
}

static void loads(const char *body)
{
	asks("load-conn", body);
	answer("");
	asks_nothing();
}

static void has_conns(const char *name)
{
	struct vici_out body = { 0 };

	vici_list(&body, "conns");
	vici_item(&body, "another");
	vici_item(&body, name);
	vici_list_end(&body);
	ipsec_load_conns(&load, body.data, body.len);
	vici_out_free(&body);
}

static void expect_trouble(const char *wanted)
{
	char said[TUNNEL_REASON_MAX];

	assert_int_equal(ipsec_load_trouble(&load, all, &tunnel, said, sizeof(said)),
			 *wanted != '\0');
	assert_string_equal(said, wanted);
}

#define HEAD	"version=2 proposals=aes128gcm16-prfsha256-x25519 remote_addrs="
#define MIDDLE	"mobike=no unique=no dpd_delay=30s local { auth=psk } " \
	"remote { auth=psk id=%any } children { "
#define TAIL	"reqid=1 esp_proposals=aes128gcm16 rekey_time=3600s start_action=trap " \
	"dpd_action=clear } "
#define GRE	"gre { mode=transport local_ts=dynamic[gre] remote_ts=dynamic[gre] " TAIL
#define UDP(n)	"udp-" n " { mode=transport local_ts=dynamic[udp/" n "] " \
	"remote_ts=dynamic[udp] " TAIL

static void message(void **state)
{
	(void)state;
	asks("load-conn", "");
	assert_string_equal(asked[0].body, "corp { " HEAD "%any " MIDDLE GRE "} } ");
	answer("");
	tunnel.cfg.core.encap = NHRP_ENCAP_UDP;
	asks("load-conn", "");
	assert_string_equal(asked[0].body, "corp { " HEAD "%any " MIDDLE UDP("4754") "} } ");
	answer("");
	/* All tunnels have theirs, and a hub what it says. */
	set_profile(&other, "corp");
	other.cfg.core.encap = NHRP_ENCAP_UDP;
	other.link.port = htons(80);
	other.cfg.core.nr_hubs = 1;
	loads(MIDDLE GRE UDP("80") UDP("4754") "} }");
	set_profile(&other, "else");
	loads(MIDDLE UDP("4754") "} }");
	/* One child for both */
	set_profile(&other, "corp");
	other.link.port = htons(4754);
	other.cfg.core.nr_hubs = 0;
	asks_nothing();
	/* No port, no packets. */
	other.link.port = 0;
	tunnel.link.port = 0;
	asks_nothing();
}

static void all_options(void **state)
{
	(void)state;
	configure("ipsec corp {\nauth = pubkey; local-id = \"CN=a b\"; remote-id = *.x\n"
		  "proposals = p1 p2; esp-proposals = e1 e2; dpd-delay = off; rekey-time = 60\n}\n");
	d.cfg->ipsecs[0].certificate.data = (u8 *)strdup("PEM");
	d.cfg->ipsecs[0].certificate.len = 3;
	d.cfg->ipsecs[0].ca.data = (u8 *)strdup("CA");
	d.cfg->ipsecs[0].ca.len = 2;
	asks("load-conn", "version=2 proposals=p1 p2 remote_addrs=%any mobike=no");
	asks("load-conn", "dpd_delay=0s local { auth=pubkey id=CN=a b certs=PEM } ");
	asks("load-conn", "remote { auth=pubkey id=*.x cacerts=CA } children { gre {");
	asks("load-conn", "esp_proposals=e1 e2 rekey_time=60s start_action=trap");
	answer("");
	/* Another certificate in the same file */
	d.cfg->ipsecs[0].ca.data[0] = 'X';
	ipsec_load_refresh(&load);
	loads("cacerts=XA ");
}

#define IKE		"mobike=no unique=no dpd_delay=30s local { auth=psk } " \
	"remote { auth=psk id=%any } children { gre { mode=tunnel local_ts="
#define ESP_TAIL	"esp_proposals=aes128gcm16 rekey_time=3600s "
#define PROPOSALS	"proposals=aes128gcm16-prfsha256-x25519 "

/* A connection for each hub, between the addresses inside; a hub waits for who begins. */
static void tunnel_mode(void **state)
{
	(void)state;
	nhrp_addr_parse(&now.nbma[0], "10.255.0.2");
	configure("ipsec corp { mode = tunnel\n"
		  "hubs = 10.255.0.1@198.51.100.1 2001:db8::1@198.51.100.2 }");
	run();
	assert_int_equal(nr_asked, 2);
	/* The list has the last one first. */
	assert_string_equal(asked[1].body, "corp.hub1 { version=2 " PROPOSALS
			    "remote_addrs=198.51.100.1 " IKE
			    "10.255.0.2/32[gre] remote_ts=10.255.0.1/32[gre] "
			    ESP_TAIL "start_action=trap dpd_action=trap } } } ");
	/* Without an address of ours there are no packets to it. */
	assert_non_null(strstr(asked[0].body, "corp.hub2 { "));
	assert_non_null(strstr(asked[0].body, "children { } } "));
	expect_trouble("strongSwan has not got connection \"corp.hub2\" yet");
	answer("");
	answer("");
	expect_trouble("");
	assert_string_equal(ipsec_load_profile(&d, "corp.hub2"), "corp");
	assert_string_equal(ipsec_load_profile(&d, "corp.hub3"), "corp.hub3");
	assert_string_equal(ipsec_load_profile(&d, "corp.ip6"), "corp.ip6");
	/* Another address of ours is in all of them. */
	nhrp_addr_parse(&now.nbma[0], "10.255.0.3");
	loads("local_ts=10.255.0.3/32[gre]");
	configure("ipsec corp { mode = tunnel }");
	run();
	assert_int_equal(nr_asked, 3);
	answer("");
	answer("");
	answer("");
	ipsec_load_up(&load);
	asks("load-conn", "");
	assert_string_equal(asked[0].body, "corp { version=2 " PROPOSALS IKE
			    "10.255.0.3/32[gre] remote_ts=0.0.0.0/0[gre] "
			    ESP_TAIL "start_action=none dpd_action=clear } } } ");
	answer("");
	asks_nothing();
}

static void families(void **state)
{
	(void)state;
	memset(&now, 0, sizeof(now));
	asks_nothing();
	nhrp_addr_parse(&now.nbma[1], "2001:db8::1");
	loads("corp { " HEAD "%any6 " MIDDLE);
	nhrp_addr_parse(&now.nbma[0], "192.0.2.1");
	run();
	assert_int_equal(nr_asked, 2);
	answer("");
	answer("");
	asks_nothing();
	memset(&now.nbma[1], 0, sizeof(now.nbma[1]));
	asks("unload-conn", "name=corp.ip6 ");
	answer("");
	asks_nothing();
	/* A device that is away takes nothing away. */
	tunnel.has_link = false;
	asks_nothing();
	assert_string_equal(ipsec_load_profile(&d, "corp.ip6"), "corp");
	assert_string_equal(ipsec_load_profile(&d, "corp"), "corp");
	assert_string_equal(ipsec_load_profile(&d, "corp.ip"), "corp.ip");
}

static void comes_and_goes(void **state)
{
	(void)state;
	loads("corp { ");
	assert_true(ipsec_load_news(&load));
	assert_false(ipsec_load_news(&load));
	/* The same configuration again */
	configure("ipsec corp { }");
	asks_nothing();
	configure("ipsec corp { dpd-delay = 5 }");
	asks("load-conn", "dpd_delay=5s");
	/* Another one before that was answered */
	configure("ipsec corp { dpd-delay = 6 }");
	run();
	assert_int_equal(nr_asked, 1);
	answer("");
	loads("dpd_delay=6s");
	has_conns("corp");
	asks_nothing();
	has_conns("corp2");
	loads("dpd_delay=6s");
	ipsec_load_up(&load);
	loads("dpd_delay=6s");
	set_profile(&tunnel, "by-hand");
	ipsec_load_refresh(&load);
	asks("unload-conn", "name=corp ");
	assert_true(ipsec_load_any(&load));
	/* It comes back meanwhile. */
	set_profile(&tunnel, "corp");
	ipsec_load_refresh(&load);
	run();
	answer("");
	loads("dpd_delay=6s");
	configure("");
	asks("unload-conn", "name=corp ");
	answer("there is none");
	assert_false(ipsec_load_any(&load));
}

/* Nobody is told of what nobody was told of. */
static void never_told(void **state)
{
	(void)state;
	refuse = -ENOBUFS;
	assert_int_equal(run(), 1000);
	assert_int_equal(nr_asked, 0);
	refuse = 0;
	assert_int_equal(run(), 1000);
	configure("");
	asks_nothing();
	assert_false(ipsec_load_any(&load));
}

static void refused(void **state)
{
	(void)state;
	expect_trouble("strongSwan has not got connection \"corp\" yet");
	asks("load-conn", "");
	expect_trouble("strongSwan has not got connection \"corp\" yet");
	answer("invalid proposal");
	assert_true(ipsec_load_news(&load));
	expect_trouble("strongSwan refuses connection \"corp\": invalid proposal");
	asks_nothing();
	assert_int_equal(run(), 60000);
	now_s += 60;
	asks("load-conn", "");
	expect_trouble("strongSwan refuses connection \"corp\": invalid proposal");
	answer("");
	expect_trouble("");
	configure("ipsec corp { rekey-time = 77 }");
	asks("load-conn", "");
	expect_trouble("");
	asked[0].reply(-ENOTSUP, NULL, 0, asked[0].ctx);
	nr_asked = 0;
	expect_trouble("strongSwan refuses connection \"corp\": it does not know of load-conn");
	configure("ipsec corp { }");
	asks("load-conn", "");
	/* The connection to it is over, then it is there again. */
	asked[0].reply(-ECONNRESET, NULL, 0, asked[0].ctx);
	nr_asked = 0;
	ipsec_load_up(&load);
	loads("");
	expect_trouble("");
}

/* It has the connection, but starts IKE for no packet. */
static void no_trap(void **state)
{
	(void)state;
	loads("");
	ipsec_profile_add(all, "corp");
	ipsec_profiles_begin(all);
	ipsec_profiles_end(all);
	expect_trouble("strongSwan makes no trap policy of connection \"corp\": see its log");
	/* It has what was needed before. */
	tunnel.cfg.core.encap = NHRP_ENCAP_UDP;
	expect_trouble("");
	asks("load-conn", "");
	expect_trouble("");
	answer("");
	expect_trouble("strongSwan makes no trap policy of connection \"corp\": see its log");
	set_profile(&tunnel, "by-hand");
	ipsec_profile_add(all, "by-hand");
	expect_trouble("strongSwan has no connection \"by-hand\": swanctl --load-all");
}

static void secrets(void **state)
{
	struct config_ipsec section = { .name = "corp" };
	char *said = ipsec_conn_secrets(&section);

	(void)state;
	assert_non_null(strstr(said, "\nsecrets {\n\tike-corp {\n\t\tsecret = "));
	assert_null(strstr(said, "connections"));
	free(said);
	section.auth = CONFIG_IPSEC_PUBKEY;
	said = ipsec_conn_secrets(&section);
	assert_non_null(strstr(said, "/etc/swanctl/private"));
	assert_null(strstr(said, "{"));
	free(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(message, begin, end),
		cmocka_unit_test_setup_teardown(all_options, begin, end),
		cmocka_unit_test_setup_teardown(tunnel_mode, begin, end),
		cmocka_unit_test_setup_teardown(families, begin, end),
		cmocka_unit_test_setup_teardown(comes_and_goes, begin, end),
		cmocka_unit_test_setup_teardown(never_told, begin, end),
		cmocka_unit_test_setup_teardown(refused, begin, end),
		cmocka_unit_test_setup_teardown(no_trap, begin, end),
		cmocka_unit_test(secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
