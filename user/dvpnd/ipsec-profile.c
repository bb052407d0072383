// SPDX-License-Identifier: GPL-2.0
/* Connections of the IKE daemon that tunnels have as their profile: see ipsec-profile.h */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "dvpnd/ipsec-profile.h"
#include "dvpnd/tunnel.h"
#include "vici/message.h"

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
		p->trapped = true;
		p->transport = told.transport;
		memcpy(p->selectors, told.selectors, sizeof(p->selectors));
	}
}

/* The selector that a tunnel needs, without the address. */
static void needed(const struct tunnel *t, char *text, size_t size)
{
	if (t->cfg.core.encap == NHRP_ENCAP_UDP)
		snprintf(text, size, "[udp/%u]", ntohs(t->link.port));
	else
		snprintf(text, size, "[gre]");
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
	else if (!strstr(p->selectors, selector))
		snprintf(text, size,
			 "connection \"%s\" of strongSwan is for %.60s, not for packets of this tunnel: local_ts = dynamic%s",
			 p->name, p->selectors, selector);
	return *text;
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
		     "\t\tremote_addrs = %%any\n"
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
		     "}\n", t->cfg.name, udp ? ", whose UDP port is in it" : "", name, name,
		     selector, udp ? "[udp]" : "[gre]", name) < 0)
		return NULL;
	return text;
}
