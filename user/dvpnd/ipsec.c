// SPDX-License-Identifier: GPL-2.0
/* IPsec of tunnels that have a profile: see ipsec.h */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/charon.h"
#include "dvpnd/clock.h"
#include "dvpnd/convert.h"
#include "dvpnd/daemon.h"
#include "dvpnd/ipsec-begun.h"
#include "dvpnd/ipsec-load.h"
#include "dvpnd/ipsec-profile.h"
#include "dvpnd/ipsec-retry.h"
#include "dvpnd/ipsec-why.h"
#include "dvpnd/ipsec.h"
#include "dvpnd/log.h"
#include "dvpnd/orphans.h"
#include "dvpnd/sas-end.h"
#include "dvpnd/tunnel-state.h"
#include "dvpnd/tunnel.h"
#include "vici/sa.h"

#define SWEEP_MS	10000	/* how often to look for what nobody needs */
#define CHECK_MS	60000	/* how often to look whether profiles are as they should be */
#define ASK_MS		1000	/* how often to ask for an association that is not known */
#define LIST_ONE_MS	20	/* of thousands, not to ask for all too often: for each of them */
#define CHECK_LOADED_MS	5000	/* if "swanctl --load-all" could take them away */

/**
 * struct ipsec - what is known of the IKE daemon
 * @d: daemon.
 * @path: socket that @charon is connected to.
 * @charon: connection to the IKE daemon, NULL: no tunnel has a profile.
 * @sas: security associations of profiles.
 * @profiles: what is known of the profiles.
 * @load: profiles that it has from us.
 * @listing: number of the last listing of security associations.
 * @listed: one has come to its end; what is new from then on has just come up.
 * @listings: how many are under way.
 * @doubtful: there may be some that it does not have any more.
 * @list_ms: not before, ask for all because of that.
 * @ask_ms: not before, ask for one that is not known.
 * @sweep_ms: when to look for what nobody needs.
 * @retry: peers that there is none with.
 * @begun: peers that have begun IKE.
 * @hears_log: @charon tells what strongSwan logs: we have hubs, and are no hub for thousands.
 * @whys: why there is none with a peer.
 * @orphans: those that the IKE daemon knows nothing of.
 * @looked: they were looked for since it came.
 * @looking: it is telling what it knows, and @orphans are all that there are.
 */
struct ipsec {
	struct daemon *d;
	char path[CONFIG_PATH_MAX];
	struct charon *charon;
	struct sas sas;
	struct ipsec_profiles profiles;
	struct ipsec_load load;
	u32 listing;
	bool listed;
	unsigned int listings;
	bool doubtful;
	u64 list_ms;
	u64 ask_ms;
	u64 sweep_ms;
	struct ipsec_retry retry;
	struct ipsec_begun begun;
	bool hears_log;
	struct ipsec_whys whys;
	struct orphans orphans;
	bool looked;
	bool looking;
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

/* Where IKE finds who has this NBMA address: by a section in tunnel mode that is another one. */
static const struct nhrp_addr *ike_address(const struct ipsec *ip, const char *profile,
					   const struct nhrp_addr *nbma)
{
	const struct config_ipsec *section = config_ipsec_find(ip->d->cfg, profile);
	const struct nhrp_addr *at = section ? config_ipsec_hub_at(section, nbma) : NULL;

	return at ? at : nbma;
}

/* 0: GRE. */
static u16 own_port(const struct tunnel *t)
{
	return t->cfg.core.encap == NHRP_ENCAP_UDP ? ntohs(t->link.port) : 0;
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
	const struct log_about about = { .nbma = nhrp_addr_format(&sa->nbma, nbma, sizeof(nbma)) };

	log_event(LOG_INFO, t->cfg.name, id, &about, "%s: security association %s%s%s%s", nbma,
		  what, *sa->identity ? " (" : "", sa->identity, *sa->identity ? ")" : "");
}

static void sa_up(struct ipsec *ip, const struct sa *sa)
{
	struct nhrp_peer_key key = key_of(sa);
	struct tunnel *t;

	ipsec_wait_over(&ip->retry.waits, ike_address(ip, sa->profile, &sa->nbma));
	ipsec_why_over(&ip->whys, ike_address(ip, sa->profile, &sa->nbma));
	orphans_over(&ip->orphans, &sa->nbma, clock_ms());
	for (t = ip->d->tunnels; t; t = t->next) {
		if (!uses(t, sa->profile))
			continue;
		log_sa(t, "sa-up", sa, "is up");
		if (t->attached)
			nhrp_tunnel_peer_ready(t->nhrp, &key, clock_ms());
	}
}

/*
 * The peer is asked whether it is there, which makes a new one. What strongSwan has forgotten
 * because it was killed goes on as an orphan, and is replaced as such.
 */
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
		if (t->attached && !ended && !orphans_carry(&ip->orphans, &sa->nbma))
			nhrp_tunnel_peer_no_sa(t->nhrp, &key, clock_ms());
	}
}

static void forget(struct ipsec *ip, struct sa_entry *e)
{
	struct sa sa = e->sa;
	bool ended = e->ending_ms;

	sas_del(&ip->sas, e);
	sa_down(ip, &sa, ended);
}

static void add(struct ipsec *ip, const struct vici_ike *ike, const struct vici_child *child,
		bool came_up)
{
	const char *profile = ipsec_load_profile(ip->d, ike->conn);
	struct sa_entry *e;
	struct sa sa;
	bool is_new;

	if (!is_used(ip, profile) || !sas_read(&sa, ike, child))
		return;
	snprintf(sa.profile, sizeof(sa.profile), "%s", profile);
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
		/* If both ends do so at once nothing tells of the one that is given up. */
		ip->doubtful = true;
		add(ip, ike, child, false);
		break;
	case VICI_SA_LISTED:
		if (ip->looking)
			orphans_known(&ip->orphans, child->spi_in, child->spi_out);
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

static void on_ike(const struct vici_ike *ike, void *ctx)
{
	struct ipsec *ip = ctx;

	ipsec_begun_ike(&ip->begun, ike);
	if (is_used(ip, ipsec_load_profile(ip->d, ike->conn)))
		ipsec_retry_ike(&ip->retry, ip->charon, ike);
}

static const struct vici_sa_ops sa_ops = {
	.ike = on_ike,
	.child = on_child,
	.ike_rekeyed = on_ike_rekey,
};

/* ----- asking ----- */

/*
 * All that the kernel has and an IKE daemon has made, before that tells of its own; once for each
 * connection, when the devices are there.
 *
 * Return: whether it has to tell now.
 */
static bool look_for_orphans(struct ipsec *ip)
{
	u16 ports[CONFIG_TUNNELS_MAX];
	const struct tunnel *t;
	unsigned int nr = 0;

	if (ip->looked)
		return false;
	for (t = ip->d->tunnels; t && nr < CONFIG_TUNNELS_MAX; t = t->next) {
		if (!*t->cfg.ipsec_profile)
			continue;
		if (!t->attached)
			return false;
		ports[nr++] = own_port(t);
	}
	ip->looked = true;
	ip->looking = !orphans_find(&ip->orphans, ports, nr);
	return ip->looking;
}

static void orphans_found(struct ipsec *ip)
{
	ip->looking = false;
	orphans_left(&ip->orphans, clock_ms());
	if (!ip->orphans.nr)
		return;
	log_line(LOG_NOTICE, NULL, "sa-orphans",
		 "strongSwan knows nothing of %zu ESP states of the kernel: it is asked for others",
		 ip->orphans.nr);
	ip->sweep_ms = 0;
}

static void listing_done(int err, const void *body, size_t len, void *ctx)
{
	struct ipsec *ip = ctx;
	struct sa_entry *e, *tmp;

	(void)body;
	(void)len;
	ip->listings--;
	/* What another one has told already would be taken for gone. */
	if (err || ip->listings)
		return;
	sas_for_each(e, tmp, &ip->sas)
		if (e->listing != ip->listing)
			forget(ip, e);
	ip->listed = true;
	if (ip->looking)
		orphans_found(ip);
}

static void list_sas(struct ipsec *ip)
{
	ip->listing++;
	if (!charon_request(ip->charon, "list-sas", NULL, listing_done, ip))
		ip->listings++;
}

static void profiles_told(const void *conns, size_t len, void *ctx)
{
	struct ipsec *ip = ctx;

	if (conns)
		ipsec_load_conns(&ip->load, conns, len);
	else
		update_states(ip);
}

/* ----- the connection ----- */

static void on_up(void *ctx)
{
	struct ipsec *ip = ctx;

	ip->profiles.asking = false;
	ip->profiles.known = false;
	ip->profiles.check_ms = 0;
	ipsec_wait_anew(&ip->retry.waits);
	/* Before it is asked for anything else: who is to replace an orphan has to have it. */
	ipsec_load_up(&ip->load);
	ipsec_load_run(&ip->load, ip->d, ip->charon, clock_ms());
	ip->looked = false;
	look_for_orphans(ip);
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
	struct vici_log l;

	if (!strcmp(name, "list-policy"))
		ipsec_profile_policy(&ip->profiles, body, len);
	else if (strcmp(name, "log"))
		vici_sa_event(name, body, len, &sa_ops, ip);
	else if (vici_log_event(body, len, &l) && is_used(ip, ipsec_load_profile(ip->d, l.conn)))
		ipsec_why_heard(&ip->whys, &l);
}

static const struct charon_ops charon_ops = {
	.up = on_up,
	.down = on_down,
	.event = on_event,
};

static const char *const events[] = {
	"log", "list-sa", "list-policy", "child-updown", "child-rekey", "ike-rekey", NULL
};

/* ----- what nobody needs ----- */

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
		sas_want(&ip->sas, &key.nbma, key.port,
			 peers[i].flags & DVPN_PEER_F_ANY_SPORT, now_ms);
		orphans_ask(&ip->orphans, &key.nbma, key.port, own_port(t), now_ms);
	}
	free(peers);
	return err < 0 ? err : 0;
}

/* What is not known of a tunnel does not end what it may need. */
static void sweep(struct ipsec *ip, u64 now_ms)
{
	bool all_known = true;
	struct tunnel *t;

	for (t = ip->d->tunnels; t; t = t->next) {
		if (!*t->cfg.ipsec_profile || !want_peers(ip, t, now_ms))
			continue;
		sas_want_all(&ip->sas, t->cfg.ipsec_profile, now_ms);
		all_known = false;
	}
	sas_end_unwanted(&ip->sas, ip->charon, now_ms);
	if (all_known)
		orphans_end(&ip->orphans, now_ms);
}

static void disconnect(struct ipsec *ip)
{
	charon_free(ip->charon);
	ip->charon = NULL;
	ip->listed = false;
	ip->looking = false;
	ip->profiles.asking = false;
}

/* What was loaded has to be taken out before it is left. */
static bool is_needed(const struct ipsec *ip)
{
	return ip->profiles.nr || (charon_is_up(ip->charon) && ipsec_load_any(&ip->load));
}

/* Return: milliseconds until it has to be called again. */
static u64 load_profiles(struct ipsec *ip, u64 now_ms)
{
	u64 wait = ipsec_load_run(&ip->load, ip->d, ip->charon, now_ms);

	if (ipsec_load_news(&ip->load)) {
		ip->profiles.known = false;
		ip->profiles.check_ms = 0;
		update_states(ip);
	}
	return wait;
}

u64 ipsec_run(struct ipsec *ip)
{
	u64 now_ms = clock_ms(), wait, next;

	if (!ip->charon || !charon_is_up(ip->charon))
		return UINT64_MAX;
	if (look_for_orphans(ip))
		list_sas(ip);
	wait = load_profiles(ip, now_ms);
	if (!is_needed(ip)) {
		disconnect(ip);
		return UINT64_MAX;
	}
	next = ipsec_profiles_run(&ip->profiles, ip->d, ip->charon,
				  ipsec_load_any(&ip->load) ? CHECK_LOADED_MS : CHECK_MS, now_ms);
	if (next < wait)
		wait = next;
	if (!ip->sas.ids.count && !ip->orphans.nr)
		return wait;
	if (now_ms >= ip->sweep_ms) {
		if (ip->doubtful && now_ms >= ip->list_ms) {
			ip->doubtful = false;
			ip->list_ms = now_ms + ip->sas.ids.count * LIST_ONE_MS;
			list_sas(ip);
		}
		sweep(ip, now_ms);
		ip->sweep_ms = now_ms + SWEEP_MS;
	}
	return wait < ip->sweep_ms - now_ms ? wait : ip->sweep_ms - now_ms;
}

/* ----- peers that there is none with ----- */

void ipsec_no_sa(struct ipsec *ip, const struct tunnel *t, const struct nhrp_addr *nbma)
{
	char text[NHRP_ADDR_STRLEN];
	u64 waited_ms;

	if (!ip || !*t->cfg.ipsec_profile)
		return;
	waited_ms = ipsec_retry_no_sa(&ip->retry, ip->charon,
				      ike_address(ip, t->cfg.ipsec_profile, nbma), clock_ms());
	if (waited_ms)
		log_line(LOG_NOTICE, t->cfg.name, "sa-retry",
			 "%s: no security association for %u s: IKE begins anew",
			 nhrp_addr_format(nbma, text, sizeof(text)),
			 (unsigned int)(waited_ms / 1000));
}

bool ipsec_begun_by(struct ipsec *ip, const struct nhrp_addr *nbma)
{
	return ipsec_begun_look(&ip->begun, ip->charon, nbma, clock_ms());
}

/* ----- from outside ----- */

bool ipsec_trouble(const struct ipsec *ip, const struct tunnel *t, char *text, size_t size)
{
	*text = '\0';
	if (!*t->cfg.ipsec_profile || !ip->charon)
		return false;
	if (!charon_is_up(ip->charon))
		snprintf(text, size, "%s", charon_trouble(ip->charon));
	else if (ipsec_load_trouble(&ip->load, &ip->profiles, t, text, size))
		return true;
	else if (!(t->link.flags & DVPN_LINK_F_REQUIRE_IPSEC))
		snprintf(text, size,
			 "packets leave in clear while strongSwan is away: ip link set %s type dvpn ipsec require",
			 t->cfg.name);
	return *text;
}

const char *ipsec_why(const struct ipsec *ip, const struct tunnel *t, const struct nhrp_addr *nbma)
{
	return ipsec_why_words(&ip->whys, ike_address(ip, t->cfg.ipsec_profile, nbma));
}

/* One that is under way tells it, or it is asked for again. */
static void ask_for_unknown(struct ipsec *ip, u64 now_ms)
{
	if (!ip->charon || !charon_is_up(ip->charon) || ip->listings || now_ms < ip->ask_ms)
		return;
	ip->ask_ms = now_ms + ASK_MS;
	list_sas(ip);
}

const char *ipsec_sender(struct ipsec *ip, const struct tunnel *t, const struct nhrp_addr *nbma,
			 u32 spi)
{
	const struct sa_entry *e = sas_by_spi(&ip->sas, spi, nbma);

	if (!e) {
		ask_for_unknown(ip, clock_ms());
		return NULL;
	}
	/* What another connection has proved says nothing for this tunnel. */
	return uses(t, e->sa.profile) ? e->sa.identity : "";
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

/* Its log or not: that is said when the connection begins. */
static bool hears_wrong(const struct ipsec *ip)
{
	return ip->profiles.nr && ip->hears_log != ipsec_profile_hubs(ip->d->tunnels);
}

void ipsec_refresh(struct ipsec *ip)
{
	const char *path;

	if (!ip)
		return;
	path = ip->d->cfg->ipsec_socket;
	set_profiles(ip);
	forget_unused(ip);
	ipsec_load_refresh(&ip->load);
	if (ip->charon && (!is_needed(ip) || strcmp(ip->path, path) || hears_wrong(ip)))
		disconnect(ip);
	if (!ip->profiles.nr)
		return;
	if (ip->charon && charon_is_up(ip->charon))
		list_sas(ip);
	if (ip->charon)
		return;
	memcpy(ip->path, path, sizeof(ip->path));
	ip->hears_log = ipsec_profile_hubs(ip->d->tunnels);
	ip->charon = charon_new(ip->d->loop, path, events + !ip->hears_log, &charon_ops, ip);
	if (!ip->charon)
		log_err("out of memory");
}

struct ipsec *ipsec_new(struct daemon *d)
{
	struct ipsec *ip = calloc(1, sizeof(*ip));

	if (!ip)
		return NULL;
	ip->d = d;
	ip->profiles.told = profiles_told;
	ip->profiles.ctx = ip;
	sas_init(&ip->sas);
	return ip;
}

void ipsec_free(struct ipsec *ip)
{
	if (!ip)
		return;
	disconnect(ip);
	orphans_forget(&ip->orphans);
	ipsec_load_free(&ip->load);
	sas_free(&ip->sas);
	free(ip);
}
