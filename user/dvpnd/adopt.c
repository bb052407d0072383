// SPDX-License-Identifier: GPL-2.0
/* What the table holds already: see adopt.h */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/adopt.h"
#include "dvpnd/bindings.h"
#include "dvpnd/clock.h"
#include "dvpnd/convert.h"
#include "dvpnd/daemon.h"
#include "dvpnd/log.h"
#include "dvpnd/tunnel.h"

#define SWEEP_GRACE_MS	3000	/* after the core has stated its wishes */

/* An owner that no entry of the dump has. */
static u32 pick_owner(const struct dvpn_map *maps, size_t n_maps, const struct dvpn_peer *peers,
		      size_t n_peers, u32 last)
{
	u32 owner = last;
	size_t i;

	for (i = 0; i < n_maps; i++)
		if (maps[i].owner > owner && maps[i].owner != UINT32_MAX)
			owner = maps[i].owner;
	for (i = 0; i < n_peers; i++)
		if (peers[i].owner > owner && peers[i].owner != UINT32_MAX)
			owner = peers[i].owner;
	return owner == UINT32_MAX - 1 ? 1 : owner + 1;
}

static void adopt_map(struct tunnel *t, const struct dvpn_map *m, u64 now_ms)
{
	struct nhrp_map map = {
		.flags = m->flags & ~DVPN_MAP_F_INCOMPLETE,
		.preference = m->preference,
		.expires_ms = m->has & DVPN_MAP_HAS_EXPIRES ? m->expires_ms : 0,
		.owner = m->owner,
		.cookie_len = m->cookie.len,
	};

	if (m->flags & DVPN_MAP_F_INCOMPLETE)
		return;
	prefix_to_nhrp(&map.prefix, m);
	key_to_nhrp(&map.peer, &m->peer);
	memcpy(map.cookie, m->cookie.bytes, m->cookie.len);
	nhrp_tunnel_adopt_map(t->nhrp, &map, now_ms);	/* if not: left to the sweep */
}

static void adopt_peer(struct tunnel *t, const struct dvpn_peer *p, u64 now_ms)
{
	struct nhrp_peer peer = {
		.expires_ms = p->has & DVPN_PEER_HAS_EXPIRES ? p->expires_ms : 0,
		.mtu = p->mtu_advertised,
		.owner = p->owner,
		.cookie_len = p->cookie.len,
	};

	key_to_nhrp(&peer.key, &p->key);
	memcpy(peer.cookie, p->cookie.bytes, p->cookie.len);
	nhrp_tunnel_adopt_peer(t->nhrp, &peer, now_ms);
}

struct table {
	struct dvpn_map *maps;
	size_t n_maps;
	struct dvpn_peer *peers;
	size_t n_peers;
};

static int read_table(struct tunnel *t, struct table *table)
{
	int err;

	memset(table, 0, sizeof(*table));
	err = dvpn_dump_maps(t->handle, t->link.ifindex, &table->maps, &table->n_maps);
	if (err >= 0)
		err = dvpn_dump_peers(t->handle, t->link.ifindex, &table->peers,
				      &table->n_peers);
	/* 1: it kept changing. What was there all the time is in it, that will do. */
	return err < 0 ? err : 0;
}

static void free_table(struct table *table)
{
	free(table->maps);
	free(table->peers);
}

int adopt_start(struct tunnel *t, const struct nhrp_tunnel_config *cfg)
{
	struct table table;
	u64 now_ms = clock_ms();
	size_t i;
	int err;

	err = read_table(t, &table);
	if (err)
		goto out;
	t->owner = pick_owner(table.maps, table.n_maps, table.peers, table.n_peers, 0);
	t->nhrp = nhrp_tunnel_new(t->d->core, cfg, t, now_ms);
	t->recon = recon_new(t->cfg.name, t->link.ifindex, t->owner, t->chan, t->handle);
	t->export = export_new(t->cfg.name, t->link.ifindex, t->cfg.export_table);
	if (!t->nhrp || !t->recon || !t->export) {
		err = -ENOMEM;
		goto out;
	}
	for (i = 0; i < table.n_maps; i++) {
		recon_found(t->recon, &table.maps[i]);
		adopt_map(t, &table.maps[i], now_ms);
	}
	for (i = 0; i < table.n_peers; i++)
		adopt_peer(t, &table.peers[i], now_ms);
	log_line(LOG_INFO, t->cfg.name, "adopt", "%zu mappings and %zu peers were in the table",
		 table.n_maps, table.n_peers);
	bindings_restore(t);
	nhrp_tunnel_lower(t->nhrp, t->link.up && t->link.carrier, now_ms);
	nhrp_tunnel_start(t->nhrp, now_ms);
	t->started_ms = now_ms;
	t->settled = false;
	t->swept = false;
out:
	free_table(&table);
	return err;
}

/*
 * Read the table again and let the core state all its wishes under a new owner;
 * what then still has another one is swept.
 */
void adopt_resync(struct tunnel *t)
{
	struct table table;
	size_t i;

	t->want_resync = false;
	if (read_table(t, &table)) {
		log_line(LOG_WARNING, t->cfg.name, "resync", "cannot read the table: %s",
			 dvpn_error(t->handle));
		t->broken = true;
		free_table(&table);
		return;
	}
	t->resyncs++;
	t->owner = pick_owner(table.maps, table.n_maps, table.peers, table.n_peers, t->owner);
	log_line(LOG_NOTICE, t->cfg.name, "resync", "messages were lost, the table is read again");
	recon_restart(t->recon, t->owner);
	for (i = 0; i < table.n_maps; i++)
		recon_found(t->recon, &table.maps[i]);
	free_table(&table);
	nhrp_tunnel_resync(t->nhrp, clock_ms());
	t->started_ms = clock_ms();
	t->swept = false;
}

static void swept_cb(const struct dvpn_ack *ack, void *ctx)
{
	struct tunnel *t = ctx;

	if (ack->err == -ECANCELED)
		return;
	if (ack->err)
		log_line(LOG_WARNING, t->cfg.name, "sweep", "entries of former agents stay: %s",
			 *ack->text ? ack->text : strerror(-ack->err));
	else if (ack->count)
		log_line(LOG_NOTICE, t->cfg.name, "sweep",
			 "%u unwanted entries of former agents are gone", ack->count);
}

/* Peers go with their last mapping, so they come second. */
static void sweep(struct tunnel *t)
{
	struct dvpn_match match = {
		.has = DVPN_MATCH_HAS_NOT_OWNER,
		.not_owner = t->owner,
	};

	t->swept = true;
	if (dvpn_map_flush(t->chan, t->link.ifindex, &match, 0, 0, swept_cb, t) ||
	    dvpn_peer_flush(t->chan, t->link.ifindex, &match, swept_cb, t))
		log_line(LOG_WARNING, t->cfg.name, "sweep", "out of memory");
}

u64 adopt_sweep(struct tunnel *t)
{
	u64 since = clock_ms() - t->started_ms;

	if (t->swept || t->state == TUNNEL_LEFT)
		return UINT64_MAX;
	if (since < SWEEP_GRACE_MS)
		return SWEEP_GRACE_MS - since;
	/* What could not be claimed yet must not be taken for unwanted. */
	if (recon_settled(t->recon))
		sweep(t);
	return UINT64_MAX;
}
