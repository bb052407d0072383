// SPDX-License-Identifier: GPL-2.0
/* What waits for somebody's answer, and the key that it was signed with goes meanwhile. */
#include <string.h>

#include "forged.h"
#include "identities.h"
#include "test.h"

#define PASSING_KEY	600
#define SPOKE1_NBMA	"192.168.50.3"

/* What becomes of that key: it stays, it goes, another one has its id. */
enum change {
	KEPT,
	TAKEN_OUT,
	REPLACED,
	CHANGES,
};

static void give_key(struct sim_node *n)
{
	set_key(&n->cfg.keys[n->cfg.nr_keys++], PASSING_KEY);
}

static void change_key(struct sim_node *n, enum change change)
{
	if (change == TAKEN_OUT)
		n->cfg.nr_keys--;
	else if (change == REPLACED)
		n->cfg.keys[n->cfg.nr_keys - 1].secret.octet[0] ^= 1;
	reconfigure(n);
}

/* Who has group keys only claims what is a silent one's. */
static void registration(void **state)
{
	struct sim_net net;
	enum change change;

	(void)state;
	for (change = KEPT; change < CHANGES; change++) {
		identities_build(&net, 541, 1);
		nhrp_identities_free(net.hub->cfg.identities);
		net.hub->cfg.identities = NULL;
		net.spoke[0]->cfg.hubs[0].key_ids[0] = 0;
		give_key(net.hub);
		net_start(&net);
		sim_run(net.sim, 1000);
		sim_node_power(net.spoke[0], false);
		claim_with(&net, PASSING_KEY, "192.168.111.2", STRANGER, 600);
		assert_int_equal(counter(net.hub, NHRP_C_PROBE_SENT), 1);
		change_key(net.hub, change);
		sim_run(net.sim, 5000);
		assert_int_equal(net.hub->events[NHRP_EVENT_CONFLICT], change == KEPT);
		assert_locator(&net, "192.168.111.2",
			       change == KEPT ? STRANGER : "192.168.50.2");
		assert_int_equal(counter(net.hub, NHRP_C_DROP_KEY), change == TAKEN_OUT);
		assert_int_equal(counter(net.hub, NHRP_C_DROP_AUTH), change == REPLACED);
		identities_free(&net);
	}
}

/* One spoke asks another one, which asks the hub who that is. */
static void question(void **state)
{
	struct nhrp_msg msg;
	struct sim_net net;
	enum change change;

	(void)state;
	for (change = KEPT; change < CHANGES; change++) {
		identities_build(&net, 542, 2);
		give_key(net.spoke[0]);
		net_start(&net);
		sim_run(net.sim, 1000);
		sim_agent_stop(net.hub);
		forged_request(&msg, NHRP_RESOLUTION_REQUEST, SPOKE1_NBMA, "192.168.111.3",
			       "192.168.30.7");
		send_signed(net.spoke[0], SPOKE1_NBMA, &msg, PASSING_KEY, "192.168.111.3");
		change_key(net.spoke[0], change);
		forged_watch_for(net.sim, SPOKE1_NBMA, NHRP_RESOLUTION_REPLY);
		forged_watch.id = msg.request_id;
		sim_agent_continue(net.hub, false);
		sim_run(net.sim, 1000);
		assert_int_equal(forged_watch.nr, change == KEPT);
		assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_KEY), change == TAKEN_OUT);
		assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_AUTH), change == REPLACED);
		assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_CLAIM), 0);
		identities_free(&net);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registration),
		cmocka_unit_test(question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
