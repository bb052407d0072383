// SPDX-License-Identifier: GPL-2.0
/* Routes to those who are registered here: see export.h */
#include <errno.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/clock.h"
#include "dvpnd/export.h"
#include "dvpnd/export_route.h"
#include "dvpnd/log.h"
#include "nhrp/show.h"

#define READS_TURN	16	/* parts of an answer of the kernel read in one turn */
#define RESYNC_MIN_MS	1000	/* between two looks at what is there */
#define RETRY_MS	30000

/**
 * struct item - a route
 * @next: in the queue of its exporter.
 * @addr: that it leads to.
 * @table: that it is in.
 * @wanted: it should be in the kernel.
 * @there: the kernel has it, as far as we know.
 * @found: this look at what is there has found it.
 * @queued: it is to be made so.
 * @failed: the kernel refused; tried again later.
 * @vanished: it was there, and the kernel dropped it.
 */
struct item {
	struct item *next;
	struct nhrp_addr addr;
	u32 table;
	bool wanted;
	bool there;
	bool found;
	bool queued;
	bool failed;
	bool vanished;
};

/**
 * enum look - how far a look at what is in the kernel is
 * @LOOK_NONE: nobody wants one.
 * @LOOK_WANTED: begins as soon as it may.
 * @LOOK_IPV4: IPv4 routes are read.
 * @LOOK_IPV6: IPv6 routes are read.
 */
enum look {
	LOOK_NONE,
	LOOK_WANTED,
	LOOK_IPV4,
	LOOK_IPV6,
};

/**
 * struct export - exporter
 * @tunnel: name, for the log.
 * @socket: to the kernel.
 * @table: that routes go to, 0: none.
 * @tree: of &struct item.
 * @queue: those that are to be made so, first come first served.
 * @queue_end: where the next one is hooked in.
 * @look: at what is there.
 * @known: what is there is known: a look has succeeded, and no answer was lost since.
 * @blind: the last look failed.
 * @again: meanwhile another look was asked for.
 * @looked_ms: when the last one began, 0: never.
 * @retry_ms: when to try again what failed, 0: nothing has.
 * @complained: a failure was logged, and not all has worked since.
 * @stats: how things are.
 */
struct export {
	const char *tunnel;
	struct export_socket socket;
	u32 table;
	void *tree;
	struct item *queue;
	struct item **queue_end;
	enum look look;
	bool known;
	bool blind;
	bool again;
	u64 looked_ms;
	u64 retry_ms;
	bool complained;
	struct export_stats stats;
};

/* ----- items ----- */

static int item_cmp(const void *x, const void *y)
{
	const struct item *a = x, *b = y;

	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	return nhrp_addr_cmp(&a->addr, &b->addr);
}

static struct item *find(struct export *x, const struct nhrp_addr *addr, u32 table)
{
	const struct item like = { .addr = *addr, .table = table };
	struct item **node = tfind(&like, &x->tree, item_cmp);

	return node ? *node : NULL;
}

/* NULL: no memory. */
static struct item *find_or_add(struct export *x, const struct nhrp_addr *addr, u32 table)
{
	struct item *e = find(x, addr, table);

	if (e)
		return e;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->addr = *addr;
	e->table = table;
	if (tsearch(e, &x->tree, item_cmp))
		return e;
	free(e);
	return NULL;
}

/* Every change of what is counted goes through the next two. */
static void set_there(struct export *x, struct item *e, bool there)
{
	x->stats.routes += there - e->there;
	e->there = there;
}

static void set_failed(struct export *x, struct item *e, bool failed)
{
	x->stats.failed += failed - e->failed;
	e->failed = failed;
}

static void enqueue(struct export *x, struct item *e)
{
	if (e->queued)
		return;
	e->queued = true;
	e->next = NULL;
	*x->queue_end = e;
	x->queue_end = &e->next;
}

static struct item *dequeue(struct export *x)
{
	struct item *e = x->queue;

	if (!e)
		return NULL;
	x->queue = e->next;
	if (!x->queue)
		x->queue_end = &x->queue;
	e->queued = false;
	return e;
}

static void drop_if_done(struct export *x, struct item *e)
{
	if (e->wanted || e->there || e->queued)
		return;
	set_failed(x, e, false);
	tdelete(e, &x->tree, item_cmp);
	free(e);
}

/* ----- wishes ----- */

static void wish(struct export *x, const struct nhrp_addr *addr, bool wanted)
{
	struct item *e;

	/* Those are the same on every link; nobody could use the route. */
	if (!x->table || nhrp_addr_is_linklocal6(addr))
		return;
	/* Without memory it waits for the next refresh of the registration. */
	e = wanted ? find_or_add(x, addr, x->table) : find(x, addr, x->table);
	if (!e || e->wanted == wanted)
		return;
	e->wanted = wanted;
	set_failed(x, e, false);
	enqueue(x, e);
}

void export_map_set(struct export *x, const struct nhrp_map *map)
{
	if (x && nhrp_prefix_is_host(&map->prefix))
		wish(x, &map->prefix.addr, map->registered);
}

void export_map_del(struct export *x, const struct nhrp_prefix *prefix)
{
	if (x && nhrp_prefix_is_host(prefix))
		wish(x, &prefix->addr, false);
}

void export_binding(void *x, const struct nhrp_binding_info *info)
{
	wish(x, &info->proto, !info->provisional);
}

struct walk {
	struct export *x;
	void (*fn)(struct export *x, struct item *e);
};

static void visit(const void *node, VISIT which, void *ctx)
{
	const struct walk *walk = ctx;

	if (which == postorder || which == leaf)
		walk->fn(walk->x, *(struct item *const *)node);
}

/* @fn does not take items out. */
static void for_each(struct export *x, void (*fn)(struct export *x, struct item *e))
{
	struct walk walk = { .x = x, .fn = fn };

	twalk_r(x->tree, visit, &walk);
}

static void unwant(struct export *x, struct item *e)
{
	e->wanted = false;
	set_failed(x, e, false);
	enqueue(x, e);
}

bool export_set_table(struct export *x, u32 table)
{
	if (x->table == table)
		return false;
	for_each(x, unwant);
	x->table = table;
	x->complained = false;
	return true;
}

/* ----- changes ----- */

/* Once, until all has worked again: there may be thousands of one kind. */
static void complain(struct export *x, const struct export_change *c)
{
	char addr[NHRP_ADDR_STRLEN];

	/* The interface is down or gone: a look follows when it is back. */
	if (x->complained || c->err == -ENETDOWN || c->err == -ENODEV)
		return;
	x->complained = true;
	nhrp_addr_format(&c->addr, addr, sizeof(addr));
	if (c->err == -EEXIST)
		log_line(LOG_ERR, x->tunnel, "export",
			 "table %u has a route to %s already that is not ours: ip -%c route show table %u, and take it out; tried again every %u s",
			 c->table, addr, c->addr.family == AF_INET ? '4' : '6', c->table,
			 RETRY_MS / 1000);
	else
		log_line(LOG_ERR, x->tunnel, "export",
			 "the kernel refuses the route to %s in table %u: %s; tried again every %u s",
			 addr, c->table, strerror(-c->err), RETRY_MS / 1000);
}

static void changed(struct export *x, struct item *e, const struct export_change *c)
{
	if (!c->err || (!c->add && c->err == -ESRCH)) {
		set_there(x, e, c->add);
		if (c->add)
			e->vanished = false;
	} else {
		complain(x, c);
		set_failed(x, e, true);
		if (!x->retry_ms)
			x->retry_ms = clock_ms() + RETRY_MS;
	}
	drop_if_done(x, e);
}

/**
 * struct batch - what is sent at once
 * @changes: changes.
 * @items: the route that each of them is about.
 * @n: their number.
 */
struct batch {
	struct export_change changes[EXPORT_BATCH_MAX];
	struct item *items[EXPORT_BATCH_MAX];
	unsigned int n;
};

static void add_change(struct batch *b, struct item *e, bool add)
{
	struct export_change *c = &b->changes[b->n];

	c->addr = e->addr;
	c->table = e->table;
	c->add = add;
	b->items[b->n++] = e;
}

/*
 * The kernel does not say that it dropped an IPv4 route with its interface. zebra then has
 * the route when it comes again, and of an imported one that is there twice it forgets
 * both: it must see it go.
 */
static void add_item(struct batch *b, struct item *e)
{
	add_change(b, e, e->wanted);
	if (e->wanted && e->vanished) {
		add_change(b, e, false);
		add_change(b, e, true);
	}
}

static void fill_batch(struct export *x, struct batch *b)
{
	struct item *e;
	unsigned int i;

	for (i = 0; i < EXPORT_BATCH_MAX && b->n + 3 <= EXPORT_BATCH_MAX; i++) {
		e = dequeue(x);
		if (!e)
			return;
		if (e->wanted == e->there)
			drop_if_done(x, e);
		else
			add_item(b, e);
	}
}

static void change_some(struct export *x)
{
	struct batch b = { .n = 0 };
	unsigned int i;
	int err;

	fill_batch(x, &b);
	if (!b.n)
		return;
	err = export_socket_change(&x->socket, b.changes, b.n);
	if (err) {
		/* Some may have been carried out, so look. */
		log_line(LOG_WARNING, x->tunnel, "export", "answers about routes were lost: %s",
			 strerror(-err));
		x->known = false;
		export_resync(x);
		return;
	}
	for (i = 0; i < b.n; i++)
		changed(x, b.items[i], &b.changes[i]);
	if (!x->queue && !x->stats.failed)
		x->complained = false;
}

static void retry_failed(struct export *x, struct item *e)
{
	if (e->failed)
		enqueue(x, e);
	set_failed(x, e, false);
}

static void retry(struct export *x)
{
	x->retry_ms = 0;
	for_each(x, retry_failed);
}

/* ----- what is there ----- */

void export_resync(struct export *x)
{
	if (!x)
		return;
	if (x->look == LOOK_NONE)
		x->look = LOOK_WANTED;
	else if (x->look != LOOK_WANTED)
		x->again = true;
}

static void not_found(struct export *x, struct item *e)
{
	(void)x;
	e->found = false;
}

static void found(const struct nhrp_addr *addr, u32 table, void *ctx)
{
	struct export *x = ctx;
	struct item *e = find_or_add(x, addr, table);

	if (e)
		e->found = true;
	else
		x->again = true;	/* no memory: a later look brings it */
}

static void take_over(struct export *x, struct item *e)
{
	/* Until it is made again: while the interface is down that is refused. */
	e->vanished = !e->found && (e->there || e->vanished);
	set_there(x, e, e->found);
	set_failed(x, e, false);
	if (e->wanted != e->there || !e->wanted)
		enqueue(x, e);
}

static void end_look(struct export *x, int err)
{
	bool again = x->again;

	x->again = false;
	x->look = LOOK_NONE;
	if (err < 0) {
		if (err != -EINTR)
			log_line(LOG_WARNING, x->tunnel, "export",
				 "the routing tables cannot be read: %s", strerror(-err));
		again = true;
		x->blind = err != -EINTR;
	} else {
		for_each(x, take_over);
		x->known = true;
		x->blind = false;
	}
	if (again)
		export_resync(x);
}

static void look_at(struct export *x, enum look look)
{
	int err;

	x->look = look;
	err = export_socket_ask(&x->socket, look == LOOK_IPV4 ? AF_INET : AF_INET6);
	if (err)
		end_look(x, err);
}

/* Return: milliseconds until it may begin. */
static u64 begin_look(struct export *x)
{
	u64 now_ms = clock_ms();

	if (x->looked_ms && now_ms < x->looked_ms + RESYNC_MIN_MS)
		return x->looked_ms + RESYNC_MIN_MS - now_ms;
	x->looked_ms = now_ms;
	for_each(x, not_found);
	look_at(x, LOOK_IPV4);
	return 0;
}

/* This kernel has no IPv6. */
static bool is_without(const struct export *x, int err)
{
	return x->look == LOOK_IPV6 && (err == -EOPNOTSUPP || err == -EAFNOSUPPORT);
}

static void look_on(struct export *x)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < READS_TURN; i++)
		err = export_socket_read(&x->socket, found, x);
	if (!err)
		return;
	if (err > 0 && x->look == LOOK_IPV4)
		look_at(x, LOOK_IPV6);
	else
		end_look(x, is_without(x, err) ? 1 : err);
}

/* ----- the rest ----- */

/* A look that is due can only find what was put there by somebody else since. */
bool export_settled(const struct export *x)
{
	return x->known ? !x->queue : x->blind;
}

void export_stats(const struct export *x, struct export_stats *stats)
{
	*stats = x->stats;
}

u64 export_run(struct export *x)
{
	u64 wait = UINT64_MAX, now_ms = clock_ms();

	if (x->look == LOOK_IPV4 || x->look == LOOK_IPV6) {
		look_on(x);
		return 0;
	}
	if (x->look == LOOK_WANTED) {
		wait = begin_look(x);
		if (!wait)
			return 0;
	}
	if (x->retry_ms && now_ms >= x->retry_ms)
		retry(x);
	/* A route that is ours would look like somebody else's. */
	if (x->known)
		change_some(x);
	if (x->known && x->queue)
		return 0;
	if (x->retry_ms && x->retry_ms - now_ms < wait)
		wait = x->retry_ms - now_ms;
	return wait;
}

struct export *export_new(const char *tunnel, unsigned int ifindex, u32 table)
{
	struct export *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->tunnel = tunnel;
	x->table = table;
	x->queue_end = &x->queue;
	x->look = LOOK_WANTED;
	if (export_socket_open(&x->socket, ifindex)) {
		free(x);
		return NULL;
	}
	return x;
}

void export_free(struct export *x)
{
	if (!x)
		return;
	export_socket_close(&x->socket);
	tdestroy(x->tree, free);
	free(x);
}
