/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is said, and what was made of it: written down, and told to those who follow it
 * (org.dvpn.ShowTrace, org.dvpn.Trace)
 */
#ifndef DVPND_TRACING_H
#define DVPND_TRACING_H

#include "nhrp/describe.h"

struct client;
struct control_feed;
struct show_scope;
struct tunnel;

/**
 * struct tracing - what a tunnel keeps for it
 * @history: records, NULL: none yet.
 * @deciding: a message is being handled.
 * @number: of its record.
 */
struct tracing {
	struct history *history;
	bool deciding;
	u64 number;
};

/* The core had a message, or tells something. */
void tracing_message(struct tunnel *t, const struct nhrp_trace *trace);
void tracing_notice(struct tunnel *t, const struct nhrp_notice *n);

/* Forget all of it. */
void tracing_free(struct tunnel *t);

/* Those who follow. */
extern const struct control_feed tracing_feed;

/* Answer a ShowTrace or a Trace request. */
void tracing_show(struct client *cl, const struct show_scope *scope);
void tracing_follow(struct client *cl, const struct show_scope *scope);

#endif /* DVPND_TRACING_H */
