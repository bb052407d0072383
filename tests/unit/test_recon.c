// SPDX-License-Identifier: GPL-2.0
/* The reconciler against a kernel that is played. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "recon_kernel.h"

/* Nothing but the time has changed: nothing else is sent. */
static void refresh_is_short(void **state)
{
	struct nhrp_map map = a_map(30000), longer = a_map(40000);
	struct recon *r = setup();

	(void)state;
	map.cookie_len = 3;
	longer.cookie_len = 3;
	recon_map_set(r, &map);
	answer_all();
	recon_map_set(r, &longer);
	answer_all();
	recon_map_set(r, &map);
	answer_all();
	assert_int_equal(kernel.news, 1);
	assert_int_equal(kernel.sets, 2);
	assert_int_equal(kernel.replaces, 0);
	assert_int_equal(kernel.map.expires_ms, 30000);
	assert_true(recon_settled(r));
	recon_free(r);
}

/* Each of these is told whole, and the next refresh is short again. */
static void change_is_whole(void **state)
{
	struct nhrp_map maps[6];
	struct recon *r = setup();
	unsigned int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		maps[i] = a_map(30000);
		maps[i].cookie_len = 3;
	}
	maps[1].flags = NHRP_MAP_MULTICAST;
	maps[2].preference = 7;
	maps[3].cookie[1] = 1;
	maps[4].cookie_len = 4;
	maps[5].peer.mark = 1;
	for (i = 0; i < 6; i++) {
		recon_map_set(r, &maps[i]);
		answer_all();
		assert_int_equal(kernel.news + kernel.replaces, i + 1);
		recon_map_set(r, &maps[i]);
		answer_all();
		assert_int_equal(kernel.sets, i + 1);
	}
	recon_free(r);
}

/* What is not known to be in the kernel is told whole. */
static void unsure_is_whole(void **state)
{
	struct nhrp_map map = a_map(30000);
	struct recon *r = setup();

	(void)state;
	recon_map_set(r, &map);
	/* Before the answer. */
	recon_map_set(r, &map);
	assert_int_equal(kernel.replaces, 1);
	answer_all();
	/* It is gone, and nobody has told yet. */
	kernel.has_map = false;
	recon_map_set(r, &map);
	answer_all();
	assert_int_equal(kernel.sets, 1);
	kernel.now_ms += 1000;
	recon_run(r);
	answer_all();
	assert_int_equal(kernel.news, 2);
	assert_true(kernel.has_map);
	/* The table is read again, and its entries get another owner. */
	recon_restart(r, OWNER + 1);
	recon_found(r, &kernel.map);
	recon_map_set(r, &map);
	answer_all();
	assert_int_equal(kernel.replaces, 2);
	assert_int_equal(kernel.map.owner, OWNER + 1);
	/* Deleted and wanted again. */
	recon_map_del(r, &map.prefix);
	recon_map_set(r, &map);
	answer_all();
	assert_int_equal(kernel.news, 3);
	assert_int_equal(kernel.sets, 1);
	assert_true(recon_settled(r));
	recon_free(r);
}

/* The kernel tells nobody when a peer ends: that must not pile up. */
static void peers_are_forgotten(void **state)
{
	struct recon *r = setup();
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		set_peer(r, i, 600000);
		answer_all();
	}
	set_peer(r, 5000, 0);
	answer_all();
	assert_int_equal(recon_stats(r)->entries, 1001);
	kernel.now_ms += 599000;
	set_peer(r, 7, 600000);
	answer_all();
	recon_run(r);
	assert_int_equal(recon_stats(r)->entries, 1001);
	kernel.now_ms += 20000;
	recon_run(r);
	/* That without end, and that which was set again. */
	assert_int_equal(recon_stats(r)->entries, 2);
	kernel.now_ms += 600000;
	recon_run(r);
	assert_int_equal(recon_stats(r)->entries, 1);
	recon_free(r);
}

/* So may the news of the end of a mapping. */
static void lost_news_of_an_end(void **state)
{
	struct nhrp_map map = a_map(30000);
	struct recon *r = setup();

	(void)state;
	recon_map_set(r, &map);
	answer_all();
	kernel.now_ms += 31000;
	recon_run(r);
	assert_int_equal(recon_stats(r)->entries, 1);
	kernel.now_ms += 12000;
	recon_run(r);
	assert_int_equal(recon_stats(r)->entries, 0);
	recon_free(r);
}

/* What waits for the kernel is not over, however late it is. */
static void nothing_under_way_is_forgotten(void **state)
{
	struct nhrp_map map = a_map(30000);
	struct recon *r = setup();

	(void)state;
	recon_map_set(r, &map);
	kernel.now_ms += 100000;
	recon_run(r);
	assert_int_equal(recon_stats(r)->entries, 1);
	answer_all();
	kernel.now_ms += 10000;
	recon_run(r);
	assert_int_equal(recon_stats(r)->entries, 0);
	recon_free(r);
}

/* An entry of another agent that nobody wanted at first, and then wants. */
static void found_and_wanted_late(void **state)
{
	struct nhrp_map map = a_map(0);
	struct recon *r = setup();

	(void)state;
	kernel.has_map = true;
	kernel.map.has = DVPN_MAP_HAS_PROTO;
	kernel.map.proto.family = AF_INET;
	memcpy(kernel.map.proto.bytes, map.prefix.addr.b, 4);
	kernel.map.prefixlen = 32;
	kernel.map.owner = 3;
	recon_found(r, &kernel.map);
	assert_int_equal(recon_stats(r)->entries, 1);
	kernel.now_ms += 20000;
	recon_run(r);
	assert_int_equal(recon_stats(r)->entries, 0);
	recon_map_set(r, &map);
	answer_all();
	answer_all();
	assert_int_equal(kernel.replaces, 1);
	assert_int_equal(kernel.map.owner, OWNER);
	assert_true(recon_settled(r));
	recon_free(r);
}

/* What was there before expires when the hub's mapping has just been set. */
static void end_of_a_predecessor(void **state)
{
	struct nhrp_map map = a_map(0);
	struct recon *r = setup();

	(void)state;
	recon_map_set(r, &map);
	answer_all();
	kernel.has_map = false;
	recon_gone(r, &map.prefix);
	assert_false(recon_settled(r));
	kernel.now_ms += 1000;
	recon_run(r);
	answer_all();
	assert_true(kernel.has_map);
	/* And if it was there all the time, nothing is lost either. */
	recon_gone(r, &map.prefix);
	kernel.now_ms += 1000;
	recon_run(r);
	answer_all();
	answer_all();
	assert_true(kernel.has_map);
	assert_true(recon_settled(r));
	recon_free(r);
}

/* A binding of NAT on the way to a hub is the kernel's to keep. */
static void keepalive_for_hubs(void **state)
{
	struct nhrp_map map = a_map(0);
	struct recon *r = setup();

	(void)state;
	map.flags = NHRP_MAP_NHS;
	recon_map_set(r, &map);
	answer_all();
	assert_int_equal(kernel.peer.keepalive_s, 0);
	map.peer.encap = NHRP_ENCAP_UDP;
	map.peer.port = 4754;
	map.flags = 0;
	recon_map_set(r, &map);
	answer_all();
	assert_int_equal(kernel.peer.key.encap, DVPN_ENCAP_UDP);
	assert_int_equal(kernel.peer.keepalive_s, 0);
	map.flags = NHRP_MAP_NHS;
	recon_map_set(r, &map);
	answer_all();
	assert_int_equal(kernel.peer.keepalive_s, 20);
	/* A peer that a former agent's mapping made is as good. */
	kernel.peer.keepalive_s = 0;
	kernel.peer.owner = 3;
	recon_map_set(r, &map);
	answer_all();
	assert_int_equal(kernel.peer.keepalive_s, 20);
	assert_true(recon_settled(r));
	recon_free(r);
}

/* The administrator has made this peer, and said what its keepalive is. */
static void keepalive_of_the_administrator(void **state)
{
	struct nhrp_map map = a_map(0);
	struct recon *r = setup();

	(void)state;
	map.flags = NHRP_MAP_NHS;
	map.peer.encap = NHRP_ENCAP_UDP;
	map.peer.port = 4754;
	recon_map_set(r, &map);
	answer_all();
	recon_map_del(r, &map.prefix);
	answer_all();
	kernel.has_peer = true;
	kernel.explicit = true;
	kernel.peer.owner = 0;
	kernel.peer.keepalive_s = 5;
	recon_map_set(r, &map);
	answer_all();
	assert_true(kernel.has_map);
	assert_int_equal(kernel.peer.keepalive_s, 5);
	recon_free(r);
}

static void accept_peer(struct recon *r, const struct nhrp_peer_key *key, u64 expires_ms,
			bool mapped)
{
	struct nhrp_peer peer = { .key = *key, .expires_ms = expires_ms, .mapped = mapped };

	recon_peer_set(r, &peer);
}

/* Wanted for its own sake, it stays when the mapping that made it goes. */
static void peer_outlives_its_mapping(void **state)
{
	struct nhrp_map map = a_map(0);
	struct recon *r = setup();
	unsigned int wishes;

	(void)state;
	for (wishes = 1; wishes < 3; wishes++) {
		recon_map_set(r, &map);
		answer_all();
		assert_false(kernel.explicit);
		kernel.peer.has |= DVPN_PEER_HAS_MTU;
		kernel.peer.mtu = 1300;
		accept_peer(r, &map.peer, 600000, false);
		/* The same with a second wish that overtakes the answer. */
		if (wishes == 2)
			accept_peer(r, &map.peer, 700000, false);
		answer_all();
		assert_true(recon_settled(r));
		recon_map_del(r, &map.prefix);
		answer_all();
		assert_true(kernel.has_peer);
		/* What others said of it holds. */
		assert_int_equal(kernel.peer.mtu, 1300);
		recon_peer_del(r, &map.peer);
		answer_all();
		assert_false(kernel.has_peer);
		assert_int_equal(recon_stats(r)->entries, 0);
	}
	recon_free(r);
}

/* It ended, and a mapping has brought it back before that was noticed. */
static void peer_ended_and_came_back(void **state)
{
	struct nhrp_map map = a_map(0);
	struct recon *r = setup();

	(void)state;
	accept_peer(r, &map.peer, 10000, false);
	answer_all();
	assert_true(kernel.explicit);
	kernel.now_ms += 10500;
	kernel.has_peer = false;
	recon_map_set(r, &map);
	answer_all();
	assert_false(kernel.explicit);
	accept_peer(r, &map.peer, 600000, false);
	answer_all();
	assert_true(kernel.explicit);
	recon_free(r);
}

/* The mapping leads elsewhere: the old place is heard without a pause. */
static void drain_without_a_hole(void **state)
{
	struct nhrp_map map = a_map(0), moved = map;
	struct recon *r = setup();

	(void)state;
	nhrp_addr_parse(&moved.peer.nbma, "192.168.50.10");
	recon_map_set(r, &map);
	answer_all();
	accept_peer(r, &map.peer, 10000, true);
	recon_map_set(r, &moved);
	assert_int_equal(kernel.map.peer.nbma.bytes[3], 10);
	assert_int_equal(kernel.peer.key.nbma.bytes[3], 9);
	assert_true(kernel.explicit);
	answer_all();
	assert_int_equal(kernel.peer.key.nbma.bytes[3], 9);
	assert_true(recon_settled(r));
	recon_free(r);
}

/* What others said of the old place holds, as long as it is heard and afterwards. */
static void drain_keeps_what_was_set(void **state)
{
	struct nhrp_map map = a_map(0);
	struct recon *r = setup();

	(void)state;
	recon_map_set(r, &map);
	answer_all();
	kernel.peer.has |= DVPN_PEER_HAS_FLAGS | DVPN_PEER_HAS_MTU |
			   DVPN_PEER_HAS_MTU_ADVERTISED;
	kernel.peer.flags = DVPN_PEER_F_ANY_SPORT;
	kernel.peer.mtu = 1300;
	kernel.peer.mtu_advertised = 1400;
	accept_peer(r, &map.peer, 10000, true);
	/* It is asked about as it is after all that was wanted before. */
	assert_int_equal(kernel.flushes, 1);
	assert_true(kernel.explicit);
	assert_int_equal(kernel.peer.flags, DVPN_PEER_F_ANY_SPORT);
	assert_int_equal(kernel.peer.mtu, 1300);
	assert_int_equal(kernel.peer.mtu_advertised, 1400);
	answer_all();
	/* It comes and goes again. */
	accept_peer(r, &map.peer, 10000, true);
	answer_all();
	assert_int_equal(kernel.peer.flags, DVPN_PEER_F_ANY_SPORT);
	assert_int_equal(kernel.peer.mtu_advertised, 1400);
	assert_true(recon_settled(r));
	recon_free(r);
}

/* It is not there, or a former agent's. */
static void drain_of_what_is_not_ours(void **state)
{
	struct nhrp_map map = a_map(0);
	struct recon *r = setup();

	(void)state;
	accept_peer(r, &map.peer, 10000, true);
	answer_all();
	assert_true(kernel.explicit);
	assert_true(recon_settled(r));
	recon_peer_del(r, &map.peer);
	answer_all();
	recon_map_set(r, &map);
	answer_all();
	kernel.peer.owner = 3;
	accept_peer(r, &map.peer, 10000, true);
	/* The next request may lead the mapping elsewhere. */
	assert_true(kernel.explicit);
	answer_all();
	assert_true(kernel.explicit);
	assert_int_equal(kernel.peer.owner, OWNER);
	assert_true(recon_settled(r));
	recon_free(r);
}

/* The administrator's peer is accepted on receive: nothing is to be done. */
static void peer_of_the_administrator(void **state)
{
	struct nhrp_map map = a_map(0);
	struct recon *r = setup();
	unsigned int i;

	(void)state;
	accept_peer(r, &map.peer, 0, false);
	answer_all();
	kernel.peer.owner = 0;
	recon_peer_del(r, &map.peer);
	answer_all();
	assert_true(kernel.has_peer);
	for (i = 0; i < 4; i++) {
		accept_peer(r, &map.peer, 600000, i & 1);
		answer_all();
		assert_int_equal(kernel.peer.owner, 0);
		assert_true(recon_settled(r));
	}
	recon_peer_del(r, &map.peer);
	answer_all();
	assert_true(kernel.has_peer);
	assert_int_equal(recon_stats(r)->entries, 0);
	recon_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refresh_is_short),
		cmocka_unit_test(change_is_whole),
		cmocka_unit_test(unsure_is_whole),
		cmocka_unit_test(peers_are_forgotten),
		cmocka_unit_test(lost_news_of_an_end),
		cmocka_unit_test(nothing_under_way_is_forgotten),
		cmocka_unit_test(found_and_wanted_late),
		cmocka_unit_test(end_of_a_predecessor),
		cmocka_unit_test(keepalive_for_hubs),
		cmocka_unit_test(keepalive_of_the_administrator),
		cmocka_unit_test(peer_outlives_its_mapping),
		cmocka_unit_test(peer_ended_and_came_back),
		cmocka_unit_test(drain_without_a_hole),
		cmocka_unit_test(drain_keeps_what_was_set),
		cmocka_unit_test(drain_of_what_is_not_ours),
		cmocka_unit_test(peer_of_the_administrator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
