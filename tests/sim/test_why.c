// SPDX-License-Identifier: GPL-2.0
/* The sentence that says why a destination is reached as it is. */
#include <stdio.h>
#include <string.h>

#include "nhrp/packet.h"
#include "nhrp/why.h"
#include "test.h"

#define TYPE_AT	17	/* octet of the fixed header: ar$op.type */

static void setup(struct sim_net *net, unsigned int phase)
{
	net_build(net, 1, 2, phase);
	net_start(net);
	sim_run(net->sim, 2000);
}

/* ----- what the daemon finds out, of the modelled kernel ----- */

static bool may_carry(const struct sim_map *m)
{
	return m && !(m->map.flags & (NHRP_MAP_PROBATION |
				      NHRP_MAP_UNREACHABLE));
}

/* As MAP_LOOKUP: by destination only what may carry, the longest first. */
static struct sim_map *covering(struct sim_node *n, const struct nhrp_addr *dst)
{
	int plen;

	for (plen = nhrp_addr_bits(dst); plen >= 0; plen--) {
		struct nhrp_prefix p = { .addr = *dst, .plen = (u8)plen };
		struct sim_map *m;

		nhrp_prefix_mask(&p);
		m = sim_map_find(n, &p);
		if (may_carry(m) && sim_by_destination(&m->map))
			return m;
	}
	return NULL;
}

static struct sim_map *look_up(struct sim_node *n, const struct nhrp_addr *dst,
			       struct nhrp_why_path *path)
{
	struct sim_map *m = covering(n, dst), *nhs = sim_default_nhs(n);
	struct nhrp_prefix host;

	path->verdict = NHRP_WHY_SHORTCUT;
	if (m)
		return m;
	nhrp_prefix_host(&host, &path->hop);
	m = sim_map_find(n, &host);
	path->verdict = NHRP_WHY_DIRECT;
	if (may_carry(m))
		return m;
	path->verdict = !nhs ? NHRP_WHY_DROP : !m ? NHRP_WHY_NHS :
			m->map.flags & NHRP_MAP_UNREACHABLE ?
			NHRP_WHY_NHS_UNREACHABLE : NHRP_WHY_NHS_PROBATION;
	return nhs;
}

static void path_to(struct sim_node *n, const struct nhrp_addr *dst,
		    struct nhrp_why_path *path)
{
	const struct sim_route *route = sim_route_to(n, dst);
	const struct sim_map *m;

	*path = (struct nhrp_why_path){
		.device = "dvpn0",
		.exit = NHRP_WHY_EXIT_TUNNEL,
		.hop = route && route->has_gateway ? route->gateway : *dst,
	};
	m = look_up(n, dst, path);
	if (!m)
		return;
	path->map = m->map.prefix;
	path->peer = m->map.peer;
}

static const char *sentence(struct sim_node *n, const char *to)
{
	static char buf[NHRP_WHY_LEN];
	struct nhrp_addr dst = sim_addr(to);
	struct nhrp_why_path path;
	struct nhrp_why why;

	path_to(n, &dst, &path);
	nhrp_tunnel_why(n->tunnel, &dst, &path, n->sim->now, &why);
	return nhrp_why_sentence(&dst, &path, &why, buf);
}

/* The sentence comes in pieces that fit into a line, NULL behind the last. */
static void assert_says(const char *said, ...)
{
	char wanted[2 * NHRP_WHY_LEN] = "";
	const char *piece;
	va_list ap;

	va_start(ap, said);
	while ((piece = va_arg(ap, const char *)))
		strcat(wanted, piece);
	va_end(ap);
	assert_string_equal(said, wanted);
}

#define BY_HUB	" is reached by the hub 192.168.111.1 at 192.168.50.1"

/* ----- without a direct path ----- */

static void nothing_was_sent(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 3);
	assert_says(sentence(net.spoke[0], "192.168.40.1"),
		    "192.168.40.1", BY_HUB,
		    ": the hub told of no better way: it is the exit, sends no redirects,",
		    " or saw no packet lately", NULL);
	assert_says(sentence(net.spoke[0], "192.168.111.3"),
		    "192.168.111.3", BY_HUB,
		    ": the next hop was not asked for: no packet went there lately", NULL);
	assert_says(sentence(net.spoke[0], "192.168.111.1"),
		    "192.168.111.1 is reached directly at 192.168.50.1: it is a hub of ours", NULL);
	/* What the tunnel stands on must not lead into it. */
	sim_route_add(net.spoke[0], "192.168.50.0/24", "192.168.111.1", true);
	assert_says(sentence(net.spoke[0], "192.168.50.1"),
		    "192.168.50.1", BY_HUB,
		    ": addresses that tunnel and underlay live on get no shortcut", NULL);
	net_free(&net);
}

static void all_by_the_hub(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 1);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 50);
	assert_says(sentence(net.spoke[0], "192.168.40.1"),
		    "192.168.40.1", BY_HUB,
		    ": shortcuts are off here (phase 1, shortcut = no, or ESP in tunnel mode)",
		    NULL);
	net_free(&net);
}

static bool drop_frames(struct sim *sim, const struct sim_packet *p)
{
	(void)sim;
	return p->frame;
}

static bool drop_questions(struct sim *sim, const struct sim_packet *p)
{
	(void)sim;
	return p->frame && p->data[TYPE_AT] == NHRP_RESOLUTION_REQUEST;
}

static void no_hub_accepts(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 1, 2, 3);
	net.sim->drop = drop_frames;
	net_start(&net);
	sim_run(net.sim, 20000);
	assert_says(sentence(net.spoke[0], "192.168.40.1"),
		    "192.168.40.1", BY_HUB,
		    ": no hub has accepted our registration: there is nobody to ask", NULL);
	net_free(&net);
}

static void waiting_for_the_answer(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 3);
	net.sim->drop = drop_questions;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 50);
	assert_says(sentence(net.spoke[0], "192.168.40.1"),
		    "192.168.40.1", BY_HUB,
		    ": the hub was asked who is the exit for 192.168.40.1 and has not",
		    " answered yet", NULL);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 20000, 500);
	assert_non_null(strstr(sentence(net.spoke[0], "192.168.40.1"),
			       ": there is no direct path, no answer; asked again in "));
	net_free(&net);
}

/* The next hop itself was asked for, and nobody knows it: a negative entry. */
static void nobody_knows_the_next_hop(void **state)
{
	struct nhrp_addr nobody = sim_addr("192.168.111.77");
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 2);
	for (i = 0; i < 50; i++) {
		sim_ping(net.spoke[0], &net.spoke[0]->lan, &nobody);
		sim_run(net.sim, 100);
	}
	assert_non_null(strstr(sentence(net.spoke[0], "192.168.111.77"),
			       "192.168.111.77" BY_HUB ": there is no direct path, "));
	net_free(&net);
}

/* ----- with one ----- */

static void active_path(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 3);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_says(sentence(net.spoke[0], "192.168.40.1"),
		    "192.168.40.1 is reached directly at 192.168.50.3: there is a shortcut",
		    " for 192.168.40.0/24", NULL);
	/* Somebody has emptied the table. */
	sim_map_drop(net.spoke[0], sim_map_at(net.spoke[0], LAN2));
	assert_says(sentence(net.spoke[0], "192.168.40.1"),
		    "192.168.40.1", BY_HUB,
		    ": there is a direct path, but the kernel has not got the mapping", NULL);
	nhrp_tunnel_leave(net.spoke[0]->tunnel, net.sim->now);
	assert_says(sentence(net.spoke[0], "192.168.40.1"),
		    "packets to 192.168.40.1 are dropped: there is neither a mapping of",
		    " 192.168.111.1 nor a hub that works (the tunnel has left)", NULL);
	net_free(&net);
}

static bool drop_direct_frames(struct sim *sim, const struct sim_packet *p)
{
	const struct nhrp_addr *hub = &sim->nodes[0]->cfg.nbma[0];

	return p->frame && !nhrp_addr_eq(&p->to, hub) &&
	       !nhrp_addr_eq(&p->from.nbma, hub);
}

static void unproven_path(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 3);
	net.sim->drop = drop_direct_frames;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 20000, 100);
	assert_says(sentence(net.spoke[0], "192.168.40.1"),
		    "192.168.40.1", BY_HUB,
		    ": the direct path to 192.168.111.3 at 192.168.50.3 is on probation,",
		    " the peer never answered a probe", NULL);
	net_free(&net);
}

static void resolved_next_hop(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 2);
	net.spoke[0]->routes[2].gateway = sim_addr("192.168.111.3");
	net.spoke[1]->routes[2].gateway = sim_addr("192.168.111.2");
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_says(sentence(net.spoke[0], "192.168.40.1"),
		    "192.168.40.1 is reached directly at 192.168.50.3: 192.168.111.3 was",
		    " asked for, and the path is proven", NULL);
	net_free(&net);
}

static void seen_from_the_hub(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 3);
	assert_says(sentence(net.hub, "192.168.40.1"),
		    "192.168.40.1 is reached directly at 192.168.50.3: 192.168.111.3 is",
		    " registered with us", NULL);
	assert_says(sentence(net.hub, "192.168.111.9"),
		    "packets to 192.168.111.9 are dropped: there is neither a mapping of",
		    " 192.168.111.9 nor a hub that works (this node has no hub to ask)", NULL);
	net_free(&net);
}

/* ----- what does not depend on the core ----- */

static const char *say(const char *to, const struct nhrp_why_path *path)
{
	static char buf[NHRP_WHY_LEN];
	struct nhrp_addr dst = sim_addr(to);

	return nhrp_why_sentence(&dst, path, NULL, buf);
}

static void other_ways(void **state)
{
	struct nhrp_why_path path = { .device = "dvpn0" };

	(void)state;
	path.exit = NHRP_WHY_EXIT_NONE;
	assert_string_equal(say("2001:db8::1", &path),
			    "2001:db8::1 is not reached: no route leads there");
	path.exit = NHRP_WHY_EXIT_LOCAL;
	assert_string_equal(say("2001:db8::1", &path),
			    "2001:db8::1 is an address of this machine");
	path.exit = NHRP_WHY_EXIT_OTHER;
	path.other = "eth0";
	assert_string_equal(say("192.0.2.1", &path),
			    "192.0.2.1 is not reached by dvpn0: the route leaves by eth0");
	path.device = NULL;
	assert_says(say("192.0.2.1", &path),
		    "192.0.2.1 is not reached by a tunnel of dvpnd: the route leaves by",
		    " eth0", NULL);
}

static void other_verdicts(void **state)
{
	struct nhrp_why_path path = {
		.device = "dvpn0",
		.exit = NHRP_WHY_EXIT_TUNNEL,
		.hop = sim_addr("192.168.111.3"),
		.map = sim_prefix("192.168.111.3"),
		.peer.nbma = sim_addr("192.168.50.3"),
		.administrator = true,
	};

	(void)state;
	assert_says(say("192.0.2.1", &path),
		    "192.0.2.1 is reached directly at 192.168.50.3: the mapping of",
		    " 192.168.111.3 was made by hand", NULL);
	path.verdict = NHRP_WHY_SHORTCUT;
	path.map = sim_prefix("192.0.2.0/24");
	assert_says(say("192.0.2.1", &path),
		    "192.0.2.1 is reached directly at 192.168.50.3: by hand there is a",
		    " shortcut for 192.0.2.0/24", NULL);
	path.verdict = NHRP_WHY_MULTICAST;
	assert_says(say("224.0.0.5", &path),
		    "224.0.0.5 is multicast: dvpn0 sends a copy to every peer that takes",
		    " it (show groups, show peers)", NULL);
	path.verdict = NHRP_WHY_UNKNOWN;
	assert_string_equal(say("192.0.2.1", &path),
			    "192.0.2.1 leaves by dvpn0, of whose table nothing is known");
	path.down = "another agent holds dvpn0";
	assert_says(say("192.0.2.1", &path),
		    "192.0.2.1 leaves by dvpn0, of whose table nothing is known: another",
		    " agent holds dvpn0", NULL);
	path.verdict = NHRP_WHY_DIRECT;
	path.down = "no carrier";
	assert_string_equal(say("192.0.2.1", &path),
			    "192.0.2.1 is not reached: dvpn0: no carrier");
	/* What is wrong for ever comes before what is wrong now. */
	path.recursive = true;
	assert_says(say("192.0.2.1", &path),
		    "recursive: packets to 192.0.2.1 go to 192.168.50.3, itself reached by",
		    " dvpn0: the route to the underlay was learned over the tunnel", NULL);
}

/* The longest of everything fits, and nothing is written behind the end. */
static void long_sentences(void **state)
{
	struct nhrp_why_path path = {
		.device = "0123456789abcde",
		.exit = NHRP_WHY_EXIT_TUNNEL,
		.recursive = true,
		.peer.nbma = sim_addr("2001:db8:1111:2222:3333:4444:5555:6666"),
	};
	char buf[NHRP_WHY_LEN + 1], reason[2 * NHRP_WHY_LEN];
	struct nhrp_addr dst = path.peer.nbma;

	(void)state;
	buf[NHRP_WHY_LEN] = 'x';
	nhrp_why_sentence(&dst, &path, NULL, buf);
	assert_true(strlen(buf) < NHRP_WHY_LEN - 100);
	memset(reason, 'r', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	path.recursive = false;
	path.down = reason;
	nhrp_why_sentence(&dst, &path, NULL, buf);
	assert_int_equal(strlen(buf), NHRP_WHY_LEN - 1);
	assert_int_equal(buf[NHRP_WHY_LEN], 'x');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_was_sent),
		cmocka_unit_test(all_by_the_hub),
		cmocka_unit_test(no_hub_accepts),
		cmocka_unit_test(waiting_for_the_answer),
		cmocka_unit_test(nobody_knows_the_next_hop),
		cmocka_unit_test(active_path),
		cmocka_unit_test(unproven_path),
		cmocka_unit_test(resolved_next_hop),
		cmocka_unit_test(seen_from_the_hub),
		cmocka_unit_test(other_ways),
		cmocka_unit_test(other_verdicts),
		cmocka_unit_test(long_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
