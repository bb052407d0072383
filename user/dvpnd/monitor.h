/* SPDX-License-Identifier: GPL-2.0 */
/* What happens, as events for those who watch (org.dvpn.Monitor) */
#ifndef DVPND_MONITOR_H
#define DVPND_MONITOR_H

#include <jansson.h>

#include "nhrp/core.h"

struct client;
struct control_feed;
struct daemon;
struct show_scope;
struct tunnel;

/* Those who watch: the filter is the name of a tunnel or NULL, the item its name. */
extern const struct control_feed monitor_feed;

/* The core tells something. */
void monitor_notice(const struct tunnel *t, const struct nhrp_notice *n);

/* The tunnel has another state. */
void monitor_tunnel_state(const struct tunnel *t);

/* It was touched as a configuration that nobody has confirmed was taken back. */
void monitor_reverted(const struct daemon *d, const char *tunnel, const char *what);

/* What the core told of a tunnel at a time, as those who watch get it. */
json_t *monitor_event(const char *tunnel, u64 time_ms, const struct nhrp_notice *n);

/* Milliseconds since 1970, UTC. */
u64 monitor_time_ms(void);

/* Answer a Monitor request. */
void monitor_answer(struct client *cl, const struct show_scope *scope);

#endif /* DVPND_MONITOR_H */
