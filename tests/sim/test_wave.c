// SPDX-License-Identifier: GPL-2.0
/*
 * A hub with thousands of spokes loses all that it knows. Every spoke heard it
 * last in the same instant, as routing protocols make it, and so all of them
 * miss it in the same instant. The hub is slow, its queue short, and the
 * network loses packets: all of them are back soon, and with few requests.
 *
 *     test-sim-wave [SPOKES [SEED [OUTAGE-MS [CSV]]]]
 *
 * prints what came out, of several outages if none is given; the CSV has what
 * happened in each tenth of a second.
 */
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define FULL_SPOKES	10000
#define FULL_RATE	2500	/* frames a second, with so many spokes */
#define FULL_QUEUE	256	/* frames */
#define SHORT_SPOKES	1000
#define LOSS		50	/* of 1000 */
#define OUTAGE_MS	10000
#define STEP_MS		100
#define BACK_WITHIN_MS	15000
#define REQUESTS_MAX	6
#define INTERVAL_MS	20000	/* probe interval */
#define ASKED_AFTER_MS	15000	/* silence after which the first spoke asks */
#define SOON_MS		2000
#define WATCH_MS	180000

static unsigned int spokes = SHORT_SPOKES;
static u64 seed = 1;
static unsigned int outage_ms = OUTAGE_MS;
static FILE *csv;

/**
 * struct wave - what came out
 * @sim: world; the hub is the first node
 * @before: requests that each spoke had sent before the hub was back
 * @used: those that it needed to be back, 0 while it is not
 * @booted_at: when the hub could be asked again, 0: not yet
 * @back: spokes that are back
 * @soon: of them within a probe interval of the boot, and what a lost packet takes
 * @requests: sent since then by spokes that were not back
 * @peak: of them in one step
 * @most: of them by one spoke
 */
struct wave {
	struct sim *sim;
	u64 *before;
	u64 *used;
	u64 booted_at;
	unsigned int back;
	unsigned int soon;
	u64 requests;
	u64 peak;
	u64 most;
};

static u64 sent(struct wave *w, unsigned int i)
{
	return counter(w->sim->nodes[i], NHRP_C_TX_REGISTRATION_REQUEST) -
	       w->before[i];
}

static void name(struct sim_node *n, unsigned int i)
{
	char text[NHRP_ADDR_STRLEN];

	snprintf(text, sizeof(text), "10.128.%u.%u/16", i >> 8, i & 255);
	n->cfg.locals[0] = sim_prefix(text);
	n->cfg.nr_locals = 1;
	snprintf(text, sizeof(text), "10.1.%u.%u", i >> 8, i & 255);
	n->cfg.nbma[0] = sim_addr(text);
	n->cfg.mtu = 1400;
	nhrp_tunnel_config_phase(&n->cfg, 3);
	sim_route_add(n, "10.128.0.0/16", NULL, true);
}

static void build(struct wave *w)
{
	struct sim_node *hub;
	unsigned int i;

	memset(w, 0, sizeof(*w));
	w->sim = sim_new(seed);
	w->sim->strict = true;
	w->before = calloc(spokes + 1, sizeof(*w->before));
	w->used = calloc(spokes + 1, sizeof(*w->used));
	hub = sim_node_add(w->sim, "hub");
	hub->cfg.nhs = true;
	name(hub, 1);
	sim_agent_start(hub);
	for (i = 1; i <= spokes; i++) {
		struct sim_node *n = sim_node_add(w->sim, "spoke");

		name(n, i + 1);
		n->cfg.nr_hubs = 1;
		n->cfg.hubs[0].has_proto = true;
		n->cfg.hubs[0].proto = hub->cfg.locals[0].addr;
		n->cfg.hubs[0].peer.nbma = hub->cfg.nbma[0];
		sim_agent_start(n);
	}
	sim_run(w->sim, 5000);
	assert_int_equal(net_bindings(hub), spokes);
}

static void crash(struct wave *w)
{
	struct sim_node *hub = w->sim->nodes[0];
	unsigned int i;

	for (i = 1; i <= spokes; i++)
		sim_ping(hub, &hub->cfg.locals[0].addr,
			 &w->sim->nodes[i]->cfg.locals[0].addr);
	sim_run(w->sim, STEP_MS);
	w->sim->loss = LOSS;
	sim_node_power(hub, false);
}

static void boot(struct wave *w)
{
	struct sim_node *hub = w->sim->nodes[0];
	unsigned int i;

	for (i = 1; i <= spokes; i++)
		w->before[i] += sent(w, i);
	sim_node_power(hub, true);
	/* In a smaller world it is slower, so that the wave is the same. */
	sim_queue_set(hub, FULL_RATE * spokes / FULL_SPOKES,
		      (FULL_QUEUE * spokes + FULL_SPOKES - 1) / FULL_SPOKES);
	sim_agent_start(hub);
	w->booted_at = w->sim->now;
}

static void attempts_cb(void *arg, const struct nhrp_nhs_info *info)
{
	*(u32 *)arg = info->attempts;
}

/* Bound at the hub, and the answer has come. */
static bool is_back(struct sim_node *hub, struct sim_node *spoke)
{
	struct nhrp_prefix host;
	u32 attempts = 0;

	nhrp_prefix_host(&host, &spoke->cfg.locals[0].addr);
	nhrp_tunnel_walk_nhs(spoke->tunnel, spoke->sim->now, attempts_cb,
			     &attempts);
	return !attempts && sim_map_find(hub, &host);
}

/* Requests of a spoke that is back do not count: it probes as ever. */
static void look(struct wave *w)
{
	struct sim_node *hub = w->sim->nodes[0];
	u64 requests = 0;
	unsigned int i;

	if (!w->booted_at)
		return;
	w->back = 0;
	for (i = 1; i <= spokes; i++) {
		u64 n = w->used[i] ? w->used[i] : sent(w, i);

		/* What was under way when it booted has come without another request. */
		if (!w->used[i] && is_back(hub, w->sim->nodes[i]))
			w->used[i] = n ? n : 1;
		w->back += !!w->used[i];
		requests += n;
		w->most = n > w->most ? n : w->most;
	}
	if (w->sim->now <= w->booted_at + INTERVAL_MS + SOON_MS)
		w->soon = w->back;
	if (csv)
		fprintf(csv, "%.1f,%llu,%u,%u,%llu\n",
			(w->sim->now - w->booted_at) / 1000.0,
			(unsigned long long)(requests - w->requests),
			w->back, hub->queue.nr,
			(unsigned long long)hub->queue.dropped);
	if (requests - w->requests > w->peak)
		w->peak = requests - w->requests;
	w->requests = requests;
}

/*
 * From the hub's boot. One that is back before it was missed has to wait for that,
 * and some packets are lost. One that was away for longer meets spokes that have
 * doubled the time between their requests, up to two in each probe interval.
 */
static u64 back_within_ms(void)
{
	if (outage_ms > ASKED_AFTER_MS)
		return 3 * INTERVAL_MS;
	return outage_ms < OUTAGE_MS ? OUTAGE_MS + BACK_WITHIN_MS - outage_ms :
				       BACK_WITHIN_MS;
}

static void wave(void **state)
{
	struct sim_node *hub;
	struct wave w;
	u64 end, took;

	(void)state;
	build(&w);
	hub = w.sim->nodes[0];
	crash(&w);
	end = w.sim->now + WATCH_MS;
	if (csv)
		fprintf(csv, "seconds,requests,back,queue,dropped\n");
	while (w.sim->now < end && w.back < spokes) {
		sim_run(w.sim, STEP_MS);
		if (!hub->up && w.sim->now >= end - WATCH_MS + outage_ms)
			boot(&w);
		look(&w);
	}
	took = w.sim->now - w.booted_at;
	print_message("%u spokes, seed %llu, hub away for %u ms: all back after %llu ms;",
		      spokes, (unsigned long long)seed, outage_ms,
		      (unsigned long long)took);
	print_message(" %llu requests, at most %llu of one spoke;",
		      (unsigned long long)w.requests,
		      (unsigned long long)w.most);
	print_message(" longest queue %u, %llu frames lost there\n",
		      hub->queue.most,
		      (unsigned long long)hub->queue.dropped);
	assert_int_equal(w.back, spokes);
	assert_in_range(took, 1, back_within_ms());
	assert_in_range(w.soon, spokes * 98 / 100, spokes);
	/* T1: no spike. A hub that was away for longer may meet a repetition of all. */
	if (outage_ms <= ASKED_AFTER_MS)
		assert_in_range(w.peak, 1, (spokes + 19) / 20);
	assert_in_range(w.most, 1, REQUESTS_MAX);
	assert_in_range(hub->queue.most, 1, hub->queue.max);
	assert_string_equal(w.sim->broken, "");
	free(w.before);
	free(w.used);
	sim_free(w.sim);
}

static void wave_after(unsigned int ms)
{
	unsigned int as_asked = outage_ms;

	outage_ms = ms;
	wave(NULL);
	outage_ms = as_asked;
}

static void hub_is_back_at_once(void **state)
{
	(void)state;
	wave_after(1000);
}

static void hub_was_missed(void **state)
{
	(void)state;
	wave_after(22000);
}

static void hub_was_away_for_long(void **state)
{
	(void)state;
	wave_after(90000);
}

static int run(bool one)
{
	const struct CMUnitTest alone[] = {
		cmocka_unit_test(wave),
	};
	const struct CMUnitTest all[] = {
		cmocka_unit_test(wave),
		cmocka_unit_test(hub_is_back_at_once),
		cmocka_unit_test(hub_was_missed),
		cmocka_unit_test(hub_was_away_for_long),
	};

	return one ? cmocka_run_group_tests(alone, NULL, NULL) :
		     cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv)
{
	int failed;

	if (argc > 1)
		spokes = (unsigned int)strtoul(argv[1], NULL, 0);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0);
	if (argc > 3)
		outage_ms = (unsigned int)strtoul(argv[3], NULL, 0);
	if (spokes < 1 || spokes > SIM_NODES_MAX - 1) {
		fprintf(stderr, "spokes: 1 to %u\n", SIM_NODES_MAX - 1);
		return 2;
	}
	if (argc > 4) {
		csv = fopen(argv[4], "w");
		if (!csv) {
			perror(argv[4]);
			return 2;
		}
	}
	failed = run(argc > 3);
	if (csv && fclose(csv)) {
		perror(argv[4]);
		return 2;
	}
	return failed;
}
