/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses, keys and tables as JSON */
#ifndef DVPND_SHOW_H
#define DVPND_SHOW_H

#include <jansson.h>

#include "lib/dvpn.h"
#include "nhrp/core.h"

struct client;
struct daemon;
struct tunnel;

/* Set a member; an address that is none leaves it out. */
void show_addr(json_t *obj, const char *member, const struct nhrp_addr *addr);
/* Set "protocol" and "prefix_length"; a host is told by its length, too. */
void show_prefix(json_t *obj, const struct nhrp_prefix *prefix);
/* Set "peer"; an empty key leaves it out. */
void show_key(json_t *obj, const struct nhrp_peer_key *key);
/* Set a member to a string, unless it is NULL or empty. */
void show_text(json_t *obj, const char *member, const char *text);
/* Set a member to a list of the names of the bits of a mask, with dashes. */
void show_mask(json_t *obj, const char *member, enum dvpn_names which, u32 mask);

/* An entry of ShowShortcuts. */
json_t *show_shortcut(const char *tunnel, const struct nhrp_shortcut_info *info);

/**
 * struct show_scope - what a question is about
 * @d: daemon.
 * @only: one of its tunnels, NULL: all.
 * @dry_run: only tell what would be done.
 * @confirm_ms: time to confirm it, 0: that is not necessary.
 * @address: an address that it is about; family 0: none was given.
 * @peer: NBMA address of the other side; likewise.
 * @what: kind of what it is about, NULL: none was given.
 * @name: its name; likewise.
 */
struct show_scope {
	struct daemon *d;
	struct tunnel *only;
	bool dry_run;
	u64 confirm_ms;
	struct nhrp_addr address;
	struct nhrp_addr peer;
	const char *what;
	const char *name;
};

/* Answer with a list that is complete, in parts if that is wanted; takes @list. */
void show_list(struct client *cl, const char *member, json_t *list);

/* The next tunnel of the scope after @t, the first after NULL. */
struct tunnel *show_next(const struct show_scope *scope, struct tunnel *t);

/* Answer a Show request. */
void show_maps(struct client *cl, const struct show_scope *scope);
void show_peers(struct client *cl, const struct show_scope *scope);
void show_nhs(struct client *cl, const struct show_scope *scope);
void show_shortcuts(struct client *cl, const struct show_scope *scope);
void show_counters(struct client *cl, const struct show_scope *scope);
void show_status(struct client *cl, const struct show_scope *scope);
void show_sas(struct client *cl, const struct show_scope *scope);
void show_ipsec_template(struct client *cl, const struct show_scope *scope);

#endif /* DVPND_SHOW_H */
