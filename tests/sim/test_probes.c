// SPDX-License-Identifier: GPL-2.0
/* When a direct path is asked whether it works, when not, and who need not be. */
#include "forged.h"
#include "nhrp/packet-ext.h"
#include "test.h"

#define HUB	"192.168.50.1"
#define SPOKE1	"192.168.50.2"
#define SPOKE2	"192.168.50.3"

static void start(struct sim_net *net)
{
	net_start(net);
	sim_run(net->sim, 2000);
}

/* Who is heard is asked nothing: neither the spoke at the other end nor the hub. */
static void heard_is_not_probed(void **state)
{
	const struct sim_node *spoke;
	struct sim_net net;
	u64 probes[2];
	unsigned int i;
	u64 asked;

	(void)state;
	net_build(&net, 701, 2, 3);
	start(&net);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	for (i = 0; i < 2; i++)
		probes[i] = counter(net.spoke[i], NHRP_C_PROBE_SENT);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 60000, 500);
	for (i = 0; i < 2; i++) {
		spoke = net.spoke[i];
		assert_true(probes[i] > 0);
		assert_int_equal(counter(spoke, NHRP_C_PROBE_SENT), probes[i]);
		/* It is the hub that was silent. */
		assert_true(counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST) > 2);
	}
	spoke = net.spoke[0];
	asked = counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST);
	net_ping_for(&net, net.spoke[0], net.hub, 60000, 500);
	assert_int_equal(counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST), asked);
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

/* Who sends and hears nothing asks, once in an interval; who only hears does not. */
static void silent_is_probed(void **state)
{
	struct sim_net net;
	u64 probes[2];
	unsigned int i;

	(void)state;
	net_build(&net, 702, 2, 3);
	start(&net);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	for (i = 0; i < 2; i++)
		probes[i] = counter(net.spoke[i], NHRP_C_PROBE_SENT);
	for (i = 0; i < 120; i++) {
		sim_ping(net.spoke[0], &net.spoke[0]->lan, &net.spoke[1]->lan);
		sim_run(net.sim, 500);
	}
	assert_in_range(counter(net.spoke[0], NHRP_C_PROBE_SENT) - probes[0], 2, 4);
	assert_int_equal(counter(net.spoke[1], NHRP_C_PROBE_SENT), probes[1]);
	assert_int_equal(counter(net.spoke[0], NHRP_C_PROBE_TIMEOUT), 0);
	net_free(&net);
}

/* Until both have heard of each other. */
static void until_both_know(struct sim_net *net)
{
	unsigned int i;

	for (i = 0; i < 200; i++) {
		net_ping_for(net, net->spoke[0], net->spoke[1], 10, 10);
		if (sim_map_at(net->spoke[0], LAN2) && sim_map_at(net->spoke[1], LAN1))
			return;
	}
	fail();
}

/* Where the first packet starts IKE, one of the two begins: the other one when that is done. */
static void one_begins_ike(void **state)
{
	bool ready;
	struct sim_net net;

	(void)state;
	for (ready = false;; ready = true) {
		net_build(&net, 703, 2, 3);
		net.spoke[0]->cfg.starts_ike = true;
		net.spoke[1]->cfg.starts_ike = true;
		start(&net);
		until_both_know(&net);
		sim_run(net.sim, 100);
		assert_true(counter(net.spoke[0], NHRP_C_PROBE_SENT) > 0);
		assert_int_equal(counter(net.spoke[1], NHRP_C_PROBE_SENT), 0);
		assert_true(net_direct(net.spoke[0], LAN2));
		assert_false(net_direct(net.spoke[1], LAN1));
		if (ready) {
			struct nhrp_peer_key peer = { .nbma = sim_addr(SPOKE1) };

			nhrp_tunnel_peer_ready(net.spoke[1]->tunnel, &peer, net.sim->now);
			sim_run(net.sim, 100);
		} else {
			sim_run(net.sim, 1250);
			assert_int_equal(counter(net.spoke[1], NHRP_C_PROBE_SENT), 0);
			sim_run(net.sim, 300);
		}
		assert_true(net_direct(net.spoke[1], LAN1));
		net_free(&net);
		if (ready)
			return;
	}
}

static struct {
	bool begun;
	unsigned int looks;
} other;

static bool other_has_begun(struct sim_node *n, const struct nhrp_addr *nbma)
{
	struct nhrp_addr spoke1 = sim_addr(SPOKE1);

	assert_true(n->cfg.starts_ike);
	assert_true(nhrp_addr_eq(nbma, &spoke1));
	other.looks++;
	return other.begun;
}

/* Who has let the other one begin waits until that is done, but not for ever. */
static void begun_ike_is_waited_for(void **state)
{
	struct sim_net net;
	bool done;

	(void)state;
	for (done = true;; done = false) {
		net_build(&net, 703, 2, 3);
		net.spoke[1]->cfg.starts_ike = true;
		net.sim->ike_begun = other_has_begun;
		other.begun = true;
		other.looks = 0;
		start(&net);
		until_both_know(&net);
		sim_run(net.sim, 1400);
		assert_int_equal(other.looks, 0);
		sim_run(net.sim, 2600);
		assert_true(other.looks > 10);
		assert_int_equal(counter(net.spoke[1], NHRP_C_PROBE_SENT), 0);
		assert_false(net_direct(net.spoke[1], LAN1));
		other.begun = !done;
		sim_run(net.sim, done ? 200 : 1500);
		assert_true(net_direct(net.spoke[1], LAN1));
		/* Of what is proven nobody asks. */
		other.looks = 0;
		net_ping_for(&net, net.spoke[0], net.spoke[1], 20000, 100);
		assert_int_equal(other.looks, 0);
		net_free(&net);
		if (!done)
			return;
	}
}

/* NHRP between spokes does not pass: nobody there answers a probe. */
static bool drop_direct_frames(struct sim *sim, const struct sim_packet *p)
{
	const struct nhrp_addr *hub = &sim->nodes[0]->cfg.nbma[0];

	return p->frame && !nhrp_addr_eq(&p->to, hub) &&
	       !nhrp_addr_eq(&p->from.nbma, hub);
}

/* The association is gone: the hub's path until there is another, and one of both begins IKE. */
static void back_without_sa(void **state)
{
	struct nhrp_peer_key peer = { .nbma = sim_addr(SPOKE2) };
	struct sim_net net;
	u64 probes, lost;

	(void)state;
	net_build(&net, 704, 2, 3);
	net.spoke[0]->cfg.starts_ike = true;
	net.spoke[1]->cfg.starts_ike = true;
	start(&net);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	lost = net.sim->data_lost;
	probes = counter(net.spoke[1], NHRP_C_PROBE_SENT);
	net.sim->drop = drop_direct_frames;
	nhrp_tunnel_peer_no_sa(net.spoke[0]->tunnel, &peer, net.sim->now);
	peer.nbma = sim_addr(SPOKE1);
	nhrp_tunnel_peer_no_sa(net.spoke[1]->tunnel, &peer, net.sim->now);
	sim_run(net.sim, 10);
	assert_false(net_direct(net.spoke[0], LAN2));
	assert_false(net_direct(net.spoke[1], LAN1));
	net_ping_for(&net, net.spoke[0], net.spoke[1], 1400, 50);
	assert_int_equal(counter(net.spoke[1], NHRP_C_PROBE_SENT), probes);
	assert_int_equal(counter(net.spoke[0], NHRP_C_PEER_DEAD), 0);
	net.sim->drop = NULL;
	nhrp_tunnel_peer_ready(net.spoke[1]->tunnel, &peer, net.sim->now);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	assert_int_equal(net.sim->data_lost, lost);
	net_free(&net);
}

static void add_map(struct sim_node *n, const char *proto, const char *nbma)
{
	struct nhrp_static *map = &n->cfg.statics[n->cfg.nr_statics++];

	map->proto = sim_addr(proto);
	map->peer.nbma = sim_addr(nbma);
}

/* Pings for a while between spokes that do not hear each other's NHRP. */
static void build_mute(struct sim_net *net, u64 seed)
{
	net_build(net, seed, 2, 3);
	net->sim->drop = drop_direct_frames;
}

static void assert_open(struct sim_net *net, bool open)
{
	u64 direct = net->spoke[1]->direct;

	net_ping_for(net, net->spoke[0], net->spoke[1], 2000, 100);
	sim_run(net->sim, 100);
	assert_int_equal(net_direct(net->spoke[0], LAN2), open);
	if (open)
		assert_true(net->spoke[1]->direct >= direct + 15);
	else
		assert_int_equal(net->spoke[1]->direct, direct);
	/* The other end has its own opinion. */
	assert_false(net_direct(net->spoke[1], LAN1));
	assert_int_equal(net->spoke[0]->direct, 0);
	assert_int_equal(net->sim->data_lost, 0);
}

static void reconfigure(struct sim_node *n)
{
	assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg, n->sim->now), 0);
}

/* On the hub's word alone; and back, when it is switched on again. */
static void no_probation(void **state)
{
	struct sim_net net;

	(void)state;
	build_mute(&net, 703);
	net.spoke[0]->cfg.probation = false;
	start(&net);
	assert_open(&net, true);
	/* Silence is no news of one that never answered. */
	net_ping_for(&net, net.spoke[0], net.spoke[1], 120000, 500);
	assert_open(&net, true);
	assert_int_equal(counter(net.spoke[0], NHRP_C_PEER_DEAD), 0);
	net.spoke[0]->cfg.probation = true;
	reconfigure(net.spoke[0]);
	assert_open(&net, false);
	net.spoke[0]->cfg.probation = false;
	reconfigure(net.spoke[0]);
	assert_open(&net, true);
	net_free(&net);
}

/* Who did answer once is given up without probation, too. */
static void dead_without_probation(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 704, 2, 3);
	net.spoke[0]->cfg.probation = false;
	start(&net);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	sim_link_loss(net.sim, net.spoke[0], net.spoke[1], 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 30000, 100);
	assert_int_equal(counter(net.spoke[0], NHRP_C_PEER_DEAD), 1);
	assert_false(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

/* The peer of a map, and no other one. */
static void no_probation_of_a_map(void **state)
{
	struct nhrp_tunnel_config *cfg;
	struct sim_net net;

	(void)state;
	build_mute(&net, 705);
	cfg = &net.spoke[0]->cfg;
	add_map(net.spoke[0], "192.168.111.3", SPOKE2);
	start(&net);
	assert_open(&net, false);
	cfg->statics[0].says.probation = NHRP_OFF;
	reconfigure(net.spoke[0]);
	assert_open(&net, true);
	/* It is said of that place, not of whoever has the name. */
	cfg->statics[0].peer.nbma = sim_addr("192.168.50.77");
	reconfigure(net.spoke[0]);
	assert_open(&net, false);
	/* The other way round: the tunnel trusts all but this one. */
	cfg->statics[0].peer.nbma = sim_addr(SPOKE2);
	cfg->statics[0].says.probation = NHRP_ON;
	cfg->probation = false;
	reconfigure(net.spoke[0]);
	assert_open(&net, false);
	cfg->nr_statics = 0;
	reconfigure(net.spoke[0]);
	assert_open(&net, true);
	net_free(&net);
}

static bool has_block(const struct nhrp_msg *msg)
{
	struct nhrp_dvpn d;

	return !nhrp_msg_get_dvpn(msg, &d);
}

/* One hub is told that we are dvpn, the other one is not. */
static void extensions_of_a_hub(void **state)
{
	struct sim_node *other;
	struct sim_net net;

	(void)state;
	net_build(&net, 706, 1, 3);
	other = net_add_hub(&net, "other", 9);
	net_name_hub(net.spoke[0], other, 1);
	net.spoke[0]->cfg.hubs[1].says.extensions = NHRP_OFF;
	net_start(&net);
	sim_agent_start(other);
	forged_watch_for(net.sim, "192.168.50.9", NHRP_REGISTRATION_REQUEST);
	sim_run(net.sim, 1000);
	assert_true(forged_watch.nr > 0);
	assert_false(has_block(&forged_watch.last));
	assert_int_equal(net_bindings(other), 1);
	forged_watch_for(net.sim, HUB, NHRP_REGISTRATION_REQUEST);
	sim_run(net.sim, 60000);
	assert_true(forged_watch.nr > 0);
	assert_true(has_block(&forged_watch.last));
	/* And by a reload. */
	net.spoke[0]->cfg.hubs[0].says.extensions = NHRP_OFF;
	net.spoke[0]->cfg.hubs[1].says.extensions = NHRP_AS_TUNNEL;
	reconfigure(net.spoke[0]);
	forged_watch_for(net.sim, "192.168.50.9", NHRP_REGISTRATION_REQUEST);
	sim_run(net.sim, 200000);
	assert_true(has_block(&forged_watch.last));
	forged_watch_for(net.sim, HUB, NHRP_REGISTRATION_REQUEST);
	sim_run(net.sim, 200000);
	assert_true(forged_watch.nr > 0);
	assert_false(has_block(&forged_watch.last));
	net_free(&net);
}

/* A block in a request is answered with one, unless the asker is to get none. */
static bool is_answered_with_block(struct sim_net *net)
{
	struct nhrp_dvpn d = { .role = NHRP_DVPN_REQUEST, .epoch = 1, .counter = 1 };
	struct nhrp_msg msg;

	forged_request(&msg, NHRP_REGISTRATION_REQUEST, "192.168.50.99", "192.168.111.98",
		       "192.168.111.1");
	assert_int_equal(nhrp_msg_set_dvpn(&msg, &d), 0);
	forged_watch_for(net->sim, "192.168.50.99", NHRP_REGISTRATION_REPLY);
	forged_send(net->hub, "192.168.50.99", &msg);
	sim_run(net->sim, 100);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(nhrp_msg_get_dvpn(&forged_watch.last, &d), 0);
	return d.role == NHRP_DVPN_REPLY;
}

static void extensions_of_a_map(void **state)
{
	struct nhrp_tunnel_config *cfg;
	struct sim_net net;

	(void)state;
	net_build(&net, 707, 0, 3);
	net_start(&net);
	cfg = &net.hub->cfg;
	assert_true(is_answered_with_block(&net));
	add_map(net.hub, "192.168.111.99", "192.168.50.99");
	cfg->statics[0].says.extensions = NHRP_OFF;
	reconfigure(net.hub);
	assert_false(is_answered_with_block(&net));
	cfg->extensions = false;
	cfg->statics[0].says.extensions = NHRP_ON;
	reconfigure(net.hub);
	assert_true(is_answered_with_block(&net));
	cfg->statics[0].says.extensions = NHRP_AS_TUNNEL;
	reconfigure(net.hub);
	assert_false(is_answered_with_block(&net));
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heard_is_not_probed),
		cmocka_unit_test(silent_is_probed),
		cmocka_unit_test(one_begins_ike),
		cmocka_unit_test(begun_ike_is_waited_for),
		cmocka_unit_test(back_without_sa),
		cmocka_unit_test(no_probation),
		cmocka_unit_test(dead_without_probation),
		cmocka_unit_test(no_probation_of_a_map),
		cmocka_unit_test(extensions_of_a_hub),
		cmocka_unit_test(extensions_of_a_map),
	};

	return cmocka_run_group_tests_name("sim-probes", tests, NULL, NULL);
}
