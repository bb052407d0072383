// SPDX-License-Identifier: GPL-2.0
/*
 * Many seeds on a network that loses, doubles and reorders: everybody is
 * registered and every pair direct in the end. A failing seed is printed; run
 * it alone, with every notice, as: test-sim-seeds SEED
 */
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define SEEDS		200
#define SPOKES		4

static u64 only_seed;

static bool all_direct(struct sim_net *net)
{
	char prefix[32];
	unsigned int i, j;

	for (i = 0; i < net->nr; i++) {
		if (!net_registered(net->spoke[i]))
			return false;
		for (j = 0; j < net->nr; j++) {
			if (i == j)
				continue;
			snprintf(prefix, sizeof(prefix), "192.168.%u.0/24",
				 net_lan(j));
			if (!net_direct(net->spoke[i], prefix))
				return false;
		}
	}
	return true;
}

static void traffic(struct sim_net *net, u64 for_ms)
{
	u64 end = net->sim->now + for_ms;
	unsigned int i, j;

	while (net->sim->now < end) {
		for (i = 0; i < net->nr; i++)
			for (j = 0; j < net->nr; j++)
				if (i != j)
					sim_ping(net->spoke[i],
						 &net->spoke[i]->lan,
						 &net->spoke[j]->lan);
		sim_run(net->sim, 200);
	}
}

/* The seed in which nothing converges is the one to look at. */
static bool converges(u64 seed, bool verbose)
{
	u64 lost, limit;
	struct sim_net net;
	bool ok;

	net_build(&net, seed, SPOKES, 3);
	net.sim->verbose = verbose;
	net.sim->loss = 50 + seed % 151;	/* 5 to 20 % */
	net.sim->dup = seed % 100;
	net.sim->jitter_ms = 1 + seed % 40;
	net_start(&net);
	limit = net.sim->now + 180000;
	do {
		traffic(&net, 5000);
		ok = all_direct(&net);
	} while (!ok && net.sim->now < limit);
	/* The weather clears: nothing is lost any more. */
	net.sim->loss = 0;
	sim_run(net.sim, 1000);
	traffic(&net, 10000);
	lost = net.sim->data_lost;
	traffic(&net, 5000);
	ok = ok && net.sim->data_lost == lost && all_direct(&net);
	net_free(&net);
	return ok;
}

static void all_seeds(void **state)
{
	unsigned int bad = 0;
	u64 seed;

	(void)state;
	for (seed = 1; seed <= SEEDS; seed++) {
		if (only_seed && seed != only_seed)
			continue;
		if (converges(seed, only_seed))
			continue;
		print_message("seed %llu does not converge\n",
			      (unsigned long long)seed);
		bad++;
	}
	assert_int_equal(bad, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_seeds),
	};

	if (argc > 1)
		only_seed = strtoull(argv[1], NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
