// SPDX-License-Identifier: GPL-2.0
/* More comes in than there is time for, or it comes in late. */
#include <string.h>

#include "nhrp/internal.h"
#include "nhrp/packet.h"
#include "nhrp/queue.h"
#include "test.h"

#define SPOKES		8
#define RATE		2500	/* frames a second that the hub has time for */
#define FLOOD_MS	100	/* frames in a millisecond */
#define HOLD_S		10	/* refreshed every 3 s */
#define SECONDS		7

static void setup(struct sim_net *net, u64 seed, unsigned int hold_s)
{
	unsigned int i;

	net_build(net, seed, SPOKES, 3);
	net->sim->strict = true;
	net->hub->cfg.holding_time_s = hold_s;
	for (i = 0; i < SPOKES; i++)
		net->spoke[i]->cfg.holding_time_s = hold_s;
	net_start(net);
	sim_run(net->sim, 5000);
	assert_int_equal(net_bindings(net->hub), SPOKES);
}

static struct nhrp_frame message(enum nhrp_type type, const struct nhrp_cie *cie,
				 const char *from, const struct nhrp_addr *proto,
				 u8 pkt[NHRP_PKT_MAX])
{
	struct nhrp_frame f = { .from.nbma = sim_addr(from), .data = pkt };
	struct nhrp_msg msg;

	f.local = sim_addr("192.168.50.1");
	nhrp_msg_init(&msg, type, AF_INET, AF_INET);
	msg.src_nbma = f.from.nbma;
	msg.src_proto = *proto;
	msg.dst_proto = sim_addr("192.168.111.1");
	msg.request_id = 4711;
	*nhrp_cie_list_add(&msg.cies) = *cie;
	f.len = nhrp_encode(&msg, pkt, NHRP_PKT_MAX);
	return f;
}

static struct nhrp_frame registration(u8 pkt[NHRP_PKT_MAX], const char *from,
				      const struct nhrp_addr *proto)
{
	const struct nhrp_cie cie = {
		.prefix_len = NHRP_PREFIX_HOST,
		.holding_time = 600,
	};

	return message(NHRP_REGISTRATION_REQUEST, &cie, from, proto, pkt);
}

static struct nhrp_frame purge(u8 pkt[NHRP_PKT_MAX], const char *from,
			       const struct nhrp_addr *proto)
{
	const struct nhrp_cie cie = { .prefix_len = 32, .proto = *proto };

	return message(NHRP_PURGE_REQUEST, &cie, from, proto, pkt);
}

/* From anywhere but our network. */
static void somewhere(struct sim *sim, struct nhrp_frame *f)
{
	u32 r = sim_rand(sim);

	f->from.nbma.b[0] = 20 + r % 100;
	f->from.nbma.b[1] = (u8)(r >> 8);
	f->from.nbma.b[2] = (u8)(r >> 16);
	f->from.nbma.b[3] = (u8)(r >> 24);
}

/* Runs the network while the hub is sent @f a hundred thousand times a second. */
static void flood(struct sim_net *net, struct nhrp_frame *f, bool anywhere)
{
	unsigned int ms, i;

	for (ms = 0; ms < SECONDS * 1000; ms++) {
		for (i = 0; i < FLOOD_MS; i++) {
			if (anywhere)
				somewhere(net->sim, f);
			nhrp_tunnel_queue(net->hub->tunnel, f);
		}
		sim_run(net->sim, 1);
	}
}

/* Each was refreshed in that time, and the first request was answered. */
static void assert_unharmed(struct sim_net *net, unsigned int first)
{
	unsigned int i;

	assert_int_equal(net_bindings(net->hub), SPOKES);
	assert_int_equal(net->hub->events[NHRP_EVENT_SPOKE_DOWN], 0);
	for (i = first; i < SPOKES; i++) {
		assert_true(counter(net->spoke[i],
				    NHRP_C_TX_REGISTRATION_REQUEST) >= 3);
		assert_int_equal(counter(net->spoke[i],
					 NHRP_C_REGISTRATION_TIMEOUT), 0);
	}
	assert_string_equal(net->sim->broken, "");
}

static void claims_of_anybody(const char *proto, u64 seed)
{
	struct nhrp_addr claimed = sim_addr(proto);
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_frame f;
	struct sim_net net;

	setup(&net, seed, HOLD_S);
	sim_queue_set(net.hub, RATE, 0);
	f = registration(pkt, "20.1.1.1", &claimed);
	flood(&net, &f, true);
	assert_unharmed(&net, 0);
	assert_true(counter(net.hub, NHRP_C_DROP_OLDEST) >
		    SECONDS * (FLOOD_MS * 1000 - RATE) - 2 * NHRP_QUEUE_FRAMES);
	/* All of it was seen: the hub was not idle, and nothing is left of it. */
	sim_run(net.sim, 5000);
	assert_int_equal(nhrp_tunnel_queued(net.hub->tunnel), 0);
	assert_true(counter(net.hub, NHRP_C_RX_REGISTRATION_REQUEST) >
		    SECONDS * RATE / 2);
	net_free(&net);
}

static void strangers_keep_nobody_out(void **state)
{
	(void)state;
	claims_of_anybody("10.9.9.9", 201);
}

/* Each claim is that of a spoke, whose owner is asked each time. */
static void claims_keep_nobody_out(void **state)
{
	(void)state;
	claims_of_anybody("192.168.111.4", 202);
}

/* All with the address of the first spoke: the others do not notice. */
static void one_has_only_its_share(void **state)
{
	struct nhrp_addr claimed = sim_addr("10.9.9.9");
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_frame f;
	struct sim_net net;

	(void)state;
	setup(&net, 203, HOLD_S);
	sim_queue_set(net.hub, RATE, 0);
	f = registration(pkt, "192.168.50.2", &claimed);
	f.peer_id = 1;
	flood(&net, &f, false);
	assert_in_range(net.hub->queue.most, 1, 2 * NHRP_QUEUE_SHARE_MAX);
	net.hub->events[NHRP_EVENT_SPOKE_DOWN] = 0;
	assert_unharmed(&net, 1);
	assert_true(counter(net.hub, NHRP_C_DROP_RATE) >
		    SECONDS * (FLOOD_MS * 1000 - RATE) - NHRP_QUEUE_FRAMES);
	net_free(&net);
}

/* So many sources that each of the buckets for strangers is empty. */
static void strangers_empty_no_bucket_of_others(void **state)
{
	struct nhrp_addr claimed = sim_addr("10.9.9.9");
	struct nhrp_addr own = sim_addr("192.168.111.3");
	u8 pkt[NHRP_PKT_MAX], pkt2[NHRP_PKT_MAX];
	struct nhrp_frame f, refresh;
	struct sim_net net;
	unsigned int i;
	u64 dropped;

	(void)state;
	setup(&net, 204, 600);
	f = registration(pkt, "20.1.1.1", &claimed);
	refresh = registration(pkt2, "192.168.50.3", &own);
	for (i = 0; i < 200000; i++) {
		somewhere(net.sim, &f);
		nhrp_tunnel_frame(net.hub->tunnel, &f, net.sim->now);
	}
	dropped = counter(net.hub, NHRP_C_DROP_RATE);
	assert_true(dropped > 0);
	for (i = 0; i < 100; i++)
		nhrp_tunnel_frame(net.hub->tunnel, &refresh, net.sim->now);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_RATE), dropped);
	/* It has a limit, too. */
	for (i = 0; i < 200; i++)
		nhrp_tunnel_frame(net.hub->tunnel, &refresh, net.sim->now);
	assert_true(counter(net.hub, NHRP_C_DROP_RATE) > dropped);
	net_free(&net);
}

/* A stranger whose place is that of a spoke fills it, and the spoke is heard. */
static void strangers_fill_no_place_of_others(void **state)
{
	struct nhrp_addr claimed = sim_addr("10.9.9.9");
	struct nhrp_addr own = sim_addr("192.168.111.3");
	u8 pkt[NHRP_PKT_MAX], pkt2[NHRP_PKT_MAX];
	struct nhrp_frame f, refresh;
	struct nhrp_tunnel *t;
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 206, 600);
	t = net.hub->tunnel;
	f = registration(pkt, "20.1.1.1", &claimed);
	/* Registered, and the kernel has just lost the peer. */
	refresh = registration(pkt2, "192.168.50.3", &own);
	while ((nhrp_key_hash(t, &f.from) ^ nhrp_key_hash(t, &refresh.from)) %
	       NHRP_QUEUE_SHARES)
		somewhere(net.sim, &f);
	for (i = 0; i < 2 * NHRP_QUEUE_SHARE_MAX; i++)
		nhrp_tunnel_queue(t, &f);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_RATE), NHRP_QUEUE_SHARE_MAX);
	nhrp_tunnel_queue(t, &refresh);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_RATE), NHRP_QUEUE_SHARE_MAX);
	assert_int_equal(nhrp_tunnel_queued(t), NHRP_QUEUE_SHARE_MAX + 1);
	nhrp_tunnel_run_known(t, net.sim->now);
	assert_int_equal(nhrp_tunnel_queued(t), NHRP_QUEUE_SHARE_MAX);
	net_free(&net);
}

/* Who forges a hub's address takes the places of a hub and no more. */
static void hub_has_its_share(void **state)
{
	struct nhrp_addr claimed = sim_addr("192.168.111.1");
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_tunnel *t;
	struct nhrp_frame f;
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 207, 600);
	t = net.spoke[0]->tunnel;
	f = registration(pkt, "192.168.50.1", &claimed);
	for (i = 0; i < 2 * NHRP_QUEUE_FRAMES; i++)
		nhrp_tunnel_queue(t, &f);
	assert_int_equal(nhrp_tunnel_queued(t), NHRP_QUEUE_HUB_MAX);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_OLDEST), 0);
	nhrp_tunnel_run_queue(t, NHRP_QUEUE_HUB_MAX, net.sim->now);
	nhrp_tunnel_queue(t, &f);
	assert_int_equal(nhrp_tunnel_queued(t), 1);
	net_free(&net);
}

/* Those who wait take turns, and a stranger gets one in four. */
static void turns(void **state)
{
	struct nhrp_addr claimed = sim_addr("10.9.9.9");
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_frame f;
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 205, 600);
	f = registration(pkt, "20.1.1.1", &claimed);
	for (i = 0; i < 2 * 5000; i++) {
		somewhere(net.sim, &f);
		f.peer_id = i % 2;
		nhrp_tunnel_queue(net.hub->tunnel, &f);
	}
	assert_int_equal(counter(net.hub, NHRP_C_DROP_OLDEST),
			 2 * (5000 - NHRP_QUEUE_FRAMES));
	assert_int_equal(nhrp_tunnel_queued(net.hub->tunnel),
			 2 * NHRP_QUEUE_FRAMES);
	nhrp_tunnel_run_queue(net.hub->tunnel, 400, net.sim->now);
	nhrp_tunnel_run_known(net.hub->tunnel, net.sim->now);
	assert_int_equal(nhrp_tunnel_queued(net.hub->tunnel),
			 NHRP_QUEUE_FRAMES - 100);
	/* Nobody else waits: all are theirs. */
	nhrp_tunnel_run_queue(net.hub->tunnel, 400, net.sim->now);
	assert_int_equal(nhrp_tunnel_queued(net.hub->tunnel),
			 NHRP_QUEUE_FRAMES - 500);
	/* What waits when the tunnel ends is freed with it. */
	net_free(&net);
}

/* What a source sent as a stranger is handled before what it sends as one we know. */
static void order_of_one_who_becomes_known(void **state)
{
	struct nhrp_addr own = sim_addr("192.168.111.77");
	struct nhrp_addr claimed = sim_addr("10.9.9.9");
	u8 pkt[3][NHRP_PKT_MAX];
	struct nhrp_frame reg, bye, other;
	struct nhrp_tunnel *t;
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 211, 600);
	t = net.hub->tunnel;
	reg = registration(pkt[0], "20.1.1.1", &own);
	bye = purge(pkt[1], "20.1.1.1", &own);
	/* Others wait with it, of its share as well; they stay where they are. */
	other = registration(pkt[2], "20.1.1.2", &claimed);
	nhrp_tunnel_queue(t, &reg);
	while ((nhrp_key_hash(t, &other.from) ^ nhrp_key_hash(t, &reg.from)) %
	       NHRP_QUEUE_SHARES)
		somewhere(net.sim, &other);
	nhrp_tunnel_queue(t, &other);
	for (i = 0; i < 3; i++)
		nhrp_tunnel_queue(t, &reg);
	nhrp_tunnel_queue(t, &other);

	nhrp_tunnel_run_queue(t, 1, net.sim->now);
	assert_int_equal(net_bindings(net.hub), SPOKES + 1);
	nhrp_tunnel_queue(t, &bye);
	nhrp_tunnel_run_known(t, net.sim->now);
	assert_int_equal(net_bindings(net.hub), SPOKES);
	assert_int_equal(nhrp_tunnel_queued(t), 2);
	nhrp_tunnel_run_queue(t, 2, net.sim->now);
	assert_int_equal(net_bindings(net.hub), SPOKES);
	net_free(&net);
}

/* The other way: it stays known until what it has sent is handled. */
static void order_of_one_who_is_forgotten(void **state)
{
	struct nhrp_addr own = sim_addr("192.168.111.77");
	u8 pkt[2][NHRP_PKT_MAX];
	struct nhrp_frame reg, bye;
	struct nhrp_tunnel *t;
	struct sim_net net;

	(void)state;
	setup(&net, 212, 600);
	t = net.hub->tunnel;
	reg = registration(pkt[0], "20.1.1.1", &own);
	bye = purge(pkt[1], "20.1.1.1", &own);
	nhrp_tunnel_frame(t, &reg, net.sim->now);
	nhrp_tunnel_queue(t, &bye);
	nhrp_tunnel_queue(t, &reg);
	nhrp_tunnel_run_queue(t, 1, net.sim->now);
	assert_int_equal(net_bindings(net.hub), SPOKES);
	nhrp_tunnel_queue(t, &bye);
	nhrp_tunnel_run_known(t, net.sim->now);
	assert_int_equal(nhrp_tunnel_queued(t), 0);
	assert_int_equal(net_bindings(net.hub), SPOKES);
	/* Nothing of it waits any more. */
	nhrp_tunnel_queue(t, &reg);
	nhrp_tunnel_run_known(t, net.sim->now);
	assert_int_equal(nhrp_tunnel_queued(t), 1);
	net_free(&net);
}

/* A hub, too, whose address is another one when the rest comes. */
static void order_of_one_who_is_no_hub_any_more(void **state)
{
	struct nhrp_addr claimed = sim_addr("192.168.111.1");
	u8 pkt[NHRP_PKT_MAX];
	struct sim_node *spoke;
	struct nhrp_tunnel *t;
	struct nhrp_frame f;
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 214, 600);
	spoke = net.spoke[0];
	t = spoke->tunnel;
	f = registration(pkt, "192.168.50.1", &claimed);
	nhrp_tunnel_queue(t, &f);
	spoke->cfg.hubs[0].peer.nbma = sim_addr("192.168.50.99");
	assert_int_equal(nhrp_tunnel_reconfigure(t, &spoke->cfg, net.sim->now), 0);
	nhrp_tunnel_queue(t, &f);
	nhrp_tunnel_run_known(t, net.sim->now);
	assert_int_equal(nhrp_tunnel_queued(t), 0);
	/* Nothing of it waits any more, and what waited is not counted as the hub's. */
	nhrp_tunnel_queue(t, &f);
	nhrp_tunnel_run_known(t, net.sim->now);
	assert_int_equal(nhrp_tunnel_queued(t), 1);
	f.from.nbma = spoke->cfg.hubs[0].peer.nbma;
	for (i = 0; i < 2 * NHRP_QUEUE_HUB_MAX; i++)
		nhrp_tunnel_queue(t, &f);
	assert_int_equal(nhrp_tunnel_queued(t), NHRP_QUEUE_HUB_MAX + 1);
	net_free(&net);
}

/* It takes along no more than its share, and does not push others out of theirs. */
static void share_of_one_who_becomes_known(void **state)
{
	struct nhrp_addr claimed = sim_addr("10.9.9.9");
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_tunnel *t;
	struct nhrp_frame f;
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 213, 600);
	t = net.hub->tunnel;
	f = registration(pkt, "20.1.1.1", &claimed);
	for (i = 0; i < NHRP_QUEUE_SHARE_MAX; i++)
		nhrp_tunnel_queue(t, &f);
	f.peer_id = 1;
	nhrp_tunnel_queue(t, &f);
	assert_int_equal(nhrp_tunnel_queued(t), NHRP_QUEUE_SHARE_MAX);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_RATE), 1);
	/* Its places among strangers are free, and its frames now go elsewhere. */
	f.peer_id = 0;
	nhrp_tunnel_queue(t, &f);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_RATE), 2);
	nhrp_tunnel_run_known(t, net.sim->now);
	assert_int_equal(nhrp_tunnel_queued(t), 0);
	net_free(&net);
}

/* Long ones: it is their bytes that do not fit. */
static void bytes_are_bounded(void **state)
{
	static const u8 big[NHRP_PKT_MAX];
	struct nhrp_frame f = { .data = big, .len = sizeof(big) };
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 206, 600);
	f.from.nbma = sim_addr("20.1.1.1");
	for (i = 0; i < 1000; i++) {
		somewhere(net.sim, &f);
		nhrp_tunnel_queue(net.hub->tunnel, &f);
	}
	assert_int_equal(nhrp_tunnel_queued(net.hub->tunnel),
			 NHRP_QUEUE_BYTES / sizeof(big));
	net_free(&net);
}

static void stop_and_continue(u64 seed, bool ends_first)
{
	struct sim_net net;
	unsigned int i;

	setup(&net, seed, 30);
	sim_agent_stop(net.hub);
	sim_run(net.sim, 45000);
	assert_int_equal(sim_map_count(net.hub), 0);
	sim_agent_continue(net.hub, ends_first);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_DOWN], 0);
	assert_int_equal(net_bindings(net.hub), SPOKES);
	assert_int_equal(sim_map_count(net.hub), SPOKES);
	sim_run(net.sim, 15000);
	for (i = 0; i < SPOKES; i++)
		assert_true(net_registered(net.spoke[i]));
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_DOWN], 0);
	assert_string_equal(net.sim->broken, "");
	net_free(&net);
}

/* Holding times have ended while the hub was stopped, refreshes have come. */
static void late_frames_before_timers(void **state)
{
	(void)state;
	stop_and_continue(207, false);
}

/* It was stopped for long, and the first deadline has only just passed. */
static void frames_before_a_timer_that_is_hardly_late(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 210, 30);
	sim_agent_stop(net.hub);
	while (sim_map_count(net.hub) == SPOKES)
		sim_run(net.sim, 100);
	assert_false(nhrp_core_is_late(net.hub->core, net.sim->now));
	sim_agent_continue(net.hub, false);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_DOWN], 0);
	assert_int_equal(net_bindings(net.hub), SPOKES);
	net_free(&net);
}

static void late_frames_before_news_of_ends(void **state)
{
	(void)state;
	stop_and_continue(208, true);
}

/* Who has not been heard of is gone all the same. */
static void late_end(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 209, 30);
	sim_agent_stop(net.hub);
	sim_agent_kill(net.spoke[0]);
	sim_run(net.sim, 45000);
	sim_agent_continue(net.hub, false);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_DOWN], 1);
	assert_int_equal(net_bindings(net.hub), SPOKES - 1);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strangers_keep_nobody_out),
		cmocka_unit_test(claims_keep_nobody_out),
		cmocka_unit_test(one_has_only_its_share),
		cmocka_unit_test(strangers_empty_no_bucket_of_others),
		cmocka_unit_test(strangers_fill_no_place_of_others),
		cmocka_unit_test(hub_has_its_share),
		cmocka_unit_test(turns),
		cmocka_unit_test(order_of_one_who_becomes_known),
		cmocka_unit_test(order_of_one_who_is_forgotten),
		cmocka_unit_test(order_of_one_who_is_no_hub_any_more),
		cmocka_unit_test(share_of_one_who_becomes_known),
		cmocka_unit_test(bytes_are_bounded),
		cmocka_unit_test(late_frames_before_timers),
		cmocka_unit_test(frames_before_a_timer_that_is_hardly_late),
		cmocka_unit_test(late_frames_before_news_of_ends),
		cmocka_unit_test(late_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
