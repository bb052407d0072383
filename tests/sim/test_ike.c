// SPDX-License-Identifier: GPL-2.0
/* Identities that IKE proves: whose a registration is that came by a security association. */
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/packet.h"
#include "forged.h"
#include "identities.h"
#include "test.h"

#define OTHER_NBMA	"203.0.113.9"
#define IKE1		"spoke1.example.net"
#define IKE2		"C=DE, CN=spoke2"

/* Who is where, as the hub's IKE daemon knows it; NULL: not known yet. */
static struct {
	const char *nbma, *ike;
} places[3];

static const char *who_is_at(struct sim_node *n, const struct nhrp_peer_key *from)
{
	struct nhrp_addr addr;
	unsigned int i;

	(void)n;
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		addr = sim_addr(places[i].nbma);
		if (nhrp_addr_eq(&addr, &from->nbma))
			return places[i].ike;
	}
	return "";
}

/* Spokes 1 and 2, and nobody at OTHER_NBMA. */
static void protect(struct sim_net *net)
{
	places[0].nbma = "192.168.50.2";
	places[0].ike = IKE1;
	places[1].nbma = "192.168.50.3";
	places[1].ike = IKE2;
	places[2].nbma = OTHER_NBMA;
	places[2].ike = "";
	net->sim->ike = who_is_at;
	net->hub->cfg.starts_ike = true;
}

static void set_ike(struct nhrp_identity *identity, const char *ike)
{
	memset(identity->ike, 0, sizeof(identity->ike));
	memcpy(identity->ike, ike, strlen(ike));
}

static void add_identity(struct sim_net *net, const char *name, const char *ike)
{
	struct nhrp_identity *identity = nhrp_identities_add(&net->hub->cfg.identities, name);

	assert_non_null(identity);
	identity->max_addresses = 4;
	set_ike(identity, ike);
}

/* Nobody signs; each of two spokes may have its own address. */
static void build(struct sim_net *net, u64 seed)
{
	net_build(net, seed, 2, 3);
	net->hub->cfg.identity_required = true;
	add_identity(net, "spoke1", IKE1);
	add_identity(net, "spoke2", IKE2);
	may_claim(net, 0, "192.168.111.2");
	may_claim(net, 1, "192.168.111.0/28");
	protect(net);
}

static void begin(struct sim_net *net, u64 seed)
{
	build(net, seed);
	net_start(net);
	sim_run(net->sim, 1000);
}

/* What is answered to who claims @proto from OTHER_NBMA, 255: nothing. */
static u8 claim(struct sim_net *net, const char *proto)
{
	struct nhrp_msg msg;

	forged_request(&msg, NHRP_REGISTRATION_REQUEST, OTHER_NBMA, proto, "192.168.111.1");
	msg.flags |= NHRP_FLAG_REG_UNIQUE;
	msg.cies.cie[0].holding_time = 600;
	forged_watch_for(net->sim, OTHER_NBMA, NHRP_REGISTRATION_REPLY);
	forged_send(net->hub, OTHER_NBMA, &msg);
	sim_run(net->sim, 100);
	return forged_watch.nr ? forged_watch.last.cies.cie[0].code : 255;
}

static void everything_works(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 601);
	net.sim->strict = true;
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_owner(&net, "192.168.111.3", "spoke2");
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	sim_run(net.sim, 700000);
	assert_true(net_registered(net.spoke[0]));
	assert_int_equal(sum_of(&net, NHRP_C_NAK_SENT), 0);
	identities_free(&net);
}

/* Another identity gets it nowhere, and both are named as IKE knows them. */
static void others_are_refused(void **state)
{
	static const enum nhrp_unique modes[] = { NHRP_UNIQUE_VERIFY, NHRP_UNIQUE_STRICT };
	struct nhrp_binding_info info;
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		build(&net, 602 + i);
		net.hub->cfg.unique = modes[i];
		net_start(&net);
		sim_run(net.sim, 1000);
		places[2].ike = IKE2;
		assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_UNIQUE_EXISTS);
		assert_non_null(strstr(net.hub->refused, "identity spoke2 (IKE " IKE2 "), owner "));
		assert_non_null(strstr(net.hub->refused,
				       "owner spoke1 (IKE " IKE1 ") at 192.168.50.2"));
		info = binding_of(&net, "192.168.111.2");
		assert_string_equal(info.rival, "spoke2");
		assert_string_equal(info.rival_ike, IKE2);
		assert_owner(&net, "192.168.111.2", "spoke1");
		assert_locator(&net, "192.168.111.2", "192.168.50.2");
		assert_int_equal(counter(net.hub, NHRP_C_PROBE_SENT), 0);
		/* Nor does it get what it may not have, registered or not. */
		assert_int_equal(claim(&net, "192.168.111.17"), NHRP_CODE_ADMIN_PROHIBITED);
		assert_int_equal(counter(net.hub, NHRP_C_DROP_POLICY_CLAIM), 1);
		identities_free(&net);
	}
}

/* Who has none: somebody whom the policy does not name, or who comes in clear. */
static void nobody_in_particular(void **state)
{
	struct sim_net net;

	(void)state;
	begin(&net, 604);
	assert_int_equal(claim(&net, "192.168.111.9"), NHRP_CODE_ADMIN_PROHIBITED);
	places[2].ike = "spoke1.example.ne";
	assert_int_equal(claim(&net, "192.168.111.9"), NHRP_CODE_ADMIN_PROHIBITED);
	places[2].ike = "SPOKE1.example.net";
	assert_int_equal(claim(&net, "192.168.111.9"), NHRP_CODE_ADMIN_PROHIBITED);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_POLICY_IDENTITY), 3);
	net.hub->cfg.identity_required = false;
	reconfigure(net.hub);
	assert_int_equal(claim(&net, "192.168.111.9"), NHRP_CODE_OK);
	assert_owner(&net, "192.168.111.9", "");
	assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_ADMIN_PROHIBITED);
	places[2].ike = IKE1;
	net.sim->ike = NULL;
	assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_ADMIN_PROHIBITED);
	assert_owner(&net, "192.168.111.2", "spoke1");
	identities_free(&net);
}

/* The same one has it from anywhere, at once, and nobody is asked. */
static void moves_at_once(void **state)
{
	struct sim_net net;

	(void)state;
	begin(&net, 605);
	places[2].ike = IKE1;
	assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_OK);
	assert_locator(&net, "192.168.111.2", OTHER_NBMA);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_int_equal(counter(net.hub, NHRP_C_PROBE_SENT), 0);
	identities_free(&net);
}

/* A message that is sooner than IKE's news is not answered; the next one is. */
static void not_known_yet(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 606);
	places[0].ike = NULL;
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_true(counter(net.hub, NHRP_C_DROP_SA) > 0);
	assert_int_equal(counter(net.spoke[0], NHRP_C_NAK_RECEIVED), 0);
	places[0].ike = IKE1;
	sim_run(net.sim, 5000);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_int_equal(counter(net.spoke[0], NHRP_C_NAK_RECEIVED), 0);
	identities_free(&net);
}

/* Who has a key, too, signs with it, and comes by its association. */
static void key_and_ike(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 607, 2);
	set_ike(identity_of(&net, 0), IKE1);
	set_ike(identity_of(&net, 1), IKE2);
	protect(&net);
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_owner(&net, "192.168.111.2", "spoke1");
	assert_owner(&net, "192.168.111.3", "spoke2");
	forged_watch_for(net.sim, OTHER_NBMA, NHRP_REGISTRATION_REPLY);
	/* The key alone, and another one's association. */
	claim_with(&net, SPOKE_KEY(0), "192.168.111.2", OTHER_NBMA, 600);
	places[2].ike = IKE2;
	claim_with(&net, SPOKE_KEY(0), "192.168.111.2", OTHER_NBMA, 600);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_IKE), 2);
	assert_int_equal(forged_watch.nr, 0);
	/* The association alone: what the group's key proves. */
	places[2].ike = IKE1;
	claim_with(&net, GROUP_KEY, "192.168.111.2", OTHER_NBMA, 600);
	assert_int_equal(forged_watch.last.cies.cie[0].code, NHRP_CODE_ADMIN_PROHIBITED);
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	claim_with(&net, SPOKE_KEY(0), "192.168.111.2", OTHER_NBMA, 600);
	assert_locator(&net, "192.168.111.2", OTHER_NBMA);
	identities_free(&net);
}

/* Where others sign, one that IKE alone proves signs with the group's key. */
static void group_key_and_ike(void **state)
{
	struct sim_net net;

	(void)state;
	identities_build(&net, 608, 1);
	add_identity(&net, "other", IKE2);
	protect(&net);
	net_start(&net);
	places[2].ike = IKE2;
	claim_with(&net, GROUP_KEY, "192.168.111.9", OTHER_NBMA, 600);
	assert_owner(&net, "192.168.111.9", "other");
	/* Nobody is two. */
	claim_with(&net, SPOKE_KEY(0), "192.168.111.9", OTHER_NBMA, 600);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_IKE), 1);
	assert_owner(&net, "192.168.111.9", "other");
	identities_free(&net);
}

/* A new agent finds whose is what in the kernel, and what was saved is provisional. */
static void agent_restarts(void **state)
{
	struct sim_net net;

	(void)state;
	begin(&net, 609);
	sim_agent_kill(net.hub);
	sim_agent_start(net.hub);
	assert_owner(&net, "192.168.111.2", "spoke1");
	places[2].ike = IKE2;
	assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_UNIQUE_EXISTS);
	/* One that has a key by now has not signed with it. */
	sim_agent_kill(net.hub);
	net.hub->cfg.auth = NHRP_AUTH_HMAC;
	identity_of(&net, 0)->nr_keys = 1;
	set_key(&identity_of(&net, 0)->keys[0], 300);
	sim_agent_start(net.hub);
	assert_int_equal(binding_of(&net, "192.168.111.2").proto.family, 0);
	assert_owner(&net, "192.168.111.3", "spoke2");
	identities_free(&net);
}

static bool is_verifying(struct sim_net *net)
{
	return binding_of(net, "192.168.111.2").verifying;
}

/* Who moves what a restarted hub has not heard of waits, and is then who it was. */
static void claim_that_waits(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		begin(&net, 610 + i);
		sim_agent_kill(net.hub);
		sim_agent_start(net.hub);
		sim_node_power(net.spoke[0], false);
		places[2].ike = IKE1;
		assert_int_equal(claim(&net, "192.168.111.2"), 255);
		assert_true(is_verifying(&net));
		if (i)
			places[2].ike = NULL;
		sim_run(net.sim, 5000);
		assert_false(is_verifying(&net));
		assert_locator(&net, "192.168.111.2", i ? "192.168.50.2" : OTHER_NBMA);
		assert_owner(&net, "192.168.111.2", "spoke1");
		identities_free(&net);
	}
}

/* Another IKE identity is another one, whatever its name; two have not one. */
static void reconfigured(void **state)
{
	struct nhrp_identities *copy;
	struct sim_net net;

	(void)state;
	begin(&net, 612);
	set_ike(identity_of(&net, 0), "spoke9.example.net");
	reconfigure(net.hub);
	assert_int_equal(binding_of(&net, "192.168.111.2").proto.family, 0);
	assert_owner(&net, "192.168.111.3", "spoke2");
	set_ike(identity_of(&net, 0), IKE2);
	assert_int_equal(nhrp_identities_copy(&copy, net.hub->cfg.identities), -EEXIST);
	assert_null(copy);
	set_ike(identity_of(&net, 0), IKE1);
	reconfigure(net.hub);
	sim_run(net.sim, 300000);
	assert_owner(&net, "192.168.111.2", "spoke1");
	identities_free(&net);
}

/* ----- IKE identities that no identity has ----- */

static void begin_without(struct sim_net *net, u64 seed, enum nhrp_unique mode)
{
	net_build(net, seed, 2, 3);
	net->hub->cfg.unique = mode;
	protect(net);
	net_start(net);
	sim_run(net->sim, 1000);
	assert_int_equal(net_bindings(net->hub), 2);
}

/* What the first registered is kept for it, and it is said from whom. */
static void owned_without_identity(void **state)
{
	static const enum nhrp_unique modes[] = { NHRP_UNIQUE_VERIFY, NHRP_UNIQUE_STRICT };
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		begin_without(&net, 620 + i, modes[i]);
		places[2].ike = IKE2;
		assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_UNIQUE_EXISTS);
		assert_non_null(strstr(net.hub->refused, "; IKE identity " IKE2
				       ", owner by IKE at 192.168.50.2"));
		/* Who has none, or one that is only where he is. */
		places[2].ike = "";
		assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_ADMIN_PROHIBITED);
		places[2].ike = OTHER_NBMA;
		assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_ADMIN_PROHIBITED);
		assert_int_equal(counter(net.hub, NHRP_C_DROP_IKE_OWNER), 2);
		/* Nor is it answered before it is known who that is. */
		places[2].ike = NULL;
		assert_int_equal(claim(&net, "192.168.111.2"), 255);
		assert_int_equal(counter(net.hub, NHRP_C_DROP_SA), 1);
		assert_int_equal(counter(net.hub, NHRP_C_PROBE_SENT), 0);
		assert_owner(&net, "192.168.111.2", "");
		assert_locator(&net, "192.168.111.2", "192.168.50.2");
		/* What is nobody's anyone may have. */
		places[2].ike = NULL;
		assert_int_equal(claim(&net, "192.168.111.9"), NHRP_CODE_OK);
		places[2].ike = IKE2;
		assert_int_equal(claim(&net, "192.168.111.9"), NHRP_CODE_OK);
		places[2].ike = "";
		assert_int_equal(claim(&net, "192.168.111.9"), NHRP_CODE_ADMIN_PROHIBITED);
		net_free(&net);
	}
}

/* What the first spoke has is claimed: it keeps it as long as it answers. */
static void assert_asked_for(struct sim_net *net)
{
	assert_int_equal(claim(net, "192.168.111.2"), NHRP_CODE_UNIQUE_EXISTS);
	assert_int_equal(counter(net->hub, NHRP_C_PROBE_SENT), 1);
	assert_locator(net, "192.168.111.2", "192.168.50.2");
	sim_node_power(net->spoke[0], false);
	sim_run(net->sim, 10000);
	claim(net, "192.168.111.2");
	sim_run(net->sim, 5000);
	assert_locator(net, "192.168.111.2", OTHER_NBMA);
}

/* Many may have one, so it moves nothing by itself: the other one is asked. */
static void shared_by_many(void **state)
{
	struct sim_net net;

	(void)state;
	begin_without(&net, 622, NHRP_UNIQUE_VERIFY);
	places[2].ike = IKE1;
	assert_asked_for(&net);
	places[2].ike = IKE2;
	assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_UNIQUE_EXISTS);
	net_free(&net);
}

/* One that an identity has, and that may have the address, is as anyone where nobody owns it. */
static void identity_is_more(void **state)
{
	struct sim_net net;

	(void)state;
	begin_without(&net, 625, NHRP_UNIQUE_VERIFY);
	add_identity(&net, "spoke2", IKE2);
	may_claim(&net, 0, "192.168.111.2");
	reconfigure(net.hub);
	places[2].ike = IKE2;
	assert_asked_for(&net);
	assert_owner(&net, "192.168.111.2", "spoke2");
	/* It is the identity's now, whatever IKE has still to say of who is there. */
	places[2].ike = NULL;
	assert_int_equal(claim(&net, "192.168.111.2"), 255);
	places[2].ike = IKE2;
	assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_OK);
	identities_free(&net);
}

/* Another daemon, or none, tells who is there: nobody is kept out by what the one before said. */
static void forgotten(void **state)
{
	struct sim_net net;

	(void)state;
	begin_without(&net, 626, NHRP_UNIQUE_STRICT);
	nhrp_tunnel_forget_ike(net.hub->tunnel, net.sim->now);
	places[0].ike = "";
	places[1].ike = "";
	sim_run(net.sim, 900000);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_IKE_OWNER), 0);
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	assert_locator(&net, "192.168.111.3", "192.168.50.3");
	net_free(&net);
}

/* PSK with addresses as identities: as without any. */
static void addresses_own_nothing(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 624, 2, 3);
	protect(&net);
	places[0].ike = "192.168.50.2";
	net_start(&net);
	sim_run(net.sim, 1000);
	sim_node_power(net.spoke[0], false);
	places[2].ike = OTHER_NBMA;
	assert_int_equal(claim(&net, "192.168.111.2"), 255);
	sim_run(net.sim, 5000);
	assert_locator(&net, "192.168.111.2", OTHER_NBMA);
	assert_int_equal(nhrp_ike_owner("192.0.2.1"), 0);
	assert_int_equal(nhrp_ike_owner("2001:db8::1"), 0);
	assert_int_equal(nhrp_ike_owner(""), 0);
	assert_int_equal(nhrp_ike_owner(NULL), 0);
	assert_true(nhrp_ike_owner(IKE1) && nhrp_ike_owner(IKE1) != nhrp_ike_owner(IKE2));
	net_free(&net);
}

/* What comes from an owner's place before it is known who is there is not taken for another's. */
static void owner_not_known_yet(void **state)
{
	u64 refused, dropped;
	struct sim_net net;

	(void)state;
	begin_without(&net, 625, NHRP_UNIQUE_VERIFY);
	refused = counter(net.spoke[0], NHRP_C_NAK_RECEIVED);
	places[0].ike = NULL;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 500, 50);
	dropped = counter(net.hub, NHRP_C_DROP_SA);
	assert_true(dropped > 0);
	places[0].ike = IKE1;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 5000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(counter(net.hub, NHRP_C_DROP_SA), dropped);
	assert_int_equal(counter(net.spoke[0], NHRP_C_NAK_RECEIVED), refused);
	net_free(&net);
}

/* A new agent knows it from the kernel, and keeps what was saved for it. */
static void owned_over_restarts(void **state)
{
	struct sim_net net;

	(void)state;
	begin_without(&net, 626, NHRP_UNIQUE_VERIFY);
	sim_agent_kill(net.hub);
	sim_agent_start(net.hub);
	places[2].ike = IKE2;
	assert_int_equal(claim(&net, "192.168.111.2"), NHRP_CODE_UNIQUE_EXISTS);
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_works),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(nobody_in_particular),
		cmocka_unit_test(moves_at_once),
		cmocka_unit_test(not_known_yet),
		cmocka_unit_test(key_and_ike),
		cmocka_unit_test(group_key_and_ike),
		cmocka_unit_test(agent_restarts),
		cmocka_unit_test(claim_that_waits),
		cmocka_unit_test(reconfigured),
		cmocka_unit_test(owned_without_identity),
		cmocka_unit_test(shared_by_many),
		cmocka_unit_test(identity_is_more),
		cmocka_unit_test(forgotten),
		cmocka_unit_test(addresses_own_nothing),
		cmocka_unit_test(owner_not_known_yet),
		cmocka_unit_test(owned_over_restarts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
