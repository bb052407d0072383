// SPDX-License-Identifier: GPL-2.0
/*
 * Random worlds: as many spokes, NATs and faults as the seed says. Nothing that
 * must always be true is broken meanwhile, and some time after the last fault
 * everybody is registered and reaches everybody else. Of a world in which that
 * fails, faults and spokes are left out as long as it still fails; what is left
 * is printed as a command that shows every notice of it:
 *
 *     test-sim-random SEED [--only FAULT,..] [--without SPOKE,..]
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define SEEDS		40
#define SPOKES_MAX	10
#define FAULTS_MAX	16
#define TICK_MS		100
#define FAULTS_FOR_MS	120000	/* none begins later */
#define CALM_AFTER_MS	180000	/* the last one's end and a good while */
#define CONVERGE_MS	200000
#define ROUND_MS	500	/* a ping is there in less */

enum kind {
	LOSS,
	DOUBLE,
	PARTED,
	HUB_CRASH,
	HUB_AGENT,
	CRASH,
	AGENT,
	MOVE,
	REBIND,
	ROUTE,
	NO_SA,
	KINDS,
};

static const char * const kind_names[] = {
	"loss", "doubled packets", "parted", "hub crash", "hub's agent dies",
	"crash", "agent dies", "move", "NAT forgets", "route goes",
	"no security association",
};

/**
 * struct fault - something that goes wrong for a while
 * @kind: what
 * @spoke: whose
 * @other: parted from this spoke, of itself: from the hub
 * @at_ms: when
 * @for_ms: how long
 */
struct fault {
	enum kind kind;
	unsigned int spoke;
	unsigned int other;
	u64 at_ms;
	u64 for_ms;
};

/**
 * struct world - a world and what is left of it
 * @seed: of everything
 * @only: faults that happen, a bit each
 * @spokes: spokes that exist, a bit each
 * @plant: with this fault the hub gets a mapping to nobody, -1: never
 * @nr_spokes: of the seed
 * @nr_faults: of the seed
 * @fault: of the seed
 * @net: while it runs
 * @nat: NATs of some spokes, while it runs
 * @why: what went wrong
 */
struct world {
	u64 seed;
	u32 only;
	u32 spokes;
	int plant;
	unsigned int nr_spokes;
	unsigned int nr_faults;
	struct fault fault[FAULTS_MAX];
	struct sim_net net;
	struct sim_nat *nat[SPOKES_MAX];
	char why[256];
};

static bool has_spoke(const struct world *w, unsigned int i)
{
	return w->spokes & 1u << i;
}

/* What belongs to the seed must not depend on what is left out. */
static void world_of(struct world *w, u64 seed)
{
	struct sim dice = { .seed = seed * 0x9e3779b97f4a7c15ull + 7 };
	unsigned int i;

	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->plant = -1;
	w->nr_spokes = 3 + sim_rand(&dice) % (SPOKES_MAX - 2);
	w->nr_faults = 4 + sim_rand(&dice) % (FAULTS_MAX - 3);
	w->spokes = (1u << w->nr_spokes) - 1;
	w->only = (1u << w->nr_faults) - 1;
	for (i = 0; i < w->nr_faults; i++) {
		struct fault *f = &w->fault[i];

		f->kind = sim_rand(&dice) % KINDS;
		f->spoke = sim_rand(&dice) % w->nr_spokes;
		f->other = sim_rand(&dice) % w->nr_spokes;
		f->at_ms = 5000 + sim_rand(&dice) % FAULTS_FOR_MS / TICK_MS *
				  TICK_MS;
		f->for_ms = TICK_MS * (1 + sim_rand(&dice) % 300);
	}
}

static void outside_of(struct world *w, unsigned int i, unsigned int what)
{
	struct sim_node *n = w->net.spoke[i];
	char text[NHRP_ADDR_STRLEN];

	snprintf(text, sizeof(text), "198.51.100.%u", i + 2);
	if (what % 4 == 1)
		n->outside = sim_addr(text);
	else if (what % 4 == 2)
		w->nat[i] = sim_nat_add(w->net.sim, text, false);
	n->nat = w->nat[i];
}

static void world_build(struct world *w)
{
	struct sim dice = { .seed = w->seed * 0x9e3779b97f4a7c15ull + 11 };
	unsigned int i, phase = 2 + sim_rand(&dice) % 2;
	bool udp = sim_rand(&dice) % 2;

	net_build(&w->net, w->seed, w->nr_spokes, phase);
	w->net.sim->strict = true;
	w->net.sim->jitter_ms = 1 + sim_rand(&dice) % 40;
	memset(w->nat, 0, sizeof(w->nat));
	if (udp)
		net_use_udp(w->net.hub);
	for (i = 0; i < w->nr_spokes; i++) {
		if (udp)
			net_use_udp(w->net.spoke[i]);
		outside_of(w, i, sim_rand(&dice));
		w->net.spoke[i]->up = has_spoke(w, i);
	}
	w->net.hub->cfg.nr_hubs = 0;
	sim_agent_start(w->net.hub);
	for (i = 0; i < w->nr_spokes; i++)
		if (has_spoke(w, i))
			sim_agent_start(w->net.spoke[i]);
}

static void restart(struct sim_node *n, bool begin, bool power)
{
	if (begin)
		sim_agent_kill(n);
	if (power)
		sim_node_power(n, !begin);
	/* Two faults may have killed it. */
	if (!begin && n->up && !n->core)
		sim_agent_start(n);
}

static void move(struct world *w, unsigned int i)
{
	struct sim_node *n = w->net.spoke[i];
	struct nhrp_addr *a = n->nat ? &n->nat->outside :
			      n->outside.len ? &n->outside : &n->cfg.nbma[0];

	/* A network away, so that nobody else is there. */
	a->b[2]++;
	if (n->tunnel)
		nhrp_tunnel_reconfigure(n->tunnel, &n->cfg, n->sim->now);
}

static void route_goes(struct sim_node *n, unsigned int i, bool begin)
{
	char text[NHRP_PREFIX_STRLEN];

	snprintf(text, sizeof(text), "192.168.%u.0/25", net_lan(i));
	if (begin)
		sim_route_add(n, text, NULL, false);
	else
		sim_route_del(n, text);
	if (n->tunnel)
		nhrp_tunnel_routes_changed(n->tunnel, n->sim->now);
}

static void links(struct world *w)
{
	u64 at = w->net.sim->now;
	unsigned int i;

	sim_links_heal(w->net.sim);
	for (i = 0; i < w->nr_faults; i++) {
		const struct fault *f = &w->fault[i];

		if (!(w->only & 1u << i) || f->kind != PARTED ||
		    at < f->at_ms || at >= f->at_ms + f->for_ms)
			continue;
		sim_link_loss(w->net.sim, w->net.spoke[f->spoke],
			      f->other == f->spoke ? w->net.hub :
			      w->net.spoke[f->other], 1000);
	}
}

static void plant(struct sim_node *hub)
{
	struct nhrp_map map = {
		.prefix = sim_prefix("192.168.111.99/32"),
		.peer.nbma = sim_addr("203.0.113.99"),
		.expires_ms = 1000,
	};

	sim_map_set(hub, &map);
}

static void happen(struct world *w, unsigned int k, bool begin)
{
	const struct fault *f = &w->fault[k];
	struct sim_node *n = w->net.spoke[f->spoke];
	struct sim *sim = w->net.sim;

	if (sim->verbose)
		printf("%8.3f fault %u: %s, spoke %u, %s\n", sim->now / 1000.0,
		       k, kind_names[f->kind], f->spoke,
		       begin ? "begins" : "ends");
	if (begin && w->plant == (int)k)
		plant(w->net.hub);
	if (f->kind == LOSS)
		sim->loss = begin ? 200 : 0;
	else if (f->kind == DOUBLE)
		sim->dup = begin ? 300 : 0;
	else if (f->kind == HUB_CRASH || f->kind == HUB_AGENT)
		restart(w->net.hub, begin, f->kind == HUB_CRASH);
	if (!has_spoke(w, f->spoke))
		return;
	if (f->kind == CRASH || f->kind == AGENT)
		restart(n, begin, f->kind == CRASH);
	else if (f->kind == MOVE && begin)
		move(w, f->spoke);
	else if (f->kind == REBIND && begin && n->nat)
		sim_nat_rebind(n->nat);
	else if (f->kind == ROUTE)
		route_goes(n, f->spoke, begin);
	else if (f->kind == NO_SA)
		n->tx_error = begin ? -EINPROGRESS : 0;
}

static void faults_now(struct world *w, u64 start)
{
	u64 at = w->net.sim->now - start;
	unsigned int k;

	for (k = 0; k < w->nr_faults; k++) {
		if (!(w->only & 1u << k))
			continue;
		if (w->fault[k].at_ms == at)
			happen(w, k, true);
		if (w->fault[k].at_ms + w->fault[k].for_ms == at)
			happen(w, k, false);
	}
}

/* Everybody pings everybody. Return: all were received. */
static bool all_reached(struct world *w)
{
	u64 before[SPOKES_MAX], nr = 0;
	unsigned int i, j;
	bool all = true;

	for (i = 0; i < w->nr_spokes; i++) {
		before[i] = w->net.spoke[i]->received;
		nr += has_spoke(w, i);
	}
	for (i = 0; i < w->nr_spokes; i++)
		for (j = 0; j < w->nr_spokes; j++)
			if (i != j && has_spoke(w, i) && has_spoke(w, j))
				sim_ping(w->net.spoke[i], &w->net.spoke[i]->lan,
					 &w->net.spoke[j]->lan);
	sim_run(w->net.sim, ROUND_MS);
	for (i = 0; i < w->nr_spokes; i++)
		all &= !has_spoke(w, i) ||
		       (net_registered(w->net.spoke[i]) &&
			w->net.spoke[i]->received - before[i] == nr - 1);
	return all;
}

static void some_traffic(struct world *w, struct sim *dice)
{
	unsigned int i = sim_rand(dice) % w->nr_spokes;
	unsigned int j = sim_rand(dice) % w->nr_spokes;

	if (i != j && has_spoke(w, i) && has_spoke(w, j) && w->net.spoke[i]->up)
		sim_ping(w->net.spoke[i], &w->net.spoke[i]->lan,
			 &w->net.spoke[j]->lan);
}

/* Return: nothing went wrong; else @w->why says what. */
static bool world_holds(struct world *w, bool verbose)
{
	struct sim dice = { .seed = w->seed * 0x9e3779b97f4a7c15ull + 13 };
	struct sim *sim;
	u64 start, end;
	bool calm = false;

	world_build(w);
	sim = w->net.sim;
	sim->verbose = verbose;
	start = sim->now;
	while (sim->now < start + CALM_AFTER_MS && !sim->broken[0]) {
		faults_now(w, start);
		links(w);
		some_traffic(w, &dice);
		sim_run(sim, TICK_MS);
	}
	end = sim->now + CONVERGE_MS;
	while (!calm && sim->now < end && !sim->broken[0])
		calm = all_reached(w);
	snprintf(w->why, sizeof(w->why), "%s", sim->broken[0] ? sim->broken :
		 calm ? "" : "not everybody reaches everybody in the end");
	net_free(&w->net);
	return !w->why[0];
}

/* Leave out what is not needed, until all that is left is. */
static void shrink(struct world *w)
{
	bool smaller = true;
	u32 bit;

	while (smaller) {
		smaller = false;
		for (bit = 1; bit < 1u << FAULTS_MAX; bit <<= 1) {
			struct world less = *w;

			less.only &= ~bit;
			if (less.only == w->only || world_holds(&less, false))
				continue;
			*w = less;
			smaller = true;
		}
		for (bit = 1; bit < 1u << SPOKES_MAX; bit <<= 1) {
			struct world less = *w;

			less.spokes &= ~bit;
			if (less.spokes == w->spokes ||
			    world_holds(&less, false))
				continue;
			*w = less;
			smaller = true;
		}
	}
}

static void print_list(const char *option, u32 bits)
{
	unsigned int i;
	char sep = ' ';

	if (!bits)
		return;
	printf(" %s", option);
	for (i = 0; i < 32; i++)
		if (bits & 1u << i) {
			printf("%c%u", sep, i);
			sep = ',';
		}
}

static void print_command(const struct world *w)
{
	printf("# %s\n#   build/user/test-sim-random %llu", w->why,
	       (unsigned long long)w->seed);
	if (w->only)
		print_list("--only", w->only);
	else
		printf(" --only none");
	print_list("--without", ((1u << w->nr_spokes) - 1) & ~w->spokes);
	printf("\n");
}

static void random_worlds(void **state)
{
	unsigned int bad = 0;
	struct world w;
	u64 seed;

	(void)state;
	for (seed = 1; seed <= SEEDS; seed++) {
		world_of(&w, seed);
		if (world_holds(&w, false))
			continue;
		bad++;
		shrink(&w);
		print_command(&w);
	}
	assert_int_equal(bad, 0);
}

/* A fault that breaks something is found, and nothing is left beside it. */
static void culprit_is_found(void **state)
{
	struct world w;

	(void)state;
	world_of(&w, 4);
	w.plant = 2;
	assert_false(world_holds(&w, false));
	shrink(&w);
	assert_int_equal(w.only, 1u << 2);
	assert_int_equal(w.spokes, 0);
	assert_non_null(strstr(w.why, "address that nobody has"));
}

static u32 bits_of(const char *list)
{
	u32 bits = 0;
	char *end;

	while (*list >= '0' && *list <= '9') {
		bits |= 1u << (strtoul(list, &end, 10) & 31);
		list = *end == ',' ? end + 1 : end;
	}
	return bits;
}

static int one_world(int argc, char **argv)
{
	struct world w;
	bool ok;
	int i;

	world_of(&w, strtoull(argv[1], NULL, 0));
	for (i = 2; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--only"))
			w.only &= bits_of(argv[i + 1]);
		else if (!strcmp(argv[i], "--without"))
			w.spokes &= ~bits_of(argv[i + 1]);
		else
			break;
	}
	if (i != argc) {
		fprintf(stderr, "usage: %s SEED [--only FAULT,..] [--without SPOKE,..]\n",
			argv[0]);
		return 2;
	}
	ok = world_holds(&w, true);
	printf("%s\n", ok ? "nothing is wrong" : w.why);
	return !ok;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_worlds),
		cmocka_unit_test(culprit_is_found),
	};

	if (argc > 1)
		return one_world(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
