// SPDX-License-Identifier: GPL-2.0
/* Which addresses may be registered with a hub: its subnets, or what it is told. */
#include "forged.h"
#include "test.h"

#define STRANGER	"192.168.50.99"

/* A hub with these addresses that lets claim what @claims, up to a NULL, say. */
static void build(struct sim_net *net, u64 seed, const char *first, const char *second,
		  const char *const *claims)
{
	struct nhrp_tunnel_config *cfg;

	net_build(net, seed, 0, 3);
	cfg = &net->hub->cfg;
	cfg->locals[0] = sim_prefix(first);
	if (second)
		cfg->locals[cfg->nr_locals++] = sim_prefix(second);
	for (; claims && *claims; claims++)
		cfg->claim.prefix[cfg->claim.nr++] = sim_prefix(*claims);
	net_start(net);
	sim_run(net->sim, 100);
}

static u8 code_for(struct sim_net *net, const char *proto)
{
	struct nhrp_msg msg;

	/* Its own address as destination asks for whoever is the hub there. */
	forged_request(&msg, NHRP_REGISTRATION_REQUEST, STRANGER, proto, proto);
	msg.proto_family = msg.src_proto.family;
	forged_watch_for(net->sim, STRANGER, NHRP_REGISTRATION_REPLY);
	forged_send(net->hub, STRANGER, &msg);
	sim_run(net->sim, 100);
	assert_int_equal(forged_watch.nr, 1);
	return forged_watch.last.cies.cie[0].code;
}

static void assert_taken(struct sim_net *net, const char *proto)
{
	if (code_for(net, proto) != NHRP_CODE_OK)
		fail_msg("%s is refused", proto);
}

static void assert_refused(struct sim_net *net, const char *proto, enum nhrp_counter why)
{
	u64 before = counter(net->hub, why);

	if (code_for(net, proto) != NHRP_CODE_ADMIN_PROHIBITED)
		fail_msg("%s is not refused", proto);
	assert_int_equal(counter(net->hub, why), before + 1);
}

static void subnets(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 801, "192.168.111.1/24", "fe80::1/64", NULL);
	assert_taken(&net, "192.168.111.9");
	assert_taken(&net, "fe80::9");
	assert_refused(&net, "192.168.111.255", NHRP_C_DROP_POLICY_SUBNET);
	assert_refused(&net, "192.168.112.9", NHRP_C_DROP_POLICY_SUBNET);
	assert_refused(&net, "fd00::9", NHRP_C_DROP_POLICY_SUBNET);
	net_free(&net);
}

/* Nor does one beside a subnet open more than that. */
static void host_routes_have_no_subnet(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 802, "192.168.111.1/32", NULL, NULL);
	assert_refused(&net, "192.168.111.9", NHRP_C_DROP_POLICY_SUBNET);
	assert_refused(&net, "10.1.1.1", NHRP_C_DROP_POLICY_SUBNET);
	assert_int_equal(net_bindings(net.hub), 0);
	net_free(&net);
	build(&net, 803, "192.168.111.1/32", "192.168.112.1/24", NULL);
	assert_refused(&net, "192.168.111.9", NHRP_C_DROP_POLICY_SUBNET);
	assert_taken(&net, "192.168.112.9");
	net_free(&net);
	build(&net, 804, "fd00::1/128", "fe80::1/64", NULL);
	assert_refused(&net, "fd00::9", NHRP_C_DROP_POLICY_SUBNET);
	assert_taken(&net, "fe80::9");
	net_free(&net);
}

static void one_line_opens(void **state)
{
	static const char *const network[] = { "192.168.111.0/24", NULL };
	static const char *const all[] = { "0.0.0.0/0", "::/0", NULL };
	struct sim_net net;

	(void)state;
	build(&net, 805, "192.168.111.1/32", NULL, network);
	assert_taken(&net, "192.168.111.9");
	assert_refused(&net, "192.168.112.9", NHRP_C_DROP_POLICY_SUBNET);
	net_free(&net);
	build(&net, 806, "192.168.111.1/24", "fd00::1/64", all);
	assert_taken(&net, "192.168.111.9");
	assert_taken(&net, "10.1.1.1");
	assert_taken(&net, "2001:db8::9");
	/* But not to what nobody may have. */
	assert_refused(&net, "192.168.111.255", NHRP_C_DROP_POLICY_SUBNET);
	assert_refused(&net, "192.168.111.1", NHRP_C_DROP_POLICY_OWN);
	assert_refused(&net, "224.0.0.5", NHRP_C_DROP_POLICY_SUBNET);
	assert_refused(&net, "127.0.0.1", NHRP_C_DROP_POLICY_SUBNET);
	/* There is no such link here. */
	assert_refused(&net, "fe80::9", NHRP_C_DROP_POLICY_SUBNET);
	net_free(&net);
}

/* It closes, too: what it does not name is not open for being in the subnet. */
static void one_line_closes(void **state)
{
	static const char *const few[] = { "192.168.111.8/30", "192.168.111.100", NULL };
	struct sim_net net;

	(void)state;
	build(&net, 807, "192.168.111.1/24", "fe80::1/64", few);
	assert_taken(&net, "192.168.111.9");
	assert_taken(&net, "192.168.111.100");
	assert_refused(&net, "192.168.111.101", NHRP_C_DROP_POLICY_SUBNET);
	assert_taken(&net, "fe80::9");
	net_free(&net);
}

static void reconfigure(struct sim_node *n)
{
	assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg, n->sim->now), 0);
}

/* A reload ends what may not be any more, and only that. */
static void what_may_not_be_ends(void **state)
{
	struct nhrp_tunnel_config *cfg;
	struct sim_net net;

	(void)state;
	net_build(&net, 808, 2, 3);
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	cfg = &net.hub->cfg;
	cfg->claim.prefix[0] = sim_prefix("192.168.111.2/32");
	cfg->claim.nr = 1;
	reconfigure(net.hub);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_true(net_direct(net.hub, "192.168.111.2"));
	assert_null(sim_map_at(net.hub, "192.168.111.3"));
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_DOWN], 1);
	sim_run(net.sim, 60000);
	assert_false(net_registered(net.spoke[1]));
	/* Back: it asks again by itself. */
	cfg->claim.nr = 0;
	reconfigure(net.hub);
	sim_run(net.sim, 120000);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_DOWN], 1);
	net_free(&net);
}

/* An address of ours that goes ends nothing: it may be back in a moment. */
static void subnet_that_goes_ends_nothing(void **state)
{
	struct nhrp_tunnel_config *cfg;
	struct sim_net net;

	(void)state;
	net_build(&net, 809, 1, 3);
	net_start(&net);
	sim_run(net.sim, 1000);
	cfg = &net.hub->cfg;
	cfg->locals[0] = sim_prefix("192.168.111.1/32");
	reconfigure(net.hub);
	assert_int_equal(net_bindings(net.hub), 1);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subnets),
		cmocka_unit_test(host_routes_have_no_subnet),
		cmocka_unit_test(one_line_opens),
		cmocka_unit_test(one_line_closes),
		cmocka_unit_test(what_may_not_be_ends),
		cmocka_unit_test(subnet_that_goes_ends_nothing),
	};

	return cmocka_run_group_tests_name("sim-claims", tests, NULL, NULL);
}
