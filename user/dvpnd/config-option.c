// SPDX-License-Identifier: GPL-2.0
/* The config file: every option, its values, and what must fit together */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <linux/dvpn.h>

#include "dvpnd/config-option.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ENCAP_UNSET ((enum nhrp_encap)CONFIG_UNSET)

/* Every refusal of a value reads alike: "option = value: what it must be". */
#define bad_value(p, opt, value, fmt, ...) \
	config_error(p, "%s = %s: " fmt, (opt)->name, value, ##__VA_ARGS__)

/* A decimal number without sign; "0x" for marks is fine too. */
static bool parse_number(struct config_parser *p, const struct config_option *opt,
			 const char *value, unsigned long *out)
{
	char *end;

	errno = 0;
	*out = strtoul(value, &end, value[0] == '0' && value[1] == 'x' ? 16 : 10);
	if (value[0] >= '0' && value[0] <= '9' && !*end && !errno && *out >= opt->min &&
	    *out <= opt->max)
		return true;
	bad_value(p, opt, value, "must be a number from %lu to %lu%s%s", opt->min, opt->max,
		  *opt->unit ? " " : "", opt->unit);
	return false;
}

static void set_u8(struct config_parser *p, const struct config_option *opt, const char *value,
		   void *where)
{
	unsigned long n;

	if (parse_number(p, opt, value, &n))
		*(u8 *)where = n;
}

static void set_u16(struct config_parser *p, const struct config_option *opt, const char *value,
		    void *where)
{
	unsigned long n;

	if (parse_number(p, opt, value, &n))
		*(u16 *)where = n;
}

static void set_u32(struct config_parser *p, const struct config_option *opt, const char *value,
		    void *where)
{
	unsigned long n;

	if (parse_number(p, opt, value, &n))
		*(u32 *)where = n;
}

/* 0 is "off", else as a u16. */
static void set_interval(struct config_parser *p, const struct config_option *opt,
			 const char *value, void *where)
{
	unsigned long n;

	if (!strcmp(value, "off") || !strcmp(value, "0"))
		*(u16 *)where = 0;
	else if (parse_number(p, opt, value, &n))
		*(u16 *)where = n;
}

/* Index of @value in @words ("a|b|c"), or -1. */
static int word_index(const char *words, const char *value)
{
	size_t len = strlen(value);
	int i = 0;

	while (len) {
		if (!strncmp(words, value, len) && (!words[len] || words[len] == '|'))
			return i;
		words = strchr(words, '|');
		if (!words)
			break;
		words++;
		i++;
	}
	return -1;
}

static const char *spell_choice(const char *words, char *buf, size_t size)
{
	const char *last = strrchr(words, '|');
	size_t n = 0;

	for (; *words && n + 5 < size; words++) {
		if (words == last)
			n += snprintf(buf + n, size - n, " or ");
		else if (*words == '|')
			n += snprintf(buf + n, size - n, ", ");
		else
			buf[n++] = *words;
	}
	buf[n] = 0;
	return buf;
}

/* @opt->unit holds the words, the values are their indices. */
static void set_choice(struct config_parser *p, const struct config_option *opt,
		       const char *value, void *where)
{
	int i = word_index(opt->unit, value);
	char words[80];

	if (i >= 0)
		*(int *)where = i;
	else
		bad_value(p, opt, value, "must be %s",
			  spell_choice(opt->unit, words, sizeof(words)));
}

static void set_log_level(struct config_parser *p, const struct config_option *opt,
			  const char *value, void *where)
{
	int i = CONFIG_UNSET;

	set_choice(p, opt, value, &i);
	if (i != CONFIG_UNSET)
		*(int *)where = LOG_ERR + i;
}

static bool yes_or_no(struct config_parser *p, const struct config_option *opt,
		      const char *value, bool *out)
{
	int i = word_index("no|yes|off|on|false|true", value);

	if (i < 0) {
		bad_value(p, opt, value, "must be yes or no");
		return false;
	}
	*out = i & 1;
	return true;
}

static void set_bool(struct config_parser *p, const struct config_option *opt, const char *value,
		     void *where)
{
	yes_or_no(p, opt, value, where);
}

/* An int, so that CONFIG_UNSET can be told from "no". */
static void set_tristate(struct config_parser *p, const struct config_option *opt,
			 const char *value, void *where)
{
	bool on;

	if (yes_or_no(p, opt, value, &on))
		*(int *)where = on;
}

static void set_string(struct config_parser *p, const struct config_option *opt,
		       const char *value, void *where)
{
	if (strlen(value) >= opt->max)
		bad_value(p, opt, value, "longer than %lu characters", opt->max - 1);
	else
		memcpy(where, value, strlen(value) + 1);
}

static void set_path(struct config_parser *p, const struct config_option *opt, const char *value,
		     void *where)
{
	if (value[0] != '/')
		bad_value(p, opt, value, "must be a path that starts with \"/\"");
	else
		set_string(p, opt, value, where);
}

static void set_password(struct config_parser *p, const struct config_option *opt,
			 const char *value, void *where)
{
	if (!*value || strlen(value) > NHRP_PASSWORD_MAX)	/* not shown: it is a secret */
		config_error(p, "%s must have 1 to %d characters", opt->name, NHRP_PASSWORD_MAX);
	else
		memcpy(where, value, strlen(value) + 1);
}

static const char *why_not_unicast(const struct nhrp_addr *a)
{
	if (nhrp_addr_is_any(a))
		return "the unspecified address";
	if (nhrp_addr_is_multicast(a))
		return "a multicast address";
	if (nhrp_addr_is_loopback(a))
		return "a loopback address";
	if (!nhrp_addr_is_unicast(a))
		return "a broadcast or reserved address";
	return NULL;
}

static void set_addr(struct config_parser *p, const struct config_option *opt, const char *value,
		     void *where)
{
	struct nhrp_addr a;
	const char *why;

	if (nhrp_addr_parse(&a, value)) {
		bad_value(p, opt, value, "not an IPv4 or IPv6 address (names are not looked up)");
		return;
	}
	why = why_not_unicast(&a);
	if (why)
		bad_value(p, opt, value, "%s cannot be a %s", why, opt->unit);
	else
		*(struct nhrp_addr *)where = a;
}

static void set_phase(struct config_parser *p, const struct config_option *opt,
		      const char *value, void *where)
{
	int i = word_index("1|2|3", value);

	if (i < 0)
		bad_value(p, opt, value, "must be 1, 2 or 3");
	else
		*(u8 *)where = i + 1;
}

/* ----- the options ----- */

#define TOP(member) offsetof(struct config, member)
static const struct config_option top_options[] = {
	{ "control-socket", set_path, TOP(control_socket), 0, CONFIG_PATH_MAX, "" },
	{ "control-group", set_string, TOP(control_group), 0, CONFIG_USER_MAX, "" },
	{ "state-dir", set_path, TOP(state_dir), 0, CONFIG_PATH_MAX - 16, "" },
	{ "user", set_string, TOP(user), 0, CONFIG_USER_MAX, "" },
	{ "log-level", set_log_level, TOP(log_level), 0, 0, "error|warning|notice|info|debug" },
};

#define TUN(member) offsetof(struct config_tunnel, member)
#define CORE(member) offsetof(struct config_tunnel, core.member)
static const struct config_option tunnel_options[] = {
	{ "role", set_choice, TUN(role), 0, 0, "nhc|nhs|both" },
	{ "phase", set_phase, CORE(phase), 0, 0, "" },
	{ "holding-time", set_u16, CORE(holding_time_s), NHRP_HOLDING_TIME_MIN_S,
	  NHRP_HOLDING_TIME_MAX_S, "seconds" },
	{ "probe-interval", set_interval, CORE(probe_interval_s), 1, 3600,
	  "seconds, or \"off\"" },
	{ "unique", set_choice, CORE(unique), 0, 0, "verify|strict|off" },
	{ "register-unique", set_bool, CORE(register_unique), 0, 0, "" },
	{ "auth", set_choice, CORE(auth), 0, 0, "none|cisco" },
	{ "password", set_password, CORE(password), 0, 0, "" },
	{ "redirect", set_tristate, TUN(redirect), 0, 0, "" },
	{ "shortcut", set_tristate, TUN(shortcut), 0, 0, "" },
	{ "resolve", set_choice, TUN(resolve), 0, 0, "forward|answer" },
	{ "probation", set_bool, CORE(probation), 0, 0, "" },
	{ "multicast", set_bool, CORE(multicast), 0, 0, "" },
	{ "extensions", set_bool, CORE(extensions), 0, 0, "" },
	{ "min-prefix", set_u8, CORE(min_plen[0]), 1, 32, "bits" },
	{ "min-prefix6", set_u8, CORE(min_plen[1]), 1, 128, "bits" },
	{ "max-spokes", set_u32, CORE(max_bindings), 1, DVPN_TABLE_LIMIT, "" },
	{ "max-shortcuts", set_u32, CORE(max_shortcuts), 1, DVPN_TABLE_LIMIT, "" },
	{ "encap", set_choice, CORE(encap), 0, 0, "gre|udp" },
	{ "port", set_u16, CORE(port), 1, 65535, "" },
};

#define HUB(member) offsetof(struct nhrp_hub, member)
static const struct config_option hub_options[] = {
	{ "nbma", set_addr, HUB(peer.nbma), 0, 0, "hub" },
	{ "protocol", set_addr, HUB(proto), 0, 0, "protocol address" },
	{ "priority", set_u8, HUB(priority), 0, 255, "" },
	{ "encap", set_choice, HUB(peer.encap), 0, 0, "gre|udp" },
	{ "port", set_u16, HUB(peer.port), 1, 65535, "" },
	{ "mark", set_u32, HUB(peer.mark), 0, UINT_MAX, "" },
	{ "if-id", set_u32, HUB(peer.if_id), 0, UINT_MAX, "" },
};

#define MAP(member) offsetof(struct nhrp_static, member)
static const struct config_option map_options[] = {
	{ "nbma", set_addr, MAP(peer.nbma), 0, 0, "peer" },
	{ "multicast", set_bool, MAP(multicast), 0, 0, "" },
	{ "encap", set_choice, MAP(peer.encap), 0, 0, "gre|udp" },
	{ "port", set_u16, MAP(peer.port), 1, 65535, "" },
	{ "mark", set_u32, MAP(peer.mark), 0, UINT_MAX, "" },
	{ "if-id", set_u32, MAP(peer.if_id), 0, UINT_MAX, "" },
};

_Static_assert(ARRAY_SIZE(tunnel_options) <= CONFIG_OPTIONS_MAX, "CONFIG_OPTIONS_MAX");

static const struct {
	const struct config_option *options;
	size_t nr;
} all_options[] = {
	{ top_options, ARRAY_SIZE(top_options) },
	{ tunnel_options, ARRAY_SIZE(tunnel_options) },
	{ hub_options, ARRAY_SIZE(hub_options) },
	{ map_options, ARRAY_SIZE(map_options) },
};

void config_options(void (*fn)(const char *name, void *ctx), void *ctx)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(all_options); i++)
		for (j = 0; j < all_options[i].nr; j++)
			fn(all_options[i].options[j].name, ctx);
}

static bool was_set(const struct config_level *level, const char *name)
{
	unsigned int i;

	for (i = 0; i < level->nr_options; i++)
		if (!strcmp(level->options[i].name, name))
			return level->lines[i];
	return false;
}

static void begin_level(struct config_level *inner, const char *where, const char *title,
			void *outer, void *base)
{
	inner->depth = 1;
	inner->where = where;
	snprintf(inner->title, sizeof(inner->title), "%s", title);
	inner->outer = outer;
	inner->base = base;
}

static bool key_equal(const struct nhrp_peer_key *a, const struct nhrp_peer_key *b)
{
	return nhrp_addr_eq(&a->nbma, &b->nbma) && a->encap == b->encap && a->port == b->port &&
	       a->mark == b->mark && a->if_id == b->if_id;
}

static void check_key(struct config_parser *p, const struct config_level *inner,
		      const char *what)
{
	if (!was_set(inner, "nbma"))
		config_error_at(p, inner->line, "%s %s has no nbma = ADDRESS", what, inner->title);
}

/* ----- hub NAME ----- */

static bool good_name(const char *name)
{
	size_t len = strlen(name);

	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("_.-", *name))
			return false;
	return len && len < CONFIG_NAME_MAX;
}

static void hub_begin(struct config_parser *p, void *outer, const char *title,
		      struct config_level *inner)
{
	struct config_tunnel *tun = outer;
	unsigned int i, n = tun->core.nr_hubs;
	struct nhrp_hub *hub = &p->spare.hub;

	if (!good_name(title))
		config_error(p, "hub \"%s\": a name is 1 to %d letters, digits, \"_.-\"",
			     title, CONFIG_NAME_MAX - 1);
	for (i = 0; i < n; i++)
		if (!strcmp(tun->hub_names[i], title))
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
	begin_level(inner, "a hub", title, outer, hub);
	inner->options = hub_options;
	inner->nr_options = ARRAY_SIZE(hub_options);
}

static void hub_end(struct config_parser *p, const struct config_level *inner)
{
	struct nhrp_hub *hub = inner->base;

	hub->has_proto = !nhrp_addr_none(&hub->proto);
	check_key(p, inner, "hub");
}

/* ----- map ADDRESS ----- */

static void map_begin(struct config_parser *p, void *outer, const char *title,
		      struct config_level *inner)
{
	static const struct config_option proto = { .name = "map", .unit = "protocol address" };
	struct config_tunnel *tun = outer;
	struct nhrp_static *map = &p->spare.map;
	struct nhrp_addr addr = { 0 };
	unsigned int i;

	set_addr(p, &proto, title, &addr);
	for (i = 0; i < tun->core.nr_statics; i++)
		if (!nhrp_addr_none(&addr) && nhrp_addr_eq(&tun->core.statics[i].proto, &addr))
			config_error(p, "map %s is already there", title);
	if (tun->core.nr_statics == NHRP_STATICS_MAX)
		config_error(p, "more than %d maps", NHRP_STATICS_MAX);
	else
		map = &tun->core.statics[tun->core.nr_statics++];
	memset(map, 0, sizeof(*map));
	map->proto = addr;
	map->peer.encap = ENCAP_UNSET;
	begin_level(inner, "a map", title, outer, map);
	inner->options = map_options;
	inner->nr_options = ARRAY_SIZE(map_options);
}

static void map_end(struct config_parser *p, const struct config_level *inner)
{
	check_key(p, inner, "map");
}

/* ----- tunnel NAME ----- */

static const struct config_section tunnel_sections[] = {
	{ "hub", "hub NAME { nbma = ADDRESS }", hub_begin, hub_end },
	{ "map", "map ADDRESS { nbma = ADDRESS }", map_begin, map_end },
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
		return &p->spare.tunnel;
	}
	more = reallocarray(cfg->tunnels, cfg->nr_tunnels + 1, sizeof(*more));
	if (!more) {
		config_error(p, "out of memory");
		return &p->spare.tunnel;
	}
	cfg->tunnels = more;
	return &more[cfg->nr_tunnels++];
}

static void tunnel_begin(struct config_parser *p, void *outer, const char *title,
			 struct config_level *inner)
{
	const struct config_tunnel *other = config_find(p->cfg, title);
	struct config_tunnel *tun;

	if (!good_device(title))
		config_error(p, "tunnel \"%s\": an interface has 1 to %d characters, no \"/:%%\"",
			     title, IFNAMSIZ - 1);
	else if (other)
		config_error(p, "tunnel %s was already configured in line %u", title,
			     other->line);
	tun = new_tunnel(p);
	memset(tun, 0, sizeof(*tun));
	nhrp_tunnel_config_default(&tun->core);
	snprintf(tun->name, sizeof(tun->name), "%.*s", IFNAMSIZ - 1, title);
	tun->line = p->lex.line;
	tun->redirect = CONFIG_UNSET;
	tun->shortcut = CONFIG_UNSET;
	tun->resolve = CONFIG_UNSET;
	begin_level(inner, "a tunnel", title, outer, tun);
	inner->options = tunnel_options;
	inner->nr_options = ARRAY_SIZE(tunnel_options);
	inner->sections = tunnel_sections;
	inner->nr_sections = ARRAY_SIZE(tunnel_sections);
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

/* What the phase says, unless an option of its own says otherwise. */
static void finish_tunnel(struct config_tunnel *tun)
{
	struct nhrp_tunnel_config *core = &tun->core;
	unsigned int i;

	core->nhs = tun->role != CONFIG_ROLE_NHC;
	nhrp_tunnel_config_phase(core, core->phase);
	if (tun->redirect != CONFIG_UNSET)
		core->redirect = tun->redirect;
	if (tun->shortcut != CONFIG_UNSET)
		core->shortcut = tun->shortcut;
	if (tun->resolve != CONFIG_UNSET)
		core->resolve_answer = tun->resolve;
	for (i = 0; i < core->nr_hubs; i++)
		finish_key(core, &core->hubs[i].peer);
	for (i = 0; i < core->nr_statics; i++)
		finish_key(core, &core->statics[i].peer);
}

/* All of these begin alike. */
#define tunnel_error(p, inner, fmt, ...) \
	config_error_at(p, (inner)->line, "tunnel %s: " fmt, (inner)->title, ##__VA_ARGS__)

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
	if (tun->role == CONFIG_ROLE_NHC && tun->redirect == 1)
		tunnel_error(p, inner, "redirect is for a hub (role = nhs or both)");
	if (tun->role == CONFIG_ROLE_NHC && tun->resolve != CONFIG_UNSET)
		tunnel_error(p, inner, "resolve is for a hub (role = nhs or both)");
}

static void check_hubs(struct config_parser *p, const struct config_level *inner,
		       const struct config_tunnel *tun)
{
	const struct nhrp_hub *hubs = tun->core.hubs;
	unsigned int i, j;

	for (i = 1; i < tun->core.nr_hubs; i++) {
		for (j = 0; j < i; j++) {
			if (hubs[i].has_proto && hubs[j].has_proto &&
			    nhrp_addr_eq(&hubs[i].proto, &hubs[j].proto))
				tunnel_error(p, inner, "hubs %s and %s have one protocol address",
					     tun->hub_names[j], tun->hub_names[i]);
			if (!nhrp_addr_none(&hubs[i].peer.nbma) &&
			    key_equal(&hubs[i].peer, &hubs[j].peer))
				tunnel_error(p, inner, "hubs %s and %s have one nbma address",
					     tun->hub_names[j], tun->hub_names[i]);
		}
	}
}

static void tunnel_end(struct config_parser *p, const struct config_level *inner)
{
	struct config_tunnel *tun = inner->base;

	finish_tunnel(tun);
	check_role(p, inner, tun);
	check_hubs(p, inner, tun);
	if (tun->core.auth == NHRP_AUTH_CISCO && !was_set(inner, "password"))
		tunnel_error(p, inner, "auth = cisco needs a password");
	if (tun->core.auth == NHRP_AUTH_NONE && was_set(inner, "password"))
		tunnel_error(p, inner, "a password needs auth = cisco");
}

/* ----- the whole file ----- */

static const struct config_section top_sections[] = {
	{ "tunnel", CONFIG_TUNNEL_USAGE, tunnel_begin, tunnel_end },
};

void config_top_begin(struct config_parser *p, struct config_level *top)
{
	struct config *cfg = p->cfg;

	memcpy(cfg->control_socket, CONFIG_SOCKET_DEFAULT, sizeof(CONFIG_SOCKET_DEFAULT));
	memcpy(cfg->state_dir, CONFIG_STATE_DEFAULT, sizeof(CONFIG_STATE_DEFAULT));
	memcpy(cfg->user, CONFIG_USER_DEFAULT, sizeof(CONFIG_USER_DEFAULT));
	cfg->log_level = LOG_INFO;
	top->where = "";
	top->base = cfg;
	top->options = top_options;
	top->nr_options = ARRAY_SIZE(top_options);
	top->sections = top_sections;
	top->nr_sections = ARRAY_SIZE(top_sections);
}
