// SPDX-License-Identifier: GPL-2.0
/*
 * Where the names of hubs lead to: see names.h
 *
 * A name is asked for again when its answer has reached its age, after a failure
 * ever more slowly, and soon when a hub of it is lost. What was last known stays
 * known, also over a restart (the file "names" of the state directory): a name
 * server that does not answer takes nothing away.
 */
#include <ctype.h>
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dvpnd/attach.h"
#include "dvpnd/clock.h"
#include "dvpnd/daemon.h"
#include "dvpnd/log.h"
#include "dvpnd/names.h"
#include "dvpnd/resolver.h"
#include "dvpnd/tunnel.h"

#define FILE_NAME	"names"
#define FILE_FIRST	"dvpn-names 1\n"
#define FILE_MAX	(1024 * 1024)
#define FILE_MORE	"more"
#define SPREAD_MS	1000

/**
 * struct name - a name, and where it leads to
 * @next: in the list.
 * @name: DNS name.
 * @device: VRF that it is asked for in.
 * @addrs: what was last known.
 * @nr_addrs: how many.
 * @more: there are others than @addrs.
 * @told_ms: when @addrs was last logged.
 * @id: of the question that is out, 0: none is.
 * @asked_ms: when it was last asked for, 0: never.
 * @next_ms: when it is asked for again.
 * @failures: in a row.
 * @error: of the last one.
 */
struct name {
	struct name *next;
	char name[NHRP_HUB_NAME_MAX];
	char device[IFNAMSIZ];
	struct nhrp_addr addrs[NHRP_HUB_ADDRS_MAX];
	unsigned int nr_addrs;
	bool more;
	u64 told_ms;
	u32 id;
	u64 asked_ms;
	u64 next_ms;
	unsigned int failures;
	char error[RESOLVER_ERROR_MAX];
};

/**
 * struct names - all names
 * @d: daemon.
 * @list: names.
 * @fd: socket of the process that looks them up, negative: it has ended.
 * @last_id: of a question.
 * @dirty: the file is to be written.
 * @save_ms: but not before.
 * @io: for @fd.
 */
struct names {
	struct daemon *d;
	struct name *list;
	int fd;
	u32 last_id;
	bool dirty;
	u64 save_ms;
	ev_io io;
};

static struct name *find(const struct names *n, const char *device, const char *name)
{
	struct name *e;

	for (e = n->list; e; e = e->next)
		if (!strcasecmp(e->name, name) && !strcmp(e->device, device))
			return e;
	return NULL;
}

static struct name *add(struct names *n, const char *device, const char *name)
{
	struct name *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	snprintf(e->name, sizeof(e->name), "%s", name);
	snprintf(e->device, sizeof(e->device), "%s", device);
	e->next = n->list;
	n->list = e;
	return e;
}

static bool has_hub(const struct tunnel *t, const struct name *e)
{
	const struct nhrp_tunnel_config *core = &t->cfg.core;
	unsigned int i;

	if (t->retiring || (t->has_link && strcmp(t->vrf, e->device)))
		return false;
	for (i = 0; i < core->nr_hubs; i++)
		if (!strcasecmp(core->hubs[i].name, e->name))
			return true;
	return false;
}

static bool is_wanted(const struct names *n, const struct name *e)
{
	const struct tunnel *t;

	for (t = n->d->tunnels; t; t = t->next)
		if (has_hub(t, e))
			return true;
	return false;
}

/* ----- the file ----- */

static void save(struct names *n)
{
	char text[NHRP_ADDR_STRLEN], *buf = NULL;
	const struct name *e;
	size_t len = 0;
	unsigned int i;
	FILE *f;
	int err;

	n->dirty = false;
	n->save_ms = clock_ms() + NAMES_QUIET_MS;
	f = open_memstream(&buf, &len);
	if (!f)
		return;
	fputs(FILE_FIRST, f);
	for (e = n->list; e; e = e->next) {
		if (!e->nr_addrs)
			continue;
		fprintf(f, "%s %s", e->name, *e->device ? e->device : "-");
		for (i = 0; i < e->nr_addrs; i++)
			fprintf(f, " %s", nhrp_addr_format(&e->addrs[i], text, sizeof(text)));
		fputs(e->more ? " " FILE_MORE "\n" : "\n", f);
	}
	err = fclose(f) ? -ENOMEM : state_replace(n->d->state, FILE_NAME, buf, len, false);
	if (err)
		log_warn("the names of hubs cannot be saved: %s", strerror(-err));
	free(buf);
}

static bool load_line(struct names *n, char *line)
{
	const char *name = strsep(&line, " ");
	const char *device = strsep(&line, " ");
	struct nhrp_addr addr;
	struct name *e;
	char *word;

	if (!device || strlen(name) >= NHRP_HUB_NAME_MAX || strlen(device) >= IFNAMSIZ)
		return false;
	e = add(n, strcmp(device, "-") ? device : "", name);
	while (e && (word = strsep(&line, " "))) {
		if (!strcmp(word, FILE_MORE)) {
			e->more = true;
			continue;
		}
		if (e->nr_addrs == NHRP_HUB_ADDRS_MAX || nhrp_addr_parse(&addr, word))
			return false;
		e->addrs[e->nr_addrs++] = addr;
	}
	return e;
}

static void load(struct names *n)
{
	char *text, *at, *line;
	size_t len;
	bool ok;

	if (state_read(n->d->state, FILE_NAME, FILE_MAX, &text, &len))
		return;
	ok = !strncmp(text, FILE_FIRST, strlen(FILE_FIRST));
	at = ok ? text + strlen(FILE_FIRST) : text;
	while (ok && *at) {
		line = strsep(&at, "\n");
		ok = at && load_line(n, line);
	}
	if (!ok)
		log_warn("file \"names\" of the state directory is damaged: not all of it is used");
	free(text);
}

/* ----- answers ----- */

static unsigned int of_family(struct nhrp_addr *to, u8 family, const struct nhrp_addr *from,
			      unsigned int nr_from)
{
	unsigned int i, nr = 0;

	for (i = 0; i < nr_from; i++)
		if (from[i].family == family)
			to[nr++] = from[i];
	return nr;
}

/* What is known now: of a family that failed, what was known. */
static void merge(const struct name *e, struct resolver_answer *a)
{
	static const u8 families[] = { AF_INET, AF_INET6 };
	struct nhrp_addr of[2][NHRP_HUB_ADDRS_MAX];
	unsigned int i, nr[2], room;

	for (i = 0; i < 2; i++)
		nr[i] = families[i] == a->failed ?
			of_family(of[i], families[i], e->addrs, e->nr_addrs) :
			of_family(of[i], families[i], a->addrs, a->nr);
	memset(a->addrs, 0, sizeof(a->addrs));
	a->nr = 0;
	a->more |= a->failed && e->more;
	for (i = 0; i < 2; i++) {
		room = resolver_room(nr[i], nr[!i]);
		memcpy(&a->addrs[a->nr], of[i], room * sizeof(of[i][0]));
		a->nr += room;
		a->more |= room < nr[i];
	}
}

static bool same_addrs(const struct name *e, const struct resolver_answer *a)
{
	unsigned int i, j;

	if (e->nr_addrs != a->nr || e->more != a->more)
		return false;
	for (i = 0; i < a->nr; i++) {
		for (j = 0; j < a->nr; j++)
			if (nhrp_addr_eq(&e->addrs[i], &a->addrs[j]))
				break;
		if (j == a->nr)
			return false;
	}
	return true;
}

static void changed(struct names *n, struct name *e)
{
	struct tunnel *t;

	n->dirty = true;
	for (t = n->d->tunnels; t; t = t->next)
		if (t->has_link && has_hub(t, e))
			tunnel_refresh(t);
}

static void succeeded(struct names *n, struct name *e, const struct resolver_answer *a)
{
	u32 ttl_s = a->ttl_s < NAMES_TTL_MIN_S ? NAMES_TTL_MIN_S :
		    a->ttl_s > NAMES_TTL_MAX_S ? NAMES_TTL_MAX_S : a->ttl_s;
	char text[NHRP_ADDR_STRLEN];
	bool quiet;

	e->next_ms = clock_ms() + ttl_s * 1000ull + env_callbacks.rand32(n->d) % SPREAD_MS;
	if (same_addrs(e, a))
		return;
	memcpy(e->addrs, a->addrs, sizeof(e->addrs));
	e->nr_addrs = a->nr;
	e->more = a->more;
	quiet = e->told_ms && clock_ms() < e->told_ms + NAMES_QUIET_MS;
	log_line(quiet ? LOG_DEBUG : LOG_NOTICE, NULL, NULL, "%s leads to %s%s", e->name,
		 nhrp_addr_format(&e->addrs[0], text, sizeof(text)),
		 e->nr_addrs > 1 ? " and others" : "");
	if (!quiet)
		e->told_ms = clock_ms();
	changed(n, e);
}

/* Return: when to ask again. */
static u64 failed(struct name *e, const char *error)
{
	unsigned int wait_s = NAMES_RETRY_FIRST_S << (e->failures < 6 ? e->failures : 6);

	if (!e->failures++ || strcmp(e->error, error))
		log_warn("%s: %s%s", e->name, error,
			 e->nr_addrs ? "; what was known of it is used on" : "");
	snprintf(e->error, sizeof(e->error), "%s", error);
	return clock_ms() + 1000ull * (wait_s < NAMES_RETRY_MAX_S ? wait_s : NAMES_RETRY_MAX_S);
}

/* Of a family, and with nothing behind it: addresses are compared whole. */
static bool is_address(const struct nhrp_addr *addr)
{
	struct nhrp_addr clean;

	nhrp_addr_set(&clean, addr->family, addr->b);
	return clean.len && !memcmp(&clean, addr, sizeof(clean));
}

/* It has read what strangers sent. */
static bool is_sound(const struct resolver_answer *a, ssize_t len)
{
	unsigned int i;

	if (len != sizeof(*a) || a->nr > NHRP_HUB_ADDRS_MAX ||
	    a->error[sizeof(a->error) - 1] || ((!a->nr || a->failed) && !*a->error) ||
	    (a->failed && (!a->nr || (a->failed != AF_INET && a->failed != AF_INET6))) ||
	    a->more > 1)
		return false;
	for (i = 0; i < a->nr; i++)
		if (a->addrs[i].family == a->failed || !is_address(&a->addrs[i]))
			return false;
	for (i = 0; a->error[i]; i++)
		if (!isprint((unsigned char)a->error[i]))
			return false;
	return true;
}

static void take_answer(struct names *n, struct resolver_answer *a)
{
	struct name *e;
	u64 at;

	for (e = n->list; e && (!e->id || e->id != a->id); e = e->next)
		;
	if (!e)
		return;		/* too late, or not wanted any more */
	e->id = 0;
	if (!a->nr) {
		e->next_ms = failed(e, a->error);
		return;
	}
	merge(e, a);
	succeeded(n, e, a);
	if (a->failed) {
		at = failed(e, a->error);
		if (at < e->next_ms)
			e->next_ms = at;
	} else {
		e->failures = 0;
		*e->error = '\0';
	}
}

static void gone(struct names *n, const char *why)
{
	const struct name *e;

	for (e = n->list; e && !is_wanted(n, e); e = e->next)
		;
	log_line(e ? LOG_ERR : LOG_INFO, NULL, NULL,
		 "the process that looks up names: %s; addresses stay as they are until dvpnd is restarted",
		 why);
	ev_io_stop(n->d->loop, &n->io);
	close(n->fd);
	n->fd = -1;
}

static void io_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct names *n = w->data;
	struct resolver_answer a;
	ssize_t len;

	(void)loop;
	(void)revents;
	len = recv(n->fd, &a, sizeof(a), MSG_DONTWAIT);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0)
		gone(n, "has ended");
	else if (!is_sound(&a, len))
		gone(n, "gave an answer that makes no sense");
	else
		take_answer(n, &a);
}

/* ----- questions ----- */

void names_get(struct names *n, const char *device, struct nhrp_hub *hub)
{
	struct name *e = find(n, device, hub->name);

	if (!e) {
		e = add(n, device, hub->name);
		if (n->fd < 0)
			log_err("%s: not looked up before dvpnd is restarted: who does it has ended",
				hub->name);
	}
	hub->nr_addrs = 0;
	hub->more = false;
	if (!e)
		return;
	memcpy(hub->addrs, e->addrs, sizeof(hub->addrs));
	hub->nr_addrs = e->nr_addrs;
	hub->more = e->more;
}

void names_hurry(struct names *n, const struct tunnel *t)
{
	struct name *e;
	u64 at;

	for (e = n->list; e; e = e->next) {
		if (e->id || !has_hub(t, e))
			continue;
		at = e->asked_ms + NAMES_HURRY_MS;
		if (at < e->next_ms)
			e->next_ms = at;
	}
}

void names_why(const struct names *n, const char *device, const char *name, char *text,
	       size_t size)
{
	const struct name *e = find(n, device, name);

	if (e && *e->error)
		snprintf(text, size, "%.100s: %s", name, e->error);
	else if (e && e->nr_addrs)
		snprintf(text, size,
			 "%.100s leads only to addresses of ours, of other hubs or of none", name);
	else if (n->fd < 0)
		snprintf(text, size, "the process that looks up names has ended");
	else
		snprintf(text, size, "%.100s is being looked up", name);
}

static void ask(struct names *n, struct name *e, u64 now)
{
	struct resolver_question q = { 0 };

	if (!++n->last_id)
		n->last_id++;
	q.id = n->last_id;
	memcpy(q.device, e->device, sizeof(q.device));
	memcpy(q.name, e->name, sizeof(q.name));
	e->asked_ms = now;
	if (send(n->fd, &q, sizeof(q), MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(q)) {
		e->id = q.id;
		e->next_ms = now + RESOLVER_LIMIT_MS;
	} else {
		e->next_ms = failed(e, "too many names are being looked up");
	}
}

static void run_name(struct names *n, struct name *e, u64 now)
{
	if (e->id) {
		e->id = 0;
		e->next_ms = failed(e, "no answer");
	} else {
		ask(n, e, now);
	}
}

u64 names_run(struct names *n)
{
	u64 now = clock_ms(), next = UINT64_MAX;
	struct name **p = &n->list, *e;

	if (n->dirty && n->save_ms <= now)
		save(n);
	if (n->dirty)
		next = n->save_ms;
	if (n->fd < 0)
		return n->dirty ? next - now : UINT64_MAX;
	while ((e = *p)) {
		if (e->next_ms <= now && !is_wanted(n, e)) {
			*p = e->next;
			free(e);
			continue;
		}
		if (e->next_ms <= now)
			run_name(n, e, now);
		if (e->next_ms < next)
			next = e->next_ms;
		p = &e->next;
	}
	return next == UINT64_MAX ? next : next > now ? next - now : 0;
}

/* ----- life ----- */

struct names *names_new(struct daemon *d, int fd)
{
	struct names *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->d = d;
	n->fd = fd;
	load(n);
	return n;
}

void names_start(struct names *n)
{
	if (n->fd < 0)
		return;
	ev_io_init(&n->io, io_cb, n->fd, EV_READ);
	n->io.data = n;
	ev_io_start(n->d->loop, &n->io);
}

void names_free(struct names *n)
{
	struct name *e;

	if (!n)
		return;
	if (n->dirty)
		save(n);
	while ((e = n->list)) {
		n->list = e->next;
		free(e);
	}
	if (n->fd >= 0)
		close(n->fd);
	free(n);
}
