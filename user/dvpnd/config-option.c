// SPDX-License-Identifier: GPL-2.0
/* The config file: every option, its values, and what must fit together */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <linux/dvpn.h>

#include "dvpnd/config-option.h"
#include "nhrp/packet-ext.h"
#include "nhrp/packet.h"

#define ENCAP_UNSET ((enum nhrp_encap)-1)
#define AUTH_WORDS  "none|cisco|hmac"

/* ----- the options ----- */

#define TOP(member) offsetof(struct config, member)
static const struct config_option top_options[] = {
	{ "control-socket", &config_path, TOP(control_socket), 0, CONFIG_PATH_MAX, "" },
	{ "control-group", &config_string, TOP(control_group), 0, CONFIG_USER_MAX, "" },
	{ "state-dir", &config_path, TOP(state_dir), 0, CONFIG_PATH_MAX - 16, "" },
	{ "user", &config_string, TOP(user), 0, CONFIG_USER_MAX, "" },
	{ "ipsec-socket", &config_path, TOP(ipsec_socket), 0, CONFIG_PATH_MAX, "" },
	{ "log-level", &config_log_level, TOP(log_level), 0, 0,
	  "error|warning|notice|info|debug" },
};

#define TUN(member) offsetof(struct config_tunnel, member)
#define CORE(member) offsetof(struct config_tunnel, core.member)
static const struct config_option tunnel_options[] = {
	{ "role", &config_choice, TUN(role), 0, 0, "nhc|nhs|both" },
	{ "phase", &config_phase, CORE(phase), 0, 0, "" },
	{ "holding-time", &config_u16, CORE(holding_time_s), NHRP_HOLDING_TIME_MIN_S,
	  NHRP_HOLDING_TIME_MAX_S, "seconds" },
	{ "max-holding-time", &config_interval, CORE(max_holding_time_s), NHRP_HOLDING_TIME_MIN_S,
	  NHRP_HOLDING_TIME_MAX_S, "seconds, or \"off\"" },
	{ "probe-interval", &config_interval, CORE(probe_interval_s), 1, 3600,
	  "seconds, or \"off\"" },
	{ "max-hubs", &config_u8, CORE(max_hubs), 1, NHRP_HUBS_MAX, "" },
	{ "hub-hold-down", &config_u16, CORE(hub_hold_down_s), 0, 3600, "seconds" },
	{ "carrier-follows-hubs", &config_bool, TUN(carrier_follows_hubs), 0, 0, "" },
	{ "export-registrations", &config_interval, TUN(export_table), 1, CONFIG_EXPORT_TABLE_MAX,
	  "(a routing table), or \"off\"" },
	{ "ipsec-profile", &config_string, TUN(ipsec_profile), 0, CONFIG_PROFILE_MAX, "" },
	{ "unique", &config_choice, CORE(unique), 0, 0, "verify|strict|off" },
	{ "register-unique", &config_bool, CORE(register_unique), 0, 0, "" },
	{ "auth", &config_choice, CORE(auth), 0, 0, AUTH_WORDS },
	{ "password", &config_password, CORE(password), 0, 0, "" },
	{ "key", &config_key_id, CORE(key_id), NHRP_KEY_ID_MIN, UINT16_MAX,
	  CONFIG_KEY_UNIT },
	{ "identity-required", &config_bool, CORE(identity_required), 0, 0, "" },
	{ "claim", &config_prefixes, CORE(claim), 0, 0, "" },
	{ "redirect", &config_bool, CORE(redirect), 0, 0, "" },
	{ "shortcut", &config_bool, CORE(shortcut), 0, 0, "" },
	{ "resolve", &config_either, CORE(resolve_answer), 0, 0, "forward|answer" },
	{ "probation", &config_bool, CORE(probation), 0, 0, "" },
	{ "multicast", &config_bool, CORE(multicast), 0, 0, "" },
	{ "extensions", &config_bool, CORE(extensions), 0, 0, "" },
	{ "min-prefix", &config_u8, CORE(min_plen[0]), 1, 32, "bits" },
	{ "min-prefix6", &config_u8, CORE(min_plen[1]), 1, 128, "bits" },
	{ "max-spokes", &config_u32, CORE(max_bindings), 1, DVPN_TABLE_LIMIT, "" },
	{ "max-shortcuts", &config_u32, CORE(max_shortcuts), 1, DVPN_TABLE_LIMIT, "" },
	{ "encap", &config_choice, CORE(encap), 0, 0, "gre|udp" },
	{ "port", &config_u16, CORE(port), 1, 65535, "" },
};

#define HUB(member) offsetof(struct nhrp_hub, member)
static const struct config_option hub_options[] = {
	{ "nbma", &config_hub_at, 0, 0, 0, "hub" },
	{ "protocol", &config_addr, HUB(proto), 0, 0, "protocol address" },
	{ "priority", &config_u8, HUB(priority), 0, 255, "" },
	{ "encap", &config_choice, HUB(peer.encap), 0, 0, "gre|udp" },
	{ "port", &config_u16, HUB(peer.port), 1, 65535, "" },
	{ "mark", &config_u32, HUB(peer.mark), 0, UINT_MAX, "" },
	{ "if-id", &config_u32, HUB(peer.if_id), 0, UINT_MAX, "" },
	{ "probation", &config_switch, HUB(says.probation), 0, 0, "" },
	{ "extensions", &config_switch, HUB(says.extensions), 0, 0, "" },
	{ "auth", &config_hub_auth, HUB(auth), 0, 0, AUTH_WORDS },
	{ "password", &config_password, HUB(auth.password), 0, 0, "" },
	{ "key", &config_hub_keys, HUB(key_ids), NHRP_KEY_ID_MIN, UINT16_MAX,
	  CONFIG_KEY_UNIT },
};

#define MAP(member) offsetof(struct nhrp_static, member)
static const struct config_option map_options[] = {
	{ "nbma", &config_addr, MAP(peer.nbma), 0, 0, "peer" },
	{ "multicast", &config_bool, MAP(multicast), 0, 0, "" },
	{ "encap", &config_choice, MAP(peer.encap), 0, 0, "gre|udp" },
	{ "port", &config_u16, MAP(peer.port), 1, 65535, "" },
	{ "mark", &config_u32, MAP(peer.mark), 0, UINT_MAX, "" },
	{ "if-id", &config_u32, MAP(peer.if_id), 0, UINT_MAX, "" },
	{ "probation", &config_switch, MAP(says.probation), 0, 0, "" },
	{ "extensions", &config_switch, MAP(says.extensions), 0, 0, "" },
};

_Static_assert(ARRAY_SIZE(tunnel_options) <= CONFIG_OPTIONS_MAX, "CONFIG_OPTIONS_MAX");

bool config_was_set(const struct config_level *level, const char *name)
{
	unsigned int i;

	for (i = 0; i < level->section->nr_options; i++)
		if (!strcmp(level->section->options[i].name, name))
			return level->set_at[i].line;
	return false;
}

static void finish_key(const struct nhrp_tunnel_config *core, struct nhrp_peer_key *key)
{
	if (key->encap == ENCAP_UNSET)
		key->encap = core->encap;
	if (key->encap == NHRP_ENCAP_GRE)
		key->port = 0;
	else if (!key->port)
		key->port = core->port;
}

/* What @key would be with no option but "encap", of which @unset tells the default. */
static void default_key(const struct nhrp_tunnel_config *core, const struct nhrp_peer_key *key,
			struct nhrp_peer_key *unset)
{
	unset->encap = key->encap;
	finish_key(core, unset);
	unset->encap = core->encap;
}

static void check_key(struct config_parser *p, const struct config_level *inner,
		      const char *what)
{
	if (!config_was_set(inner, "nbma"))
		config_error_at(p, inner->line, "%s %s has no nbma = ADDRESS", what, inner->title);
}

/* ----- hub NAME ----- */

static const void *hub_find(const void *outer, const char *title)
{
	const struct config_tunnel *tun = outer;
	unsigned int i;

	for (i = 0; i < tun->core.nr_hubs; i++)
		if (!strcmp(tun->hub_names[i], title))
			return &tun->core.hubs[i];
	return NULL;
}

static void hub_begin(struct config_parser *p, void *outer, const char *title,
		      struct config_level *inner)
{
	struct config_tunnel *tun = outer;
	unsigned int n = tun->core.nr_hubs;
	struct nhrp_hub *hub = &p->spare.hub;

	if (!config_good_name(title))
		config_error(p, "hub \"%s\": a name is 1 to %d letters, digits, \"_.-\"",
			     title, CONFIG_NAME_MAX - 1);
	if (hub_find(tun, title))
		config_error(p, "hub %s is already there", title);
	if (n == NHRP_HUBS_MAX) {
		config_error(p, "more than %d hubs", NHRP_HUBS_MAX);
	} else {
		hub = &tun->core.hubs[n];
		snprintf(tun->hub_names[n], CONFIG_NAME_MAX, "%s", title);
		tun->core.nr_hubs++;
	}
	memset(hub, 0, sizeof(*hub));
	hub->peer.encap = ENCAP_UNSET;
	hub->priority = n + 1;
	inner->base = hub;
}

/* What a hub says of it is all that holds there: nothing is taken from the tunnel then. */
static void check_hub_auth(struct config_parser *p, const struct config_level *inner,
			   const struct nhrp_hub *hub)
{
	bool cisco = hub->auth.own && hub->auth.mode == NHRP_AUTH_CISCO;

	if (cisco && !config_was_set(inner, "password"))
		config_error_at(p, inner->line, "hub %s: auth = cisco needs a password of the hub",
				inner->title);
	if (!cisco && config_was_set(inner, "password"))
		config_error_at(p, inner->line, "hub %s: a password needs auth = cisco of the hub",
				inner->title);
	if (hub->auth.own && hub->auth.mode != NHRP_AUTH_HMAC && hub->key_ids[0])
		config_error_at(p, inner->line, "hub %s: key needs auth = hmac", inner->title);
}

static void hub_end(struct config_parser *p, const struct config_level *inner)
{
	struct nhrp_hub *hub = inner->base;

	hub->has_proto = !nhrp_addr_none(&hub->proto);
	check_key(p, inner, "hub");
	check_hub_auth(p, inner, hub);
}

static const void *hub_item(const void *outer, unsigned int *i, char *title)
{
	const struct config_tunnel *tun = outer;

	if (*i >= tun->core.nr_hubs)
		return NULL;
	snprintf(title, LEX_WORD_MAX, "%s", tun->hub_names[*i]);
	return &tun->core.hubs[*i];
}

static void hub_unset(const void *outer, unsigned int i, union config_item *unset)
{
	const struct nhrp_tunnel_config *core = &((const struct config_tunnel *)outer)->core;

	memset(&unset->hub, 0, sizeof(unset->hub));
	unset->hub.priority = i + 1;
	default_key(core, &core->hubs[i].peer, &unset->hub.peer);
}

/* ----- map ADDRESS ----- */

static const struct nhrp_static *map_of(const struct config_tunnel *tun,
					const struct nhrp_addr *proto)
{
	unsigned int i;

	for (i = 0; i < tun->core.nr_statics; i++)
		if (nhrp_addr_eq(&tun->core.statics[i].proto, proto))
			return &tun->core.statics[i];
	return NULL;
}

static void map_begin(struct config_parser *p, void *outer, const char *title,
		      struct config_level *inner)
{
	static const struct config_option proto = { .name = "map", .unit = "protocol address" };
	struct config_tunnel *tun = outer;
	struct nhrp_static *map = &p->spare.map;
	struct nhrp_addr addr = { 0 };

	config_addr.set(p, &proto, title, &addr);
	if (!nhrp_addr_none(&addr) && map_of(tun, &addr))
		config_error(p, "map %s is already there", title);
	if (tun->core.nr_statics == NHRP_STATICS_MAX)
		config_error(p, "more than %d maps", NHRP_STATICS_MAX);
	else
		map = &tun->core.statics[tun->core.nr_statics++];
	memset(map, 0, sizeof(*map));
	map->proto = addr;
	map->peer.encap = ENCAP_UNSET;
	inner->base = map;
}

static void map_end(struct config_parser *p, const struct config_level *inner)
{
	check_key(p, inner, "map");
}

static const void *map_item(const void *outer, unsigned int *i, char *title)
{
	const struct config_tunnel *tun = outer;

	if (*i >= tun->core.nr_statics)
		return NULL;
	nhrp_addr_format(&tun->core.statics[*i].proto, title, LEX_WORD_MAX);
	return &tun->core.statics[*i];
}

static const void *map_find(const void *outer, const char *title)
{
	struct nhrp_addr proto;

	return nhrp_addr_parse(&proto, title) ? NULL : map_of(outer, &proto);
}

static void map_unset(const void *outer, unsigned int i, union config_item *unset)
{
	const struct nhrp_tunnel_config *core = &((const struct config_tunnel *)outer)->core;

	memset(&unset->map, 0, sizeof(unset->map));
	default_key(core, &core->statics[i].peer, &unset->map.peer);
}

/* ----- tunnel NAME ----- */

static const struct config_section hub_section = {
	.name = "hub",
	.usage = "hub NAME { nbma = ADDRESS|DNS-NAME }",
	.where = "a hub",
	.options = hub_options,
	.nr_options = ARRAY_SIZE(hub_options),
	.begin = hub_begin,
	.end = hub_end,
	.item = hub_item,
	.find = hub_find,
	.unset = hub_unset,
};

static const struct config_section map_section = {
	.name = "map",
	.usage = "map ADDRESS { nbma = ADDRESS }",
	.where = "a map",
	.options = map_options,
	.nr_options = ARRAY_SIZE(map_options),
	.begin = map_begin,
	.end = map_end,
	.item = map_item,
	.find = map_find,
	.unset = map_unset,
};

static const struct config_section *const tunnel_sections[] = {
	&hub_section,
	&map_section,
	&config_key_section,
	&config_identity_section,
};

/* As the kernel sees it, plus what no shell and no log should have to quote. */
static bool good_device(const char *name)
{
	size_t len = strlen(name);

	return len && len < IFNAMSIZ && strcmp(name, ".") && strcmp(name, "..") &&
	       !strpbrk(name, "/:% \t\"\\");
}

static struct config_tunnel *new_tunnel(struct config_parser *p)
{
	struct config *cfg = p->cfg;
	struct config_tunnel *more;

	if (cfg->nr_tunnels == CONFIG_TUNNELS_MAX) {
		config_error(p, "more than %d tunnels", CONFIG_TUNNELS_MAX);
		return &p->spare_tunnel;
	}
	more = calloc(cfg->nr_tunnels + 1, sizeof(*more));
	if (!more) {
		config_error(p, "out of memory");
		return &p->spare_tunnel;
	}
	/* Not moved by realloc(), which would leave secrets behind. */
	if (cfg->nr_tunnels)
		memcpy(more, cfg->tunnels, cfg->nr_tunnels * sizeof(*more));
	config_wipe_tunnels(cfg);
	cfg->tunnels = more;
	p->tunnels[cfg->nr_tunnels] = (struct config_place){ p->file, p->lex.line };
	return &more[cfg->nr_tunnels++];
}

static void tunnel_begin(struct config_parser *p, void *outer, const char *title,
			 struct config_level *inner)
{
	const struct config_tunnel *other = config_find(p->cfg, title);
	char place[CONFIG_PLACE_MAX];
	struct config_tunnel *tun;

	(void)outer;
	if (!good_device(title))
		config_error(p, "tunnel \"%s\": an interface has 1 to %d characters, no \"/:%%\"",
			     title, IFNAMSIZ - 1);
	else if (other)
		config_error(p, "tunnel %s was already configured in %s", title,
			     config_place(p, &p->tunnels[other - p->cfg->tunnels], place));
	tun = new_tunnel(p);
	config_tunnel_free(tun);
	config_forget_keys(p);
	memset(tun, 0, sizeof(*tun));
	nhrp_tunnel_config_default(&tun->core);
	snprintf(tun->name, sizeof(tun->name), "%.*s", IFNAMSIZ - 1, title);
	inner->base = tun;
}

/* What the phase says, unless an option of its own says otherwise. */
static void finish_tunnel(const struct config_level *inner, struct config_tunnel *tun)
{
	struct nhrp_tunnel_config *core = &tun->core;
	struct nhrp_tunnel_config said = *core;
	unsigned int i;

	core->nhs = tun->role != CONFIG_ROLE_NHC;
	nhrp_tunnel_config_phase(core, core->phase);
	if (config_was_set(inner, "redirect"))
		core->redirect = said.redirect;
	if (config_was_set(inner, "shortcut"))
		core->shortcut = said.shortcut;
	if (config_was_set(inner, "resolve"))
		core->resolve_answer = said.resolve_answer;
	explicit_bzero(&said, sizeof(said));
	for (i = 0; i < core->nr_hubs; i++)
		finish_key(core, &core->hubs[i].peer);
	for (i = 0; i < core->nr_statics; i++)
		finish_key(core, &core->statics[i].peer);
}

/* All of these begin alike. */
static void check_role(struct config_parser *p, const struct config_level *inner,
		       const struct config_tunnel *tun)
{
	const char *role = tun->role == CONFIG_ROLE_NHC ? "nhc" : "both";

	if (tun->role == CONFIG_ROLE_NHS && tun->core.nr_hubs)
		tunnel_error(p, inner, "role = nhs registers with no hub; role = both does");
	/* After another error the role or the hub may be there, and only be misspelt. */
	if (tun->role != CONFIG_ROLE_NHS && !tun->core.nr_hubs && p->errors->nr == inner->errors)
		tunnel_error(p, inner, "role = %s needs a hub: hub NAME { nbma = ADDRESS }",
			     role);
	if (tun->role == CONFIG_ROLE_NHC && config_was_set(inner, "redirect") && tun->core.redirect)
		tunnel_error(p, inner, "redirect is for a hub (role = nhs or both)");
	if (tun->role == CONFIG_ROLE_NHC && tun->core.claim.nr)
		tunnel_error(p, inner, "claim is for a hub (role = nhs or both)");
	if (tun->role == CONFIG_ROLE_NHC && tun->core.max_holding_time_s)
		tunnel_error(p, inner, "max-holding-time is for a hub (role = nhs or both)");
	if (tun->role == CONFIG_ROLE_NHC && tun->export_table)
		tunnel_error(p, inner, "export-registrations is for a hub (role = nhs or both)");
	if (tun->role == CONFIG_ROLE_NHS && tun->carrier_follows_hubs)
		tunnel_error(p, inner, "carrier-follows-hubs is for a spoke (role = nhc or both)");
	if (tun->role == CONFIG_ROLE_NHC && config_was_set(inner, "resolve"))
		tunnel_error(p, inner, "resolve is for a hub (role = nhs or both)");
}

/* What comes from there has to be judged without looking into it. */
static void check_places(struct config_parser *p, const struct config_level *inner,
			 const struct config_tunnel *tun, unsigned int i, unsigned int j)
{
	const struct nhrp_hub *a = &tun->core.hubs[i], *b = &tun->core.hubs[j];

	if (*a->name || *b->name || nhrp_addr_none(&a->peer.nbma) ||
	    !nhrp_addr_eq(&a->peer.nbma, &b->peer.nbma) || a->peer.encap != b->peer.encap ||
	    a->peer.port != b->peer.port || nhrp_auth_alike(&tun->core, a, &tun->core, b))
		return;
	tunnel_error(p, inner, "hubs %s and %s have one nbma address: give them the same auth",
		     tun->hub_names[j], tun->hub_names[i]);
}

static void check_hubs(struct config_parser *p, const struct config_level *inner,
		       const struct config_tunnel *tun)
{
	const struct nhrp_hub *hubs = tun->core.hubs;
	unsigned int i, j;

	for (i = 1; i < tun->core.nr_hubs; i++) {
		for (j = 0; j < i; j++) {
			check_places(p, inner, tun, i, j);
			if (hubs[i].has_proto && hubs[j].has_proto &&
			    nhrp_addr_eq(&hubs[i].proto, &hubs[j].proto))
				tunnel_error(p, inner, "hubs %s and %s have one protocol address",
					     tun->hub_names[j], tun->hub_names[i]);
			if ((*hubs[i].name || !nhrp_addr_none(&hubs[i].peer.nbma)) &&
			    nhrp_hub_is(&hubs[i], hubs[j].name, &hubs[j].peer))
				tunnel_error(p, inner, "hubs %s and %s have one nbma %s",
					     tun->hub_names[j], tun->hub_names[i],
					     *hubs[i].name ? "name" : "address");
		}
	}
}

static void check_auth(struct config_parser *p, const struct config_level *inner,
		       const struct nhrp_tunnel_config *core)
{
	if (core->auth == NHRP_AUTH_CISCO && !config_was_set(inner, "password"))
		tunnel_error(p, inner, "auth = cisco needs a password");
	if (core->auth != NHRP_AUTH_CISCO && config_was_set(inner, "password"))
		tunnel_error(p, inner, "a password needs auth = cisco");
	if (core->identity_required && !core->nhs)
		tunnel_error(p, inner, "identity-required is for a hub (role = nhs or both)");
}

static void check_profile(struct config_parser *p, const struct config_level *inner,
			  const char *profile)
{
	if (*profile && !config_good_name(profile))
		tunnel_error(p, inner,
			     "ipsec-profile \"%s\": a name is 1 to %d letters, digits, \"_.-\"",
			     profile, CONFIG_PROFILE_MAX - 1);
}

static void tunnel_end(struct config_parser *p, const struct config_level *inner)
{
	struct config_tunnel *tun = inner->base;

	finish_tunnel(inner, tun);
	check_role(p, inner, tun);
	check_hubs(p, inner, tun);
	check_auth(p, inner, &tun->core);
	check_profile(p, inner, tun->ipsec_profile);
	config_end_keys(p, inner, tun);
}

static const void *tunnel_item(const void *outer, unsigned int *i, char *title)
{
	const struct config *cfg = outer;

	if (*i >= cfg->nr_tunnels)
		return NULL;
	snprintf(title, LEX_WORD_MAX, "%s", cfg->tunnels[*i].name);
	return &cfg->tunnels[*i];
}

static const void *tunnel_find(const void *outer, const char *title)
{
	return config_find(outer, title);
}

/* What follows from the phase is as this tunnel's phase says. */
static void tunnel_unset(const void *outer, unsigned int i, union config_item *unset)
{
	const struct config *cfg = outer;
	struct nhrp_tunnel_config *core = &unset->tunnel.core;
	u8 phase;

	memset(&unset->tunnel, 0, sizeof(unset->tunnel));
	nhrp_tunnel_config_default(core);
	phase = core->phase;
	nhrp_tunnel_config_phase(core, cfg->tunnels[i].core.phase);
	core->phase = phase;
}

/* ----- the whole file ----- */

static const struct config_section tunnel_section = {
	.name = "tunnel",
	.usage = CONFIG_TUNNEL_USAGE,
	.where = "a tunnel",
	.options = tunnel_options,
	.nr_options = ARRAY_SIZE(tunnel_options),
	.sections = tunnel_sections,
	.nr_sections = ARRAY_SIZE(tunnel_sections),
	.begin = tunnel_begin,
	.end = tunnel_end,
	.item = tunnel_item,
	.find = tunnel_find,
	.unset = tunnel_unset,
};

const struct config_section *const config_tunnel_section = &tunnel_section;

static const struct config_section *const top_sections[] = {
	&config_ipsec_section,
	&tunnel_section,
};

const struct config_section config_top = {
	.where = "",
	.options = top_options,
	.nr_options = ARRAY_SIZE(top_options),
	.sections = top_sections,
	.nr_sections = ARRAY_SIZE(top_sections),
};

static void walk_options(const struct config_section *sec, void (*fn)(const char *name, void *ctx),
			 void *ctx)
{
	unsigned int i;

	for (i = 0; i < sec->nr_options; i++)
		fn(sec->options[i].name, ctx);
	for (i = 0; i < sec->nr_sections; i++)
		walk_options(sec->sections[i], fn, ctx);
}

void config_options(void (*fn)(const char *name, void *ctx), void *ctx)
{
	walk_options(&config_top, fn, ctx);
}

void config_default(struct config *cfg)
{
	memcpy(cfg->control_socket, CONFIG_SOCKET_DEFAULT, sizeof(CONFIG_SOCKET_DEFAULT));
	memcpy(cfg->state_dir, CONFIG_STATE_DEFAULT, sizeof(CONFIG_STATE_DEFAULT));
	memcpy(cfg->user, CONFIG_USER_DEFAULT, sizeof(CONFIG_USER_DEFAULT));
	memcpy(cfg->ipsec_socket, CONFIG_IPSEC_SOCKET_DEFAULT, sizeof(CONFIG_IPSEC_SOCKET_DEFAULT));
	cfg->log_level = LOG_INFO;
}

void config_keep(struct config *cfg, const struct config *running)
{
	memcpy(cfg->control_socket, running->control_socket, sizeof(cfg->control_socket));
	memcpy(cfg->control_group, running->control_group, sizeof(cfg->control_group));
	memcpy(cfg->state_dir, running->state_dir, sizeof(cfg->state_dir));
	memcpy(cfg->user, running->user, sizeof(cfg->user));
}
