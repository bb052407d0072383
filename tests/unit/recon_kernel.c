// SPDX-License-Identifier: GPL-2.0
/* See recon_kernel.h. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "recon_kernel.h"

struct kernel kernel;

/* Linked with --wrap: these instead of the real ones. */
int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = kernel.now_ms / 1000;
	ts->tv_nsec = kernel.now_ms % 1000 * 1000000;
	return 0;
}

static int answer_later(dvpn_ack_fn fn, void *ctx, int err)
{
	assert_true(kernel.n < MOST);
	kernel.answers[kernel.n].fn = fn;
	kernel.answers[kernel.n].ctx = ctx;
	kernel.answers[kernel.n++].err = err;
	return 0;
}

static bool is_the_peer(const struct dvpn_peer_key *key)
{
	return kernel.has_peer && !memcmp(&kernel.peer.key, key, sizeof(*key));
}

/* The mapping is what it is now: it has a peer, and had one before. */
static void map_changed(const struct dvpn_map *map)
{
	if (kernel.has_map && is_the_peer(&kernel.map.peer) && !kernel.explicit &&
	    !(map && is_the_peer(&map->peer)))
		kernel.has_peer = false;
	kernel.has_map = map;
	if (!map)
		return;
	kernel.map = *map;
	if (kernel.has_peer)
		return;
	memset(&kernel.peer, 0, sizeof(kernel.peer));
	kernel.peer.has = DVPN_PEER_HAS_KEY;
	kernel.peer.key = map->peer;
	kernel.peer.owner = map->owner;
	kernel.has_peer = true;
	kernel.explicit = false;
}

int __wrap_dvpn_map_new(struct dvpn_chan *c, const struct dvpn_map *map, dvpn_ack_fn fn,
			void *ctx)
{
	(void)c;
	kernel.news++;
	if (kernel.has_map)
		return answer_later(fn, ctx, -EEXIST);
	map_changed(map);
	return answer_later(fn, ctx, 0);
}

int __wrap_dvpn_map_replace(struct dvpn_chan *c, const struct dvpn_map *map,
			    const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	(void)c;
	kernel.replaces++;
	if (!kernel.has_map)
		return answer_later(fn, ctx, -ENOENT);
	if (kernel.map.owner != match->owner)
		return answer_later(fn, ctx, -ESTALE);
	map_changed(map);
	return answer_later(fn, ctx, 0);
}

/* Only the time is ever changed so. */
int __wrap_dvpn_map_set(struct dvpn_chan *c, const struct dvpn_map *map,
			const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	(void)c;
	kernel.sets++;
	assert_int_equal(map->has, DVPN_MAP_HAS_PROTO | DVPN_MAP_HAS_EXPIRES);
	if (!kernel.has_map)
		return answer_later(fn, ctx, -ENOENT);
	if (kernel.map.owner != match->owner)
		return answer_later(fn, ctx, -ESTALE);
	kernel.map.expires_ms = map->expires_ms;
	return answer_later(fn, ctx, 0);
}

int __wrap_dvpn_map_del(struct dvpn_chan *c, const struct dvpn_map *map,
			const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	(void)c;
	(void)map;
	(void)match;
	kernel.dels++;
	if (!kernel.has_map)
		return answer_later(fn, ctx, -ENOENT);
	map_changed(NULL);
	return answer_later(fn, ctx, 0);
}

int __wrap_dvpn_map_get(struct dvpn_handle *h, struct dvpn_map *map)
{
	(void)h;
	if (!kernel.has_map)
		return -ENOENT;
	*map = kernel.map;
	return 0;
}

static void change_peer(const struct dvpn_peer *peer)
{
	kernel.peer.key = peer->key;
	if (peer->has & DVPN_PEER_HAS_OWNER)
		kernel.peer.owner = peer->owner;
	if (peer->has & DVPN_PEER_HAS_MTU)
		kernel.peer.mtu = peer->mtu;
	if (peer->has & DVPN_PEER_HAS_MTU_ADVERTISED)
		kernel.peer.mtu_advertised = peer->mtu_advertised;
	if (peer->has & DVPN_PEER_HAS_FLAGS)
		kernel.peer.flags = peer->flags;
	if (peer->has & DVPN_PEER_HAS_KEEPALIVE)
		kernel.peer.keepalive_s = peer->keepalive_s;
	kernel.peer.has |= peer->has;
}

static void new_peer(const struct dvpn_peer *peer)
{
	memset(&kernel.peer, 0, sizeof(kernel.peer));
	change_peer(peer);
	kernel.has_peer = true;
	kernel.explicit = true;
}

int __wrap_dvpn_peer_new(struct dvpn_chan *c, const struct dvpn_peer *peer, dvpn_ack_fn fn,
			 void *ctx)
{
	(void)c;
	if (is_the_peer(&peer->key))
		return answer_later(fn, ctx, -EEXIST);
	if (!kernel.has_peer)
		new_peer(peer);
	return answer_later(fn, ctx, 0);
}

/* What becomes of a request for a peer that is guarded by @match. */
static int peer_error(const struct dvpn_peer *peer, const struct dvpn_match *match, int none)
{
	if (!is_the_peer(&peer->key))
		return kernel.has_peer ? 0 : none;
	if (match && match->has & DVPN_MATCH_HAS_OWNER && match->owner != kernel.peer.owner)
		return -ESTALE;
	return 0;
}

int __wrap_dvpn_peer_replace(struct dvpn_chan *c, const struct dvpn_peer *peer,
			     const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	int err = peer_error(peer, match, match ? -ESTALE : 0);

	(void)c;
	if (!err && (!kernel.has_peer || is_the_peer(&peer->key)))
		new_peer(peer);
	return answer_later(fn, ctx, err);
}

int __wrap_dvpn_peer_set(struct dvpn_chan *c, const struct dvpn_peer *peer,
			 const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	int err = peer_error(peer, match, -ENOENT);

	(void)c;
	if (!err && is_the_peer(&peer->key))
		change_peer(peer);
	return fn ? answer_later(fn, ctx, err) : 0;
}

int __wrap_dvpn_peer_del(struct dvpn_chan *c, const struct dvpn_peer *peer,
			 const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	int err = peer_error(peer, match, -ENOENT);

	(void)c;
	if (!err && kernel.has_map && is_the_peer(&kernel.map.peer))
		err = -EBUSY;
	if (!err && is_the_peer(&peer->key))
		kernel.has_peer = false;
	return answer_later(fn, ctx, err);
}

int __wrap_dvpn_peer_get(struct dvpn_handle *h, struct dvpn_peer *peer)
{
	(void)h;
	if (!is_the_peer(&peer->key))
		return -ENOENT;
	*peer = kernel.peer;
	return 0;
}

int __wrap_dvpn_chan_flush(struct dvpn_chan *c)
{
	(void)c;
	kernel.flushes++;
	return 0;
}

void answer_all(void)
{
	unsigned int i;

	for (i = 0; i < kernel.n; i++) {
		struct dvpn_ack ack = { .err = kernel.answers[i].err, .text = "" };

		kernel.answers[i].fn(&ack, kernel.answers[i].ctx);
	}
	kernel.n = 0;
}

struct recon *setup(void)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.now_ms = 1000000;
	return recon_new("test", 1, OWNER, NULL, NULL);
}

struct nhrp_map a_map(u64 expires_ms)
{
	struct nhrp_map map = { .expires_ms = expires_ms };

	nhrp_prefix_parse(&map.prefix, "192.168.111.9/32");
	nhrp_addr_parse(&map.peer.nbma, "192.168.50.9");
	return map;
}

void set_peer(struct recon *r, unsigned int n, u64 expires_ms)
{
	struct nhrp_peer peer = { .expires_ms = expires_ms };
	u8 b[4] = { 10, (u8)(n >> 16), (u8)(n >> 8), (u8)n };

	nhrp_addr_set(&peer.key.nbma, AF_INET, b);
	recon_peer_set(r, &peer);
}
