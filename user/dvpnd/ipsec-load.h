/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections that the IKE daemon is given: those of sections "ipsec" that tunnels name
 *
 * It is told of one when it comes up, when the section or what tunnels need of it is another one,
 * and when it has it no more: "swanctl --load-all" takes out what is in no file. Security
 * associations stay as they are.
 */
#ifndef DVPND_IPSEC_LOAD_H
#define DVPND_IPSEC_LOAD_H

#include "dvpnd/charon.h"
#include "dvpnd/ipsec-conn.h"
#include "dvpnd/ipsec-profile.h"

struct daemon;

#define IPSEC_REFUSED_MAX	96

/**
 * enum ipsec_conn_state - how far a connection is
 * @IPSEC_CONN_NEW: the IKE daemon has to be told.
 * @IPSEC_CONN_ASKED: it was told, and has not answered.
 * @IPSEC_CONN_DONE: it has it as it should be.
 * @IPSEC_CONN_REFUSED: it does not want it.
 */
enum ipsec_conn_state {
	IPSEC_CONN_NEW,
	IPSEC_CONN_ASKED,
	IPSEC_CONN_DONE,
	IPSEC_CONN_REFUSED,
};

struct ipsec_load;

/**
 * struct ipsec_conn - a connection that the IKE daemon has, or should have
 * @next: in the list.
 * @load: the list.
 * @name: name.
 * @body: what "load-conn" says of it.
 * @wanted: it should have it; else it is taken out.
 * @kept: it is wanted (while that is found out).
 * @there: it may have it, perhaps as it was before.
 * @changed: @body or @wanted is another one since it was told.
 * @state: how far it is.
 * @retry_ms: not to be told before.
 * @refused: why it does not want it, "": it has not said so.
 */
struct ipsec_conn {
	struct ipsec_conn *next;
	struct ipsec_load *load;
	char name[IPSEC_CONN_NAME_MAX];
	struct vici_out body;
	bool wanted;
	bool kept;
	bool there;
	bool changed;
	enum ipsec_conn_state state;
	u64 retry_ms;
	char refused[IPSEC_REFUSED_MAX];
};

/**
 * struct ipsec_load - all of them; a zeroed one is empty
 * @list: them.
 * @wants: for each section what tunnels needed of it when @list was made.
 * @stale: the configuration is another one since.
 * @news: one has come or gone, or was refused.
 */
struct ipsec_load {
	struct ipsec_conn *list;
	struct ipsec_wants wants[CONFIG_IPSECS_MAX];
	bool stale;
	bool news;
};

/* The configuration is another one. */
void ipsec_load_refresh(struct ipsec_load *load);

/* The IKE daemon has come up: what it has is not known. */
void ipsec_load_up(struct ipsec_load *load);

/**
 * ipsec_load_run() - tell the IKE daemon what it does not know
 * @load: connections.
 * @d: sections and tunnels.
 * @charon: is up.
 * @now_ms: now.
 *
 * Return: milliseconds until it wants to run again, UINT64_MAX: not by itself.
 */
u64 ipsec_load_run(struct ipsec_load *load, const struct daemon *d, struct charon *charon,
		   u64 now_ms);

/* Since it was last asked: has the IKE daemon got others? */
bool ipsec_load_news(struct ipsec_load *load);

/* Is there one that the IKE daemon has to be told of, or has? */
bool ipsec_load_any(const struct ipsec_load *load);

/* It has told which it has: the reply to "get-conns". */
void ipsec_load_conns(struct ipsec_load *load, const void *body, size_t len);

/* The profile that a connection of this name is of: itself, or a section that is loaded so. */
const char *ipsec_load_profile(const struct daemon *d, const char *conn);

/* As ipsec_profile_trouble(), for profiles that are sections, too. */
bool ipsec_load_trouble(const struct ipsec_load *load, const struct ipsec_profiles *all,
			const struct tunnel *t, char *text, size_t size);

/* Forget all; nobody is told. No request may wait for its answer. */
void ipsec_load_free(struct ipsec_load *load);

#endif /* DVPND_IPSEC_LOAD_H */
