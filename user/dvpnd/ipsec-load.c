// SPDX-License-Identifier: GPL-2.0
/* Connections that the IKE daemon is given: see ipsec-load.h */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/clock.h"
#include "dvpnd/daemon.h"
#include "dvpnd/ipsec-load.h"
#include "dvpnd/log.h"
#include "dvpnd/tunnel.h"

#define REFUSED_MS	60000	/* what was refused is tried again: a file may be there now */
#define AGAIN_MS	1000	/* it could not be told */

/* ----- the list ----- */

static struct ipsec_conn *find(const struct ipsec_load *load, const char *name)
{
	struct ipsec_conn *c;

	for (c = load->list; c; c = c->next)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static struct ipsec_conn *add(struct ipsec_load *load, const char *name)
{
	struct ipsec_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->load = load;
	c->next = load->list;
	load->list = c;
	return c;
}

static void del(struct ipsec_load *load, struct ipsec_conn *conn)
{
	struct ipsec_conn **at = &load->list;

	while (*at != conn)
		at = &(*at)->next;
	*at = conn->next;
	vici_out_free(&conn->body);
	free(conn);
}

void ipsec_load_free(struct ipsec_load *load)
{
	while (load->list)
		del(load, load->list);
}

bool ipsec_load_any(const struct ipsec_load *load)
{
	return load->list || load->stale;
}

/* ----- what it should have ----- */

static void tell_anew(struct ipsec_conn *c)
{
	c->changed = true;
	c->retry_ms = 0;
	*c->refused = '\0';
	if (c->state != IPSEC_CONN_ASKED)
		c->state = IPSEC_CONN_NEW;
}

static bool same(const struct vici_out *a, const struct vici_out *b)
{
	return a->len == b->len && a->err == b->err &&
	       (!a->len || !memcmp(a->data, b->data, a->len));
}

static void want(struct ipsec_load *load, const struct config_ipsec *section,
		 const struct ipsec_wants *wants, unsigned int part)
{
	char name[IPSEC_CONN_NAME_MAX];
	struct vici_out body = { 0 };
	struct ipsec_conn *c;

	ipsec_conn_name(section, part, name);
	c = find(load, name);
	if (!c)
		c = add(load, name);
	if (!c) {
		log_err("out of memory");
		return;
	}
	c->kept = true;
	ipsec_conn_write(&body, section, wants, part);
	if (c->wanted && same(&c->body, &body)) {
		vici_out_free(&body);
		return;
	}
	vici_out_free(&c->body);
	c->body = body;
	c->wanted = true;
	tell_anew(c);
}

/* A device that is away for a moment takes nothing away. */
static void keep(struct ipsec_load *load, const struct daemon *d,
		 const struct config_ipsec *section)
{
	struct ipsec_conn *c;

	for (c = load->list; c; c = c->next)
		if (ipsec_conn_section(d->cfg, c->name) == section)
			c->kept = c->wanted;
}

static void take_out(struct ipsec_load *load)
{
	struct ipsec_conn *c, *next;

	for (c = load->list; c; c = next) {
		next = c->next;
		if (c->kept || !c->wanted)
			continue;
		c->wanted = false;
		tell_anew(c);
		if (!c->there && c->state == IPSEC_CONN_NEW)
			del(load, c);
	}
}

static bool has_profile(const struct tunnel *t, const char *name)
{
	return !t->retiring && !strcmp(t->cfg.ipsec_profile, name);
}

/* Return: whether a tunnel has that section. */
static bool find_wants(const struct daemon *d, const struct config_ipsec *section,
		       struct ipsec_wants *wants)
{
	const struct tunnel *t;
	bool used = false;

	memset(wants, 0, sizeof(*wants));
	for (t = d->tunnels; t; t = t->next) {
		if (!has_profile(t, section->name))
			continue;
		used = true;
		if (t->has_link)
			ipsec_wants_add(wants, t);
	}
	return used;
}

static void make_list(struct ipsec_load *load, const struct daemon *d)
{
	const struct config_ipsec *section;
	struct ipsec_wants *wants;
	unsigned int i, part;
	struct ipsec_conn *c;

	for (c = load->list; c; c = c->next)
		c->kept = false;
	for (i = 0; i < d->cfg->nr_ipsecs; i++) {
		section = &d->cfg->ipsecs[i];
		wants = &load->wants[i];
		if (!find_wants(d, section, wants))
			continue;
		if (!ipsec_wants_any(wants)) {
			keep(load, d, section);
			continue;
		}
		for (part = 0; part < ipsec_conn_parts(section, wants); part++)
			want(load, section, wants, part);
	}
	take_out(load);
	load->stale = false;
}

static bool is_stale(const struct ipsec_load *load, const struct daemon *d)
{
	struct ipsec_wants wants;
	unsigned int i;

	for (i = 0; !load->stale && i < d->cfg->nr_ipsecs; i++) {
		find_wants(d, &d->cfg->ipsecs[i], &wants);
		if (memcmp(&wants, &load->wants[i], sizeof(wants)))
			return true;
	}
	return load->stale;
}

void ipsec_load_refresh(struct ipsec_load *load)
{
	load->stale = true;
}

void ipsec_load_up(struct ipsec_load *load)
{
	struct ipsec_conn *c;

	for (c = load->list; c; c = c->next)
		tell_anew(c);
}

/* ----- telling ----- */

static void refuse(struct ipsec_conn *c, const char *why)
{
	if (strcmp(c->refused, why))
		log_line(LOG_WARNING, NULL, "ipsec-refused",
			 "strongSwan refuses connection \"%s\": %s", c->name, why);
	snprintf(c->refused, sizeof(c->refused), "%s", why);
	c->state = IPSEC_CONN_REFUSED;
	c->retry_ms = clock_ms() + REFUSED_MS;
}

static void was_told(int err, const void *body, size_t len, void *ctx)
{
	char why[IPSEC_REFUSED_MAX];
	struct ipsec_conn *c = ctx;

	c->load->news = true;
	c->state = IPSEC_CONN_NEW;
	if (err == -ENOTSUP)
		refuse(c, "it does not know of load-conn");
	if (err || c->changed)
		return;
	if (!c->wanted) {
		del(c->load, c);
		return;
	}
	if (!vici_succeeded(body, len, why, sizeof(why))) {
		refuse(c, why);
		return;
	}
	c->state = IPSEC_CONN_DONE;
	c->there = true;
	*c->refused = '\0';
	log_line(LOG_INFO, NULL, "ipsec-loaded", "strongSwan was given connection \"%s\"", c->name);
}

static int take_away(struct charon *charon, struct ipsec_conn *c)
{
	struct vici_out body = { 0 };
	int err;

	vici_text(&body, "name", "%s", c->name);
	err = charon_request(charon, "unload-conn", &body, was_told, c);
	vici_out_free(&body);
	return err;
}

static void tell(struct charon *charon, struct ipsec_conn *c, u64 now_ms)
{
	int err;

	if (c->wanted)
		err = charon_request(charon, "load-conn", &c->body, was_told, c);
	else
		err = take_away(charon, c);
	if (err) {
		c->retry_ms = now_ms + AGAIN_MS;
		return;
	}
	c->changed = false;
	c->state = IPSEC_CONN_ASKED;
}

/* Return: milliseconds until then. */
static u64 tell_if_due(struct charon *charon, struct ipsec_conn *c, u64 now_ms)
{
	if (c->state == IPSEC_CONN_ASKED || c->state == IPSEC_CONN_DONE)
		return UINT64_MAX;
	if (now_ms >= c->retry_ms)
		tell(charon, c, now_ms);
	return c->state == IPSEC_CONN_ASKED ? UINT64_MAX : c->retry_ms - now_ms;
}

u64 ipsec_load_run(struct ipsec_load *load, const struct daemon *d, struct charon *charon,
		   u64 now_ms)
{
	u64 wait = UINT64_MAX, next;
	struct ipsec_conn *c;

	if (is_stale(load, d))
		make_list(load, d);
	for (c = load->list; c; c = c->next) {
		next = tell_if_due(charon, c, now_ms);
		if (next < wait)
			wait = next;
	}
	return wait;
}

bool ipsec_load_news(struct ipsec_load *load)
{
	bool news = load->news;

	load->news = false;
	return news;
}

static bool is_in(const char *name, const void *body, size_t len)
{
	enum vici_token token;
	struct vici_in in;

	vici_in_init(&in, body, len);
	while ((token = vici_next(&in)) != VICI_END && token != VICI_BAD)
		if (token == VICI_ITEM && vici_is(&in.value, name))
			return true;
	return false;
}

void ipsec_load_conns(struct ipsec_load *load, const void *body, size_t len)
{
	struct ipsec_conn *c;

	for (c = load->list; c; c = c->next) {
		if (c->state != IPSEC_CONN_DONE || is_in(c->name, body, len))
			continue;
		log_line(LOG_NOTICE, NULL, "ipsec-unloaded",
			 "strongSwan has connection \"%s\" no more (swanctl --load-all?): it gets it again",
			 c->name);
		c->there = false;
		tell_anew(c);
	}
}

/* ----- from outside ----- */

const char *ipsec_load_profile(const struct daemon *d, const char *conn)
{
	const struct config_ipsec *section = ipsec_conn_section(d->cfg, conn);

	return section ? section->name : conn;
}

static bool conn_trouble(const struct ipsec_conn *c, char *text, size_t size)
{
	if (*c->refused)
		snprintf(text, size, "strongSwan refuses connection \"%s\": %s", c->name,
			 c->refused);
	else if (!c->there)
		snprintf(text, size, "strongSwan has not got connection \"%s\" yet", c->name);
	return *text;
}

/* Is something wrong with one of the connections of a section? */
static bool section_trouble(const struct ipsec_load *load, const struct daemon *d,
			    const struct config_ipsec *section, char *text, size_t size)
{
	const struct ipsec_conn *c;
	bool any = false;

	*text = '\0';
	for (c = load->list; c; c = c->next) {
		if (!c->wanted || ipsec_conn_section(d->cfg, c->name) != section)
			continue;
		any = true;
		if (conn_trouble(c, text, size))
			return true;
	}
	if (!any)
		snprintf(text, size, "strongSwan has not got connection \"%s\" yet",
			 section->name);
	return *text;
}

static bool is_told(const struct ipsec_load *load, const struct config_ipsec *section)
{
	const struct ipsec_conn *c = find(load, section->name);

	return c && c->state == IPSEC_CONN_DONE;
}

bool ipsec_load_trouble(const struct ipsec_load *load, const struct ipsec_profiles *all,
			const struct tunnel *t, char *text, size_t size)
{
	const struct config_ipsec *section = config_ipsec_find(t->d->cfg, t->cfg.ipsec_profile);

	if (!section)
		return ipsec_profile_trouble(all, t, text, size);
	if (section_trouble(load, t->d, section, text, size))
		return true;
	/* What is said of profiles is of those in transport mode. */
	if (section->mode == CONFIG_IPSEC_TUNNEL)
		return false;
	/* What it has been told of is not what is needed now: that is on its way. */
	if (is_stale(load, t->d) || !is_told(load, section))
		return false;
	if (!ipsec_profile_trouble(all, t, text, size))
		return false;
	/* What it says is of use to who has written the connection. */
	snprintf(text, size, "strongSwan makes no trap policy of connection \"%s\": see its log",
		 section->name);
	return true;
}
