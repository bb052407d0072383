// SPDX-License-Identifier: GPL-2.0
/* IPsec of tunnels that have a profile: see ipsec.h */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/charon.h"
#include "dvpnd/clock.h"
#include "dvpnd/convert.h"
#include "dvpnd/daemon.h"
#include "dvpnd/ipsec-profile.h"
#include "dvpnd/ipsec-wait.h"
#include "dvpnd/ipsec.h"
#include "dvpnd/larval.h"
#include "dvpnd/log.h"
#include "dvpnd/tunnel-state.h"
#include "dvpnd/tunnel.h"
#include "vici/sa.h"

#define SWEEP_MS	10000	/* how often to look for what nobody needs */
#define UNWANTED_MS	30000	/* so long without a peer, then it ends: a mapping may come back */
#define ENDING_MS	30000	/* if it has not ended by then, ask again */
#define SWEEP_MAX	16	/* of those in a sweep */
#define CHECK_MS	60000	/* how often to look whether profiles are as they should be */
#define CHECK_SOON_MS	2000	/* if they are not */

/**
 * struct ipsec - what is known of the IKE daemon
 * @d: daemon.
 * @path: socket that @charon is connected to.
 * @charon: connection to the IKE daemon, NULL: no tunnel has a profile.
 * @sas: security associations of profiles.
 * @profiles: what is known of the profiles.
 * @listing: number of the last listing of security associations.
 * @listed: one has come to its end; what is new from then on has just come up.
 * @sweep_ms: when to look for what nobody needs.
 * @waits: peers that messages wait for.
 */
struct ipsec {
	struct daemon *d;
	char path[CONFIG_PATH_MAX];
	struct charon *charon;
	struct sas sas;
	struct ipsec_profiles profiles;
	u32 listing;
	bool listed;
	u64 sweep_ms;
	struct ipsec_waits waits;
};

const struct sas *ipsec_sas(const struct ipsec *ip)
{
	return &ip->sas;
}

/* ----- tunnels of a profile ----- */

static bool uses(const struct tunnel *t, const char *profile)
{
	return *profile && !t->retiring && !strcmp(t->cfg.ipsec_profile, profile);
}

static bool is_used(const struct ipsec *ip, const char *profile)
{
	const struct tunnel *t;

	for (t = ip->d->tunnels; t; t = t->next)
		if (uses(t, profile))
			return true;
	return false;
}

static void update_states(struct ipsec *ip)
{
	struct tunnel *t;

	for (t = ip->d->tunnels; t; t = t->next)
		if (*t->cfg.ipsec_profile && t->attached)
			tunnel_update_state(t);
}

/* ----- what comes and goes ----- */

static struct nhrp_peer_key key_of(const struct sa *sa)
{
	return (struct nhrp_peer_key) {
		.nbma = sa->nbma,
		.encap = sa->port ? NHRP_ENCAP_UDP : NHRP_ENCAP_GRE,
		.port = sa->port,
	};
}

static void log_sa(const struct tunnel *t, const char *id, const struct sa *sa, const char *what)
{
	char nbma[NHRP_ADDR_STRLEN];
	const struct log_about about = {
		.nbma = nhrp_addr_format(&sa->nbma, nbma, sizeof(nbma)),
	};

	log_event(LOG_INFO, t->cfg.name, id, &about, "%s: security association %s%s%s%s", nbma,
		  what, *sa->identity ? " (" : "", sa->identity, *sa->identity ? ")" : "");
}

static void sa_up(struct ipsec *ip, const struct sa *sa)
{
	struct nhrp_peer_key key = key_of(sa);
	struct tunnel *t;

	ipsec_wait_over(&ip->waits, &sa->nbma);
	for (t = ip->d->tunnels; t; t = t->next) {
		if (!uses(t, sa->profile))
			continue;
		log_sa(t, "sa-up", sa, "is up");
		if (t->attached)
			nhrp_tunnel_peer_ready(t->nhrp, &key, clock_ms());
	}
}

/* Nothing is taken away for it: the peer is asked, which makes a new one. */
static void sa_down(struct ipsec *ip, const struct sa *sa, bool ended)
{
	struct nhrp_peer_key key = key_of(sa);
	struct sa_entry *other = NULL;
	struct tunnel *t;

	while ((other = sas_of(&ip->sas, &sa->nbma, other)))
		if (other->sa.port == sa->port)
			return;
	for (t = ip->d->tunnels; t; t = t->next) {
		if (!uses(t, sa->profile))
			continue;
		log_sa(t, "sa-down", sa, "is gone");
		if (t->attached && !ended)
			nhrp_tunnel_peer_unreach(t->nhrp, &key, -ENOKEY, clock_ms());
	}
}

static void forget(struct ipsec *ip, struct sa_entry *e)
{
	struct sa sa = e->sa;
	bool ended = e->ending_ms;

	sas_del(&ip->sas, e);
	sa_down(ip, &sa, ended);
}

/* strongSwan looks it up in /etc/services, too. 0: there is no such name. */
static u16 port_of(const struct vici_child *child)
{
	const struct servent *s = *child->service ? getservbyname(child->service, "udp") : NULL;

	return s ? ntohs(s->s_port) : child->port;
}

static bool read_sa(struct sa *sa, const struct vici_ike *ike, const struct vici_child *child)
{
	/* In tunnel mode the peer is what is inside of it. */
	const struct vici_addr *nbma = child->is_tunnel ? &child->remote : &ike->remote;

	memset(sa, 0, sizeof(*sa));
	nhrp_addr_set(&sa->nbma, nbma->family, nbma->bytes);
	sa->id = child->id;
	sa->ike_id = ike->id;
	sa->port = port_of(child);
	sa->any_port = child->any_port || (*child->service && !sa->port);
	sa->spi_in = child->spi_in;
	sa->spi_out = child->spi_out;
	sa->is_tunnel = child->is_tunnel;
	sa->nat = child->encap;
	snprintf(sa->profile, sizeof(sa->profile), "%s", ike->conn);
	snprintf(sa->identity, sizeof(sa->identity), "%s", ike->identity);
	return !nhrp_addr_none(&sa->nbma);
}

static void add(struct ipsec *ip, const struct vici_ike *ike, const struct vici_child *child,
		bool came_up)
{
	struct sa_entry *e;
	struct sa sa;
	bool is_new;

	if (!is_used(ip, ike->conn) || !read_sa(&sa, ike, child))
		return;
	e = sas_set(&ip->sas, &sa, clock_ms(), &is_new);
	if (!e)
		return;
	e->listing = ip->listing;
	if (is_new && came_up)
		sa_up(ip, &sa);
}

static void on_child(enum vici_sa_news news, const struct vici_ike *ike,
		     const struct vici_child *child, void *ctx)
{
	struct ipsec *ip = ctx;
	struct sa_entry *e;

	switch (news) {
	case VICI_SA_UP:
		add(ip, ike, child, true);
		break;
	case VICI_SA_REKEYED:
		add(ip, ike, child, false);
		break;
	case VICI_SA_LISTED:
		if (child->installed)
			add(ip, ike, child, ip->listed);
		break;
	case VICI_SA_DOWN:
		e = sas_find(&ip->sas, child->id);
		if (e)
			forget(ip, e);
		break;
	}
}

/* The children of an IKE_SA that was rekeyed are the new one's. */
static void on_ike_rekey(u32 from, u32 to, void *ctx)
{
	struct ipsec *ip = ctx;
	struct sa_entry *e, *tmp;

	sas_for_each(e, tmp, &ip->sas)
		if (e->sa.ike_id == from)
			e->sa.ike_id = to;
}

static const struct vici_sa_ops sa_ops = {
	.child = on_child,
	.ike_rekeyed = on_ike_rekey,
};

/* ----- asking ----- */

static void listing_done(int err, const void *body, size_t len, void *ctx)
{
	struct ipsec *ip = ctx;
	struct sa_entry *e, *tmp;

	(void)body;
	(void)len;
	if (err)
		return;
	sas_for_each(e, tmp, &ip->sas)
		if (e->listing != ip->listing)
			forget(ip, e);
	ip->listed = true;
}

static void list_sas(struct ipsec *ip)
{
	ip->listing++;
	charon_request(ip->charon, "list-sas", NULL, listing_done, ip);
}

static void policies_done(int err, const void *body, size_t len, void *ctx)
{
	struct ipsec *ip = ctx;

	(void)body;
	(void)len;
	ip->profiles.asking = false;
	if (err)
		return;
	ipsec_profiles_end(&ip->profiles);
	update_states(ip);
}

static void conns_done(int err, const void *body, size_t len, void *ctx)
{
	struct vici_out traps = { 0 };
	struct ipsec *ip = ctx;

	ip->profiles.asking = false;
	if (err)
		return;
	ipsec_profiles_begin(&ip->profiles);
	ipsec_profile_conns(&ip->profiles, body, len);
	vici_text(&traps, "trap", "yes");
	if (charon_request(ip->charon, "list-policies", &traps, policies_done, ip))
		ip->profiles.asking = false;
	vici_out_free(&traps);
}

static bool is_troubled(const struct ipsec *ip)
{
	const struct ipsec_profiles *all = &ip->profiles;
	char text[TUNNEL_REASON_MAX];
	const struct tunnel *t;

	for (t = ip->d->tunnels; t; t = t->next)
		if (ipsec_profile_trouble(all, t, text, sizeof(text)))
			return true;
	return !all->known;
}

/* Return: milliseconds until it has to be called again. */
static u64 check_profiles(struct ipsec *ip, u64 now_ms)
{
	struct ipsec_profiles *all = &ip->profiles;

	if (now_ms < all->check_ms)
		return all->check_ms - now_ms;
	all->check_ms = now_ms + (is_troubled(ip) ? CHECK_SOON_MS : CHECK_MS);
	if (!all->asking && !charon_request(ip->charon, "get-conns", NULL, conns_done, ip))
		all->asking = true;
	return all->check_ms - now_ms;
}

/* ----- the connection ----- */

static void on_up(void *ctx)
{
	struct ipsec *ip = ctx;

	ip->profiles.asking = false;
	ip->profiles.known = false;
	ip->profiles.check_ms = 0;
	list_sas(ip);
	update_states(ip);
}

/* Peers and their security associations are as they were: nothing is known to be otherwise. */
static void on_down(void *ctx)
{
	update_states(ctx);
}

static void on_event(const char *name, const void *body, size_t len, void *ctx)
{
	struct ipsec *ip = ctx;

	if (!strcmp(name, "list-policy"))
		ipsec_profile_policy(&ip->profiles, body, len);
	else
		vici_sa_event(name, body, len, &sa_ops, ip);
}

static const struct charon_ops charon_ops = {
	.up = on_up,
	.down = on_down,
	.event = on_event,
};

static const char *const events[] = {
	"list-sa", "list-policy", "child-updown", "child-rekey", "ike-rekey", NULL
};

/* ----- ending what nobody needs ----- */

static void ended(int err, const void *body, size_t len, void *ctx)
{
	char why[96];

	(void)ctx;
	if (!err && !vici_succeeded(body, len, why, sizeof(why)))
		log_debug("strongSwan does not end a security association: %s", why);
}

/* The IKE_SA goes with the last of its children. */
static bool has_sibling(const struct ipsec *ip, const struct sa_entry *e)
{
	const struct sa_entry *other = NULL;

	while ((other = sas_of(&ip->sas, &e->sa.nbma, other)))
		if (other != e && other->sa.ike_id == e->sa.ike_id)
			return true;
	return false;
}

static int end(struct ipsec *ip, struct sa_entry *e, u64 now_ms)
{
	bool child = has_sibling(ip, e);
	struct vici_out body = { 0 };
	char nbma[NHRP_ADDR_STRLEN];
	int err;

	vici_text(&body, child ? "child-id" : "ike-id", "%u", child ? e->sa.id : e->sa.ike_id);
	vici_text(&body, "timeout", "-1");	/* do not wait for it */
	err = charon_request(ip->charon, "terminate", &body, ended, NULL);
	vici_out_free(&body);
	if (err)
		return err;
	e->ending_ms = now_ms;
	log_line(LOG_INFO, NULL, "sa-unused", "%s: the security association ends: no peer needs it",
		 nhrp_addr_format(&e->sa.nbma, nbma, sizeof(nbma)));
	return 0;
}

/* There is a peer at @nbma, reached by @port (0: GRE) or, if @any, by any. */
static void want(struct ipsec *ip, const struct nhrp_addr *nbma, u16 port, bool any, u64 now_ms)
{
	struct sa_entry *e = NULL;

	while ((e = sas_of(&ip->sas, nbma, e)))
		if (any || e->sa.any_port || e->sa.port == port)
			e->wanted_ms = now_ms;
}

static void want_all(struct ipsec *ip, const char *profile, u64 now_ms)
{
	struct sa_entry *e, *tmp;

	sas_for_each(e, tmp, &ip->sas)
		if (!strcmp(e->sa.profile, profile))
			e->wanted_ms = now_ms;
}

/* The kernel's peers are those of others than us, too. */
static int want_peers(struct ipsec *ip, struct tunnel *t, u64 now_ms)
{
	struct dvpn_peer *peers = NULL;
	struct nhrp_peer_key key;
	size_t i, n = 0;
	int err;

	if (!t->attached || !t->settled || !t->swept)
		return -EAGAIN;
	err = dvpn_dump_peers(t->handle, t->link.ifindex, &peers, &n);
	for (i = 0; err >= 0 && i < n; i++) {
		key_to_nhrp(&key, &peers[i].key);
		want(ip, &key.nbma, key.port, peers[i].flags & DVPN_PEER_F_ANY_SPORT, now_ms);
	}
	free(peers);
	return err < 0 ? err : 0;
}

static void end_unwanted(struct ipsec *ip, u64 now_ms)
{
	unsigned int most = SWEEP_MAX;
	struct sa_entry *e, *tmp;

	sas_for_each(e, tmp, &ip->sas) {
		if (now_ms - e->wanted_ms < UNWANTED_MS ||
		    (e->ending_ms && now_ms - e->ending_ms < ENDING_MS))
			continue;
		if (!most-- || end(ip, e, now_ms))
			return;
	}
}

/* What is not known of a tunnel does not end what it may need. */
static void sweep(struct ipsec *ip, u64 now_ms)
{
	struct tunnel *t;

	for (t = ip->d->tunnels; t; t = t->next)
		if (*t->cfg.ipsec_profile && want_peers(ip, t, now_ms))
			want_all(ip, t->cfg.ipsec_profile, now_ms);
	end_unwanted(ip, now_ms);
}

u64 ipsec_run(struct ipsec *ip)
{
	u64 now_ms = clock_ms(), wait;

	if (!ip->charon || !charon_is_up(ip->charon))
		return UINT64_MAX;
	wait = check_profiles(ip, now_ms);
	if (!ip->sas.ids.count)
		return wait;
	if (now_ms >= ip->sweep_ms) {
		sweep(ip, now_ms);
		ip->sweep_ms = now_ms + SWEEP_MS;
	}
	return wait < ip->sweep_ms - now_ms ? wait : ip->sweep_ms - now_ms;
}

/* ----- peers that there is none with ----- */

/* Whom the kernel has asked may have failed long ago, and it asks nobody else meanwhile. */
static void ask_again(const struct tunnel *t, const struct nhrp_addr *nbma)
{
	char text[NHRP_ADDR_STRLEN];

	if (larval_clear(nbma) > 0)
		log_line(LOG_NOTICE, t->cfg.name, "sa-retry",
			 "%s: no security association for %u s: the kernel asks for one again",
			 nhrp_addr_format(nbma, text, sizeof(text)), IPSEC_WAIT_MS / 1000);
}

void ipsec_no_sa(struct ipsec *ip, const struct tunnel *t, const struct nhrp_addr *nbma)
{
	if (ip && *t->cfg.ipsec_profile && ipsec_wait_for(&ip->waits, nbma, clock_ms()))
		ask_again(t, nbma);
}

/* ----- from outside ----- */

bool ipsec_trouble(const struct ipsec *ip, const struct tunnel *t, char *text, size_t size)
{
	*text = '\0';
	if (!*t->cfg.ipsec_profile || !ip->charon)
		return false;
	if (!charon_is_up(ip->charon))
		snprintf(text, size, "%s", charon_trouble(ip->charon));
	else if (ipsec_profile_trouble(&ip->profiles, t, text, size))
		return true;
	else if (!(t->link.flags & DVPN_LINK_F_REQUIRE_IPSEC))
		snprintf(text, size,
			 "packets leave in clear while strongSwan is away: ip link set %s type dvpn ipsec require",
			 t->cfg.name);
	return *text;
}

const char *ipsec_identity(const struct ipsec *ip, const struct tunnel *t, u32 spi)
{
	const struct sa_entry *e = sas_by_spi(&ip->sas, spi);

	return e && uses(t, e->sa.profile) && *e->sa.identity ? e->sa.identity : NULL;
}

/* Nothing of a profile that no tunnel has any more is looked after. */
static void forget_unused(struct ipsec *ip)
{
	struct sa_entry *e, *tmp;

	sas_for_each(e, tmp, &ip->sas)
		if (!is_used(ip, e->sa.profile))
			sas_del(&ip->sas, e);
}

static void set_profiles(struct ipsec *ip)
{
	struct ipsec_profiles *all = &ip->profiles;
	const struct tunnel *t;

	all->nr = 0;
	all->known = false;
	all->check_ms = 0;
	for (t = ip->d->tunnels; t; t = t->next)
		if (*t->cfg.ipsec_profile && !t->retiring)
			ipsec_profile_add(all, t->cfg.ipsec_profile);
}

static void disconnect(struct ipsec *ip)
{
	charon_free(ip->charon);
	ip->charon = NULL;
	ip->listed = false;
	ip->profiles.asking = false;
}

void ipsec_refresh(struct ipsec *ip)
{
	const char *path;

	if (!ip)
		return;
	path = ip->d->cfg->ipsec_socket;
	set_profiles(ip);
	forget_unused(ip);
	if (!ip->profiles.nr || strcmp(ip->path, path))
		disconnect(ip);
	if (!ip->profiles.nr)
		return;
	if (ip->charon && charon_is_up(ip->charon))
		list_sas(ip);
	if (ip->charon)
		return;
	memcpy(ip->path, path, sizeof(ip->path));
	ip->charon = charon_new(ip->d->loop, path, events, &charon_ops, ip);
	if (!ip->charon)
		log_err("out of memory");
}

struct ipsec *ipsec_new(struct daemon *d)
{
	struct ipsec *ip = calloc(1, sizeof(*ip));

	if (!ip)
		return NULL;
	ip->d = d;
	sas_init(&ip->sas);
	return ip;
}

void ipsec_free(struct ipsec *ip)
{
	if (!ip)
		return;
	disconnect(ip);
	sas_free(&ip->sas);
	free(ip);
}
