// SPDX-License-Identifier: GPL-2.0
/* The kernel's table, with what we know of its entries, as JSON */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/clock.h"
#include "dvpnd/control.h"
#include "dvpnd/convert.h"
#include "dvpnd/daemon.h"
#include "dvpnd/ipsec.h"
#include "dvpnd/show.h"
#include "dvpnd/tunnel.h"

#define HUBS_MAX (NHRP_HUBS_MAX * NHRP_LOCALS_MAX)

/**
 * struct spoke - a registration with us
 * @proto: protocol address, first: it is sorted by that.
 * @provisional: taken from the bindings file, and not confirmed yet.
 * @identity: whose it is, empty: nobody's.
 * @rival: who was refused it last, empty: nobody was.
 * @rival_ike: by which IKE identity, empty: by none.
 * @rival_nbma: from where.
 * @rival_ms: how long ago.
 */
struct spoke {
	struct nhrp_addr proto;
	bool provisional;
	char identity[NHRP_IDENTITY_NAME_MAX];
	char rival[NHRP_IDENTITY_NAME_MAX];
	char rival_ike[NHRP_IKE_ID_MAX];
	struct nhrp_addr rival_nbma;
	u64 rival_ms;
};

/**
 * struct part - a tunnel's share of an answer
 * @next: of another tunnel.
 * @tunnel: its name; the tunnel itself may be gone before the answer is sent.
 * @profile: connection of the IKE daemon that protects it, empty: none.
 * @sas: security associations, NULL: it has no @profile.
 * @maps: dump.
 * @n_maps: entries of @maps.
 * @peers: dump (ShowPeers).
 * @n_peers: entries of @peers.
 * @hubs: what is known of hubs (ShowPeers).
 * @n_hubs: entries of @hubs.
 * @unreach: peers that packets could not leave to (ShowPeers).
 * @spokes: who is registered with us, sorted by address (ShowMaps).
 * @n_spokes: entries of @spokes.
 * @pending: entries that are wanted and not in the kernel (ShowMaps).
 */
struct part {
	struct part *next;
	char tunnel[IFNAMSIZ];
	char profile[CONFIG_PROFILE_MAX];
	const struct sas *sas;
	struct dvpn_map *maps;
	size_t n_maps;
	struct dvpn_peer *peers;
	size_t n_peers;
	struct nhrp_nhs_info hubs[HUBS_MAX];
	size_t n_hubs;
	struct unreach unreach[TUNNEL_UNREACH_MAX];
	struct spoke *spokes;
	size_t n_spokes;
	size_t spokes_room;
	json_t *pending;
};

struct table_stream {
	struct stream s;
	struct part *parts;
	size_t next;
};

static void part_free(struct part *p)
{
	free(p->maps);
	free(p->peers);
	free(p->spokes);
	json_decref(p->pending);
	free(p);
}

static void table_free(struct stream *s)
{
	struct table_stream *ts = (struct table_stream *)s;

	while (ts->parts) {
		struct part *p = ts->parts;

		ts->parts = p->next;
		part_free(p);
	}
	free(ts);
}

static void next_part(struct table_stream *ts)
{
	struct part *p = ts->parts;

	ts->parts = p->next;
	ts->next = 0;
	part_free(p);
}

static void show_ms(json_t *obj, const char *member, bool known, u64 ms)
{
	if (known)
		json_object_set_new(obj, member, json_integer(ms));
}

static void show_peer_key(json_t *obj, const struct dvpn_peer_key *key)
{
	struct nhrp_peer_key k;

	key_to_nhrp(&k, key);
	show_key(obj, &k);
}

/* ----- mappings ----- */

static int spoke_cmp(const void *a, const void *b)
{
	/* The key of a search is an address, what is sorted begins with one. */
	return nhrp_addr_cmp(a, b);
}

static const struct spoke *spoke_find(const struct part *p, const struct nhrp_prefix *prefix)
{
	return bsearch(&prefix->addr, p->spokes, p->n_spokes, sizeof(*p->spokes), spoke_cmp);
}

static const char *map_type(const struct part *p, const struct nhrp_prefix *prefix, u32 flags,
			    u32 owner)
{
	const struct spoke *spoke;

	if (flags & DVPN_MAP_F_INCOMPLETE)
		return "incomplete";
	if (!owner)
		return "administrator";
	if (flags & DVPN_MAP_F_NHS)
		return "hub";
	if (flags & DVPN_MAP_F_STATIC)
		return "static";
	if (!nhrp_prefix_is_host(prefix) || (flags & DVPN_MAP_F_SHORTCUT))
		return "shortcut";
	spoke = spoke_find(p, prefix);
	if (!spoke)
		return "resolved";
	return spoke->provisional ? "restored" : "registered";
}

static const char *map_state(u32 flags)
{
	if (flags & DVPN_MAP_F_INCOMPLETE)
		return "incomplete";
	if (flags & DVPN_MAP_F_UNREACHABLE)
		return "unreachable";
	if (flags & DVPN_MAP_F_PROBATION)
		return "probation";
	return "active";
}

static const char *map_reason(u32 flags)
{
	if (flags & DVPN_MAP_F_UNREACHABLE)
		return "nobody could tell where it is; asked again later";
	if ((flags & DVPN_MAP_F_PROBATION) && (flags & DVPN_MAP_F_NHS))
		return "the hub has not answered yet";
	if (flags & DVPN_MAP_F_PROBATION)
		return "the direct path has not answered yet; data goes by the hub";
	return NULL;
}

/* Who IKE has proved to be there. */
static void show_ike(json_t *obj, const struct part *p, const struct nhrp_peer_key *key)
{
	const char *ike = p->sas ? sas_identity(p->sas, p->profile, key) : "";

	if (*ike)
		show_text(obj, "ike", ike);
}

static void show_owner(json_t *obj, const struct spoke *spoke)
{
	char text[96 + NHRP_IDENTITY_NAME_MAX + NHRP_IKE_ID_MAX], at[NHRP_ADDR_STRLEN];
	const char *ike;

	if (!spoke)
		return;
	if (*spoke->identity)
		show_text(obj, "identity", spoke->identity);
	if (!*spoke->rival)
		return;
	ike = spoke->rival_ike;
	snprintf(text, sizeof(text), "refused to %s%s%s%s at %s, %llu s ago", spoke->rival,
		 *ike ? " (IKE " : "", ike, *ike ? ")" : "",
		 nhrp_addr_format(&spoke->rival_nbma, at, sizeof(at)), spoke->rival_ms / 1000);
	show_text(obj, "reason", text);
}

static json_t *map_json(const struct part *p, const struct dvpn_map *m)
{
	const u32 shown = DVPN_MAP_F_NHS | DVPN_MAP_F_MULTICAST | DVPN_MAP_F_STATIC |
			  DVPN_MAP_F_UNIQUE;
	struct nhrp_peer_key key;
	struct nhrp_prefix prefix;
	json_t *obj = json_object();

	prefix_to_nhrp(&prefix, m);
	show_text(obj, "tunnel", p->tunnel);
	show_prefix(obj, &prefix);
	if (m->has & DVPN_MAP_HAS_PEER)
		show_peer_key(obj, &m->peer);
	show_text(obj, "type", map_type(p, &prefix, m->flags, m->owner));
	show_text(obj, "state", map_state(m->flags));
	show_text(obj, "reason", map_reason(m->flags));
	if (nhrp_prefix_is_host(&prefix))
		show_owner(obj, spoke_find(p, &prefix));
	if (m->has & DVPN_MAP_HAS_PEER) {
		key_to_nhrp(&key, &m->peer);
		show_ike(obj, p, &key);
	}
	show_mask(obj, "flags", DVPN_NAMES_MAP_FLAG, m->flags & shown);
	if (m->flags & DVPN_MAP_F_NHS)
		json_object_set_new(obj, "preference", json_integer(m->preference));
	show_ms(obj, "age_ms", m->has & DVPN_MAP_HAS_AGE, m->age_ms);
	show_ms(obj, "idle_ms", m->has & DVPN_MAP_HAS_IDLE, m->idle_ms);
	show_ms(obj, "expires_ms", m->has & DVPN_MAP_HAS_EXPIRES, m->expires_ms);
	show_ms(obj, "id", m->has & DVPN_MAP_HAS_ID, m->id);
	show_ms(obj, "owner", m->has & DVPN_MAP_HAS_OWNER, m->owner);
	return obj;
}

static json_t *maps_next(struct stream *s)
{
	struct table_stream *ts = (struct table_stream *)s;

	while (ts->parts) {
		struct part *p = ts->parts;
		size_t i = ts->next++;

		if (i < p->n_maps)
			return map_json(p, &p->maps[i]);
		i -= p->n_maps;
		if (i < json_array_size(p->pending))
			return json_incref(json_array_get(p->pending, i));
		next_part(ts);
	}
	return NULL;
}

static void add_spoke(void *arg, const struct nhrp_binding_info *info)
{
	struct part *p = arg;
	struct spoke *spoke;

	if (p->n_spokes == p->spokes_room) {
		size_t room = p->spokes_room ? p->spokes_room * 2 : 64;
		struct spoke *more = reallocarray(p->spokes, room, sizeof(*more));

		if (!more)
			return;
		p->spokes = more;
		p->spokes_room = room;
	}
	spoke = &p->spokes[p->n_spokes++];
	spoke->proto = info->proto;
	spoke->provisional = info->provisional;
	snprintf(spoke->identity, sizeof(spoke->identity), "%s", info->identity);
	snprintf(spoke->rival, sizeof(spoke->rival), "%s", info->rival);
	snprintf(spoke->rival_ike, sizeof(spoke->rival_ike), "%s", info->rival_ike);
	spoke->rival_nbma = info->rival_nbma;
	spoke->rival_ms = info->rival_ms;
}

static void add_pending(const struct recon_pending *pending, void *ctx)
{
	const struct nhrp_map *map = pending->map;
	json_t *obj = json_object();
	struct part *p = ctx;

	show_text(obj, "tunnel", p->tunnel);
	show_prefix(obj, &map->prefix);
	show_key(obj, &map->peer);
	/* Owner 0 would be the administrator; this one is ours to be. */
	show_text(obj, "type", map_type(p, &map->prefix, map->flags, -1U));
	show_text(obj, "state", "pending");
	show_text(obj, "reason", pending->reason);
	show_mask(obj, "flags", DVPN_NAMES_MAP_FLAG, map->flags);
	json_array_append_new(p->pending, obj);
}

static int collect_maps(struct part *p, struct tunnel *t)
{
	int err;

	err = dvpn_dump_maps(t->handle, t->link.ifindex, &p->maps, &p->n_maps);
	if (err < 0)
		return err;
	nhrp_tunnel_walk_bindings(t->nhrp, clock_ms(), add_spoke, p);
	if (p->n_spokes)
		qsort(p->spokes, p->n_spokes, sizeof(*p->spokes), spoke_cmp);
	recon_walk_pending(t->recon, add_pending, p);
	return 0;
}

/* ----- peers ----- */

static int by_peer_id(const void *a, const void *b)
{
	const struct dvpn_map *m = a, *n = b;

	return (m->peer_id > n->peer_id) - (m->peer_id < n->peer_id);
}

#define PROTOCOLS_MAX 16

/* @p->maps is sorted by peer id. */
static json_t *protocols_of(const struct part *p, u32 peer_id)
{
	struct dvpn_map like = { .peer_id = peer_id };
	json_t *list = json_array();
	const struct dvpn_map *m;
	char text[DVPN_ADDR_STRLEN];
	bool host;

	if (!p->n_maps)
		return list;
	m = bsearch(&like, p->maps, p->n_maps, sizeof(*m), by_peer_id);
	if (!m)
		return list;
	while (m > p->maps && m[-1].peer_id == peer_id)
		m--;
	for (; m < p->maps + p->n_maps && m->peer_id == peer_id; m++) {
		if (json_array_size(list) == PROTOCOLS_MAX)
			break;
		dvpn_addr_str(&m->proto, text);
		host = m->prefixlen == dvpn_addr_len(&m->proto) * 8;
		json_array_append_new(list, host ? json_string(text) :
				      json_sprintf("%s/%u", text, m->prefixlen));
	}
	return list;
}

static json_t *peer_counters(const struct dvpn_peer *peer)
{
	return json_pack("{s:I, s:I, s:I, s:I}",
			 "tx_packets", (json_int_t)peer->stats[DVPN_STAT_TX_PACKETS],
			 "tx_bytes", (json_int_t)peer->stats[DVPN_STAT_TX_BYTES],
			 "rx_packets", (json_int_t)peer->stats[DVPN_STAT_RX_PACKETS],
			 "rx_bytes", (json_int_t)peer->stats[DVPN_STAT_RX_BYTES]);
}

/* Hubs tell by their replies what they are; of spokes it is not known. */
static const char *peer_kind(const struct part *p, const struct nhrp_peer_key *key)
{
	size_t i;

	for (i = 0; i < p->n_hubs; i++)
		if (p->hubs[i].registered_ms != UINT64_MAX &&
		    nhrp_addr_eq(&p->hubs[i].peer.nbma, &key->nbma) &&
		    p->hubs[i].peer.port == key->port)
			return p->hubs[i].is_dvpn ? "dvpn" : "foreign";
	return NULL;
}

static void show_unreach(json_t *obj, const struct part *p, const struct dvpn_peer *peer)
{
	const struct unreach *last = NULL;
	char text[96], ago[24] = "";
	size_t i;

	for (i = 0; i < TUNNEL_UNREACH_MAX; i++)
		if (p->unreach[i].peer_id == peer->id &&
		    (!last || p->unreach[i].at_ms > last->at_ms))
			last = &p->unreach[i];
	if (!last)
		return;
	snprintf(ago, sizeof(ago), "%llu s ago", (clock_ms() - last->at_ms) / 1000);
	snprintf(text, sizeof(text), "%s, %s", last->error ? strerror(last->error) :
		 dvpn_reason_name(last->reason), ago);
	show_text(obj, "reason", text);
}

static json_t *peer_json(const struct part *p, const struct dvpn_peer *peer)
{
	struct nhrp_peer_key key;
	json_t *obj = json_object();

	show_text(obj, "tunnel", p->tunnel);
	key_to_nhrp(&key, &peer->key);
	show_key(obj, &key);
	show_text(obj, "kind", peer_kind(p, &key));
	show_ike(obj, p, &key);
	show_unreach(obj, p, peer);
	show_mask(obj, "flags", DVPN_NAMES_PEER_FLAG, peer->flags);
	show_ms(obj, "maps", peer->has & DVPN_PEER_HAS_MAPS, peer->maps);
	json_object_set_new(obj, "protocols", protocols_of(p, peer->id));
	show_ms(obj, "age_ms", peer->has & DVPN_PEER_HAS_AGE, peer->age_ms);
	show_ms(obj, "rx_idle_ms", peer->has & DVPN_PEER_HAS_RX_IDLE, peer->rx_idle_ms);
	show_ms(obj, "expires_ms", peer->has & DVPN_PEER_HAS_EXPIRES, peer->expires_ms);
	show_ms(obj, "pmtu", peer->has & DVPN_PEER_HAS_PMTU, peer->pmtu);
	show_ms(obj, "mtu", peer->has & DVPN_PEER_HAS_MTU, peer->mtu);
	show_ms(obj, "mtu_advertised", peer->has & DVPN_PEER_HAS_MTU_ADVERTISED,
		peer->mtu_advertised);
	show_ms(obj, "mss", peer->has & DVPN_PEER_HAS_MSS, peer->mss);
	show_ms(obj, "keepalive_ms", peer->has & DVPN_PEER_HAS_KEEPALIVE,
		(u64)peer->keepalive_s * 1000);
	json_object_set_new(obj, "counters", peer_counters(peer));
	show_ms(obj, "id", true, peer->id);
	show_ms(obj, "owner", peer->has & DVPN_PEER_HAS_OWNER, peer->owner);
	return obj;
}

static json_t *peers_next(struct stream *s)
{
	struct table_stream *ts = (struct table_stream *)s;

	while (ts->parts) {
		struct part *p = ts->parts;
		size_t i = ts->next++;

		if (i < p->n_peers)
			return peer_json(p, &p->peers[i]);
		next_part(ts);
	}
	return NULL;
}

static void add_hub(void *arg, const struct nhrp_nhs_info *info)
{
	struct part *p = arg;

	if (p->n_hubs < HUBS_MAX)
		p->hubs[p->n_hubs++] = *info;
}

static int collect_peers(struct part *p, struct tunnel *t)
{
	int err;

	err = dvpn_dump_peers(t->handle, t->link.ifindex, &p->peers, &p->n_peers);
	if (err >= 0)
		err = dvpn_dump_maps(t->handle, t->link.ifindex, &p->maps, &p->n_maps);
	if (err < 0)
		return err;
	nhrp_tunnel_walk_nhs(t->nhrp, clock_ms(), add_hub, p);
	memcpy(p->unreach, t->unreach, sizeof(p->unreach));
	if (p->n_maps)
		qsort(p->maps, p->n_maps, sizeof(*p->maps), by_peer_id);
	return 0;
}

/* ----- both ----- */

static bool add_part(struct table_stream *ts, struct tunnel *t,
		     int (*collect)(struct part *p, struct tunnel *t))
{
	struct part *p = calloc(1, sizeof(*p));

	if (!p)
		return false;
	memcpy(p->tunnel, t->cfg.name, sizeof(p->tunnel));
	memcpy(p->profile, t->cfg.ipsec_profile, sizeof(p->profile));
	if (*p->profile && t->d->ipsec)
		p->sas = ipsec_sas(t->d->ipsec);
	p->pending = json_array();
	p->next = ts->parts;
	ts->parts = p;
	return collect(p, t) >= 0;
}

static void send_table(struct client *cl, const struct show_scope *scope, const char *member,
		       json_t *(*next)(struct stream *s),
		       int (*collect)(struct part *p, struct tunnel *t))
{
	struct table_stream *ts = calloc(1, sizeof(*ts));
	struct tunnel *t = NULL;

	if (!ts) {
		control_error(cl, "org.dvpn.Failed", NULL, "out of memory");
		return;
	}
	ts->s.member = member;
	ts->s.next = next;
	ts->s.free = table_free;
	while ((t = show_next(scope, t))) {
		if (!t->attached || add_part(ts, t, collect))
			continue;
		control_error(cl, "org.dvpn.Failed", NULL, "cannot read the table of %s: %s",
			      t->cfg.name, dvpn_error(t->handle));
		table_free(&ts->s);
		return;
	}
	control_stream(cl, &ts->s);
}

void show_maps(struct client *cl, const struct show_scope *scope)
{
	send_table(cl, scope, "maps", maps_next, collect_maps);
}

void show_peers(struct client *cl, const struct show_scope *scope)
{
	send_table(cl, scope, "peers", peers_next, collect_peers);
}
