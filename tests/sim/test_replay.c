// SPDX-License-Identifier: GPL-2.0
/* HMACs: what was sent once is taken once. */
#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/packet.h"
#include "signed.h"
#include "test.h"

/* A registration from where the spoke was does not take it back there. */
static void replay_after_a_move(void **state)
{
	const struct record *old;
	struct sim_net net;

	(void)state;
	signed_build(&net, 105, 2);
	net.hub->cfg.unique = NHRP_UNIQUE_OFF;
	start_recorded(&net, 1000);
	old = find_record(NHRP_REGISTRATION_REQUEST, "192.168.50.2");
	net.spoke[0]->cfg.nbma[0] = sim_addr("192.168.50.77");
	reconfigure(net.spoke[0]);
	sim_run(net.sim, 5000);
	assert_locator(&net, "192.168.111.2", "192.168.50.77");
	replay(old, net.hub, "192.168.50.2");
	replay(old, net.hub, STRANGER);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_REPLAY), 2);
	assert_int_equal(counter(net.hub, NHRP_C_TX_ERROR), 0);
	assert_locator(&net, "192.168.111.2", "192.168.50.77");
	net_free(&net);
}

/* Everything that was ever sent, to everybody, from everywhere. */
static void nothing_is_taken_twice(void **state)
{
	static const char * const from[] = {
		"192.168.50.1", "192.168.50.2", "192.168.50.3", STRANGER,
	};
	unsigned int i, j, k, last;
	struct sim_net net;
	u64 taken, frames;

	(void)state;
	signed_build(&net, 106, 2);
	nr_records = 0;
	net.sim->drop = record_frame;
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	net.sim->drop = NULL;
	last = nr_records;
	for (i = 0; i < last; i++)
		for (j = 0; j < 3; j++) {
			struct sim_node *to = net.sim->nodes[j];

			/* Whom it was for, and who sent it */
			if (!nhrp_addr_eq(&to->cfg.nbma[0], &records[i].to) &&
			    !nhrp_addr_eq(&to->cfg.nbma[0], &records[i].from))
				continue;
			for (k = 0; k < 4; k++) {
				taken = counter(to, NHRP_C_DROP_REPLAY);
				frames = to->frames;
				sim_forge(to, from[k], records[i].data,
					  records[i].len);
				sim_run(net.sim, 10);
				assert_int_equal(counter(to, NHRP_C_DROP_REPLAY),
						 taken + 1);
				assert_int_equal(to->frames, frames);
			}
		}
	assert_true(last > 15);
	assert_true(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

/*
 * What one member was sent is nothing to any other, so that nobody is led astray by
 * what was recorded elsewhere: not a hub that has never heard of the spoke either.
 */
static void nothing_is_taken_by_others(void **state)
{
	struct sim_node *hub2;
	unsigned int i, j, last, asked = 0;
	struct sim_net net;
	u64 refused;

	(void)state;
	signed_build(&net, 115, 2);
	forget_hub(&net);
	hub2 = net_add_hub(&net, "hub2", 9);
	nr_records = 0;
	net.sim->drop = record_frame;
	net_start(&net);
	sim_agent_start(hub2);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	net.sim->drop = NULL;
	last = nr_records;
	for (i = 0; i < last; i++)
		for (j = 0; j < net.sim->nr_nodes; j++) {
			struct sim_node *to = net.sim->nodes[j];

			if (nhrp_addr_eq(&to->cfg.nbma[0], &records[i].to) ||
			    nhrp_addr_eq(&to->cfg.nbma[0], &records[i].from))
				continue;
			refused = counter(to, NHRP_C_DROP_NOT_OURS);
			sim_forge(to, STRANGER, records[i].data,
				  records[i].len);
			sim_run(net.sim, 10);
			if (names_nobody(&records[i])) {
				asked += to == hub2;
				continue;
			}
			assert_int_equal(counter(to, NHRP_C_DROP_NOT_OURS),
					 refused + 1);
		}
	assert_true(last > 15);
	/* It said who it is, to both of them, and knows neither. */
	assert_int_equal(asked, 2);
	assert_int_equal(counter(hub2, NHRP_C_TX_REGISTRATION_REPLY), 2);
	assert_int_equal(net_bindings(hub2), 0);
	assert_int_equal(sim_map_count(hub2), 0);
	/* Who has come to know it is registered there as ever. */
	net_name_hub(net.spoke[0], hub2, 1);
	reconfigure(net.spoke[0]);
	sim_run(net.sim, 3000);
	assert_int_equal(net_bindings(hub2), 1);
	assert_int_equal(counter(hub2, NHRP_C_DROP_REPLAY), 0);
	net_free(&net);
}

/* Other agents begin anew: they are known by a newer epoch, and old ones are not. */
static void restarts(void **state)
{
	const struct record *old_hub, *old_spoke;
	struct sim_net net;
	u64 replays;

	(void)state;
	signed_build(&net, 107, 2);
	nr_records = 0;
	net.sim->drop = record_frame;
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	net.sim->drop = NULL;
	old_hub = find_record(NHRP_TRAFFIC_INDICATION, "192.168.50.1");
	old_spoke = find_record(NHRP_REGISTRATION_REQUEST, "192.168.50.3");
	sim_agent_kill(net.spoke[1]);
	sim_agent_start(net.spoke[1]);
	sim_node_power(net.hub, false);
	sim_node_power(net.hub, true);
	sim_agent_start(net.hub);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 40000, 200);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(sum_of(&net, NHRP_C_DROP_REPLAY), 0);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_AUTH), 0);
	replay(old_hub, net.spoke[0], "192.168.50.1");
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_REPLAY), 1);
	replays = counter(net.hub, NHRP_C_DROP_REPLAY);
	replay(old_spoke, net.hub, "192.168.50.3");
	assert_int_equal(counter(net.hub, NHRP_C_DROP_REPLAY), replays + 1);
	net_free(&net);
}

/*
 * Two that run exchange their addresses: what one has signed with an address since it
 * began does not make the other one, who began earlier, an old message.
 */
static void addresses_are_exchanged(void **state)
{
	struct nhrp_prefix first;
	struct sim_net net;

	(void)state;
	signed_build(&net, 114, 2);
	net.hub->cfg.unique = NHRP_UNIQUE_OFF;
	net_start(&net);
	sim_run(net.sim, 100000);
	sim_agent_kill(net.spoke[1]);
	sim_agent_start(net.spoke[1]);
	sim_run(net.sim, 100000);
	assert_true(net.spoke[0]->tunnel->epoch < net.spoke[1]->tunnel->epoch);
	first = net.spoke[0]->cfg.locals[0];
	net.spoke[0]->cfg.locals[0] = net.spoke[1]->cfg.locals[0];
	net.spoke[1]->cfg.locals[0] = first;
	reconfigure(net.spoke[0]);
	reconfigure(net.spoke[1]);
	sim_run(net.sim, 10000);
	assert_true(net_registered(net.spoke[0]));
	assert_true(net_registered(net.spoke[1]));
	assert_locator(&net, "192.168.111.3", "192.168.50.2");
	assert_locator(&net, "192.168.111.2", "192.168.50.3");
	assert_int_equal(sum_of(&net, NHRP_C_DROP_REPLAY), 0);
	net_free(&net);
}

/* Sees to it that a place on the net looks alive, if it cannot answer. */
static void chatter(struct sim_net *net, const char *from, u64 for_ms)
{
	static const u8 junk[40];
	u64 end = net->sim->now + for_ms;

	while (net->sim->now < end) {
		sim_forge(net->hub, from, junk, sizeof(junk));
		sim_run(net->sim, 100);
	}
}

/*
 * A hub without any memory cannot know that a message is old. It believes one, and
 * the spoke's next one, which the thief cannot answer for, puts it right.
 */
static void recorded_before_a_hub_reboot(void **state)
{
	const struct record *old;
	struct sim_net net;

	(void)state;
	signed_build(&net, 108, 1);
	start_recorded(&net, 1000);
	old = find_record(NHRP_REGISTRATION_REQUEST, "192.168.50.2");
	sim_node_power(net.hub, false);
	sim_run(net.sim, 1000);
	sim_node_power(net.hub, true);
	sim_agent_start(net.hub);
	replay(old, net.hub, STRANGER);
	assert_locator(&net, "192.168.111.2", STRANGER);
	/* Within the probe interval, and what the hub asks of the thief. */
	chatter(&net, STRANGER, 30000);
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	replay(old, net.hub, STRANGER);
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	net_free(&net);
}

/* The same where who comes first has it: then the old message has it for its time. */
static void recorded_before_a_strict_hub_reboot(void **state)
{
	const struct record *old;
	struct sim_net net;

	(void)state;
	signed_build(&net, 122, 1);
	net.hub->cfg.unique = NHRP_UNIQUE_STRICT;
	start_recorded(&net, 1000);
	old = find_record(NHRP_REGISTRATION_REQUEST, "192.168.50.2");
	sim_node_power(net.hub, false);
	sim_run(net.sim, 1000);
	sim_node_power(net.hub, true);
	sim_agent_start(net.hub);
	replay(old, net.hub, STRANGER);
	sim_run(net.sim, 590000);
	assert_locator(&net, "192.168.111.2", STRANGER);
	assert_true(counter(net.hub, NHRP_C_DROP_UNIQUE) > 0);
	replay(old, net.hub, STRANGER);
	sim_run(net.sim, 120000);
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	assert_true(net_registered(net.spoke[0]));
	net_free(&net);
}

/* The last counter of an epoch is followed by a new epoch. */
static void counters_end(void **state)
{
	struct sim_net net;
	u32 epoch;

	(void)state;
	signed_build(&net, 111, 1);
	net.hub->cfg.holding_time_s = 60;
	net.spoke[0]->cfg.holding_time_s = 60;
	net_start(&net);
	sim_run(net.sim, 1000);
	epoch = net.spoke[0]->tunnel->epoch;
	net.spoke[0]->tunnel->counter = UINT32_MAX - 2;
	sim_run(net.sim, 200000);
	assert_true(net_registered(net.spoke[0]));
	assert_true(net.spoke[0]->tunnel->epoch > epoch);
	assert_true(net.spoke[0]->tunnel->counter < 1000);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_REPLAY), 0);
	net_free(&net);
}

/* There is room for so many senders; those that are heard of stay known. */
static void senders_are_bounded(void **state)
{
	struct nhrp_addr hop = sim_addr("192.168.111.9");
	const struct record *old;
	struct sim_net net;
	unsigned int i;

	(void)state;
	signed_build(&net, 112, 1);
	net.hub->cfg.max_bindings = 10;
	net.hub->cfg.max_shortcuts = 10;
	start_recorded(&net, 1000);
	for (i = 0; i < 1000; i++) {
		hop.b[2] = (u8)(i >> 8);
		hop.b[3] = (u8)i;
		nhrp_replay_check(net.hub->tunnel, KEY_ID, &hop, 1, 1);
	}
	assert_int_equal(nr_replays(net.hub), 2 * (10 + 10 + 64));
	hop.b[3]++;
	assert_int_equal(nhrp_replay_check(net.hub->tunnel, KEY_ID, &hop, 1, 1),
			 NHRP_C_DROP_TABLE_FULL);
	old = find_record(NHRP_REGISTRATION_REQUEST, "192.168.50.2");
	replay(old, net.hub, STRANGER);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_REPLAY), 1);
	sim_run(net.sim, 250000);
	assert_true(net_registered(net.spoke[0]));
	net_free(&net);
}

/* Who was not heard of for a day makes room, and what he sent is old for ever. */
static void silent_senders_make_room(void **state)
{
	struct nhrp_addr hop = sim_addr("192.168.111.9");
	struct nhrp_tunnel *t;
	struct sim_net net;
	unsigned int i;

	(void)state;
	signed_build(&net, 120, 1);
	net.hub->cfg.max_bindings = 10;
	net.hub->cfg.max_shortcuts = 10;
	net_start(&net);
	sim_run(net.sim, 1000);
	t = net.hub->tunnel;
	for (i = 0; i < 1000; i++) {
		hop.b[2] = (u8)(i >> 8);
		hop.b[3] = (u8)i;
		nhrp_replay_check(t, KEY_ID, &hop, 10 + i, 7);
	}
	assert_int_equal(nr_replays(net.hub), 168);
	sim_run(net.sim, 70000000);
	assert_true(net_registered(net.spoke[0]));
	hop = sim_addr("192.168.111.99");
	assert_int_equal(nhrp_replay_check(t, KEY_ID, &hop, 500, 1), NHRP_C_NONE);
	/* The spoke and this one. The last of the others was at (176, 7). */
	assert_int_equal(nr_replays(net.hub), 2);
	hop.b[3]++;
	assert_int_equal(nhrp_replay_check(t, KEY_ID, &hop, 176, 7),
			 NHRP_C_DROP_REPLAY);
	assert_int_equal(nhrp_replay_check(t, KEY_ID, &hop, 11, 4000000000u),
			 NHRP_C_DROP_REPLAY);
	assert_int_equal(nhrp_replay_check(t, KEY_ID, &hop, 176, 8), NHRP_C_NONE);
	/* The floor is the key's and goes with it. */
	hop.b[3]++;
	assert_int_equal(nhrp_replay_check(t, KEY_ID + 1, &hop, 1, 1),
			 NHRP_C_NONE);
	reconfigure(net.hub);
	assert_int_equal(nhrp_replay_check(t, KEY_ID, &hop, 176, 7),
			 NHRP_C_DROP_REPLAY);
	net.hub->cfg.keys[0].id++;
	net.hub->cfg.key_id++;
	reconfigure(net.hub);
	assert_int_equal(nhrp_replay_check(t, KEY_ID, &hop, 1, 1), NHRP_C_NONE);
	net_free(&net);
}

/* Whom a hub takes for old misses it, and is newer then. */
static void not_heard_for_ever(void **state)
{
	struct sim_net net;
	u32 epoch;

	(void)state;
	signed_build(&net, 121, 1);
	net_start(&net);
	sim_run(net.sim, 500000);
	epoch = net.spoke[0]->tunnel->epoch;
	assert_int_equal(nhrp_replay_check(net.hub->tunnel, KEY_ID,
					   &net.spoke[0]->cfg.locals[0].addr,
					   epoch + 100, 1), NHRP_C_NONE);
	sim_run(net.sim, 700000);
	assert_true(counter(net.hub, NHRP_C_DROP_REPLAY) > 0);
	assert_true(net_registered(net.spoke[0]));
	assert_true(net.spoke[0]->tunnel->epoch > epoch + 100);
	assert_int_equal(net_bindings(net.hub), 1);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replay_after_a_move),
		cmocka_unit_test(nothing_is_taken_twice),
		cmocka_unit_test(nothing_is_taken_by_others),
		cmocka_unit_test(restarts),
		cmocka_unit_test(addresses_are_exchanged),
		cmocka_unit_test(recorded_before_a_hub_reboot),
		cmocka_unit_test(recorded_before_a_strict_hub_reboot),
		cmocka_unit_test(counters_end),
		cmocka_unit_test(senders_are_bounded),
		cmocka_unit_test(silent_senders_make_room),
		cmocka_unit_test(not_heard_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
