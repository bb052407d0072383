// SPDX-License-Identifier: GPL-2.0
/* IPsec: what is wrong with a connection of strongSwan, what it has, and what waits for more */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dvpnd/clock.h"
#include "dvpnd/ipsec-begun.h"
#include "dvpnd/ipsec-profile.h"
#include "dvpnd/ipsec-retry.h"
#include "dvpnd/larval.h"
#include "dvpnd/sas.h"
#include "dvpnd/tunnel.h"

#define CORP		"connection \"corp\" of strongSwan "
#define NO_TRAP		"starts IKE for no packet: it needs start_action = trap and mode = transport"
#define OTHER_PORT	"is for 0.0.0.0/0[gre] ::/0[gre], not for packets of this tunnel: "

static struct ipsec_profiles *all;
static struct tunnel tunnel;
static struct vici_out out;

static int begin(void **state)
{
	(void)state;
	all = calloc(1, sizeof(*all));
	memset(&tunnel, 0, sizeof(tunnel));
	memcpy(tunnel.cfg.name, "dvpn0", sizeof("dvpn0"));
	memcpy(tunnel.cfg.ipsec_profile, "corp", sizeof("corp"));
	tunnel.link.port = htons(4754);
	ipsec_profile_add(all, "corp");
	ipsec_profile_add(all, "corp");
	assert_int_equal(all->nr, 1);
	return all ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	vici_out_free(&out);
	free(all);
	return 0;
}

static void expect_trouble(const char *text)
{
	char said[TUNNEL_REASON_MAX];

	assert_int_equal(ipsec_profile_trouble(all, &tunnel, said, sizeof(said)), *text != '\0');
	assert_string_equal(said, text);
}

static void put_conns(const char *name)
{
	vici_out_free(&out);
	vici_list(&out, "conns");
	vici_item(&out, "other");
	vici_item(&out, name);
	vici_list_end(&out);
	ipsec_profile_conns(all, out.data, out.len);
}

static void put_policy(const char *ike, const char *mode, const char *selector)
{
	vici_out_free(&out);
	vici_section(&out, "name/of-the-child");
	vici_text(&out, "child", "of-the-child");
	vici_text(&out, "ike", "%s", ike);
	vici_text(&out, "mode", "%s", mode);
	vici_list(&out, "local-ts");
	vici_item(&out, selector);
	vici_item(&out, "::/0[gre]");
	vici_list_end(&out);
	vici_list(&out, "remote-ts");
	vici_item(&out, "0.0.0.0/0[udp/4754]");
	vici_list_end(&out);
	vici_section_end(&out);
	ipsec_profile_policy(all, out.data, out.len);
}

static void step_by_step(void **state)
{
	(void)state;
	/* Nothing was heard: nothing is wrong. */
	expect_trouble("");
	ipsec_profiles_begin(all);
	put_conns("another");
	expect_trouble("");
	ipsec_profiles_end(all);
	expect_trouble("strongSwan has no connection \"corp\": swanctl --load-all");

	ipsec_profiles_begin(all);
	put_conns("corp");
	put_policy("other", "TRANSPORT", "0.0.0.0/0[gre]");
	ipsec_profiles_end(all);
	expect_trouble(CORP NO_TRAP);

	ipsec_profiles_begin(all);
	put_conns("corp");
	put_policy("corp", "TUNNEL", "0.0.0.0/0[gre]");
	ipsec_profiles_end(all);
	expect_trouble(CORP "is not in transport mode: mode = transport");

	ipsec_profiles_begin(all);
	put_conns("corp");
	put_policy("corp", "TRANSPORT", "0.0.0.0/0[gre]");
	ipsec_profiles_end(all);
	expect_trouble("");
	tunnel.cfg.core.encap = NHRP_ENCAP_UDP;
	expect_trouble(CORP OTHER_PORT "local_ts = dynamic[udp/4754]");
	/* A child for each of both, in any order */
	ipsec_profiles_begin(all);
	put_conns("corp");
	put_policy("corp", "TRANSPORT", "0.0.0.0/0[udp/4754]");
	put_policy("corp", "TRANSPORT", "0.0.0.0/0[gre]");
	ipsec_profiles_end(all);
	expect_trouble("");
	tunnel.cfg.core.encap = NHRP_ENCAP_GRE;
	expect_trouble("");
	tunnel.cfg.ipsec_profile[0] = '\0';
	expect_trouble("");
}

static void put_wildcard(const char *selector)
{
	ipsec_profiles_begin(all);
	put_conns("corp");
	vici_out_free(&out);
	vici_section(&out, "corp/corp");
	vici_text(&out, "ike", "corp");
	vici_text(&out, "mode", "TRANSPORT");
	vici_list(&out, "local-ts");
	vici_item(&out, selector);
	vici_list_end(&out);
	vici_section_end(&out);
	ipsec_profile_policy(all, out.data, out.len);
	ipsec_profiles_end(all);
}

static void expect_template(const char *text)
{
	char *template = ipsec_profile_template(&tunnel);

	assert_non_null(template);
	if (!strstr(template, text))
		fail_msg("no \"%s\" in:\n%s", text, template);
	free(template);
}

/* Of one family, of which the tunnel's outside has to be. */
static void wildcard(void **state)
{
	struct nhrp_addr *hub = &tunnel.cfg.core.hubs[0].peer.nbma;

	(void)state;
	put_wildcard("0.0.0.0/0[gre]");
	expect_trouble("");
	tunnel.link.local6.family = AF_INET6;
	expect_trouble(CORP "is not for IPv6: remote_addrs = %any6");
	/* One connection cannot be for both. */
	tunnel.link.local4.family = AF_INET;
	expect_trouble("");
	tunnel.link.local6.family = 0;
	put_wildcard("::/0[gre]");
	expect_trouble(CORP "is not for IPv4: remote_addrs = %any");
	tunnel.link.local4.family = 0;
	tunnel.link.local6.family = AF_INET6;
	expect_trouble("");
	expect_template("remote_addrs = %any6\n");
	/* A spoke's is where its hubs are. */
	tunnel.cfg.core.nr_hubs = 1;
	expect_trouble("");
	assert_int_equal(nhrp_addr_parse(hub, "192.0.2.1"), 0);
	expect_trouble(CORP "is not for IPv4: remote_addrs = %any");
	expect_template("remote_addrs = %any\n");
	put_wildcard("0.0.0.0/0[gre]");
	expect_trouble("");
	assert_int_equal(nhrp_addr_parse(hub, "2001:db8::1"), 0);
	expect_trouble(CORP "is not for IPv6: remote_addrs = %any6");
}

/* Another configuration while an answer is on its way. */
static void other_profile(void **state)
{
	(void)state;
	ipsec_profiles_begin(all);
	all->nr = 0;
	ipsec_profile_add(all, "new");
	put_conns("corp");
	ipsec_profiles_end(all);
	assert_false(all->known);
	memcpy(tunnel.cfg.ipsec_profile, "new", sizeof("new"));
	expect_trouble("");
	ipsec_profiles_begin(all);
	put_conns("corp");
	ipsec_profiles_end(all);
	assert_true(all->known);
	expect_trouble("strongSwan has no connection \"new\": swanctl --load-all");
}

static void too_long(void **state)
{
	char selector[IPSEC_SELECTORS_MAX + 1];

	(void)state;
	memset(selector, 'x', IPSEC_SELECTORS_MAX);
	selector[IPSEC_SELECTORS_MAX] = '\0';
	ipsec_profiles_begin(all);
	put_conns(selector);
	put_policy(selector, "TRANSPORT", "0.0.0.0/0[gre]");
	put_conns("corp");
	put_policy("corp", "TRANSPORT", selector);
	ipsec_profiles_end(all);
	assert_string_equal(all->list[0].selectors, "::/0[gre]");
	expect_trouble("");
}

static void template_fits(void **state)
{
	char *text = ipsec_profile_template(&tunnel);

	(void)state;
	assert_non_null(strstr(text, "\n\tcorp {\n"));
	assert_non_null(strstr(text, "local_ts = dynamic[gre]\n"));
	assert_non_null(strstr(text, "remote_ts = dynamic[gre]\n"));
	free(text);
	tunnel.cfg.core.encap = NHRP_ENCAP_UDP;
	tunnel.cfg.ipsec_profile[0] = '\0';
	text = ipsec_profile_template(&tunnel);
	assert_non_null(strstr(text, "\n\tdvpn {\n"));
	assert_non_null(strstr(text, "local_ts = dynamic[udp/4754]\n"));
	free(text);
}

/* ----- the table ----- */

static struct sa sa(u32 id, const char *nbma, u32 spi_in)
{
	struct sa sa = { .id = id, .ike_id = 1, .spi_in = spi_in };

	assert_int_equal(nhrp_addr_parse(&sa.nbma, nbma), 0);
	return sa;
}

static unsigned int count_of(const struct sas *sas, const char *nbma)
{
	struct sa_entry *e = NULL;
	struct nhrp_addr addr;
	unsigned int n = 0;

	assert_int_equal(nhrp_addr_parse(&addr, nbma), 0);
	while ((e = sas_of(sas, &addr, e)))
		n++;
	return n;
}

/* 0: there is none. */
static u32 id_by_spi(const struct sas *sas, u32 spi, const char *nbma)
{
	const struct sa_entry *e;
	struct nhrp_addr addr;

	assert_int_equal(nhrp_addr_parse(&addr, nbma), 0);
	e = sas_by_spi(sas, spi, &addr);
	return e ? e->sa.id : 0;
}

static void set(struct sas *sas, const struct sa *sa, bool new)
{
	bool is_new = !new;

	assert_non_null(sas_set(sas, sa, 1000, &is_new));
	assert_int_equal(is_new, new);
}

static void assert_identity(const struct sas *sas, const char *profile, const char *nbma, u16 port,
			    const char *identity)
{
	struct nhrp_peer_key key = { .port = port };

	assert_int_equal(nhrp_addr_parse(&key.nbma, nbma), 0);
	assert_string_equal(sas_identity(sas, profile, &key), identity);
}

static void table(void **state)
{
	struct sa a = sa(1, "192.0.2.1", 0x100), b = sa(2, "192.0.2.1", 0x200);
	struct sa c = sa(3, "2001:db8::1", 0x300), moved = sa(1, "192.0.2.9", 0x100);
	struct sa another = sa(1, "192.0.2.9", 0x101);
	struct sa_entry *e, *tmp;
	unsigned int n = 0;
	struct sas sas;

	(void)state;
	b.port = 4754;
	memcpy(b.profile, "corp", sizeof("corp"));
	memcpy(b.identity, "two", sizeof("two"));
	sas_init(&sas);
	set(&sas, &a, true);
	set(&sas, &b, true);
	set(&sas, &c, true);
	set(&sas, &a, false);
	assert_int_equal(count_of(&sas, "192.0.2.1"), 2);
	assert_int_equal(count_of(&sas, "2001:db8::1"), 1);
	assert_int_equal(id_by_spi(&sas, 0x200, "192.0.2.1"), 2);
	/* Somebody else's number says nothing. */
	assert_int_equal(id_by_spi(&sas, 0x200, "192.0.2.2"), 0);
	/* It may move; with another SPI it is another one. */
	set(&sas, &moved, false);
	assert_int_equal(id_by_spi(&sas, 0x100, "192.0.2.9"), 1);
	assert_int_equal(id_by_spi(&sas, 0x100, "192.0.2.1"), 0);
	set(&sas, &another, true);
	assert_int_equal(count_of(&sas, "192.0.2.1"), 1);
	assert_int_equal(count_of(&sas, "192.0.2.9"), 1);
	assert_int_equal(id_by_spi(&sas, 0x100, "192.0.2.9"), 0);
	assert_int_equal(id_by_spi(&sas, 0x101, "192.0.2.9"), 1);
	assert_identity(&sas, "corp", "192.0.2.1", 4754, "two");
	assert_identity(&sas, "corp", "192.0.2.1", 4755, "");
	assert_identity(&sas, "other", "192.0.2.1", 4754, "");
	assert_identity(&sas, "corp", "192.0.2.3", 4754, "");
	sas_del(&sas, sas_find(&sas, 2));
	assert_null(sas_find(&sas, 2));
	assert_int_equal(count_of(&sas, "192.0.2.1"), 0);
	sas_for_each(e, tmp, &sas)
		n++;
	assert_int_equal(n, 2);
	sas_free(&sas);
	assert_null(sas_first(&sas));
}

/* ----- waiting ----- */

static void waiting(void **state)
{
	struct ipsec_waits waits = { 0 };
	struct nhrp_addr a, b;
	u64 now;
	u8 i;

	(void)state;
	nhrp_addr_parse(&a, "192.0.2.1");
	nhrp_addr_parse(&b, "192.0.2.2");
	for (now = 1000; now < 1000 + IPSEC_WAIT_MS; now += 1000)
		assert_int_equal(ipsec_wait_for(&waits, &a, now), 0);
	assert_int_equal(ipsec_wait_for(&waits, &a, now), IPSEC_WAIT_MS);
	assert_int_equal(ipsec_wait_for(&waits, &a, now + 1), 0);
	assert_int_equal(ipsec_wait_for(&waits, &b, now + 1), 0);
	/* It is given more time each time, as messages may be further apart each time. */
	assert_int_equal(ipsec_wait_for(&waits, &a, now + IPSEC_WAIT_MS), 0);
	now += 2 * IPSEC_WAIT_MS;
	assert_int_equal(ipsec_wait_for(&waits, &a, now), 2 * IPSEC_WAIT_MS);
	now += 4 * IPSEC_WAIT_MS + 1;
	assert_int_equal(ipsec_wait_for(&waits, &a, now), 4 * IPSEC_WAIT_MS + 1);
	now += IPSEC_WAIT_MOST_MS;
	assert_int_equal(ipsec_wait_for(&waits, &a, now), IPSEC_WAIT_MOST_MS);
	now += IPSEC_WAIT_MOST_MS;
	assert_int_equal(ipsec_wait_for(&waits, &a, now), IPSEC_WAIT_MOST_MS);
	ipsec_wait_anew(&waits);
	now += IPSEC_WAIT_MS;
	assert_int_equal(ipsec_wait_for(&waits, &a, now), IPSEC_WAIT_MS);
	/* A pause, or an association, begins it anew. */
	now += IPSEC_PAUSE_MS + 1;
	assert_int_equal(ipsec_wait_for(&waits, &a, now), 0);
	assert_int_equal(ipsec_wait_for(&waits, &a, now + IPSEC_WAIT_MS / 2), 0);
	ipsec_wait_over(&waits, &a);
	assert_int_equal(ipsec_wait_for(&waits, &a, now + IPSEC_WAIT_MS), 0);
	/* Others than these are too many at a time. */
	for (i = 1; i <= IPSEC_WAITS_MAX; i++) {
		b.b[3] = 100 + i;
		assert_int_equal(ipsec_wait_for(&waits, &b, now + IPSEC_WAIT_MS + i), 0);
	}
	assert_int_equal(ipsec_wait_for(&waits, &a, now + 2 * IPSEC_WAIT_MS), 0);
}

/* ----- beginning anew ----- */

/* strongSwan, and the kernel. */
static struct {
	bool away;
	unsigned int nr;
	char commands[4][16];
	vici_reply_fn reply[4];
	void *ctx[4];
	u8 body[64];
	size_t len;
	unsigned int cleared;
} play;

int __wrap_charon_request(struct charon *c, const char *command, const struct vici_out *body,
			  vici_reply_fn reply, void *ctx)
{
	assert_ptr_equal(c, &play);
	if (play.away)
		return -ENOTCONN;
	assert_true(play.nr < 4 && strlen(command) < sizeof(play.commands[0]));
	memcpy(play.commands[play.nr], command, strlen(command) + 1);
	play.reply[play.nr] = reply;
	play.ctx[play.nr++] = ctx;
	if (body) {
		assert_true(body->len <= sizeof(play.body));
		play.len = body->len;
		memcpy(play.body, body->data, body->len);
	}
	return 0;
}

int __wrap_larval_clear(const struct nhrp_addr *nbma)
{
	assert_int_equal(nbma->family, AF_INET);
	play.cleared++;
	return 1;
}

static void answer(unsigned int i)
{
	play.reply[i](0, NULL, 0, play.ctx[i]);
}

static struct vici_ike ike(u32 id, const char *remote)
{
	struct vici_ike ike = { .id = id, .initiator = true, .remote.family = AF_INET };

	inet_pton(AF_INET, remote, ike.remote.bytes);
	return ike;
}

static void begins_anew(void **state)
{
	struct vici_ike stuck = ike(5, "192.0.2.1"), other = ike(6, "192.0.2.2");
	struct charon *charon = (struct charon *)&play;
	struct ipsec_retry r = { 0 };
	struct nhrp_addr a;
	u64 now = 1000;

	(void)state;
	memset(&play, 0, sizeof(play));
	nhrp_addr_parse(&a, "192.0.2.1");
	assert_int_equal(ipsec_retry_no_sa(&r, charon, &a, now), 0);
	ipsec_retry_ike(&r, charon, &stuck);
	assert_int_equal(play.nr, 0);
	now += IPSEC_WAIT_MS;
	assert_int_equal(ipsec_retry_no_sa(&r, charon, &a, now), IPSEC_WAIT_MS);
	assert_int_equal(play.nr, 1);
	assert_string_equal(play.commands[0], "list-sas");
	/* Those of others, of theirs, and those that are up, stay. */
	ipsec_retry_ike(&r, charon, &other);
	stuck.established = true;
	ipsec_retry_ike(&r, charon, &stuck);
	stuck.established = false;
	stuck.initiator = false;
	ipsec_retry_ike(&r, charon, &stuck);
	assert_int_equal(play.nr, 1);
	stuck.initiator = true;
	ipsec_retry_ike(&r, charon, &stuck);
	assert_int_equal(play.nr, 2);
	assert_string_equal(play.commands[1], "terminate");
	assert_memory_equal(play.body, "\3\6ike-id\0\0015\3\5force\0\3yes\3\7timeout\0\2-1",
			    play.len);
	/* The kernel asks again when that is done, and others wait until then. */
	answer(0);
	assert_int_equal(play.cleared, 0);
	assert_int_equal(ipsec_retry_no_sa(&r, charon, &a, now + IPSEC_WAIT_MOST_MS), 0);
	answer(1);
	assert_int_equal(play.cleared, 1);
	now += IPSEC_WAIT_MOST_MS + 1;
	assert_true(ipsec_retry_no_sa(&r, charon, &a, now));
	answer(2);
	assert_int_equal(play.cleared, 2);
	/* Without strongSwan, or when it is away, too. */
	play.away = true;
	now += IPSEC_WAIT_MOST_MS;
	assert_true(ipsec_retry_no_sa(&r, charon, &a, now));
	assert_int_equal(play.cleared, 3);
	now += IPSEC_WAIT_MOST_MS;
	assert_true(ipsec_retry_no_sa(&r, NULL, &a, now));
	assert_int_equal(play.cleared, 4);
}

/* ----- not beginning ----- */

static void has_begun(void **state)
{
	struct vici_ike theirs = ike(5, "192.0.2.1");
	struct charon *charon = (struct charon *)&play;
	struct ipsec_begun b = { 0 };
	struct nhrp_addr a, other;
	u64 now;

	(void)state;
	memset(&play, 0, sizeof(play));
	nhrp_addr_parse(&a, "192.0.2.1");
	nhrp_addr_parse(&other, "192.0.2.2");
	theirs.initiator = false;
	/* What is told for another reason says nothing of the others. */
	ipsec_begun_ike(&b, &theirs);
	assert_int_equal(b.nr, 0);
	assert_true(ipsec_begun_look(&b, charon, &a, 1000));
	assert_true(ipsec_begun_look(&b, charon, &other, 1000));
	assert_int_equal(play.nr, 1);
	assert_string_equal(play.commands[0], "list-sas");
	ipsec_begun_ike(&b, &theirs);
	ipsec_begun_ike(&b, &theirs);
	assert_int_equal(b.nr, 1);
	answer(0);
	now = clock_ms();
	assert_true(ipsec_begun_look(&b, charon, &a, now));
	assert_false(ipsec_begun_look(&b, charon, &other, now));
	assert_int_equal(play.nr, 1);
	/* What was told is too old soon. Ours, and who is done, have not begun. */
	now += 1000;
	assert_true(ipsec_begun_look(&b, charon, &a, now));
	assert_int_equal(play.nr, 2);
	theirs.initiator = true;
	ipsec_begun_ike(&b, &theirs);
	theirs.initiator = false;
	theirs.established = true;
	ipsec_begun_ike(&b, &theirs);
	answer(1);
	assert_false(ipsec_begun_look(&b, charon, &a, clock_ms()));
	/* More than can be known of */
	assert_true(ipsec_begun_look(&b, charon, &a, now + 1000));
	theirs.established = false;
	for (theirs.remote.bytes[3] = 1; theirs.remote.bytes[3]; theirs.remote.bytes[3]++)
		ipsec_begun_ike(&b, &theirs);
	assert_int_equal(b.nr, IPSEC_BEGUN_MAX);
	answer(2);
	/* Without strongSwan nobody has. */
	play.away = true;
	assert_false(ipsec_begun_look(&b, charon, &a, now + 2000));
	assert_false(ipsec_begun_look(&b, NULL, &a, now + 2000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(step_by_step, begin, end),
		cmocka_unit_test_setup_teardown(wildcard, begin, end),
		cmocka_unit_test_setup_teardown(other_profile, begin, end),
		cmocka_unit_test_setup_teardown(too_long, begin, end),
		cmocka_unit_test_setup_teardown(template_fits, begin, end),
		cmocka_unit_test(table),
		cmocka_unit_test(waiting),
		cmocka_unit_test(begins_anew),
		cmocka_unit_test(has_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
