// SPDX-License-Identifier: GPL-2.0
/* How long a hub grants: what is asked for, and a cap for those who refresh by it. */
#include "forged.h"
#include "nhrp/packet-ext.h"
#include "test.h"

#define CAP_S		60
#define SPOKE1		"192.168.50.2"
#define FOREIGN		"192.168.50.99"

static void build(struct sim_net *net, u64 seed, u16 cap_s)
{
	net_build(net, seed, 1, 3);
	net->hub->cfg.max_holding_time_s = cap_s;
	net->spoke[0]->cfg.probe_interval_s = 0;
	net_start(net);
	forged_watch_for(net->sim, SPOKE1, NHRP_REGISTRATION_REPLY);
	sim_run(net->sim, 1000);
}

static unsigned int warnings(const struct sim_net *net)
{
	return net->hub->events[NHRP_EVENT_LONG_HOLDING_TIME];
}

/* Granted to the last one that was watched for. */
static u16 granted_s(void)
{
	assert_true(forged_watch.nr > 0);
	assert_int_equal(forged_watch.last.cies.cie[0].code, NHRP_CODE_OK);
	return forged_watch.last.cies.cie[0].holding_time;
}

static void last_binding(void *arg, const struct nhrp_binding_info *info)
{
	*(struct nhrp_binding_info *)arg = *info;
}

static void assert_kept_s(struct sim_net *net, u16 hold_s)
{
	struct nhrp_binding_info info = { 0 };

	assert_int_equal(net_bindings(net->hub), 1);
	nhrp_tunnel_walk_bindings(net->hub->tunnel, net->sim->now, last_binding, &info);
	assert_int_equal(info.holding_time_s, hold_s);
	assert_true(info.expires_ms <= hold_s * 1000ull);
}

/* Asked for 600 s, granted 60: refreshed each 18 to 20 s, and never forgotten. */
static void cap_is_for_dvpn(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	build(&net, 601, CAP_S);
	assert_int_equal(granted_s(), CAP_S);
	assert_kept_s(&net, CAP_S);
	forged_watch.nr = 0;
	for (i = 0; i < 200; i++) {
		sim_run(net.sim, 1000);
		assert_int_equal(net_bindings(net.hub), 1);
	}
	assert_in_range(forged_watch.nr, 10, 12);
	assert_int_equal(granted_s(), CAP_S);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_UP], 1);
	assert_int_equal(warnings(&net), 0);
	net_free(&net);
}

static void no_cap_by_default(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 602, 0);
	assert_int_equal(granted_s(), 600);
	assert_kept_s(&net, 600);
	net_free(&net);
}

/* Who asks for less than the cap is granted that. */
static void less_than_the_cap(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 603, 601);
	assert_int_equal(granted_s(), 600);
	assert_int_equal(warnings(&net), 0);
	net_free(&net);
}

static void register_foreign(struct sim_net *net, enum nhrp_dvpn_role role, u16 hold_s)
{
	struct nhrp_dvpn d = { .role = role, .epoch = 1, .counter = 1, .nonce = 1 };
	struct nhrp_msg msg;

	forged_request(&msg, NHRP_REGISTRATION_REQUEST, FOREIGN, "192.168.111.99",
		       "192.168.111.1");
	msg.cies.cie[0].holding_time = hold_s;
	if (role)
		assert_int_equal(nhrp_msg_set_dvpn(&msg, &d), 0);
	forged_watch_for(net->sim, FOREIGN, NHRP_REGISTRATION_REPLY);
	forged_send(net->hub, FOREIGN, &msg);
	sim_run(net->sim, 100);
	assert_int_equal(forged_watch.nr, 1);
}

/* FRR asks for 7200 s and refreshes at a third of that, whatever it is granted. */
static void foreign_spoke_is_told_of(void **state)
{
	struct nhrp_tunnel_config cfg;
	struct sim_net net;

	(void)state;
	net_build(&net, 604, 0, 3);
	net.hub->cfg.max_holding_time_s = CAP_S;
	net_start(&net);
	register_foreign(&net, 0, 7200);
	assert_int_equal(granted_s(), 7200);
	assert_kept_s(&net, 7200);
	assert_int_equal(warnings(&net), 1);
	register_foreign(&net, 0, 7200);
	assert_int_equal(warnings(&net), 1);
	/* Put right by somebody, and wrong again. */
	register_foreign(&net, 0, CAP_S);
	assert_int_equal(warnings(&net), 1);
	register_foreign(&net, 0, CAP_S + 1);
	assert_int_equal(warnings(&net), 2);
	/* A block of ours that was copied from a message of ours says nothing of its sender. */
	register_foreign(&net, NHRP_DVPN_REPLY, 7200);
	assert_int_equal(granted_s(), 7200);
	register_foreign(&net, NHRP_DVPN_REQUEST, 7200);
	assert_int_equal(granted_s(), CAP_S);
	assert_kept_s(&net, CAP_S);
	assert_int_equal(warnings(&net), 2);
	/* A cap that comes by a reload is heard of at the next refresh. */
	cfg = net.hub->cfg;
	cfg.max_holding_time_s = 0;
	assert_int_equal(nhrp_tunnel_reconfigure(net.hub->tunnel, &cfg, net.sim->now), 0);
	register_foreign(&net, 0, 7200);
	assert_int_equal(warnings(&net), 2);
	cfg.max_holding_time_s = CAP_S;
	assert_int_equal(nhrp_tunnel_reconfigure(net.hub->tunnel, &cfg, net.sim->now), 0);
	register_foreign(&net, 0, 7200);
	assert_int_equal(warnings(&net), 3);
	net_free(&net);
}

/* Bounds are bounds of every grant: at least 10 s, and 0 takes it back. */
static void bounds(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 605, 0, 3);
	net.hub->cfg.max_holding_time_s = NHRP_HOLDING_TIME_MIN_S;
	net_start(&net);
	register_foreign(&net, NHRP_DVPN_REQUEST, UINT16_MAX);
	assert_int_equal(granted_s(), NHRP_HOLDING_TIME_MIN_S);
	register_foreign(&net, NHRP_DVPN_REQUEST, 1);
	assert_int_equal(granted_s(), NHRP_HOLDING_TIME_MIN_S);
	register_foreign(&net, NHRP_DVPN_REQUEST, 0);
	assert_int_equal(granted_s(), 0);
	assert_int_equal(net_bindings(net.hub), 0);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cap_is_for_dvpn),
		cmocka_unit_test(no_cap_by_default),
		cmocka_unit_test(less_than_the_cap),
		cmocka_unit_test(foreign_spoke_is_told_of),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests_name("sim-holding", tests, NULL, NULL);
}
