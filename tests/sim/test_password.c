// SPDX-License-Identifier: GPL-2.0
/*
 * Old routers, which say a password, at a hub where all others sign: spoke 3 and, where there
 * is one, spoke 4. They may do what their identity says and no more, and nobody who signs has
 * to yield to them.
 */
#include <string.h>

#include "nhrp/cookie.h"
#include "nhrp/internal.h"
#include "nhrp/packet-ext.h"
#include "forged.h"
#include "identities.h"
#include "test.h"

#define OLD		2
#define OLD_PROTO	"192.168.111.4"
#define OLD_NBMA	"192.168.50.4"
#define OLD_LAN		"192.168.50.0/24"
#define OTHER_NBMA	"203.0.113.9"

static const char *const passwords[] = { "oldcisco", "old2" };

static void become_old(struct sim_net *net, unsigned int i, const char *proto, const char *lan)
{
	struct nhrp_tunnel_config *cfg = &net->spoke[i]->cfg;
	struct nhrp_identity *identity = identity_of(net, i);
	const char *password = passwords[i - OLD];

	cfg->auth = NHRP_AUTH_CISCO;
	cfg->nr_keys = 0;
	cfg->key_id = 0;
	cfg->hubs[0].key_ids[0] = 0;
	memset(cfg->password, 0, sizeof(cfg->password));
	memcpy(cfg->password, password, strlen(password));
	memset(identity->keys, 0, sizeof(identity->keys));
	identity->nr_keys = 0;
	identity->auth = NHRP_IDENTITY_CISCO;
	memset(identity->password, 0, sizeof(identity->password));
	memcpy(identity->password, password, strlen(password));
	may_claim(net, i, proto);
	identity->answer.prefix[identity->answer.nr++] = sim_prefix(lan);
}

static void build(struct sim_net *net, u64 seed, unsigned int spokes)
{
	char proto[32], lan[32];
	unsigned int i;

	identities_build(net, seed, spokes);
	for (i = OLD; i < spokes; i++) {
		snprintf(proto, sizeof(proto), "192.168.111.%u/32", i + 2);
		snprintf(lan, sizeof(lan), "192.168.%u.0/24", net_lan(i));
		become_old(net, i, proto, lan);
	}
}

static void start(struct sim_net *net)
{
	net_start(net);
	sim_run(net->sim, 1000);
}

static void say(struct sim_net *net, const char *from, struct nhrp_msg *msg,
		const char *password)
{
	assert_int_equal(nhrp_msg_add_auth_cisco(msg, password), 0);
	forged_send(net->hub, from, msg);
	sim_run(net->sim, 100);
}

/* A registration request of @proto from @nbma arrives at the hub, with this password. */
static void claim(struct sim_net *net, const char *password, const char *proto,
		  const char *nbma, u16 hold_s)
{
	struct nhrp_msg msg;

	forged_request(&msg, NHRP_REGISTRATION_REQUEST, nbma, proto, "192.168.111.1");
	msg.cies.cie[0].holding_time = hold_s;
	say(net, nbma, &msg, password);
}

static bool says(const struct nhrp_msg *msg, const char *password)
{
	struct nhrp_auth auth;

	return !nhrp_msg_get_auth(msg, &auth) && nhrp_auth_cisco_ok(&auth, password);
}

/* Everything that goes to or comes from an old one, and nothing else, is in clear. */
static unsigned int check_records(const char *nbma)
{
	const struct nhrp_addr old = sim_addr(nbma);
	unsigned int i, n = 0;
	struct nhrp_msg msg;

	for (i = 0; i < nr_records; i++) {
		bool is_old = nhrp_addr_eq(&records[i].from, &old) ||
			      nhrp_addr_eq(&records[i].to, &old);

		assert_int_equal(nhrp_decode(records[i].data, records[i].len, &msg, NULL), 0);
		if (msg.type == NHRP_ERROR_INDICATION)
			continue;
		assert_int_equal(says(&msg, passwords[0]), is_old);
		n += is_old;
	}
	return n;
}

static void beside_others(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 801, 3);
	nr_records = 0;
	net.sim->drop = record_frame;
	start(&net);
	assert_int_equal(net_bindings(net.hub), 3);
	assert_owner(&net, OLD_PROTO, "spoke3");
	assert_owner(&net, "192.168.111.2", "spoke1");
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	net_ping_for(&net, net.spoke[OLD], net.spoke[0], 3000, 50);
	assert_int_equal(net.sim->data_lost, 0);
	assert_true(check_records(OLD_NBMA) > 4);
	/* What one that signs asks goes there, what that one says does not come back. */
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_false(net_direct(net.spoke[0], OLD_LAN));
	assert_false(net_direct(net.spoke[OLD], LAN1));
	assert_true(counter(net.hub, NHRP_C_DROP_WEAKER) > 0);
	assert_int_equal(counter(net.spoke[OLD], NHRP_C_DROP_AUTH), 0);
	/* It leaves, and hears that it has. */
	forged_watch_for(net.sim, OLD_NBMA, NHRP_PURGE_REPLY);
	nhrp_tunnel_leave(net.spoke[OLD]->tunnel, net.sim->now);
	sim_run(net.sim, 100);
	assert_int_equal(forged_watch.nr, 1);
	assert_true(says(&forged_watch.last, passwords[0]));
	assert_int_equal(binding_of(&net, OLD_PROTO).proto.family, 0);
	identities_free(&net);
}

/* From one password to another one nothing becomes stronger. */
static void old_ones_among_themselves(void **state)
{
	struct sim_net net;
	char lan[32];

	(void)state;
	build(&net, 802, 4);
	start(&net);
	assert_owner(&net, "192.168.111.5", "spoke4");
	net_ping_for(&net, net.spoke[OLD], net.spoke[OLD + 1], 3000, 50);
	snprintf(lan, sizeof(lan), "192.168.%u.0/24", net_lan(OLD + 1));
	assert_non_null(sim_map_at(net.spoke[OLD], lan));
	/* It leaves: the other one is told, and its answer counts. */
	nhrp_tunnel_leave(net.spoke[OLD + 1]->tunnel, net.sim->now);
	sim_run(net.sim, 10000);
	assert_null(sim_map_at(net.spoke[OLD], lan));
	assert_true(counter(net.hub, NHRP_C_TX_PURGE_REQUEST) > 0);
	assert_int_equal(counter(net.hub, NHRP_C_PURGE_UNANSWERED), 0);
	sim_agent_kill(net.spoke[OLD + 1]);
	sim_kernel_clear(net.spoke[OLD + 1]);
	sim_agent_start(net.spoke[OLD + 1]);
	sim_run(net.sim, 1000);
	/* One of them is not the way to what it was not given. */
	identity_of(&net, OLD + 1)->answer.nr = 0;
	reconfigure(net.hub);
	sim_agent_kill(net.spoke[OLD]);
	sim_kernel_clear(net.spoke[OLD]);
	sim_agent_start(net.spoke[OLD]);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[OLD], net.spoke[OLD + 1], 3000, 50);
	assert_null(sim_map_at(net.spoke[OLD], lan));
	assert_true(counter(net.hub, NHRP_C_DROP_POLICY_ANSWER) > 0);
	identities_free(&net);
}

static void claims(void **state)
{
	static const struct {
		const char *proto;
		const char *nbma;
		const char *password;
		enum nhrp_counter why;
	} rows[] = {
		{ OLD_PROTO, OTHER_NBMA, "oldcisc", NHRP_C_DROP_AUTH },
		{ OLD_PROTO, OTHER_NBMA, "oldciscO", NHRP_C_DROP_AUTH },
		{ OLD_PROTO, OTHER_NBMA, "o", NHRP_C_DROP_AUTH },
		/* Where a hub or another one is, and what is another's. */
		{ "192.168.111.9", OTHER_NBMA, "oldcisco", NHRP_C_DROP_POLICY_CLAIM },
		{ "192.168.111.2", OTHER_NBMA, "oldcisco", NHRP_C_DROP_POLICY_CLAIM },
		{ "192.168.111.1", OTHER_NBMA, "oldcisco", NHRP_C_DROP_POLICY_OWN },
		{ OLD_PROTO, "192.168.50.2", "oldcisco", NHRP_C_DROP_WEAKER },
	};
	struct sim_net net;
	unsigned int i;

	(void)state;
	build(&net, 803, 3);
	sim_agent_start(net.hub);
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 1000);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		claim(&net, rows[i].password, rows[i].proto, rows[i].nbma, 600);
		assert_int_equal(counter(net.hub, rows[i].why),
				 i < 3 ? i + 1 : rows[i].why == NHRP_C_DROP_POLICY_CLAIM ?
				 i - 2 : 1);
		assert_int_equal(net_bindings(net.hub), 1);
	}
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	assert_owner(&net, "192.168.111.2", "spoke1");
	/* The answer to who is refused is in clear, too. */
	forged_watch_for(net.sim, OTHER_NBMA, NHRP_REGISTRATION_REPLY);
	claim(&net, "oldcisco", "192.168.111.9", OTHER_NBMA, 600);
	assert_int_equal(forged_watch.last.cies.cie[0].code, NHRP_CODE_ADMIN_PROHIBITED);
	assert_true(says(&forged_watch.last, "oldcisco"));
	assert_non_null(strstr(net.hub->refused, "identity spoke3"));
	assert_null(strstr(net.hub->refused, "oldcisco"));
	claim(&net, "oldcisco", OLD_PROTO, OTHER_NBMA, 600);
	assert_owner(&net, OLD_PROTO, "spoke3");
	identities_free(&net);
}

/* All of it, and nothing behind it. */
static void whole_passwords(void **state)
{
	static const u8 octets[] = "old2\0\0\0\0\0";
	const struct nhrp_identities *set;
	struct sim_net net;
	size_t len;

	(void)state;
	build(&net, 818, 4);
	start(&net);
	set = net.hub->tunnel->cfg.identities;
	for (len = 0; len < sizeof(octets); len++)
		assert_ptr_equal(nhrp_identity_by_password(set, octets, len),
				 len == 4 ? nhrp_identity_named(set, "spoke4") : NULL);
	identities_free(&net);
}

/* A device has a link-local address, but an old router's is another's if it is not said. */
static void link_local(void **state)
{
	const struct nhrp_addr own = sim_addr("fe80::2");
	struct sim_net net;

	(void)state;
	build(&net, 804, 3);
	assert_true(nhrp_identity_may_claim(identity_of(&net, 0), &own));
	assert_false(nhrp_identity_may_claim(identity_of(&net, OLD), &own));
	may_claim(&net, OLD, "fe80::2");
	assert_true(nhrp_identity_may_claim(identity_of(&net, OLD), &own));
	identities_free(&net);
}

/* What is registered with a signature, an identity's or not, stays; what is not makes room. */
static void who_signs_comes_first(void **state)
{
	static const enum nhrp_unique modes[] = {
		NHRP_UNIQUE_VERIFY, NHRP_UNIQUE_STRICT, NHRP_UNIQUE_OFF
	};
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		build(&net, 805 + i, 3);
		net.hub->cfg.unique = modes[i];
		sim_agent_start(net.hub);
		sim_run(net.sim, 100);
		claim(&net, "oldcisco", OLD_PROTO, OLD_NBMA, 600);
		assert_owner(&net, OLD_PROTO, "spoke3");
		claim_with(&net, SPOKE_KEY(1), OLD_PROTO, "192.168.50.3", 600);
		assert_owner(&net, OLD_PROTO, "spoke2");
		claim(&net, "oldcisco", OLD_PROTO, OLD_NBMA, 600);
		claim(&net, "oldcisco", OLD_PROTO, OLD_NBMA, 0);
		sim_run(net.sim, 5000);
		assert_owner(&net, OLD_PROTO, "spoke2");
		claim_with(&net, SPOKE_KEY(1), OLD_PROTO, "192.168.50.3", 0);
		claim(&net, "oldcisco", OLD_PROTO, OLD_NBMA, 600);
		assert_owner(&net, OLD_PROTO, "spoke3");
		claim_with(&net, GROUP_KEY, OLD_PROTO, OTHER_NBMA, 600);
		assert_owner(&net, OLD_PROTO, "");
		claim(&net, "oldcisco", OLD_PROTO, OLD_NBMA, 600);
		claim(&net, "oldcisco", OLD_PROTO, OTHER_NBMA, 600);
		claim(&net, "oldcisco", OLD_PROTO, OTHER_NBMA, 0);
		sim_run(net.sim, 5000);
		assert_owner(&net, OLD_PROTO, "");
		assert_locator(&net, OLD_PROTO, OTHER_NBMA);
		identities_free(&net);
	}
}

/* Nobody is kept from where he is by one who has said a password there. */
static void one_place(void **state)
{
	struct nhrp_msg msg;
	struct sim_net net;

	(void)state;
	build(&net, 811, 3);
	sim_agent_start(net.hub);
	sim_run(net.sim, 100);
	forged_request(&msg, NHRP_REGISTRATION_REQUEST, "10.9.9.9", OLD_PROTO, "192.168.111.1");
	say(&net, "192.168.50.2", &msg, "oldcisco");
	assert_owner(&net, OLD_PROTO, "spoke3");
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 1000);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_int_equal(binding_of(&net, OLD_PROTO).proto.family, 0);
	assert_true(net_registered(net.spoke[0]));
	identities_free(&net);
}

/* The password was overheard: while the owner answers he keeps it. */
static void another_place(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 812, 3);
	start(&net);
	claim(&net, "oldcisco", OLD_PROTO, OTHER_NBMA, 600);
	claim(&net, "oldcisco", OLD_PROTO, OTHER_NBMA, 600);
	sim_run(net.sim, 5000);
	assert_locator(&net, OLD_PROTO, OLD_NBMA);
	assert_true(counter(net.hub, NHRP_C_PROBE_SENT) > 0);
	sim_run(net.sim, 10000);
	sim_node_power(net.spoke[OLD], false);
	claim(&net, "oldcisco", OLD_PROTO, OTHER_NBMA, 600);
	sim_run(net.sim, 5000);
	assert_locator(&net, OLD_PROTO, OTHER_NBMA);
	assert_owner(&net, OLD_PROTO, "spoke3");
	identities_free(&net);
}

/* What it may not say, or not from there, or not of others. */
static void other_messages(void **state)
{
	static const struct {
		enum nhrp_type type;
		const char *src, *dst, *from;
		enum nhrp_counter why;
	} rows[] = {
		{ NHRP_REGISTRATION_REPLY, "192.168.111.1", OLD_PROTO, OLD_NBMA,
		  NHRP_C_DROP_WEAKER },
		{ NHRP_RESOLUTION_REQUEST, "192.168.111.2", "192.168.111.3", OLD_NBMA,
		  NHRP_C_DROP_POLICY_CLAIM },
		{ NHRP_PURGE_REQUEST, "192.168.111.2", "192.168.111.1", OLD_NBMA,
		  NHRP_C_DROP_POLICY_CLAIM },
		{ NHRP_RESOLUTION_REQUEST, OLD_PROTO, "192.168.111.3", "192.168.50.2",
		  NHRP_C_DROP_UNREGISTERED },
		{ NHRP_PURGE_REQUEST, OLD_PROTO, "192.168.111.1", OTHER_NBMA,
		  NHRP_C_DROP_UNREGISTERED },
		{ NHRP_RESOLUTION_REPLY, "192.168.111.3", "192.168.111.2", "192.168.50.2",
		  NHRP_C_DROP_UNREGISTERED },
		{ NHRP_PURGE_REPLY, "192.168.111.1", "192.168.111.2", "192.168.50.2",
		  NHRP_C_DROP_UNREGISTERED },
		{ NHRP_RESOLUTION_REQUEST, OLD_PROTO, "192.168.111.3", OLD_NBMA,
		  NHRP_C_DROP_WEAKER },
	};
	struct nhrp_msg msg;
	struct sim_net net;
	unsigned int i;

	(void)state;
	build(&net, 813, 3);
	start(&net);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 was = counter(net.hub, rows[i].why);

		forged_request(&msg, rows[i].type, rows[i].from, rows[i].src, rows[i].dst);
		say(&net, rows[i].from, &msg, "oldcisco");
		assert_int_equal(counter(net.hub, rows[i].why), was + 1);
	}
	/* A purge of its own that is about another one. */
	forged_request(&msg, NHRP_PURGE_REQUEST, OLD_NBMA, OLD_PROTO, "192.168.111.1");
	msg.cies.cie[0].proto = sim_addr("192.168.111.2");
	say(&net, OLD_NBMA, &msg, "oldcisco");
	assert_int_equal(counter(net.hub, NHRP_C_DROP_NOT_OWNER), 1);
	assert_int_equal(net_bindings(net.hub), 3);
	assert_int_equal(counter(net.hub, NHRP_C_FORWARDED), 0);
	identities_free(&net);
}

/* Where a hub is its own authentication holds, and nobody says a password in its place. */
static void from_where_a_hub_is(void **state)
{
	struct nhrp_hub *hub;
	struct sim_net net;

	(void)state;
	build(&net, 814, 3);
	hub = &net.hub->cfg.hubs[net.hub->cfg.nr_hubs++];
	hub->peer.nbma = sim_addr("192.168.50.99");
	hub->has_proto = true;
	hub->proto = sim_addr("192.168.111.99");
	sim_agent_start(net.hub);
	sim_run(net.sim, 100);
	claim(&net, "oldcisco", OLD_PROTO, "192.168.50.99", 600);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_AUTH), 1);
	assert_int_equal(net_bindings(net.hub), 0);
	identities_free(&net);
}

/* Of who signs now what was said in clear is not believed any more, nor the other way round. */
static void becomes_another(void **state)
{
	struct nhrp_identity *identity;
	struct sim_net net;

	(void)state;
	build(&net, 815, 3);
	start(&net);
	identity = identity_of(&net, OLD);
	memset(identity->password, 0, sizeof(identity->password));
	memcpy(identity->password, "fresh", 5);
	reconfigure(net.hub);
	assert_owner(&net, OLD_PROTO, "spoke3");
	memset(identity->password, 0, sizeof(identity->password));
	identity->auth = NHRP_IDENTITY_HMAC;
	identity->nr_keys = 1;
	set_key(&identity->keys[0], SPOKE_KEY(OLD));
	reconfigure(net.hub);
	assert_int_equal(binding_of(&net, OLD_PROTO).proto.family, 0);
	assert_int_equal(net_bindings(net.hub), 2);
	claim(&net, "fresh", OLD_PROTO, OLD_NBMA, 600);
	assert_int_equal(net_bindings(net.hub), 2);
	identities_free(&net);
}

/* It is found again in the kernel as what it was; as somebody who signs it is not. */
static void agent_restarts(void **state)
{
	struct nhrp_identity *identity;
	struct sim_net net;

	(void)state;
	build(&net, 816, 3);
	start(&net);
	sim_agent_kill(net.hub);
	sim_agent_start(net.hub);
	assert_owner(&net, OLD_PROTO, "spoke3");
	nr_records = 0;
	net.sim->drop = record_frame;
	net_ping_for(&net, net.spoke[OLD], net.spoke[0], 1000, 50);
	assert_true(check_records(OLD_NBMA) > 0);
	assert_int_equal(net.sim->data_lost, 0);
	sim_agent_kill(net.hub);
	identity = identity_of(&net, OLD);
	memset(identity->password, 0, sizeof(identity->password));
	identity->auth = NHRP_IDENTITY_HMAC;
	identity->nr_keys = 1;
	set_key(&identity->keys[0], SPOKE_KEY(OLD));
	sim_agent_start(net.hub);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_int_equal(binding_of(&net, OLD_PROTO).proto.family, 0);
	identities_free(&net);
}

static void configs(void **state)
{
	const struct nhrp_tunnel_config *cfg;
	struct nhrp_identity *identity;
	struct sim_net net;
	const char *why;

	(void)state;
	build(&net, 817, 4);
	cfg = &net.hub->cfg;
	identity = identity_of(&net, OLD);
	assert_int_equal(nhrp_tunnel_config_check(cfg, &why), 0);
	identity->claim.nr = 0;
	assert_int_equal(nhrp_tunnel_config_check(cfg, &why), -EINVAL);
	assert_string_equal(why, "an identity with a password has no addresses to claim");
	may_claim(&net, OLD, "192.168.111.0/24");
	assert_int_equal(nhrp_tunnel_config_check(cfg, &why), 0);
	may_claim(&net, 0, "192.168.111.2");
	assert_int_equal(nhrp_tunnel_config_check(cfg, &why), -EINVAL);
	assert_string_equal(why, "an identity with a password may claim what one that signs may");
	identity_of(&net, 0)->claim.nr = 0;
	memset(identity->password, 0, sizeof(identity->password));
	assert_int_equal(nhrp_tunnel_config_check(cfg, &why), -EINVAL);
	assert_string_equal(why, "an identity's password is not 1 to 8 octets long");
	memcpy(identity->password, passwords[1], strlen(passwords[1]));
	assert_int_equal(nhrp_tunnel_config_check(cfg, &why), -EINVAL);
	assert_string_equal(why, "two identities have one password");
	memcpy(identity->password, "x", 1);
	identity->nr_keys = 1;
	assert_int_equal(nhrp_tunnel_config_check(cfg, &why), -EINVAL);
	assert_string_equal(why, "an identity has a password and a key");
	identities_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beside_others),
		cmocka_unit_test(old_ones_among_themselves),
		cmocka_unit_test(claims),
		cmocka_unit_test(whole_passwords),
		cmocka_unit_test(link_local),
		cmocka_unit_test(who_signs_comes_first),
		cmocka_unit_test(one_place),
		cmocka_unit_test(another_place),
		cmocka_unit_test(other_messages),
		cmocka_unit_test(from_where_a_hub_is),
		cmocka_unit_test(becomes_another),
		cmocka_unit_test(agent_restarts),
		cmocka_unit_test(configs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
