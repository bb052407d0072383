// SPDX-License-Identifier: GPL-2.0
/* Keys of their own: whose a registration is, and stays. */
#include <string.h>

#include "nhrp/cookie.h"
#include "nhrp/internal.h"
#include "nhrp/packet-ext.h"
#include "nhrp/packet.h"
#include "forged.h"
#include "identities.h"
#include "test.h"

#define OTHER_NBMA	"203.0.113.9"

static void move(struct sim_net *net, unsigned int i, const char *nbma)
{
	net->spoke[i]->cfg.nbma[0] = sim_addr(nbma);
	reconfigure(net->spoke[i]);
}

/* T12: it has another address, and is not refused, nor is anybody asked. */
static void moves_at_once(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	identities_build(&net, 521, 1);
	net.hub->cfg.unique = NHRP_UNIQUE_STRICT;
	net_start(&net);
	sim_run(net.sim, 1000);
	for (i = 0; i < 5; i++) {
		move(&net, 0, i & 1 ? "192.168.50.2" : "192.168.50.77");
		sim_run(net.sim, 500);
		assert_locator(&net, "192.168.111.2",
			       i & 1 ? "192.168.50.2" : "192.168.50.77");
	}
	assert_int_equal(counter(net.spoke[0], NHRP_C_NAK_RECEIVED), 0);
	assert_int_equal(counter(net.hub, NHRP_C_PROBE_SENT), 0);
	assert_owner(&net, "192.168.111.2", "spoke1");
	identities_free(&net);
}

/* T22: another one claims it, and is refused at once; both are named. */
static void others_are_refused(void **state)
{
	static const enum nhrp_unique modes[] = { NHRP_UNIQUE_VERIFY, NHRP_UNIQUE_STRICT };
	struct nhrp_binding_info info;
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		identities_build(&net, 522 + i, 2);
		net.hub->cfg.unique = modes[i];
		sim_agent_start(net.hub);
		sim_agent_start(net.spoke[0]);
		sim_run(net.sim, 1000);
		forged_watch_for(net.sim, OTHER_NBMA, NHRP_REGISTRATION_REPLY);
		claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
		assert_int_equal(forged_watch.nr, 1);
		assert_int_equal(forged_watch.last.cies.cie[0].code,
				 NHRP_CODE_UNIQUE_EXISTS);
		assert_non_null(strstr(net.hub->refused, "identity spoke2"));
		assert_non_null(strstr(net.hub->refused, "owner spoke1 at 192.168.50.2"));
		info = binding_of(&net, "192.168.111.2");
		assert_string_equal(info.rival, "spoke2");
		/* The same config again, as with every route that changes. */
		reconfigure(net.hub);
		info = binding_of(&net, "192.168.111.2");
		assert_string_equal(info.rival, "spoke2");
		/* As if from where the owner is. */
		claim_with(&net, SPOKE_KEY(1), "192.168.111.2", "192.168.50.2", 600);
		claim_with(&net, SPOKE_KEY(1), "192.168.111.2", "192.168.50.2", 0);
		assert_int_equal(counter(net.hub, NHRP_C_DROP_UNIQUE), 2);
		assert_int_equal(counter(net.hub, NHRP_C_DROP_IDENTITY), 1);
		assert_int_equal(counter(net.hub, NHRP_C_PROBE_SENT), 0);
		assert_owner(&net, "192.168.111.2", "spoke1");
		assert_locator(&net, "192.168.111.2", "192.168.50.2");
		identities_free(&net);
	}
}

/* T23: it is dead. One that has its key takes over at once, another one when it has ended. */
static void dead_owner(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 524, 2);
	net.spoke[0]->cfg.holding_time_s = 30;
	sim_agent_start(net.hub);
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 1000);
	sim_node_power(net.spoke[0], false);
	claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
	assert_owner(&net, "192.168.111.2", "spoke1");
	claim_with(&net, SPOKE_KEY(0), "192.168.111.2", "192.168.50.66", 30);
	assert_locator(&net, "192.168.111.2", "192.168.50.66");
	sim_run(net.sim, 31000);
	claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
	assert_owner(&net, "192.168.111.2", "spoke2");
	identities_free(&net);
}

/* T24 */
static void last_wins(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 525, 2);
	net.hub->cfg.unique = NHRP_UNIQUE_OFF;
	sim_agent_start(net.hub);
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 1000);
	claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
	assert_owner(&net, "192.168.111.2", "spoke2");
	/* But not who proves nothing. */
	claim_with(&net, GROUP_KEY, "192.168.111.2", "203.0.113.10", 600);
	assert_owner(&net, "192.168.111.2", "spoke2");
	identities_free(&net);
}

/* Who proves who he is takes what nobody owned only if nobody answers there. */
static void nobody_owned_it(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 526, 2);
	/* Spoke 1 has the group key only. */
	net.spoke[0]->cfg.hubs[0].key_ids[0] = 0;
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_owner(&net, "192.168.111.2", "");
	claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
	sim_run(net.sim, 5000);
	assert_owner(&net, "192.168.111.2", "");
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	/* Its own key makes it its owner. */
	net.spoke[0]->cfg.hubs[0].key_ids[0] = SPOKE_KEY(0);
	reconfigure(net.spoke[0]);
	sim_run(net.sim, 1000);
	assert_owner(&net, "192.168.111.2", "spoke1");
	identities_free(&net);
}

/* The key is replaced: first the hub knows both, then the spoke uses the new one. */
static void another_key(void **state)
{
	struct nhrp_tunnel_config *cfg;
	struct nhrp_identity *identity;
	struct sim_net net;

	(void)state;
	identities_build(&net, 527, 2);
	net_start(&net);
	sim_run(net.sim, 1000);
	identity = identity_of(&net, 0);
	set_key(&identity->keys[identity->nr_keys++], NEXT_KEY(0));
	reconfigure(net.hub);
	cfg = &net.spoke[0]->cfg;
	set_key(&cfg->keys[cfg->nr_keys++], NEXT_KEY(0));
	cfg->hubs[0].key_ids[0] = NEXT_KEY(0);
	cfg->hubs[0].key_ids[1] = SPOKE_KEY(0);
	reconfigure(net.spoke[0]);
	claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_true(net_direct(net.spoke[1], LAN1));
	/* It moves with the new one, and the old one goes. */
	move(&net, 0, "192.168.50.77");
	sim_run(net.sim, 1000);
	assert_locator(&net, "192.168.111.2", "192.168.50.77");
	identity->keys[0] = identity->keys[1];
	identity->nr_keys = 1;
	reconfigure(net.hub);
	cfg->hubs[0].key_ids[1] = 0;
	reconfigure(net.spoke[0]);
	claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
	sim_run(net.sim, 300000);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_true(net_registered(net.spoke[0]));
	assert_int_equal(counter(net.spoke[0], NHRP_C_NAK_RECEIVED), 0);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_IDENTITY), 0);
	assert_int_equal(net.sim->data_lost, 0);
	identities_free(&net);
}

/* Who may not have it any more loses it, without waiting for its end. */
static void taken_away(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 528, 3);
	net_start(&net);
	sim_run(net.sim, 1000);
	may_claim(&net, 1, "192.168.111.99");
	net.hub->cfg.identities->identity[2].nr_keys = 1;
	net.hub->cfg.identities->nr = 2;
	reconfigure(net.hub);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_int_equal(binding_of(&net, "192.168.111.3").proto.family, 0);
	assert_null(sim_map_at(net.hub, "192.168.111.4/32"));
	/* With none left: all of them. */
	nhrp_identities_free(net.hub->cfg.identities);
	net.hub->cfg.identities = NULL;
	reconfigure(net.hub);
	assert_int_equal(net_bindings(net.hub), 0);
	identities_free(&net);
}

/* Its agent begins anew: the kernel's table says whose they are. */
static void agent_restarts(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	identities_build(&net, 529, 2);
	net_start(&net);
	sim_run(net.sim, 1000);
	for (i = 0; i < 3; i++) {
		sim_agent_kill(net.hub);
		sim_agent_start(net.hub);
		assert_owner(&net, "192.168.111.2", "spoke1");
		forged_watch_for(net.sim, OTHER_NBMA, NHRP_REGISTRATION_REPLY);
		claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
		assert_int_equal(forged_watch.last.cies.cie[0].code,
				 NHRP_CODE_UNIQUE_EXISTS);
		/* It is written anew, and signed for with the same key. */
		net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 50);
	}
	assert_int_equal(net.sim->data_lost, 0);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_IDENTITY), 0);
	/* Another key meanwhile; then it is no identity any more. */
	sim_agent_kill(net.hub);
	set_key(&identity_of(&net, 0)->keys[0], NEXT_KEY(0));
	sim_agent_start(net.hub);
	assert_owner(&net, "192.168.111.2", "spoke1");
	sim_agent_kill(net.hub);
	memcpy(identity_of(&net, 0)->name, "other", sizeof("other"));
	sim_agent_start(net.hub);
	assert_int_equal(binding_of(&net, "192.168.111.2").proto.family, 0);
	assert_owner(&net, "192.168.111.3", "spoke2");
	identities_free(&net);
}

/* Routes that change do not keep a hub that has begun anew from asking whom it has to. */
static void routes_change(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	identities_build(&net, 540, 2);
	net_start(&net);
	sim_run(net.sim, 3000);
	sim_agent_kill(net.hub);
	sim_agent_start(net.hub);
	move(&net, 0, "192.168.50.77");
	for (i = 0; i < 20; i++) {
		reconfigure(net.hub);
		sim_run(net.sim, 500);
	}
	assert_locator(&net, "192.168.111.2", "192.168.50.77");
	assert_owner(&net, "192.168.111.2", "spoke1");
	identities_free(&net);
}

/* A table that an agent left which knew of no owners: whoever is there is asked. */
static void owner_is_not_known(void **state)
{
	struct sim_net net;
	struct sim_map *map;

	(void)state;
	identities_build(&net, 530, 2);
	net_start(&net);
	sim_run(net.sim, 3000);
	sim_agent_kill(net.hub);
	map = sim_map_at(net.hub, "192.168.111.2/32");
	assert_non_null(map);
	map->map.cookie[2] &= (u8)~NHRP_COOKIE_F_OWNED;
	memset(map->map.cookie + 44, 0, 16);
	sim_agent_start(net.hub);
	assert_owner(&net, "192.168.111.2", "");
	claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
	assert_int_equal(counter(net.hub, NHRP_C_PROBE_SENT), 1);
	sim_run(net.sim, 5000);
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	sim_run(net.sim, 250000);
	assert_owner(&net, "192.168.111.2", "spoke1");
	identities_free(&net);
}

static struct nhrp_binding_info saved[4];
static unsigned int nr_saved;

static void save_one(void *arg, const struct nhrp_binding_info *info)
{
	(void)arg;
	saved[nr_saved++] = *info;
}

static void restore(struct sim_node *hub)
{
	unsigned int i;

	for (i = 0; i < nr_saved; i++)
		assert_int_equal(nhrp_tunnel_restore(hub->tunnel, &saved[i],
						     hub->sim->now), 0);
}

static void reboot(struct sim_net *net)
{
	nr_saved = 0;
	nhrp_tunnel_walk_bindings(net->hub->tunnel, net->sim->now, save_one, NULL);
	sim_node_power(net->hub, false);
	sim_node_power(net->hub, true);
	net->hub->restore = restore;
	sim_agent_start(net->hub);
}

/* All is lost but the file: the owner is asked before another one gets it. */
static void hub_reboots(void **state)
{
	struct sim_net net;
	unsigned int unknown;

	(void)state;
	for (unknown = 0; unknown < 2; unknown++) {
		identities_build(&net, 531, 2);
		net.hub->cfg.unique = NHRP_UNIQUE_STRICT;
		net_start(&net);
		sim_run(net.sim, 3000);
		reboot(&net);
		assert_owner(&net, "192.168.111.2", "spoke1");
		if (unknown) {
			memset(saved[0].identity, 0, sizeof(saved[0].identity));
			memset(saved[1].identity, 0, sizeof(saved[1].identity));
			sim_node_power(net.hub, false);
			sim_node_power(net.hub, true);
			sim_agent_start(net.hub);
			assert_owner(&net, "192.168.111.2", "");
		}
		claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
		assert_locator(&net, "192.168.111.2", "192.168.50.2");
		/* Nor by way of what else is claimed from there. */
		claim_with(&net, SPOKE_KEY(1), "192.168.111.77", "192.168.50.2", 600);
		sim_run(net.sim, 5000);
		assert_locator(&net, "192.168.111.2", "192.168.50.2");
		if (!unknown)
			assert_owner(&net, "192.168.111.2", "spoke1");
		identities_free(&net);
	}
}

/* It had both keys in between, and its spoke the new one only: the file says not which. */
static void reboot_while_keys_change(void **state)
{
	struct nhrp_identity *identity;
	struct nhrp_tunnel_config *cfg;
	struct sim_net net;

	(void)state;
	identities_build(&net, 544, 2);
	identity = identity_of(&net, 0);
	set_key(&identity->keys[identity->nr_keys++], NEXT_KEY(0));
	cfg = &net.spoke[0]->cfg;
	set_key(&cfg->keys[cfg->nr_keys - 1], NEXT_KEY(0));
	cfg->hubs[0].key_ids[0] = NEXT_KEY(0);
	net_start(&net);
	sim_run(net.sim, 3000);
	reboot(&net);
	assert_owner(&net, "192.168.111.2", "spoke1");
	claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
	sim_run(net.sim, 5000);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	identities_free(&net);
}

/* Who has gone since then does not keep it. */
static void gone_since(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 532, 2);
	net_start(&net);
	sim_run(net.sim, 1000);
	sim_node_power(net.spoke[0], false);
	reboot(&net);
	claim_with(&net, SPOKE_KEY(1), "192.168.111.2", OTHER_NBMA, 600);
	sim_run(net.sim, 5000);
	assert_locator(&net, "192.168.111.2", OTHER_NBMA);
	assert_owner(&net, "192.168.111.2", "spoke2");
	/* And the one who was it does at once, if it was restored as his. */
	reboot(&net);
	claim_with(&net, SPOKE_KEY(1), "192.168.111.2", "203.0.113.10", 600);
	sim_run(net.sim, 5000);
	assert_locator(&net, "192.168.111.2", "203.0.113.10");
	identities_free(&net);
}

/* Nor does a full table give away unasked what is another one's. */
static void restored_in_a_full_table(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 543, 3);
	sim_agent_start(net.hub);
	sim_agent_start(net.spoke[0]);
	sim_agent_start(net.spoke[1]);
	sim_run(net.sim, 1000);
	sim_node_power(net.spoke[0], false);
	sim_node_power(net.spoke[1], false);
	net.hub->cfg.max_bindings = 2;
	reboot(&net);
	forged_watch_for(net.sim, OTHER_NBMA, NHRP_REGISTRATION_REPLY);
	claim_with(&net, SPOKE_KEY(2), "192.168.111.4", OTHER_NBMA, 600);
	assert_int_equal(forged_watch.last.cies.cie[0].code, NHRP_CODE_NO_RESOURCES);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_owner(&net, "192.168.111.3", "spoke2");
	/* But one of its own, or before that what is nobody's. */
	claim_with(&net, SPOKE_KEY(1), "192.168.111.99", OTHER_NBMA, 600);
	assert_owner(&net, "192.168.111.99", "spoke2");
	assert_int_equal(binding_of(&net, "192.168.111.3").proto.family, 0);
	assert_owner(&net, "192.168.111.2", "spoke1");
	memset(saved[1].identity, 0, sizeof(saved[1].identity));
	sim_node_power(net.hub, false);
	sim_node_power(net.hub, true);
	sim_agent_start(net.hub);
	claim_with(&net, SPOKE_KEY(0), "192.168.111.98", OTHER_NBMA, 600);
	assert_owner(&net, "192.168.111.98", "spoke1");
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_int_equal(net_bindings(net.hub), 2);
	identities_free(&net);
}

/* A hub that begins anew cannot tell what is old: the owner is asked where it was. */
static void old_message_after_a_restart(void **state)
{
	const struct record *old;
	struct sim_net net;

	(void)state;
	identities_build(&net, 533, 1);
	start_recorded(&net, 3000);
	old = find_record(NHRP_REGISTRATION_REQUEST, "192.168.50.2");
	sim_agent_kill(net.hub);
	sim_agent_start(net.hub);
	replay(old, net.hub, STRANGER);
	assert_int_equal(counter(net.hub, NHRP_C_PROBE_SENT), 1);
	sim_run(net.sim, 5000);
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	/* It has really moved: that takes as long as it is asked for. */
	sim_agent_kill(net.hub);
	sim_agent_start(net.hub);
	move(&net, 0, "192.168.50.77");
	sim_run(net.sim, 6000);
	assert_locator(&net, "192.168.111.2", "192.168.50.77");
	assert_int_equal(counter(net.spoke[0], NHRP_C_NAK_RECEIVED), 0);
	identities_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_at_once),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(dead_owner),
		cmocka_unit_test(last_wins),
		cmocka_unit_test(nobody_owned_it),
		cmocka_unit_test(another_key),
		cmocka_unit_test(taken_away),
		cmocka_unit_test(agent_restarts),
		cmocka_unit_test(routes_change),
		cmocka_unit_test(owner_is_not_known),
		cmocka_unit_test(hub_reboots),
		cmocka_unit_test(reboot_while_keys_change),
		cmocka_unit_test(gone_since),
		cmocka_unit_test(restored_in_a_full_table),
		cmocka_unit_test(old_message_after_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
