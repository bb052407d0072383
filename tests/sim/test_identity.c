// SPDX-License-Identifier: GPL-2.0
/* Keys of their own: who may register what, and who may speak as whom. */
#include <stdio.h>
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/packet-ext.h"
#include "nhrp/packet.h"
#include "forged.h"
#include "identities.h"
#include "test.h"

#define CLAIM_NBMA	"203.0.113.9"

static u8 last_code(void)
{
	assert_true(forged_watch.nr > 0);
	return forged_watch.last.cies.cie[0].code;
}

/* Everything works as with one key, whether the spokes share one or not. */
static void everything_works(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	identities_build(&net, 501, 2);
	net.hub->cfg.identity_required = true;
	/* No more than it has, from here on. */
	may_claim(&net, 0, "192.168.111.2");
	may_claim(&net, 1, "192.168.111.3");
	net.sim->strict = true;
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_owner(&net, "192.168.111.3", "spoke2");
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	sim_run(net.sim, 700000);
	for (i = 0; i < 2; i++)
		assert_true(net_registered(net.spoke[i]));
	nhrp_tunnel_leave(net.spoke[1]->tunnel, net.sim->now);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_IDENTITY), 0);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_KEY), 0);
	identities_free(&net);
}

/* Without a key that all have spokes go by the hub, and their answers, too. */
static void no_group_key(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	identities_build(&net, 502, 2);
	net.hub->cfg.key_id = 0;
	net.hub->cfg.nr_keys = 0;
	for (i = 0; i < 2; i++) {
		net.spoke[i]->cfg.keys[0] = net.spoke[i]->cfg.keys[1];
		net.spoke[i]->cfg.nr_keys = 1;
		net.spoke[i]->cfg.key_id = SPOKE_KEY(i);
		net.spoke[i]->cfg.hubs[0].key_ids[0] = 0;
	}
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_int_equal(net.sim->data_lost, 0);
	assert_false(net_direct(net.spoke[0], LAN2));
	identities_free(&net);
}

/* T20: what is not in its prefixes is refused, and who asked for it is named. */
static void claims(void **state)
{
	static const struct {
		const char *proto;
		enum nhrp_counter why;
	} rows[] = {
		{ "192.168.111.40", NHRP_C_MAX },
		{ "192.168.111.47", NHRP_C_MAX },
		{ "192.168.111.48", NHRP_C_DROP_POLICY_CLAIM },
		{ "192.168.111.39", NHRP_C_DROP_POLICY_CLAIM },
		{ "192.168.112.40", NHRP_C_DROP_POLICY_SUBNET },
	};
	struct sim_net net;
	unsigned int i;

	(void)state;
	identities_build(&net, 503, 1);
	may_claim(&net, 0, "192.168.111.40/29");
	may_claim(&net, 0, "192.168.112.0/24");
	sim_agent_start(net.hub);
	sim_run(net.sim, 10);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 was = rows[i].why == NHRP_C_MAX ? 0 : counter(net.hub, rows[i].why);

		forged_watch_for(net.sim, CLAIM_NBMA, NHRP_REGISTRATION_REPLY);
		claim_with(&net, SPOKE_KEY(0), rows[i].proto, CLAIM_NBMA, 600);
		if (rows[i].why == NHRP_C_MAX) {
			assert_int_equal(last_code(), NHRP_CODE_OK);
			assert_owner(&net, rows[i].proto, "spoke1");
			continue;
		}
		assert_int_equal(last_code(), NHRP_CODE_ADMIN_PROHIBITED);
		assert_int_equal(counter(net.hub, rows[i].why), was + 1);
		assert_non_null(strstr(net.hub->refused, "identity spoke1"));
	}
	assert_int_equal(net_bindings(net.hub), 2);
	identities_free(&net);
}

/* Every device has one, so it need not be said; if it is, it is no other. */
static void link_local_claims(void **state)
{
	const struct nhrp_addr own = sim_addr("fe80::2"), other = sim_addr("fe80::3");
	const struct nhrp_addr site = sim_addr("fec0::2");
	struct nhrp_identity *identity;
	struct sim_net net;

	(void)state;
	identities_build(&net, 515, 1);
	identity = identity_of(&net, 0);
	may_claim(&net, 0, "192.168.111.2");
	assert_true(nhrp_identity_may_claim(identity, &own));
	assert_false(nhrp_identity_may_claim(identity, &site));
	may_claim(&net, 0, "fe80::2");
	assert_true(nhrp_identity_may_claim(identity, &own));
	assert_false(nhrp_identity_may_claim(identity, &other));
	identities_free(&net);
}

/* Who has the group key only proves nothing. */
static void group_key_claims(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 504, 1);
	net_start(&net);
	sim_run(net.sim, 1000);
	forged_watch_for(net.sim, CLAIM_NBMA, NHRP_REGISTRATION_REPLY);
	/* What is somebody's is his: registered, deregistered, or purged. */
	claim_with(&net, GROUP_KEY, "192.168.111.2", CLAIM_NBMA, 600);
	assert_int_equal(last_code(), NHRP_CODE_ADMIN_PROHIBITED);
	assert_non_null(strstr(net.hub->refused, "owner spoke1 at 192.168.50.2"));
	claim_with(&net, GROUP_KEY, "192.168.111.2", CLAIM_NBMA, 0);
	assert_int_equal(last_code(), NHRP_CODE_ADMIN_PROHIBITED);
	claim_with(&net, GROUP_KEY, "192.168.111.2", "192.168.50.2", 0);
	claim_with(&net, GROUP_KEY, "192.168.111.2", "192.168.50.2", 600);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_IDENTITY), 4);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	/* What nobody has is everybody's, unless the hub says otherwise. */
	claim_with(&net, GROUP_KEY, "192.168.111.66", CLAIM_NBMA, 600);
	assert_int_equal(last_code(), NHRP_CODE_OK);
	assert_owner(&net, "192.168.111.66", "");
	net.hub->cfg.identity_required = true;
	reconfigure(net.hub);
	claim_with(&net, GROUP_KEY, "192.168.111.67", CLAIM_NBMA, 600);
	assert_int_equal(last_code(), NHRP_CODE_ADMIN_PROHIBITED);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_POLICY_IDENTITY), 1);
	sim_run(net.sim, 300000);
	assert_true(net_registered(net.spoke[0]));
	identities_free(&net);
}

static void purge_with(struct sim_net *net, u16 key_id, const char *from, const char *about)
{
	struct nhrp_msg msg;

	forged_request(&msg, NHRP_PURGE_REQUEST, from, about, "192.168.111.1");
	msg.cies.cie[0].proto = sim_addr(about);
	msg.cies.cie[0].holding_time = 0;
	send_signed(net->hub, from, &msg, key_id, about);
}

/* Not even from where its owner is, which anybody can forge. */
static void purges(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 505, 2);
	may_claim(&net, 1, "192.168.111.3");
	net_start(&net);
	sim_run(net.sim, 1000);
	purge_with(&net, GROUP_KEY, "192.168.50.2", "192.168.111.2");
	purge_with(&net, SPOKE_KEY(1), "192.168.50.2", "192.168.111.2");
	purge_with(&net, SPOKE_KEY(1), "192.168.50.3", "192.168.111.2");
	purge_with(&net, SPOKE_KEY(1), "192.168.50.3", "192.168.111.77");
	assert_int_equal(counter(net.hub, NHRP_C_DROP_NOT_OWNER), 4);
	assert_int_equal(net_bindings(net.hub), 2);
	purge_with(&net, SPOKE_KEY(1), "192.168.50.3", "192.168.111.3");
	assert_int_equal(net_bindings(net.hub), 1);
	identities_free(&net);
}

/*
 * A member is no hub: what comes from where the hub is counts only if it is signed with
 * the hub's key. Everybody here has the group key, and can forge where packets are from.
 */
static void nobody_else_is_the_hub(void **state)
{
	struct nhrp_msg purge, indication;
	struct sim_net net;
	struct sim_node *spoke;

	(void)state;
	identities_build(&net, 506, 2);
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	spoke = net.spoke[0];
	assert_true(net_direct(spoke, LAN2));
	forged_request(&purge, NHRP_PURGE_REQUEST, "192.168.50.1", "192.168.111.1",
		       "192.168.111.2");
	purge.cies.cie[0].proto = sim_addr("192.168.40.0");
	purge.cies.cie[0].prefix_len = 24;
	indication = purge;
	send_signed(spoke, "192.168.50.1", &purge, GROUP_KEY, "192.168.111.1");
	assert_true(net_direct(spoke, LAN2));
	assert_int_equal(counter(spoke, NHRP_C_DROP_IDENTITY), 1);
	/* An answer of the hub to a registration. */
	indication.type = NHRP_REGISTRATION_REPLY;
	indication.cies.cie[0].code = NHRP_CODE_ADMIN_PROHIBITED;
	send_signed(spoke, "192.168.50.1", &indication, GROUP_KEY, "192.168.111.1");
	assert_int_equal(counter(spoke, NHRP_C_DROP_IDENTITY), 2);
	assert_true(net_registered(spoke));
	/* The key of the hub is another matter. */
	forged_request(&purge, NHRP_PURGE_REQUEST, "192.168.50.1", "192.168.111.1",
		       "192.168.111.2");
	purge.cies.cie[0].proto = sim_addr("192.168.40.0");
	purge.cies.cie[0].prefix_len = 24;
	send_signed(spoke, "192.168.50.1", &purge, SPOKE_KEY(0), "192.168.111.1");
	assert_false(net_direct(spoke, LAN2));
	identities_free(&net);
}

/* Where a node knows members by their keys, none of these keys is a hub's by itself. */
static void no_identity_is_a_hub(void **state)
{
	struct sim_node *hub2;
	struct nhrp_msg msg;
	struct sim_net net;

	(void)state;
	identities_build(&net, 507, 1);
	hub2 = net_add_hub(&net, "hub2", 9);
	hub2->cfg.identities = NULL;
	net_name_hub(net.hub, hub2, 1);
	net_start(&net);
	sim_agent_start(hub2);
	sim_run(net.sim, 2000);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_IDENTITY), 0);
	assert_true(net_registered(net.hub));
	forged_request(&msg, NHRP_PURGE_REQUEST, "192.168.50.9", "192.168.111.9",
		       "192.168.111.1");
	msg.cies.cie[0].proto = sim_addr("192.168.111.2");
	send_signed(net.hub, "192.168.50.9", &msg, SPOKE_KEY(0), "192.168.111.9");
	assert_int_equal(counter(net.hub, NHRP_C_DROP_IDENTITY), 1);
	identities_free(&net);
}

/* Somebody with a key signs as ever more senders: he has only so much room. */
static void room_for_senders(void **state)
{
	char proto[NHRP_ADDR_STRLEN];
	struct sim_net net;
	unsigned int i;
	size_t before;

	(void)state;
	identities_build(&net, 508, 2);
	net.hub->cfg.max_bindings = 2;
	net.hub->cfg.max_shortcuts = 1;
	identity_of(&net, 1)->max_addresses = 1;
	may_claim(&net, 1, "192.168.111.3");
	sim_agent_start(net.hub);
	sim_run(net.sim, 10);
	before = nr_replays(net.hub);
	for (i = 0; i < 250; i++) {
		snprintf(proto, sizeof(proto), "192.168.111.%u", i + 4);
		claim_with(&net, SPOKE_KEY(1), proto, CLAIM_NBMA, 600);
	}
	assert_int_equal(nr_replays(net.hub) - before, 2 + NHRP_LOCALS_MAX);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_POLICY_CLAIM), 2 + NHRP_LOCALS_MAX);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_POLICY_QUOTA),
			 250 - 2 - NHRP_LOCALS_MAX);
	/* Nor do those who have the group key take it from others. */
	for (i = 0; i < 250; i++) {
		snprintf(proto, sizeof(proto), "10.0.0.%u", i + 1);
		claim_with(&net, GROUP_KEY, proto, CLAIM_NBMA, 600);
	}
	assert_true(counter(net.hub, NHRP_C_DROP_TABLE_FULL) > 0);
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 1000);
	assert_true(net_registered(net.spoke[0]));
	assert_owner(&net, "192.168.111.2", "spoke1");
	identities_free(&net);
}

static void quota(void **state)
{
	char proto[NHRP_ADDR_STRLEN];
	struct sim_net net;
	unsigned int i;

	(void)state;
	identities_build(&net, 509, 2);
	identity_of(&net, 0)->max_addresses = 3;
	sim_agent_start(net.hub);
	sim_run(net.sim, 10);
	forged_watch_for(net.sim, CLAIM_NBMA, NHRP_REGISTRATION_REPLY);
	for (i = 0; i < 5; i++) {
		snprintf(proto, sizeof(proto), "192.168.111.%u", i + 100);
		claim_with(&net, SPOKE_KEY(0), proto, CLAIM_NBMA, 600);
		assert_int_equal(last_code(), i < 3 ? NHRP_CODE_OK :
						      NHRP_CODE_ADMIN_PROHIBITED);
	}
	assert_int_equal(counter(net.hub, NHRP_C_DROP_POLICY_QUOTA), 2);
	/* A refresh is none more; what is given back may be had otherwise. */
	claim_with(&net, SPOKE_KEY(0), "192.168.111.100", CLAIM_NBMA, 600);
	assert_int_equal(last_code(), NHRP_CODE_OK);
	claim_with(&net, SPOKE_KEY(0), "192.168.111.100", CLAIM_NBMA, 0);
	claim_with(&net, SPOKE_KEY(0), "192.168.111.103", CLAIM_NBMA, 600);
	assert_int_equal(last_code(), NHRP_CODE_OK);
	assert_int_equal(net_bindings(net.hub), 3);
	/* Others are not concerned. */
	claim_with(&net, SPOKE_KEY(1), "192.168.111.110", "203.0.113.10", 600);
	assert_int_equal(net_bindings(net.hub), 4);
	identities_free(&net);
}

/* What says nothing of NBMA addresses: a NAT is none of an identity's business. */
static void behind_nats(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 510, 2);
	net.hub->cfg.identity_required = true;
	may_claim(&net, 0, "192.168.111.2");
	net.spoke[0]->outside = sim_addr("198.51.100.2");
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_locator(&net, "192.168.111.2", "198.51.100.2");
	net_ping_for(&net, net.spoke[0], net.spoke[1], 5000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	/* It comes from elsewhere now, says the same as ever, and is believed. */
	net.spoke[0]->outside = sim_addr("198.51.100.99");
	sim_run(net.sim, 250000);
	assert_locator(&net, "192.168.111.2", "198.51.100.99");
	assert_int_equal(counter(net.spoke[0], NHRP_C_NAK_RECEIVED), 0);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_IDENTITY), 0);
	identities_free(&net);
}

static void may_answer(struct sim_net *net, unsigned int i, const char *prefix)
{
	struct nhrp_prefixes *answer = &identity_of(net, i)->answer;

	answer->prefix[answer->nr++] = sim_prefix(prefix);
}

/* What a spoke is the way to is cut to what it may be, by its hub. */
static void answers(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 512, 2);
	may_answer(&net, 0, "192.168.30.0/24");
	may_answer(&net, 1, "192.168.40.0/26");
	may_answer(&net, 1, "192.168.40.0/30");
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_true(net_direct(net.spoke[0], "192.168.40.0/26"));
	assert_null(sim_map_at(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	assert_int_equal(counter(net.hub, NHRP_C_DROP_POLICY_ANSWER), 0);
	assert_int_equal(net.sim->data_lost, 0);
	identities_free(&net);
}

static void answers_for_others(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 513, 2);
	may_answer(&net, 1, "192.168.41.0/24");
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_false(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	assert_true(counter(net.hub, NHRP_C_DROP_POLICY_ANSWER) > 0);
	assert_int_equal(net.sim->data_lost, 0);
	/* It may always be the way to itself. */
	net.spoke[0]->cfg.shortcut = true;
	nhrp_tunnel_miss(net.spoke[0]->tunnel, &net.spoke[1]->cfg.locals[0].addr,
			 net.sim->now);
	sim_run(net.sim, 2000);
	assert_non_null(sim_map_at(net.spoke[0], "192.168.111.3/32"));
	identities_free(&net);
}

/* That one may claim many addresses does not make another's registered one its own. */
static void answers_for_a_member(void **state)
{
	static const char *const target[] = { "192.168.111.4", "192.168.111.9" };
	struct nhrp_msg msg;
	struct sim_net net;
	unsigned int i;

	(void)state;
	identities_build(&net, 515, 3);
	may_claim(&net, 1, "192.168.111.0/24");
	may_answer(&net, 1, "192.168.40.0/24");
	net_start(&net);
	sim_run(net.sim, 1000);
	for (i = 0; i < ARRAY_SIZE(target); i++) {
		forged_request(&msg, NHRP_RESOLUTION_REPLY, "192.168.50.2", "192.168.111.2",
			       target[i]);
		msg.cies.cie[0].prefix_len = 32;
		msg.cies.cie[0].nbma = sim_addr("192.168.50.3");
		msg.cies.cie[0].proto = sim_addr("192.168.111.3");
		send_signed(net.hub, "192.168.50.3", &msg, SPOKE_KEY(1), "192.168.111.3");
		/* The second one nobody has. */
		assert_int_equal(counter(net.hub, NHRP_C_DROP_POLICY_ANSWER), 1);
	}
	identities_free(&net);
}

/* Straight to who asked, around the hub: that does not count. */
static void straight_answers(void **state)
{
	struct nhrp_msg msg;
	struct sim_net net;
	struct nhrp_addr target = sim_addr("192.168.40.1");

	(void)state;
	identities_build(&net, 514, 2);
	net_start(&net);
	sim_run(net.sim, 1000);
	forged_watch_for(net.sim, "192.168.50.1", NHRP_RESOLUTION_REQUEST);
	forged_watch.lose = true;
	nhrp_tunnel_miss(net.spoke[0]->tunnel, &target, net.sim->now);
	sim_run(net.sim, 10);
	assert_int_equal(forged_watch.nr, 1);
	forged_request(&msg, NHRP_RESOLUTION_REPLY, "192.168.50.2", "192.168.111.2",
		       "192.168.40.1");
	msg.request_id = forged_watch.last.request_id;
	msg.cies.cie[0].prefix_len = 24;
	msg.cies.cie[0].nbma = sim_addr("192.168.50.3");
	msg.cies.cie[0].proto = sim_addr("192.168.111.3");
	send_signed(net.spoke[0], "192.168.50.3", &msg, GROUP_KEY, "192.168.111.3");
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_CLAIM_MISMATCH), 1);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	identities_free(&net);
}

/* Nothing that could be configured, and nothing that could not. */
static void bad_sets(void **state)
{
	struct nhrp_identities *set, *copy;
	struct sim_net net;

	(void)state;
	identities_build(&net, 511, 2);
	set = net.hub->cfg.identities;
	assert_int_equal(nhrp_tunnel_config_check(&net.hub->cfg, NULL), 0);
	set->identity[1].keys[0].id = SPOKE_KEY(0);
	assert_int_equal(nhrp_identities_copy(&copy, set), -EEXIST);
	assert_null(copy);
	set->identity[1].keys[0].id = SPOKE_KEY(1);
	memcpy(set->identity[1].name, "spoke1", sizeof("spoke1"));
	assert_int_equal(nhrp_identities_copy(&copy, set), -EEXIST);
	memcpy(set->identity[1].name, "-", sizeof("-"));
	assert_int_equal(nhrp_tunnel_config_check(&net.hub->cfg, NULL), -EINVAL);
	memcpy(set->identity[1].name, "a-name.of_letters", sizeof("a-name.of_letters"));
	assert_int_equal(nhrp_tunnel_config_check(&net.hub->cfg, NULL), 0);
	set->identity[1].max_addresses = 0;
	assert_int_equal(nhrp_tunnel_config_check(&net.hub->cfg, NULL), -EINVAL);
	set->identity[1].max_addresses = 1;
	set->identity[1].nr_keys = 0;
	assert_int_equal(nhrp_tunnel_config_check(&net.hub->cfg, NULL), -EINVAL);
	set->identity[1].nr_keys = 1;
	set->identity[1].keys[0].secret.len = 1;
	assert_int_equal(nhrp_tunnel_config_check(&net.hub->cfg, NULL), -EINVAL);
	set_key(&set->identity[1].keys[0], SPOKE_KEY(1));
	net.hub->cfg.auth = NHRP_AUTH_NONE;
	net.hub->cfg.identity_required = true;
	assert_int_equal(nhrp_tunnel_config_check(&net.hub->cfg, NULL), -EINVAL);
	identities_free(&net);
}

/* Each is found by its name and what stands for it in a cookie, nobody else is. */
static void many_names(void **state)
{
	struct nhrp_identities *set = NULL, *copy;
	char name[NHRP_IDENTITY_NAME_MAX + 9];
	struct nhrp_identity *identity;
	const struct nhrp_key *key;
	unsigned int i;

	(void)state;
	assert_null(nhrp_identity_named(set, "a"));
	for (i = 0; i < NHRP_IDENTITIES_MAX; i++) {
		snprintf(name, sizeof(name), "%u", i);
		assert_null(nhrp_identity_named(set, name));
		identity = nhrp_identities_add(&set, name);
		assert_non_null(identity);
		identity->nr_keys = 1;
		set_key(&identity->keys[0], (u16)(NHRP_KEY_ID_MIN + i));
	}
	assert_null(nhrp_identities_add(&set, "one more"));
	assert_int_equal(nhrp_identities_copy(&copy, set), 0);
	for (i = 0; i < NHRP_IDENTITIES_MAX; i++) {
		identity = &copy->identity[i];
		snprintf(name, sizeof(name), "%u", i);
		assert_ptr_equal(nhrp_identity_named(set, name), &set->identity[i]);
		assert_ptr_equal(nhrp_identity_named(copy, name), identity);
		assert_ptr_equal(nhrp_identity_hashed(copy, nhrp_identity_hash(name)), identity);
		assert_ptr_equal(nhrp_identity_by_key(copy, (u16)(NHRP_KEY_ID_MIN + i), &key),
				 identity);
		assert_ptr_equal(key, &identity->keys[0]);
	}
	assert_null(nhrp_identity_named(copy, "one more"));
	assert_null(nhrp_identity_hashed(copy, nhrp_identity_hash("one more")));
	nhrp_identities_free(copy);
	nhrp_identities_free(set);
	/* What is too long is cut, and of two that are the same the first one is found. */
	set = NULL;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	assert_non_null(nhrp_identities_add(&set, name));
	assert_non_null(nhrp_identities_add(&set, name));
	name[NHRP_IDENTITY_NAME_MAX - 1] = 0;
	assert_ptr_equal(nhrp_identity_named(set, name), &set->identity[0]);
	assert_int_equal(nhrp_identities_copy(&copy, set), -EEXIST);
	nhrp_identities_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_works),
		cmocka_unit_test(no_group_key),
		cmocka_unit_test(claims),
		cmocka_unit_test(link_local_claims),
		cmocka_unit_test(group_key_claims),
		cmocka_unit_test(purges),
		cmocka_unit_test(nobody_else_is_the_hub),
		cmocka_unit_test(no_identity_is_a_hub),
		cmocka_unit_test(room_for_senders),
		cmocka_unit_test(quota),
		cmocka_unit_test(behind_nats),
		cmocka_unit_test(answers),
		cmocka_unit_test(answers_for_others),
		cmocka_unit_test(answers_for_a_member),
		cmocka_unit_test(straight_answers),
		cmocka_unit_test(bad_sets),
		cmocka_unit_test(many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
