// SPDX-License-Identifier: GPL-2.0
/* Connections of the IKE daemon that tunnels have as their profile: see ipsec-profile.h */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "dvpnd/daemon.h"
#include "dvpnd/ipsec-profile.h"
#include "dvpnd/tunnel.h"
#include "vici/message.h"

#define CHECK_SOON_MS	2000	/* how often to ask if they are not as they should be */

static struct ipsec_profile *find(struct ipsec_profile *list, unsigned int nr, const char *name)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

void ipsec_profile_add(struct ipsec_profiles *all, const char *name)
{
	if (all->nr == CONFIG_TUNNELS_MAX || find(all->list, all->nr, name))
		return;
	memset(&all->list[all->nr], 0, sizeof(all->list[0]));
	snprintf(all->list[all->nr].name, CONFIG_PROFILE_MAX, "%s", name);
	all->nr++;
}

void ipsec_profiles_begin(struct ipsec_profiles *all)
{
	unsigned int i;

	all->asking = true;
	all->nr_next = all->nr;
	memset(all->next, 0, sizeof(all->next));
	for (i = 0; i < all->nr; i++)
		memcpy(all->next[i].name, all->list[i].name, CONFIG_PROFILE_MAX);
}

void ipsec_profiles_end(struct ipsec_profiles *all)
{
	const struct ipsec_profile *p;
	unsigned int i;

	all->asking = false;
	all->known = true;
	/* What came with a new configuration meanwhile has not been asked for. */
	for (i = 0; i < all->nr; i++) {
		p = find(all->next, all->nr_next, all->list[i].name);
		if (p)
			all->list[i] = *p;
		else
			all->known = false;
	}
}

void ipsec_profile_conns(struct ipsec_profiles *all, const void *body, size_t len)
{
	char name[CONFIG_PROFILE_MAX];
	struct ipsec_profile *p;
	enum vici_token token;
	struct vici_in in;

	vici_in_init(&in, body, len);
	while ((token = vici_next(&in)) != VICI_END && token != VICI_BAD) {
		if (token != VICI_ITEM || !vici_string(&in.value, name, sizeof(name)))
			continue;
		p = find(all->next, all->nr_next, name);
		if (p)
			p->loaded = true;
	}
}

/* Several selectors with a blank between. */
static void add_selectors(struct vici_in *in, char *text)
{
	size_t used = 0;

	while (vici_next(in) == VICI_ITEM) {
		if (in->value.len + 2 > IPSEC_SELECTORS_MAX - used)
			continue;
		used += snprintf(text + used, IPSEC_SELECTORS_MAX - used, "%s%.*s",
				 used ? " " : "", (int)in->value.len, (const char *)in->value.p);
	}
}

/* There is a policy for each child of a connection. */
static void join(char *text, const char *more)
{
	size_t used = strlen(text);

	snprintf(text + used, IPSEC_SELECTORS_MAX - used, "%s%s", used ? " " : "", more);
}

/* The members of one policy. */
static void read_policy(struct vici_in *in, struct ipsec_profile *p)
{
	enum vici_token token;

	while ((token = vici_next(in)) == VICI_VALUE || token == VICI_LIST) {
		if (token == VICI_LIST && vici_is(&in->name, "local-ts"))
			add_selectors(in, p->selectors);
		else if (token == VICI_LIST)
			vici_skip(in);
		else if (vici_is(&in->name, "ike"))
			vici_string(&in->value, p->name, sizeof(p->name));
		else if (vici_is(&in->name, "mode"))
			p->transport = vici_is(&in->value, "TRANSPORT");
	}
}

void ipsec_profile_policy(struct ipsec_profiles *all, const void *body, size_t len)
{
	struct ipsec_profile told, *p;
	struct vici_in in;

	vici_in_init(&in, body, len);
	while (vici_next(&in) == VICI_SECTION) {
		memset(&told, 0, sizeof(told));
		read_policy(&in, &told);
		p = find(all->next, all->nr_next, told.name);
		if (!p)
			continue;
		p->transport = told.transport && (!p->trapped || p->transport);
		p->trapped = true;
		join(p->selectors, told.selectors);
	}
}

/* ----- asking ----- */

static void policies_done(int err, const void *body, size_t len, void *ctx)
{
	struct ipsec_profiles *all = ctx;

	(void)body;
	(void)len;
	all->asking = false;
	if (err)
		return;
	ipsec_profiles_end(all);
	all->told(NULL, 0, all->ctx);
}

static void conns_done(int err, const void *body, size_t len, void *ctx)
{
	struct ipsec_profiles *all = ctx;
	struct vici_out traps = { 0 };

	all->asking = false;
	if (err)
		return;
	all->told(body, len, all->ctx);
	ipsec_profiles_begin(all);
	ipsec_profile_conns(all, body, len);
	vici_text(&traps, "trap", "yes");
	if (charon_request(all->charon, "list-policies", &traps, policies_done, all))
		all->asking = false;
	vici_out_free(&traps);
}

/* ----- judging ----- */

/* The selector that a tunnel needs, without the address. */
static void needed(const struct tunnel *t, char *text, size_t size)
{
	if (t->cfg.core.encap == NHRP_ENCAP_UDP)
		snprintf(text, size, "[udp/%u]", ntohs(t->link.port));
	else
		snprintf(text, size, "[gre]");
}

/* strongSwan writes a port by its name in /etc/services, if it has one. */
static bool catches(const struct ipsec_profile *p, const struct tunnel *t, const char *selector)
{
	const struct servent *s = NULL;
	char named[64];

	if (strstr(p->selectors, selector))
		return true;
	if (t->cfg.core.encap == NHRP_ENCAP_UDP)
		s = getservbyport(t->link.port, "udp");
	if (!s)
		return false;
	snprintf(named, sizeof(named), "[udp/%s]", s->s_name);
	return strstr(p->selectors, named);
}

/* Address family of the outside of a tunnel, 0: not known, or both. */
static u8 outside(const struct tunnel *t)
{
	const struct nhrp_tunnel_config *core = &t->cfg.core;
	bool six = !core->nr_hubs && t->link.local6.family;
	bool four = !core->nr_hubs && t->link.local4.family;
	unsigned int i;

	for (i = 0; i < core->nr_hubs; i++) {
		six |= core->hubs[i].peer.nbma.family == AF_INET6;
		four |= core->hubs[i].peer.nbma.family == AF_INET;
	}
	return six == four ? 0 : six ? AF_INET6 : AF_INET;
}

/* A wildcard is for addresses of one family. */
static const char *wildcard_needed(const struct ipsec_profile *p, const struct tunnel *t)
{
	if (outside(t) == AF_INET6 && !strchr(p->selectors, ':'))
		return "IPv6: remote_addrs = %any6";
	if (outside(t) == AF_INET && !strchr(p->selectors, '.'))
		return "IPv4: remote_addrs = %any";
	return NULL;
}

bool ipsec_profile_trouble(const struct ipsec_profiles *all, const struct tunnel *t, char *text,
			   size_t size)
{
	const struct ipsec_profile *p = find((struct ipsec_profile *)all->list, all->nr,
					     t->cfg.ipsec_profile);
	char selector[24];

	*text = '\0';
	if (!p || !all->known)
		return false;
	needed(t, selector, sizeof(selector));
	if (!p->loaded)
		snprintf(text, size, "strongSwan has no connection \"%s\": swanctl --load-all",
			 p->name);
	else if (!p->trapped)
		snprintf(text, size,
			 "connection \"%s\" of strongSwan starts IKE for no packet: it needs start_action = trap and mode = transport",
			 p->name);
	else if (!p->transport)
		snprintf(text, size,
			 "connection \"%s\" of strongSwan is not in transport mode: mode = transport",
			 p->name);
	else if (!catches(p, t, selector))
		snprintf(text, size,
			 "connection \"%s\" of strongSwan is for %.60s, not for packets of this tunnel: local_ts = dynamic%s",
			 p->name, p->selectors, selector);
	else if (wildcard_needed(p, t))
		snprintf(text, size, "connection \"%s\" of strongSwan is not for %s", p->name,
			 wildcard_needed(p, t));
	return *text;
}

static bool is_troubled(const struct ipsec_profiles *all, const struct daemon *d)
{
	char text[TUNNEL_REASON_MAX];
	const struct tunnel *t;

	for (t = d->tunnels; t; t = t->next)
		if (ipsec_profile_trouble(all, t, text, sizeof(text)))
			return true;
	return !all->known;
}

u64 ipsec_profiles_run(struct ipsec_profiles *all, const struct daemon *d, struct charon *charon,
		       u64 check_ms, u64 now_ms)
{
	if (now_ms < all->check_ms)
		return all->check_ms - now_ms;
	all->check_ms = now_ms + (is_troubled(all, d) ? CHECK_SOON_MS : check_ms);
	all->charon = charon;
	if (!all->asking && !charon_request(charon, "get-conns", NULL, conns_done, all))
		all->asking = true;
	return all->check_ms - now_ms;
}

bool ipsec_profile_hubs(const struct tunnel *t)
{
	for (; t; t = t->next)
		if (*t->cfg.ipsec_profile && t->cfg.core.nr_hubs)
			return true;
	return false;
}

char *ipsec_profile_template(const struct tunnel *t)
{
	const char *name = *t->cfg.ipsec_profile ? t->cfg.ipsec_profile : "dvpn";
	bool udp = t->cfg.core.encap == NHRP_ENCAP_UDP;
	char selector[24], *text;

	needed(t, selector, sizeof(selector));
	if (asprintf(&text,
		     "# /etc/swanctl/swanctl.conf for %s%s\n"
		     "connections {\n"
		     "\t%s {\n"
		     "\t\tversion = 2\n"
		     "\t\tproposals = aes128gcm16-prfsha256-x25519\n"
		     "\t\tremote_addrs = %%any%s\n"
		     "\t\tmobike = no\n"
		     "\t\tunique = no\n"
		     "\t\tdpd_delay = 30s\n"
		     "\t\tlocal {\n"
		     "\t\t\tauth = psk\n"
		     "\t\t}\n"
		     "\t\tremote {\n"
		     "\t\t\tauth = psk\n"
		     "\t\t\tid = %%any\n"
		     "\t\t}\n"
		     "\t\tchildren {\n"
		     "\t\t\t%s {\n"
		     "\t\t\t\tmode = transport\n"
		     "\t\t\t\tlocal_ts = dynamic%s\n"
		     "\t\t\t\tremote_ts = dynamic%s\n"
		     "\t\t\t\treqid = 1\n"
		     "\t\t\t\tesp_proposals = aes128gcm16\n"
		     "\t\t\t\tstart_action = trap\n"
		     "\t\t\t\tdpd_action = clear\n"
		     "\t\t\t}\n"
		     "\t\t}\n"
		     "\t}\n"
		     "}\n"
		     "secrets {\n"
		     "\tike-%s {\n"
		     "\t\tsecret = \"replace this by what nobody can guess\"\n"
		     "\t}\n"
		     "}\n", t->cfg.name, udp ? ", whose UDP port is in it" : "", name,
		     outside(t) == AF_INET6 ? "6" : "", name, selector,
		     udp ? "[udp]" : "[gre]", name) < 0)
		return NULL;
	return text;
}
