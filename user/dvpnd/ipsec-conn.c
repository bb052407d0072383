// SPDX-License-Identifier: GPL-2.0
/* A connection of the IKE daemon: see ipsec-conn.h */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "dvpnd/ipsec-conn.h"
#include "dvpnd/tunnel.h"

#define PROPOSALS	"aes128gcm16-prfsha256-x25519"
#define ESP_PROPOSALS	"aes128gcm16"
#define WORD_MAX	CONFIG_PROPOSALS_MAX
#define SELECTOR_MAX	(NHRP_ADDR_STRLEN + 16)

/* ----- what tunnels need ----- */

static void add_port(struct ipsec_wants *wants, u16 port)
{
	unsigned int at;

	for (at = 0; at < wants->nr_ports && wants->ports[at] <= port; at++)
		if (wants->ports[at] == port)
			return;
	if (!port || wants->nr_ports == IPSEC_CHILDREN_MAX)
		return;
	memmove(&wants->ports[at + 1], &wants->ports[at],
		(wants->nr_ports - at) * sizeof(wants->ports[0]));
	wants->ports[at] = port;
	wants->nr_ports++;
}

static void add_encap(struct ipsec_wants *wants, const struct tunnel *t, enum nhrp_encap encap)
{
	if (encap == NHRP_ENCAP_UDP)
		add_port(wants, ntohs(t->link.port));
	else
		wants->gre = true;
}

/* Who we are in the underlay tells where peers may be. */
static void add_families(struct ipsec_wants *wants, const struct tunnel *t)
{
	const struct nhrp_tunnel_config *now = t->nhrp ? nhrp_tunnel_config(t->nhrp) : NULL;

	if (!now)
		return;
	wants->ip4 |= !nhrp_addr_none(&now->nbma[0]);
	wants->ip6 |= !nhrp_addr_none(&now->nbma[1]);
	memcpy(wants->nbma, now->nbma, sizeof(wants->nbma));
}

void ipsec_wants_add(struct ipsec_wants *wants, const struct tunnel *t)
{
	const struct nhrp_tunnel_config *core = &t->cfg.core;
	unsigned int i;

	add_families(wants, t);
	add_encap(wants, t, core->encap);
	for (i = 0; i < core->nr_hubs; i++)
		add_encap(wants, t, core->hubs[i].peer.encap);
	for (i = 0; i < core->nr_statics; i++)
		add_encap(wants, t, core->statics[i].peer.encap);
}

bool ipsec_wants_any(const struct ipsec_wants *wants)
{
	return (wants->gre || wants->nr_ports) && (wants->ip4 || wants->ip6);
}

/* ----- the message ----- */

static void put_words(struct vici_out *o, const char *name, const char *words)
{
	char word[WORD_MAX];
	size_t len;

	vici_list(o, name);
	while (*words) {
		len = strcspn(words, " ");
		snprintf(word, sizeof(word), "%.*s", (int)len, words);
		vici_item(o, word);
		words += len;
		words += strspn(words, " ");
	}
	vici_list_end(o);
}

static void put_word(struct vici_out *o, const char *name, const char *word)
{
	vici_list(o, name);
	vici_item(o, word);
	vici_list_end(o);
}

static void put_certificate(struct vici_out *o, const char *name,
			    const struct config_certificate *c)
{
	if (!c->data)
		return;
	vici_list(o, name);
	vici_item_bytes(o, c->data, c->len);
	vici_list_end(o);
}

static void put_ends(struct vici_out *o, const struct config_ipsec *section)
{
	const char *auth = section->auth == CONFIG_IPSEC_PUBKEY ? "pubkey" : "psk";

	vici_section(o, "local");
	vici_text(o, "auth", "%s", auth);
	if (*section->local_id)
		vici_text(o, "id", "%s", section->local_id);
	put_certificate(o, "certs", &section->certificate);
	vici_section_end(o);
	vici_section(o, "remote");
	vici_text(o, "auth", "%s", auth);
	vici_text(o, "id", "%s", *section->remote_id ? section->remote_id : "%any");
	put_certificate(o, "cacerts", &section->ca);
	vici_section_end(o);
}

/* GRE between @own and @hub; NULL: whoever has begun. */
static void put_tunnel(struct vici_out *o, const struct config_ipsec *section,
		       const struct nhrp_addr *own, const struct nhrp_addr *hub)
{
	const char *esp = *section->esp_proposals ? section->esp_proposals : ESP_PROPOSALS;
	char addr[NHRP_ADDR_STRLEN], text[SELECTOR_MAX];
	const char *any = own->family == AF_INET6 ? "::/0[gre]" : "0.0.0.0/0[gre]";

	vici_section(o, "gre");
	vici_text(o, "mode", "tunnel");
	snprintf(text, sizeof(text), "%s/%d[gre]", nhrp_addr_format(own, addr, sizeof(addr)),
		 nhrp_addr_bits(own));
	put_word(o, "local_ts", text);
	if (hub)
		snprintf(text, sizeof(text), "%s/%d[gre]",
			 nhrp_addr_format(hub, addr, sizeof(addr)), nhrp_addr_bits(hub));
	put_word(o, "remote_ts", hub ? text : any);
	put_words(o, "esp_proposals", esp);
	vici_text(o, "rekey_time", "%us", section->rekey_time_s);
	vici_text(o, "start_action", hub ? "trap" : "none");
	vici_text(o, "dpd_action", hub ? "trap" : "clear");
	vici_section_end(o);
}

/* @port: 0: GRE. */
static void put_child(struct vici_out *o, const struct config_ipsec *section, u16 port)
{
	const char *esp = *section->esp_proposals ? section->esp_proposals : ESP_PROPOSALS;
	char name[16] = "gre", local[24] = "dynamic[gre]";

	if (port) {
		snprintf(name, sizeof(name), "udp-%u", port);
		snprintf(local, sizeof(local), "dynamic[udp/%u]", port);
	}
	vici_section(o, name);
	vici_text(o, "mode", "transport");
	put_word(o, "local_ts", local);
	put_word(o, "remote_ts", port ? "dynamic[udp]" : "dynamic[gre]");
	/* The same for what either side has begun: they may begin together. */
	vici_text(o, "reqid", "1");
	put_words(o, "esp_proposals", esp);
	vici_text(o, "rekey_time", "%us", section->rekey_time_s);
	vici_text(o, "start_action", "trap");
	vici_text(o, "dpd_action", "clear");
	vici_section_end(o);
}

static void put_children(struct vici_out *o, const struct config_ipsec *section,
			 const struct ipsec_wants *wants)
{
	unsigned int i;

	vici_section(o, "children");
	if (wants->gre)
		put_child(o, section, 0);
	for (i = 0; i < wants->nr_ports; i++)
		put_child(o, section, wants->ports[i]);
	vici_section_end(o);
}

static bool is_tunnel(const struct config_ipsec *section)
{
	return section->mode == CONFIG_IPSEC_TUNNEL;
}

unsigned int ipsec_conn_parts(const struct config_ipsec *section, const struct ipsec_wants *wants)
{
	if (is_tunnel(section))
		return section->hubs.nr ? section->hubs.nr : 1;
	return wants->ip4 && wants->ip6 ? 2 : 1;
}

void ipsec_conn_name(const struct config_ipsec *section, unsigned int part, char *name)
{
	char suffix[8] = "";

	if (is_tunnel(section) && section->hubs.nr)
		snprintf(suffix, sizeof(suffix), ".hub%u", part + 1);
	else if (part)
		snprintf(suffix, sizeof(suffix), ".ip6");
	snprintf(name, IPSEC_CONN_NAME_MAX, "%s%s", section->name, suffix);
}

/* Own address of the family of a hub's; NULL: there is none. */
static const struct nhrp_addr *own_for(const struct ipsec_wants *wants,
				       const struct nhrp_addr *hub)
{
	const struct nhrp_addr *own = hub ? &wants->nbma[hub->family == AF_INET6] :
				      &wants->nbma[!wants->ip4];

	return nhrp_addr_none(own) ? NULL : own;
}

static void put_tunnels(struct vici_out *o, const struct config_ipsec *section,
			const struct ipsec_wants *wants, unsigned int part)
{
	const struct nhrp_addr *hub = section->hubs.nr ? &section->hubs.hub[part].nbma : NULL;
	const struct nhrp_addr *own = own_for(wants, hub);

	vici_section(o, "children");
	if (own)
		put_tunnel(o, section, own, hub);
	vici_section_end(o);
}

static void put_remote(struct vici_out *o, const struct config_ipsec *section,
		       const struct ipsec_wants *wants, unsigned int part)
{
	char addr[NHRP_ADDR_STRLEN];

	if (!is_tunnel(section))
		put_word(o, "remote_addrs", part || !wants->ip4 ? "%any6" : "%any");
	else if (section->hubs.nr)
		put_word(o, "remote_addrs",
			 nhrp_addr_format(&section->hubs.hub[part].at, addr, sizeof(addr)));
}

void ipsec_conn_write(struct vici_out *o, const struct config_ipsec *section,
		      const struct ipsec_wants *wants, unsigned int part)
{
	const char *proposals = *section->proposals ? section->proposals : PROPOSALS;
	char name[IPSEC_CONN_NAME_MAX];

	ipsec_conn_name(section, part, name);
	vici_section(o, name);
	vici_text(o, "version", "2");
	put_words(o, "proposals", proposals);
	put_remote(o, section, wants, part);
	vici_text(o, "mobike", "no");
	vici_text(o, "unique", "no");
	vici_text(o, "dpd_delay", "%us", section->dpd_delay_s);
	put_ends(o, section);
	if (is_tunnel(section))
		put_tunnels(o, section, wants, part);
	else
		put_children(o, section, wants);
	vici_section_end(o);
}

char *ipsec_conn_secrets(const struct config_ipsec *section)
{
	const char *name = section->name;
	char *text;
	int n;

	if (section->auth == CONFIG_IPSEC_PUBKEY)
		n = asprintf(&text,
			     "# dvpnd gives connection \"%s\" to strongSwan. The private key is left:\n"
			     "# put it into /etc/swanctl/private, then swanctl --load-creds\n",
			     name);
	else
		n = asprintf(&text,
			     "# dvpnd gives connection \"%s\" to strongSwan. The secret is left:\n"
			     "# put it into /etc/swanctl/conf.d, then swanctl --load-creds\n"
			     "secrets {\n"
			     "\tike-%s {\n"
			     "\t\tsecret = \"replace this by what nobody can guess\"\n"
			     "\t}\n"
			     "}\n", name, name);
	return n < 0 ? NULL : text;
}

static bool is_of(const struct config_ipsec *section, const char *conn)
{
	/* Whether it has IPv6 does not matter here. */
	const struct ipsec_wants both = { .ip4 = true, .ip6 = true };
	unsigned int i, parts = ipsec_conn_parts(section, &both);
	char name[IPSEC_CONN_NAME_MAX];

	for (i = 0; i < parts; i++) {
		ipsec_conn_name(section, i, name);
		if (!strcmp(conn, name))
			return true;
	}
	return false;
}

const struct config_ipsec *ipsec_conn_section(const struct config *cfg, const char *conn)
{
	unsigned int i;

	for (i = 0; i < cfg->nr_ipsecs; i++)
		if (is_of(&cfg->ipsecs[i], conn))
			return &cfg->ipsecs[i];
	return NULL;
}
