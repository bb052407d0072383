// SPDX-License-Identifier: GPL-2.0
/* Forgetting one thing that is known: see clear.h */
#include <errno.h>
#include <string.h>

#include "dvpnd/clear.h"
#include "dvpnd/clock.h"
#include "dvpnd/control.h"
#include "dvpnd/daemon.h"
#include "dvpnd/names.h"
#include "dvpnd/show.h"
#include "dvpnd/tunnel.h"
#include "nhrp/clear.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *what;
	enum nhrp_clear_kind kind;
} kinds[] = {
	{ "map", NHRP_CLEAR_MAP },
	{ "shortcut", NHRP_CLEAR_SHORTCUT },
	{ "peer", NHRP_CLEAR_PEER },
	{ "hub", NHRP_CLEAR_HUB },
};

static void bad_parameter(struct client *cl, const char *name, const char *why)
{
	control_error(cl, "org.varlink.service.InvalidParameter",
		      json_pack("{s:s}", "parameter", name), "%s: %s", name, why);
}

/* Return: false if it was refused. */
static bool parse(struct client *cl, const struct show_scope *scope, struct nhrp_clear *clear)
{
	const char *wrong = NULL;
	size_t i;

	for (i = 0; scope->what && i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].what, scope->what))
			break;
	if (!scope->what || i == ARRAY_SIZE(kinds)) {
		bad_parameter(cl, "what", "none of map, shortcut, peer, hub");
		return false;
	}
	clear->kind = kinds[i].kind;
	if (!scope->name)
		wrong = "is missing";
	else if (clear->kind == NHRP_CLEAR_PEER && nhrp_addr_parse(&clear->nbma, scope->name))
		wrong = "not an IPv4 or IPv6 address";
	else if ((clear->kind == NHRP_CLEAR_MAP || clear->kind == NHRP_CLEAR_SHORTCUT) &&
		 nhrp_prefix_parse(&clear->prefix, scope->name))
		wrong = "not an IPv4 or IPv6 address or prefix";
	if (wrong)
		bad_parameter(cl, "name", wrong);
	else
		nhrp_prefix_mask(&clear->prefix);
	return !wrong;
}

/**
 * struct answer - what is being found
 * @list: of it.
 * @tunnel: name of the tunnel that is looked at.
 */
struct answer {
	json_t *list;
	const char *tunnel;
};

static void add_cleared(void *arg, const struct nhrp_cleared *c)
{
	struct answer *answer = arg;
	json_t *obj = json_pack("{s:s, s:s}", "tunnel", answer->tunnel, "what", c->what);

	if (!nhrp_addr_none(&c->prefix.addr))
		show_prefix(obj, &c->prefix);
	show_key(obj, &c->peer);
	show_text(obj, "cost", c->cost);
	json_array_append_new(answer->list, obj);
}

static unsigned int hub_of(const struct tunnel *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->cfg.core.nr_hubs; i++)
		if (!strcmp(t->cfg.hub_names[i], name))
			return i;
	return NHRP_HUBS_MAX;
}

/* Return: as nhrp_tunnel_clear(), for the first that has it or refuses. */
static int clear_all(const struct show_scope *scope, struct nhrp_clear *clear,
		     struct answer *answer)
{
	struct tunnel *t = NULL;
	int err = -ENOENT, one;

	while ((t = show_next(scope, t))) {
		if (!t->attached)
			continue;
		clear->hub = hub_of(t, scope->name);
		answer->tunnel = t->cfg.name;
		one = nhrp_tunnel_clear(t->nhrp, clear);
		if (one && one != -ENOENT)
			return one;
		if (!one)
			err = 0;
		if (!one && !clear->dry_run && clear->kind == NHRP_CLEAR_HUB)
			names_hurry(scope->d->names, t);
	}
	return err;
}

static void refuse(struct client *cl, const struct show_scope *scope, int err)
{
	if (err == -EBUSY)
		bad_parameter(cl, "name", "a hub's, which is asked again by clearing the hub");
	else if (err == -EPERM)
		bad_parameter(cl, "name", "made by hand: change the config or the kernel's table");
	else
		control_error(cl, "org.dvpn.NoSuchEntry",
			      json_pack("{s:s, s:s}", "what", scope->what, "name", scope->name),
			      "there is no %s \"%.64s\"", scope->what, scope->name);
}

/* First it is found out what all tunnels have of it: nothing is done by halves. */
void clear_answer(struct client *cl, const struct show_scope *scope)
{
	struct nhrp_clear clear = {
		.dry_run = true, .now_ms = clock_ms(), .fn = add_cleared,
	};
	struct answer answer = { .list = json_array() };
	int err;

	if (!parse(cl, scope, &clear)) {
		json_decref(answer.list);
		return;
	}
	clear.arg = &answer;
	err = clear_all(scope, &clear, &answer);
	if (err) {
		json_decref(answer.list);
		refuse(cl, scope, err);
		return;
	}
	clear.fn = NULL;
	clear.dry_run = false;
	if (!scope->dry_run)
		clear_all(scope, &clear, &answer);
	control_reply(cl, json_pack("{s:o}", "cleared", answer.list), false);
}
