// SPDX-License-Identifier: GPL-2.0
/* What the protocol core and the daemon know, as JSON */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dvpnd/advice.h"
#include "dvpnd/clock.h"
#include "dvpnd/control.h"
#include "dvpnd/convert.h"
#include "dvpnd/daemon.h"
#include "dvpnd/ipsec.h"
#include "dvpnd/names.h"
#include "dvpnd/show.h"
#include "dvpnd/tunnel-state.h"
#include "dvpnd/tunnel.h"

#define REASON_LEN	320

/* ----- members ----- */

void show_text(json_t *obj, const char *member, const char *text)
{
	if (text && *text)
		json_object_set_new(obj, member, json_string(text));
}

static void show_number(json_t *obj, const char *member, u64 value)
{
	json_object_set_new(obj, member, json_integer(value));
}

static void show_bool(json_t *obj, const char *member, bool value)
{
	json_object_set_new(obj, member, json_boolean(value));
}

void show_addr(json_t *obj, const char *member, const struct nhrp_addr *addr)
{
	char text[NHRP_ADDR_STRLEN];

	if (!nhrp_addr_none(addr))
		show_text(obj, member, nhrp_addr_format(addr, text, sizeof(text)));
}

void show_prefix(json_t *obj, const struct nhrp_prefix *prefix)
{
	show_addr(obj, "protocol", &prefix->addr);
	show_number(obj, "prefix_length", prefix->plen);
}

void show_key(json_t *obj, const struct nhrp_peer_key *key)
{
	json_t *peer;

	if (nhrp_addr_none(&key->nbma))
		return;
	peer = json_object();
	show_text(peer, "encap", dvpn_encap_name(key->encap));
	show_addr(peer, "nbma", &key->nbma);
	if (key->encap == NHRP_ENCAP_UDP)
		show_number(peer, "port", key->port);
	if (key->mark)
		show_number(peer, "mark", key->mark);
	if (key->if_id)
		show_number(peer, "if_id", key->if_id);
	json_object_set_new(obj, "peer", peer);
}

void show_mask(json_t *obj, const char *member, enum dvpn_names which, u32 mask)
{
	json_t *list = json_array();
	unsigned int bit;
	char name[64];
	char *c;

	for (bit = 0; bit < 32; bit++) {
		if (!(mask & 1U << bit))
			continue;
		snprintf(name, sizeof(name), "%s", dvpn_name(which, 1U << bit));
		for (c = name; *c; c++)
			if (*c == '_')
				*c = '-';
		json_array_append_new(list, json_string(name));
	}
	json_object_set_new(obj, member, list);
}

struct tunnel *show_next(const struct show_scope *scope, struct tunnel *t)
{
	if (scope->only)
		return t ? NULL : scope->only;
	return t ? t->next : scope->d->tunnels;
}

/* ----- a list that is made beforehand, as a stream ----- */

struct list_stream {
	struct stream s;
	json_t *list;
	size_t next;
};

static json_t *list_next(struct stream *s)
{
	struct list_stream *ls = (struct list_stream *)s;

	return json_incref(json_array_get(ls->list, ls->next++));
}

static void list_free(struct stream *s)
{
	struct list_stream *ls = (struct list_stream *)s;

	json_decref(ls->list);
	free(ls);
}

void show_list(struct client *cl, const char *member, json_t *list)
{
	struct list_stream *ls = calloc(1, sizeof(*ls));

	if (!ls) {
		json_decref(list);
		control_error(cl, "org.dvpn.Failed", NULL, "out of memory");
		return;
	}
	ls->s.member = member;
	ls->s.next = list_next;
	ls->s.free = list_free;
	ls->list = list;
	control_stream(cl, &ls->s);
}

/* ----- hubs ----- */

struct nhs_walk {
	const struct tunnel *t;
	json_t *list;
};

/* Its place in the config, -1: it is gone from there. */
static int hub_index(const struct tunnel *t, const struct nhrp_nhs_info *info)
{
	const struct nhrp_hub *hubs = t->cfg.core.hubs;
	unsigned int i;

	for (i = 0; i < t->cfg.core.nr_hubs; i++)
		if (nhrp_hub_is(&hubs[i], info->name, &info->peer))
			return i;
	return -1;
}

static const char *nhs_state(enum nhrp_nhs_state state)
{
	switch (state) {
	case NHRP_NHS_WAIT:
		return "waiting";
	case NHRP_NHS_REGISTERING:
		return "registering";
	case NHRP_NHS_REGISTERED:
		return "registered";
	case NHRP_NHS_UNREACHABLE:
		return "unreachable";
	case NHRP_NHS_REFUSED:
		return "refused";
	case NHRP_NHS_STANDBY:
		return "standby";
	}
	return "unknown";
}

/* RFC 2332 section 5.2.0.1, codes of a CIE. */
static const char *nak_words(unsigned int code)
{
	switch (code) {
	case 4:
		return "administratively prohibited, such as an address of another subnet";
	case 5:
		return "insufficient resources";
	case 11:	/* what FRR and OpenNHRP say for 12 */
	case 12:
		return "no protocol address to NBMA address resolution";
	case 13:
		return "binding exists and is not unique";
	case 14:
		return "the address is registered by somebody else as unique";
	default:
		return "refused";
	}
}

/* Why a hub does not have our address: words into @text, "" if all is well. */
static void nhs_reason(char *text, size_t size, const struct tunnel *t,
		       const struct nhrp_nhs_info *info)
{
	const char *words;

	*text = '\0';
	switch (info->state) {
	case NHRP_NHS_WAIT:
		if (t->state == TUNNEL_LEFT || t->state == TUNNEL_LEAVING)
			snprintf(text, size, "the tunnel has left");
		else if (t->state != TUNNEL_UP && *t->reason)
			snprintf(text, size, "%.*s", (int)size - 1, t->reason);
		else if (nhrp_addr_none(&info->peer.nbma))
			names_why(t->d->names, t->vrf, info->name, text, size);
		else if (info->no_source)
			snprintf(text, size, "no IPv%c address of ours to reach it from",
				 info->peer.nbma.family == AF_INET6 ? '6' : '4');
		break;
	case NHRP_NHS_REFUSED:
		if (info->auth_failed)
			snprintf(text, size, "authentication failed");
		else
			snprintf(text, size, "code %u: %s", info->nak_code,
				 nak_words(info->nak_code));
		break;
	case NHRP_NHS_REGISTERING:
		if (info->no_sa)
			snprintf(text, size, "waits for a security association");
		break;
	case NHRP_NHS_UNREACHABLE:
		if (info->no_sa) {
			words = ipsec_why(t->d->ipsec, t, &info->peer.nbma);
			snprintf(text, size, "no security association with it: %s",
				 words ? words : "the log of strongSwan says why");
			break;
		}
		snprintf(text, size, "no answer to %u requests%s", info->attempts,
			 info->auth_failed ? " but that the authentication failed" :
			 info->may_share ? NHRP_MAY_SHARE_WORDS : "");
		break;
	case NHRP_NHS_REGISTERED:
		if (info->usable_ms)
			snprintf(text, size, "is back, and used again in %llu s",
				 (unsigned long long)(info->usable_ms + 999) / 1000);
		break;
	default:
		break;
	}
}

static void add_nhs(void *arg, const struct nhrp_nhs_info *info)
{
	const struct nhs_walk *walk = arg;
	u64 hold_ms = (u64)info->holding_time_s * 1000;
	int hub = hub_index(walk->t, info);
	json_t *obj = json_object();
	char reason[REASON_LEN];

	show_text(obj, "tunnel", walk->t->cfg.name);
	if (hub >= 0)
		show_text(obj, "hub", walk->t->cfg.hub_names[hub]);
	show_addr(obj, "local", &info->local);
	if (info->has_proto)
		show_addr(obj, "protocol", &info->proto);
	show_text(obj, "name", info->name);
	show_key(obj, &info->peer);
	if (info->trial)
		show_bool(obj, "trial", true);
	show_text(obj, "state", nhs_state(info->state));
	show_number(obj, "state_ms", info->since_ms);
	nhs_reason(reason, sizeof(reason), walk->t, info);
	show_text(obj, "reason", reason);
	show_number(obj, "priority", info->priority);
	show_bool(obj, "active", info->active);
	show_bool(obj, "in_use", info->in_use);
	if (info->usable_ms)
		show_number(obj, "usable_in_ms", info->usable_ms);
	if (info->registered_ms != UINT64_MAX) {
		show_text(obj, "kind", info->is_dvpn ? "dvpn" : "foreign");
		show_number(obj, "holding_time_ms", hold_ms);
		if (info->registered_ms < hold_ms)
			show_number(obj, "expires_ms", hold_ms - info->registered_ms);
	}
	if (info->refresh_ms != UINT64_MAX)
		show_number(obj, "refresh_ms", info->refresh_ms);
	show_number(obj, "attempts", info->attempts);
	if (info->has_outside)
		show_addr(obj, "nat", &info->outside);
	json_array_append_new(walk->list, obj);
}

void show_nhs(struct client *cl, const struct show_scope *scope)
{
	struct nhs_walk walk = { .list = json_array() };
	struct tunnel *t = NULL;

	while ((t = show_next(scope, t))) {
		walk.t = t;
		if (t->attached)
			nhrp_tunnel_walk_nhs(t->nhrp, clock_ms(), add_nhs, &walk);
	}
	show_list(cl, "nhs", walk.list);
}

/* ----- shortcuts ----- */

json_t *show_shortcut(const char *tunnel, const struct nhrp_shortcut_info *info)
{
	json_t *obj = json_object();

	show_text(obj, "tunnel", tunnel);
	show_prefix(obj, &info->prefix);
	show_addr(obj, "next_hop", &info->next_hop);
	show_key(obj, &info->peer);
	if (!nhrp_addr_eq(&info->claimed, &info->peer.nbma))
		show_addr(obj, "claimed", &info->claimed);
	show_text(obj, "state", nhrp_shortcut_state_name(info->state));
	show_text(obj, "reason", info->reason);
	show_number(obj, "age_ms", info->age_ms);
	show_number(obj, "expires_ms", info->expires_ms);
	return obj;
}

static void add_shortcut(void *arg, const struct nhrp_shortcut_info *info)
{
	const struct nhs_walk *walk = arg;

	json_array_append_new(walk->list, show_shortcut(walk->t->cfg.name, info));
}

void show_shortcuts(struct client *cl, const struct show_scope *scope)
{
	struct nhs_walk walk = { .list = json_array() };
	struct tunnel *t = NULL;

	while ((t = show_next(scope, t))) {
		walk.t = t;
		if (t->attached)
			nhrp_tunnel_walk_shortcuts(t->nhrp, clock_ms(), add_shortcut, &walk);
	}
	show_list(cl, "shortcuts", walk.list);
}

/* ----- counters ----- */

static json_t *named_counters(enum dvpn_names which, const u64 *values, unsigned int from,
			      unsigned int to)
{
	json_t *obj = json_object();

	for (; from <= to; from++)
		show_number(obj, dvpn_name(which, from), values[from]);
	return obj;
}

static json_t *nhrp_counters(const struct tunnel *t)
{
	json_t *obj = json_object();
	unsigned int i;

	for (i = 0; i < NHRP_C_MAX; i++)
		show_number(obj, nhrp_counter_name(i), nhrp_tunnel_counter(t->nhrp, i));
	return obj;
}

static json_t *daemon_counters(const struct tunnel *t)
{
	const struct recon_stats *stats = recon_stats(t->recon);
	json_t *obj = json_object();

	show_number(obj, "requests", stats->requests);
	show_number(obj, "retries", stats->retries);
	show_number(obj, "refused", stats->refused);
	show_number(obj, "resyncs", t->resyncs);
	show_number(obj, "messages_lost", t->lost);
	show_number(obj, "frames_lost", t->frames_lost);
	show_number(obj, "messages_bad", t->bad);
	return obj;
}

void show_counters(struct client *cl, const struct show_scope *scope)
{
	json_t *list = json_array();
	struct tunnel *t = NULL;
	struct dvpn_dev dev;

	while ((t = show_next(scope, t))) {
		json_t *obj = json_object();

		show_text(obj, "tunnel", t->cfg.name);
		json_array_append_new(list, obj);
		if (!t->attached)
			continue;
		json_object_set_new(obj, "nhrp", nhrp_counters(t));
		json_object_set_new(obj, "daemon", daemon_counters(t));
		if (dvpn_dev_get(t->handle, t->link.ifindex, &dev))
			continue;
		json_object_set_new(obj, "device",
				    named_counters(DVPN_NAMES_STAT, dev.stats,
						   DVPN_STAT_TX_PACKETS, DVPN_STAT_MAX));
		json_object_set_new(obj, "drops",
				    named_counters(DVPN_NAMES_DROP, dev.drops,
						   DVPN_DROP_TX_NO_MAP, DVPN_DROP_MAX));
	}
	control_reply(cl, json_pack("{s:o}", "tunnels", list), false);
}

/* ----- status ----- */

/**
 * struct tally - counts of a tunnel
 * @t: tunnel.
 * @asked: mask of hubs that we register with.
 * @unregistered: of those, that have not accepted all our addresses.
 * @spokes: addresses registered with us, link-local ones not counted.
 * @shortcuts: that carry data.
 * @default_nhs: hub in use.
 * @reason: why the last of @unregistered has not, or "".
 */
struct tally {
	const struct tunnel *t;
	u32 asked;
	u32 unregistered;
	unsigned int spokes;
	unsigned int shortcuts;
	struct nhrp_addr default_nhs;
	char reason[REASON_LEN];
};

static void tally_reason(struct tally *tally, const char *hub, const struct nhrp_nhs_info *info)
{
	char own[NHRP_ADDR_STRLEN], why[REASON_LEN / 2];

	nhs_reason(why, sizeof(why), tally->t, info);
	if (!*why)
		return;
	snprintf(tally->reason, sizeof(tally->reason), "hub %.30s, %s: %s", hub,
		 nhrp_addr_format(&info->local, own, sizeof(own)), why);
}

static void tally_nhs(void *arg, const struct nhrp_nhs_info *info)
{
	struct tally *tally = arg;
	int hub = hub_index(tally->t, info);

	if (info->state == NHRP_NHS_STANDBY || info->trial)
		return;
	if (hub >= 0)
		tally->asked |= 1U << hub;
	if (hub >= 0 && info->state != NHRP_NHS_REGISTERED) {
		tally->unregistered |= 1U << hub;
		/* A foreign hub does not know link-local ones: the least of worries. */
		if (!*tally->reason || !nhrp_addr_is_linklocal6(&info->local))
			tally_reason(tally, tally->t->cfg.hub_names[hub], info);
	}
	/* Of its addresses, the one that says most. */
	if (info->in_use && info->has_proto &&
	    (nhrp_addr_none(&tally->default_nhs) || nhrp_addr_is_linklocal6(&tally->default_nhs)))
		tally->default_nhs = info->proto;
}

static void tally_binding(void *arg, const struct nhrp_binding_info *info)
{
	struct tally *tally = arg;

	/* Each spoke registers that one beside the one that counts. */
	tally->spokes += !info->provisional && !nhrp_addr_is_linklocal6(&info->proto);
}

static void tally_shortcut(void *arg, const struct nhrp_shortcut_info *info)
{
	struct tally *tally = arg;

	tally->shortcuts += info->state == NHRP_SHORTCUT_ACTIVE ||
			    info->state == NHRP_SHORTCUT_RENEWING;
}

/* What is wrong with a hub, if it is not for what the device or IPsec lacks. */
static bool hub_says_more(const struct tunnel *t, const struct tally *tally)
{
	char lacks[TUNNEL_REASON_MAX];

	return t->state == TUNNEL_UP && *tally->reason &&
	       !advice_port(&t->cfg, &t->link, lacks, sizeof(lacks)) &&
	       !ipsec_trouble(t->d->ipsec, t, lacks, sizeof(lacks));
}

static void status_core(json_t *obj, const struct tunnel *t)
{
	const struct nhrp_tunnel_config *cfg = nhrp_tunnel_config(t->nhrp);
	json_t *addresses = json_array();
	struct tally tally = { .t = t };
	char text[NHRP_ADDR_STRLEN];
	u64 now_ms = clock_ms();
	unsigned int i;

	for (i = 0; i < cfg->nr_locals; i++)
		json_array_append_new(addresses,
				      json_string(nhrp_addr_format(&cfg->locals[i].addr, text,
								   sizeof(text))));
	json_object_set_new(obj, "addresses", addresses);
	nhrp_tunnel_walk_nhs(t->nhrp, now_ms, tally_nhs, &tally);
	nhrp_tunnel_walk_bindings(t->nhrp, now_ms, tally_binding, &tally);
	nhrp_tunnel_walk_shortcuts(t->nhrp, now_ms, tally_shortcut, &tally);
	show_number(obj, "hubs", t->cfg.core.nr_hubs);
	show_number(obj, "hubs_registered",
		    __builtin_popcount(tally.asked & ~tally.unregistered));
	show_number(obj, "spokes", tally.spokes);
	show_number(obj, "shortcuts", tally.shortcuts);
	show_addr(obj, "default_nhs", &tally.default_nhs);
	if (!*t->reason || hub_says_more(t, &tally))
		show_text(obj, "reason", tally.reason);
	show_number(obj, "owner", t->owner);
	show_number(obj, "queued", recon_unsettled(t->recon));
	show_number(obj, "frames_queued", nhrp_tunnel_queued(t->nhrp));
	show_number(obj, "resyncs", t->resyncs);
}

static void status_device(json_t *obj, const struct tunnel *t)
{
	json_t *local = json_array();
	char text[DVPN_ADDR_STRLEN];
	struct dvpn_dev dev;

	show_number(obj, "ifindex", t->link.ifindex);
	show_number(obj, "mtu", t->link.mtu);
	if (!dvpn_addr_is_any(&t->link.local4))
		json_array_append_new(local, json_string(dvpn_addr_str(&t->link.local4, text)));
	if (!dvpn_addr_is_any(&t->link.local6))
		json_array_append_new(local, json_string(dvpn_addr_str(&t->link.local6, text)));
	json_object_set_new(obj, "local", local);
	if (!t->attached || dvpn_dev_get(t->handle, t->link.ifindex, &dev))
		return;
	show_number(obj, "maps", dev.maps);
	show_number(obj, "peers", dev.peers);
	show_number(obj, "incomplete", dev.incomplete);
	show_number(obj, "generation", dev.generation);
	show_mask(obj, "features", DVPN_NAMES_FEATURE, dev.features);
}

static json_t *status_tunnel(const struct tunnel *t)
{
	json_t *roles = json_array();
	json_t *obj = json_object();

	show_text(obj, "tunnel", t->cfg.name);
	show_text(obj, "state", tunnel_state_name(t->state));
	show_number(obj, "state_ms", clock_ms() - t->since_ms);
	show_text(obj, "reason", t->reason);
	if (t->cfg.core.nhs)
		json_array_append_new(roles, json_string("nhs"));
	if (t->cfg.core.nr_hubs)
		json_array_append_new(roles, json_string("nhc"));
	json_object_set_new(obj, "roles", roles);
	show_number(obj, "phase", t->cfg.core.phase);
	show_number(obj, "holding_time_ms", (u64)t->cfg.core.holding_time_s * 1000);
	if (t->has_link)
		status_device(obj, t);
	if (t->attached)
		status_core(obj, t);
	return obj;
}

void show_status(struct client *cl, const struct show_scope *scope)
{
	const struct daemon *d = scope->d;
	json_t *list = json_array();
	json_t *obj = json_object();
	struct tunnel *t = NULL;

	show_text(obj, "version", DVPN_VERSION);
	show_number(obj, "pid", getpid());
	show_number(obj, "uptime_ms", clock_ms() - d->started_ms);
	show_text(obj, "config", d->config_path);
	if (reload_unconfirmed_ms(d))
		show_number(obj, "unconfirmed_ms", reload_unconfirmed_ms(d));
	show_text(obj, "module", daemon_has_module(d) ? "loaded" : "absent");
	while ((t = show_next(scope, t)))
		json_array_append_new(list, status_tunnel(t));
	json_object_set_new(obj, "tunnels", list);
	control_reply(cl, obj, false);
}
