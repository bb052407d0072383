// SPDX-License-Identifier: GPL-2.0
/* Forged and broken packets: they change nothing, and nobody is flooded by us. */
#include <stdlib.h>
#include <string.h>

#include "nhrp/packet.h"
#include "forged.h"
#include "test.h"

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define TABLE_MAX	32
#define STRANGER	"203.0.113.66"

struct table {
	struct sim_map maps[TABLE_MAX];
	unsigned int nr;
	unsigned int count;
};

static struct table before[3];

static void setup(struct sim_net *net, u64 seed)
{
	unsigned int i;

	net_build(net, seed, 2, 3);
	net_start(net);
	sim_run(net->sim, 1000);
	net_ping_for(net, net->spoke[0], net->spoke[1], 2000, 50);
	assert_true(net_direct(net->spoke[0], LAN2));
	for (i = 0; i < 3; i++) {
		struct sim_table *maps = &net->sim->nodes[i]->maps;

		assert_in_range(maps->nr, 1, TABLE_MAX);
		memcpy(before[i].maps, maps->entries, maps->nr * maps->size);
		before[i].nr = maps->nr;
		before[i].count = sim_map_count(net->sim->nodes[i]);
	}
}

static void assert_unchanged(struct sim_net *net)
{
	unsigned int i, j;

	for (i = 0; i < 3; i++) {
		struct sim_node *n = net->sim->nodes[i];

		assert_int_equal(sim_map_count(n), before[i].count);
		for (j = 0; j < before[i].nr; j++) {
			const struct sim_map *o = &before[i].maps[j];
			const struct sim_map *m;

			if (!o->used)
				continue;
			m = sim_map_find(n, &o->map.prefix);
			assert_non_null(m);
			assert_memory_equal(&m->map.peer, &o->map.peer,
					    sizeof(m->map.peer));
			assert_int_equal(m->map.flags, o->map.flags);
		}
	}
}

static void forge(struct sim_node *to, const char *from, struct nhrp_msg *msg)
{
	forged_send(to, from, msg);
	sim_run(to->sim, 50);
}

static void registrations_out_of_policy(void **state)
{
	static const struct {
		const char *nbma, *proto;
		enum nhrp_counter why;
	} cases[] = {
		{ STRANGER, "10.1.1.1", NHRP_C_DROP_POLICY_SUBNET },
		{ STRANGER, "192.168.111.0", NHRP_C_DROP_POLICY_SUBNET },
		{ STRANGER, "192.168.111.255", NHRP_C_DROP_POLICY_SUBNET },
		{ STRANGER, "224.0.0.5", NHRP_C_DROP_POLICY_SUBNET },
		{ STRANGER, "192.168.111.1", NHRP_C_DROP_POLICY_OWN },
		{ "0.0.0.0", "192.168.111.9", NHRP_C_DROP_POLICY_NBMA },
		{ "127.0.0.1", "192.168.111.9", NHRP_C_DROP_POLICY_NBMA },
		{ "224.1.2.3", "192.168.111.9", NHRP_C_DROP_POLICY_NBMA },
		{ "255.255.255.255", "192.168.111.9", NHRP_C_DROP_POLICY_NBMA },
		{ "192.168.50.1", "192.168.111.9", NHRP_C_DROP_POLICY_NBMA },
		{ "192.168.111.1", "192.168.111.9", NHRP_C_DROP_POLICY_NBMA },
		{ "192.168.111.9", "192.168.111.9", NHRP_C_DROP_POLICY_NBMA },
	};
	struct sim_net net;
	struct nhrp_msg msg;
	unsigned int i;

	(void)state;
	setup(&net, 51);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		u64 count = counter(net.hub, cases[i].why);

		forged_bare(&msg, NHRP_REGISTRATION_REQUEST, cases[i].nbma,
			    cases[i].proto, "192.168.111.1");
		forge(net.hub, STRANGER, &msg);
		assert_int_equal(counter(net.hub, cases[i].why), count + 1);
	}
	/* A prefix is no host. */
	forged_bare(&msg, NHRP_REGISTRATION_REQUEST, STRANGER, "192.168.111.8",
		    "192.168.111.1");
	msg.cies.cie[0].prefix_len = 24;
	forge(net.hub, STRANGER, &msg);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_POLICY_PREFIX), 1);
	/* A spoke takes no registrations at all. */
	forged_bare(&msg, NHRP_REGISTRATION_REQUEST, STRANGER, "192.168.111.9",
		    "192.168.111.2");
	forge(net.spoke[0], STRANGER, &msg);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_ROLE), 1);
	assert_unchanged(&net);
	net_free(&net);
}

/* A stranger asks spoke 1 straight and says that it is spoke 2, or somebody. */
static void claims_of_strangers(void **state)
{
	struct sim_net net;
	struct nhrp_msg msg;

	(void)state;
	setup(&net, 52);
	forged_bare(&msg, NHRP_RESOLUTION_REQUEST, STRANGER, "192.168.111.3",
		    "192.168.111.2");
	msg.flags = NHRP_FLAG_RES_SRC_STABLE;
	forge(net.spoke[0], STRANGER, &msg);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_CLAIM_MISMATCH), 1);
	forged_bare(&msg, NHRP_RESOLUTION_REQUEST, STRANGER, "192.168.111.99",
		    "192.168.111.2");
	msg.flags = NHRP_FLAG_RES_SRC_STABLE;
	forge(net.spoke[0], STRANGER, &msg);
	sim_run(net.sim, 4000);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_CLAIM), 1);
	/* Who claims to be the hub gets nowhere either. */
	forged_bare(&msg, NHRP_RESOLUTION_REQUEST, STRANGER, "192.168.111.1",
		    "192.168.111.2");
	forge(net.spoke[0], STRANGER, &msg);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_POLICY_HUB), 1);
	/* The hub answers only those who are registered. */
	forged_bare(&msg, NHRP_RESOLUTION_REQUEST, STRANGER, "192.168.111.2",
		    "192.168.111.3");
	forge(net.hub, STRANGER, &msg);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_UNREGISTERED), 1);
	assert_unchanged(&net);
	net_free(&net);
}

static void purges_of_strangers(void **state)
{
	static const char * const victims[] = { "192.168.111.2",
						"192.168.111.3" };
	struct sim_net net;
	struct nhrp_msg msg;
	unsigned int i, j;

	(void)state;
	setup(&net, 53);
	for (i = 0; i < 3; i++)
		for (j = 0; j < 2; j++) {
			struct sim_node *n = net.sim->nodes[i];
			char own[NHRP_ADDR_STRLEN];

			nhrp_addr_format(&n->cfg.locals[0].addr, own,
					 sizeof(own));
			forged_bare(&msg, NHRP_PURGE_REQUEST, STRANGER, victims[j],
				    own);
			msg.cies.cie[0].proto = sim_addr(victims[j]);
			forge(n, STRANGER, &msg);
		}
	/* A registered spoke may not purge another one's binding ... */
	forged_bare(&msg, NHRP_PURGE_REQUEST, "192.168.50.2", "192.168.111.3",
		    "192.168.111.1");
	msg.cies.cie[0].proto = sim_addr("192.168.111.3");
	forge(net.hub, "192.168.50.2", &msg);
	/* ... and a spoke only what leads to itself: all of 0.0.0.0/0 is not. */
	assert_true(counter(net.hub, NHRP_C_DROP_NOT_OWNER) >= 2);
	assert_unchanged(&net);
	net_free(&net);
}

static void replies_to_nothing(void **state)
{
	struct sim_net net;
	struct nhrp_msg msg;
	u32 id;

	(void)state;
	setup(&net, 54);
	for (id = 0; id < 2000; id += 7) {
		forged_bare(&msg, NHRP_RESOLUTION_REPLY, "192.168.50.2",
			    "192.168.111.2", "192.168.40.1");
		msg.request_id = id;
		msg.cies.cie[0].nbma = sim_addr(STRANGER);
		msg.cies.cie[0].proto = sim_addr("192.168.111.3");
		forge(net.spoke[0], "192.168.50.1", &msg);
		msg.type = NHRP_REGISTRATION_REPLY;
		msg.cies.cie[0].code = NHRP_CODE_ADMIN_PROHIBITED;
		if (id)
			forge(net.spoke[0], "192.168.50.1", &msg);
	}
	assert_true(counter(net.spoke[0], NHRP_C_DROP_NO_REQUEST) > 500);
	assert_true(net_registered(net.spoke[0]));
	assert_unchanged(&net);
	net_free(&net);
}

/* Hints and indications count only if they come from a hub of ours. */
static void hints_of_strangers(void **state)
{
	u8 ip[28] = { 0x45 };
	struct sim_net net;
	struct nhrp_msg msg;
	u64 frames;

	(void)state;
	setup(&net, 55);
	frames = net.spoke[0]->frames;
	nhrp_msg_init(&msg, NHRP_REGISTRATION_REPLY, AF_INET, AF_INET);
	nhrp_addr_set_any(&msg.src_proto, AF_INET);
	nhrp_addr_set_any(&msg.dst_proto, AF_INET);
	msg.src_nbma = sim_addr("192.168.50.1");
	nhrp_cie_list_add(&msg.cies);
	forge(net.spoke[0], STRANGER, &msg);
	sim_run(net.sim, 2000);
	ip[16] = 192;
	ip[17] = 168;
	ip[18] = 60;
	ip[19] = 1;
	nhrp_msg_init(&msg, NHRP_TRAFFIC_INDICATION, AF_INET, AF_INET);
	msg.src_nbma = sim_addr("192.168.50.1");
	msg.src_proto = sim_addr("192.168.111.1");
	msg.dst_proto = sim_addr("192.168.30.1");
	nhrp_msg_set_data(&msg, ip, sizeof(ip));
	forge(net.spoke[0], STRANGER, &msg);
	sim_run(net.sim, 2000);
	assert_int_equal(net.spoke[0]->frames, frames);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_NOT_HUB), 2);
	/* From the hub a broken one is refused, too. */
	ip[0] = 0x4f;
	nhrp_msg_init(&msg, NHRP_TRAFFIC_INDICATION, AF_INET, AF_INET);
	nhrp_msg_set_data(&msg, ip, sizeof(ip));
	forge(net.spoke[0], "192.168.50.1", &msg);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_MALFORMED), 1);
	assert_unchanged(&net);
	net_free(&net);
}

/* What strangers make us send: rare, and never more than they sent. */
static unsigned int tx_to_stranger;
static size_t longest_to_stranger;

static bool watch_stranger(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_addr stranger = sim_addr(STRANGER);

	(void)sim;
	if (nhrp_addr_eq(&p->to, &stranger)) {
		tx_to_stranger++;
		if (p->len > longest_to_stranger)
			longest_to_stranger = p->len;
	}
	return false;
}

static void hint_is_rare_and_short(void **state)
{
	struct nhrp_peer_key from = { .nbma = sim_addr(STRANGER) };
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 56);
	tx_to_stranger = 0;
	longest_to_stranger = 0;
	net.sim->drop = watch_stranger;
	for (i = 0; i < 1000; i++) {
		nhrp_tunnel_unknown_peer(net.hub->tunnel, &from, 60,
					 net.sim->now);
		sim_run(net.sim, 10);
	}
	assert_int_equal(tx_to_stranger, 2);	/* 10 s, one in 5 s */
	assert_true(longest_to_stranger <= 60);
	sim_run(net.sim, 10000);
	nhrp_tunnel_unknown_peer(net.hub->tunnel, &from, 51, net.sim->now);
	assert_int_equal(tx_to_stranger, 2);	/* it would be longer */
	/* A thousand strangers at once: a hundred hints a second. */
	for (i = 0; i < 1000; i++) {
		from.nbma.b[3] = (u8)i;
		from.nbma.b[2] = (u8)(i >> 8);
		nhrp_tunnel_unknown_peer(net.hub->tunnel, &from, 60,
					 net.sim->now);
	}
	assert_int_equal(counter(net.hub, NHRP_C_TX_HINT), 102);
	/* A spoke knows nobody to begin with. */
	nhrp_tunnel_unknown_peer(net.spoke[0]->tunnel, &from, 60,
				 net.sim->now);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_HINT), 0);
	net_free(&net);
}

static void errors_are_rare(void **state)
{
	static const u8 ip[40];
	struct sim_net net;
	struct nhrp_msg msg;
	u8 pkt[NHRP_PKT_MAX];
	unsigned int i;
	int len;

	(void)state;
	setup(&net, 57);
	tx_to_stranger = 0;
	longest_to_stranger = 0;
	net.sim->drop = watch_stranger;
	forged_bare(&msg, NHRP_REGISTRATION_REQUEST, STRANGER, "192.168.111.9",
		    "192.168.111.1");
	nhrp_msg_add_ext(&msg, 77, NHRP_EXT_F_COMPULSORY, ip, sizeof(ip));
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	for (i = 0; i < 1000; i++)
		sim_forge(net.hub, STRANGER, pkt, len);
	sim_run(net.sim, 1000);
	assert_true(tx_to_stranger > 0 && tx_to_stranger <= 20);
	/* Its own header, and one packet quoted. */
	assert_true(longest_to_stranger <= 40 + (size_t)len);
	assert_true(counter(net.hub, NHRP_C_DROP_EXTENSION) > 0);
	/* Never about an error, whatever is wrong with it. */
	tx_to_stranger = 0;
	sim_run(net.sim, 10000);
	nhrp_msg_init(&msg, NHRP_ERROR_INDICATION, AF_INET, AF_INET);
	msg.error_code = NHRP_ERR_PROTOCOL;
	msg.src_nbma = sim_addr(STRANGER);
	msg.src_proto = sim_addr("192.168.111.9");
	msg.dst_proto = sim_addr("192.168.111.1");
	nhrp_msg_set_data(&msg, pkt, len);
	for (i = 0; i < 20; i++)
		forge(net.hub, STRANGER, &msg);
	assert_int_equal(tx_to_stranger, 0);
	assert_unchanged(&net);
	net_free(&net);
}

/* Every packet of a session with bits flipped, from its true source. */
static struct {
	u8 data[NHRP_PKT_MAX];
	size_t len;
	unsigned int node;
	char from[NHRP_ADDR_STRLEN];
} seen[64];
static unsigned int nr_seen;

static bool record(struct sim *sim, const struct sim_packet *p)
{
	unsigned int i;

	for (i = 0; p->frame && i < sim->nr_nodes && nr_seen < 64; i++) {
		if (!nhrp_addr_eq(&sim->nodes[i]->cfg.nbma[0], &p->to))
			continue;
		memcpy(seen[nr_seen].data, p->data, p->len);
		seen[nr_seen].len = p->len;
		seen[nr_seen].node = i;
		nhrp_addr_format(&p->from.nbma, seen[nr_seen].from,
				 sizeof(seen[nr_seen].from));
		nr_seen++;
	}
	return false;
}

static void flips(void **state)
{
	struct sim_net net;
	unsigned int i, bit;

	(void)state;
	nr_seen = 0;
	net_build(&net, 58, 2, 3);
	net.sim->drop = record;
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 100);
	nhrp_tunnel_leave(net.spoke[1]->tunnel, net.sim->now);
	sim_run(net.sim, 1000);
	net.sim->drop = NULL;
	assert_true(nr_seen > 15);
	net_free(&net);
	net_build(&net, 59, 2, 3);
	net_start(&net);
	sim_run(net.sim, 1000);
	/* Repaired checksum: whatever it means now, nothing breaks. */
	for (i = 0; i < nr_seen; i++)
		for (bit = 0; bit < seen[i].len * 8; bit++) {
			u8 pkt[NHRP_PKT_MAX];
			u16 sum;

			memcpy(pkt, seen[i].data, seen[i].len);
			pkt[bit / 8] ^= 1 << bit % 8;
			pkt[12] = 0;
			pkt[13] = 0;
			sum = nhrp_checksum(pkt, seen[i].len);
			pkt[12] = sum >> 8;
			pkt[13] = (u8)sum;
			sim_forge(net.sim->nodes[seen[i].node], seen[i].from,
				  pkt, seen[i].len);
			if (bit % 64 == 0)
				sim_run(net.sim, 20);
		}
	sim_run(net.sim, 60000);
	/* And the network still works. */
	net_ping_for(&net, net.spoke[0], net.spoke[1], 40000, 100);
	assert_true(net_registered(net.spoke[0]));
	assert_true(net_registered(net.spoke[1]));
	net_free(&net);
}

/* A kernel table full of nonsense with our name on it. */
static void hostile_table(void **state)
{
	struct sim_net net;
	struct sim_node *n;
	unsigned int i, j, round;

	(void)state;
	setup(&net, 60);
	for (round = 0; round < 2000; round++) {
		n = net.sim->nodes[round % 3];
		sim_agent_kill(n);
		for (i = 0; i < 8; i++) {
			struct sim_map *m = sim_map_nth(n, i);

			if (!m)
				continue;
			for (j = sim_rand(net.sim) % 4; j > 0; j--)
				m->map.cookie[sim_rand(net.sim) % 64] ^=
					1 << sim_rand(net.sim) % 8;
			if (sim_rand(net.sim) % 8 == 0)
				m->map.cookie_len = sim_rand(net.sim) % 65;
		}
		sim_agent_start(n);
		sim_run(net.sim, 300);
	}
	sim_run(net.sim, 700000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(net_bindings(net.hub), 2);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registrations_out_of_policy),
		cmocka_unit_test(claims_of_strangers),
		cmocka_unit_test(purges_of_strangers),
		cmocka_unit_test(replies_to_nothing),
		cmocka_unit_test(hints_of_strangers),
		cmocka_unit_test(hint_is_rare_and_short),
		cmocka_unit_test(errors_are_rare),
		cmocka_unit_test(flips),
		cmocka_unit_test(hostile_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
