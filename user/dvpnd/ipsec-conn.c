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

void ipsec_conn_name(const struct config_ipsec *section, bool second, char *name)
{
	snprintf(name, IPSEC_CONN_NAME_MAX, "%s%s", section->name,
		 second ? IPSEC_CONN_SUFFIX6 : "");
}

void ipsec_conn_write(struct vici_out *o, const struct config_ipsec *section,
		      const struct ipsec_wants *wants, bool second)
{
	const char *proposals = *section->proposals ? section->proposals : PROPOSALS;
	char name[IPSEC_CONN_NAME_MAX];

	ipsec_conn_name(section, second, name);
	vici_section(o, name);
	vici_text(o, "version", "2");
	put_words(o, "proposals", proposals);
	put_word(o, "remote_addrs", second || !wants->ip4 ? "%any6" : "%any");
	vici_text(o, "mobike", "no");
	vici_text(o, "unique", "no");
	vici_text(o, "dpd_delay", "%us", section->dpd_delay_s);
	put_ends(o, section);
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

const struct config_ipsec *ipsec_conn_section(const struct config *cfg, const char *conn)
{
	char name[IPSEC_CONN_NAME_MAX];
	unsigned int i;

	for (i = 0; i < cfg->nr_ipsecs; i++) {
		ipsec_conn_name(&cfg->ipsecs[i], true, name);
		if (!strcmp(conn, cfg->ipsecs[i].name) || !strcmp(conn, name))
			return &cfg->ipsecs[i];
	}
	return NULL;
}
