// SPDX-License-Identifier: GPL-2.0
/* Who is registered, in a file: see bindings.h */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dvpnd/bindings.h"
#include "dvpnd/clock.h"
#include "dvpnd/daemon.h"
#include "dvpnd/log.h"
#include "dvpnd/tunnel.h"

#define VERSION		3
#define FIELDS		12	/* of a line that begins with b */
#define FIELDS_MAX	13	/* if it is somebody's */
#define IKE_DIGITS	16
#define CLOCK_SLACK_S	60	/* what a clock is set back by after a boot */
#define LINES_MAX	65536
#define FILE_MAX	((size_t)LINES_MAX * BINDINGS_LINE_MAX)
#define SAVE_MIN_MS	1000
#define SAVE_SHARE	50
#define SAVE_AGAIN_MS	10000	/* after an error: disks are seldom full for less */

/* ----- reading ----- */

/**
 * struct reader - a file being read
 * @at: what is still to be read.
 * @end: its end.
 * @now_s: now, seconds since 1970.
 * @saved_s: when it was saved.
 * @version: of the file.
 * @lines: lines that were read after the first.
 * @field: words of the present line.
 * @nr_fields: number of @field.
 * @copy: the present line.
 * @b: what it says.
 * @e: what is wrong.
 */
struct reader {
	const char *at;
	const char *end;
	u64 now_s;
	u64 saved_s;
	u64 version;
	unsigned int lines;
	char *field[FIELDS_MAX];
	unsigned int nr_fields;
	char copy[BINDINGS_LINE_MAX];
	struct nhrp_binding_info b;
	struct bindings_error *e;
};

static bool wrong(struct reader *r, const char *why)
{
	r->e->why = why;
	return false;
}

/* The next line, cut into words at single spaces. */
static bool next_line(struct reader *r)
{
	const char *eol = memchr(r->at, '\n', r->end - r->at);
	size_t len;
	char *p;

	r->e->line++;
	if (!eol)
		return wrong(r, "it ends too early");
	len = eol - r->at;
	if (len >= sizeof(r->copy) || memchr(r->at, 0, len))
		return wrong(r, "not a line of such a file");
	memcpy(r->copy, r->at, len);
	r->copy[len] = 0;
	r->at = eol + 1;
	r->nr_fields = 0;
	for (p = r->copy; p; ) {
		if (r->nr_fields == FIELDS_MAX)
			return wrong(r, "too many words");
		r->field[r->nr_fields++] = p;
		p = strchr(p, ' ');
		if (p)
			*p++ = 0;
	}
	return true;
}

/* Digits only, as they are written: no sign, no leading zero. */
static bool number(const char *word, u64 max, u64 *value)
{
	const char *p;
	u64 v = 0;

	for (p = word; *p; p++) {
		if (*p < '0' || *p > '9' || v > (UINT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (*p - '0');
	}
	*value = v;
	return p > word && (*word != '0' || p == word + 1) && v <= max;
}

static bool first_line(struct reader *r)
{
	if (!next_line(r))
		return false;
	if (r->nr_fields != 3 || strcmp(r->field[0], "dvpn-bindings") ||
	    !number(r->field[1], UINT32_MAX, &r->version))
		return wrong(r, "not a bindings file");
	if (!r->version || r->version > VERSION)
		return wrong(r, "of another version");
	if (!number(r->field[2], UINT32_MAX, &r->saved_s))
		return wrong(r, "not a bindings file");
	if (r->saved_s > r->now_s + CLOCK_SLACK_S)
		return wrong(r, "it was saved in the future");
	if (r->saved_s + BINDINGS_DAY_S < r->now_s)
		return wrong(r, "it is older than a day");
	return true;
}

static bool peer_key(struct reader *r, struct nhrp_peer_key *key)
{
	u64 port, mark, if_id;

	if (nhrp_addr_parse(&key->nbma, r->field[2]) || !number(r->field[4], UINT16_MAX, &port) ||
	    !number(r->field[5], UINT32_MAX, &mark) || !number(r->field[6], UINT32_MAX, &if_id))
		return false;
	if (!strcmp(r->field[3], "udp"))
		key->encap = NHRP_ENCAP_UDP;
	else if (strcmp(r->field[3], "gre"))
		return false;
	key->port = port;
	key->mark = mark;
	key->if_id = if_id;
	return !port == (key->encap == NHRP_ENCAP_GRE);
}

static bool ike_owner(const char *text, u64 *owner)
{
	char *end;

	*owner = strtoull(text, &end, 16);
	return strlen(text) == IKE_DIGITS && strspn(text, "0123456789abcdef") == IKE_DIGITS &&
	       *owner;
}

/* The name of an identity, or '=' and the number of an IKE identity. */
static bool owner(struct reader *r, struct nhrp_binding_info *b)
{
	const char *text = r->field[12];

	if (r->nr_fields == FIELDS)
		return true;
	if (r->version < 2 || r->nr_fields != FIELDS_MAX)
		return false;
	if (r->version > 2 && *text == '=')
		return ike_owner(text + 1, &b->ike_owner);
	if (!nhrp_identity_name_ok(text))
		return false;
	snprintf(b->identity, sizeof(b->identity), "%s", text);
	return true;
}

static bool binding_line(struct reader *r)
{
	struct nhrp_binding_info *b = &r->b;
	u64 hold_s, expires_s, id;

	memset(b, 0, sizeof(*b));
	if (r->nr_fields < FIELDS || nhrp_addr_parse(&b->proto, r->field[1]) ||
	    !peer_key(r, &b->peer) || nhrp_addr_parse(&b->claimed, r->field[7]) ||
	    !number(r->field[8], NHRP_HOLDING_TIME_MAX_S, &hold_s) ||
	    !number(r->field[9], r->saved_s + hold_s, &expires_s) ||
	    !number(r->field[11], UINT32_MAX, &id) || !owner(r, b))
		return wrong(r, "not a registration");
	if (!strcmp(r->field[10], "u"))
		b->unique = true;
	else if (strcmp(r->field[10], "-"))
		return wrong(r, "not a registration");
	b->holding_time_s = hold_s;
	b->request_id = id;
	if (expires_s > r->now_s)
		b->expires_ms = (expires_s - r->now_s) * 1000;
	if (b->expires_ms > hold_s * 1000)
		b->expires_ms = hold_s * 1000;
	return true;
}

static bool last_line(struct reader *r)
{
	u64 lines;

	if (r->nr_fields != 2 || !number(r->field[1], LINES_MAX, &lines) || lines != r->lines ||
	    r->at != r->end)
		return wrong(r, "not the end of the file");
	return true;
}

static bool read_lines(struct reader *r, bindings_fn fn, void *ctx)
{
	if (!first_line(r))
		return false;
	while (next_line(r)) {
		if (!strcmp(r->field[0], "end"))
			return last_line(r);
		if (strcmp(r->field[0], "b"))
			return wrong(r, "not a registration");
		if (++r->lines > LINES_MAX)
			return wrong(r, "too many lines");
		if (!binding_line(r))
			return false;
		if (fn)
			fn(ctx, &r->b);
	}
	return false;
}

int bindings_parse(const char *text, size_t len, u64 now_s, bindings_fn fn, void *ctx,
		   struct bindings_error *e)
{
	const struct reader start = { .at = text, .end = text + len, .now_s = now_s, .e = e };
	struct reader r = start;

	memset(e, 0, sizeof(*e));
	if (!read_lines(&r, NULL, NULL))
		return -EINVAL;
	if (fn) {
		r = start;
		read_lines(&r, fn, ctx);
	}
	return 0;
}

/* ----- writing ----- */

void bindings_put_first(FILE *f, u64 now_s)
{
	fprintf(f, "dvpn-bindings %d %llu\n", VERSION, now_s);
}

void bindings_put(FILE *f, const struct nhrp_binding_info *b, u64 now_s)
{
	char proto[NHRP_ADDR_STRLEN], nbma[NHRP_ADDR_STRLEN], claimed[NHRP_ADDR_STRLEN];
	const struct nhrp_peer_key *key = &b->peer;

	fprintf(f, "b %s %s %s %u %u %u %s %u %llu %c %u",
		nhrp_addr_format(&b->proto, proto, sizeof(proto)),
		nhrp_addr_format(&key->nbma, nbma, sizeof(nbma)),
		key->encap == NHRP_ENCAP_UDP ? "udp" : "gre", key->port, key->mark, key->if_id,
		nhrp_addr_format(&b->claimed, claimed, sizeof(claimed)), b->holding_time_s,
		now_s + b->expires_ms / 1000, b->unique ? 'u' : '-', b->request_id);
	if (*b->identity)
		fprintf(f, " %s", b->identity);
	else if (b->ike_owner)
		fprintf(f, " =%0*llx", IKE_DIGITS, b->ike_owner);
	fputc('\n', f);
}

void bindings_put_last(FILE *f, unsigned int lines)
{
	fprintf(f, "end %u\n", lines);
}

/* ----- of a tunnel ----- */

#define NAME_MAX_LEN	(sizeof("bindings.") + IFNAMSIZ)

static const char *file_name(const struct tunnel *t, char *buf)
{
	snprintf(buf, NAME_MAX_LEN, "bindings.%s", t->cfg.name);
	return buf;
}

/**
 * struct saving - a file being made
 * @f: writes into @text.
 * @text: the file, valid after end_file().
 * @len: bytes of @text.
 * @now_s: now, seconds since 1970.
 * @lines: lines after the first.
 */
struct saving {
	FILE *f;
	char *text;
	size_t len;
	u64 now_s;
	unsigned int lines;
};

static int begin_file(struct saving *s)
{
	memset(s, 0, sizeof(*s));
	s->now_s = time(NULL);
	s->f = open_memstream(&s->text, &s->len);
	if (!s->f)
		return -errno;
	bindings_put_first(s->f, s->now_s);
	return 0;
}

static void save_one(void *ctx, const struct nhrp_binding_info *b)
{
	struct saving *s = ctx;

	if (!b->expires_ms || s->lines == LINES_MAX)
		return;
	bindings_put(s->f, b, s->now_s);
	s->lines++;
}

/* @s->text is to be freed, whatever is returned. */
static int end_file(struct saving *s)
{
	bindings_put_last(s->f, s->lines);
	return fclose(s->f) ? -ENOMEM : 0;
}

/**
 * struct restoring - a file being given to the core
 * @t: tunnel.
 * @now_ms: now.
 * @restored: lines that were taken.
 * @rest: those that did not fit.
 */
struct restoring {
	struct tunnel *t;
	u64 now_ms;
	unsigned int restored;
	struct saving rest;
};

static void restore_one(void *ctx, const struct nhrp_binding_info *b)
{
	struct restoring *r = ctx;
	int err;

	if (!b->expires_ms)
		return;
	err = nhrp_tunnel_restore(r->t->nhrp, b, r->now_ms);
	r->restored += !err;
	if (err == -EINVAL)
		save_one(&r->rest, b);
}

static void forget_text(struct tunnel *t)
{
	free(t->bindings);
	t->bindings = NULL;
}

/* What was taken once is not taken again: by then it may have ended. */
static void restore(struct tunnel *t, const char *name)
{
	struct restoring r = { .t = t, .now_ms = clock_ms() };
	struct bindings_error e;

	if (begin_file(&r.rest))
		return;		/* no memory: tried again when the addresses change */
	if (bindings_parse(t->bindings, t->bindings_len, r.rest.now_s, restore_one, &r, &e))
		log_line(LOG_WARNING, t->cfg.name, "restore", "%s is ignored: line %u: %s", name,
			 e.line, e.why);
	else if (r.restored)
		log_line(LOG_NOTICE, t->cfg.name, "restore",
			 "%u saved registrations hold until their spokes are heard of",
			 r.restored);
	forget_text(t);
	if (end_file(&r.rest) || !r.rest.lines) {
		free(r.rest.text);
		return;
	}
	t->bindings = r.rest.text;
	t->bindings_len = r.rest.len;
}

void bindings_restore(struct tunnel *t)
{
	char name[NAME_MAX_LEN];
	int err;

	err = state_read(t->d->state, file_name(t, name), FILE_MAX, &t->bindings,
			 &t->bindings_len);
	if (!err)
		restore(t, name);
	else if (err != -ENOENT)
		log_line(LOG_WARNING, t->cfg.name, "restore", "%s is ignored: %s", name,
			 strerror(-err));
}

void bindings_restore_rest(struct tunnel *t)
{
	char name[NAME_MAX_LEN];

	if (t->bindings)
		restore(t, file_name(t, name));
}

static int write_file(struct tunnel *t, const char *name)
{
	struct bindings_error e;
	struct saving s;
	int err = begin_file(&s);

	if (err)
		return err;
	nhrp_tunnel_walk_bindings(t->nhrp, clock_ms(), save_one, &s);
	/* Nobody else has what waits for an address; whoever is registered comes first. */
	if (t->bindings)
		bindings_parse(t->bindings, t->bindings_len, s.now_s, save_one, &s, &e);
	err = end_file(&s);
	if (!err && s.lines)
		err = state_replace(t->d->state, name, s.text, s.len, false);
	else if (!err)
		state_remove(t->d->state, name);
	free(s.text);
	return err;
}

static void save(struct tunnel *t)
{
	char name[NAME_MAX_LEN];
	u64 began_ms = clock_ms();
	int err;

	err = write_file(t, file_name(t, name));
	if (!err)
		nhrp_tunnel_saved(t->nhrp);
	if (err && err != t->save_error)
		log_line(LOG_ERR, t->cfg.name, "save", "%s cannot be written: %s", name,
			 strerror(-err));
	t->save_error = err;
	t->saved_ms = clock_ms();
	t->save_cost_ms = t->saved_ms - began_ms;
}

/* Not before: 0 if it was not saved yet. */
static u64 soonest_ms(const struct tunnel *t)
{
	if (!t->saved_ms)
		return 0;
	return t->saved_ms + (t->save_error ? SAVE_AGAIN_MS : SAVE_MIN_MS) +
	       t->save_cost_ms * SAVE_SHARE;
}

u64 bindings_run(struct tunnel *t)
{
	u64 now_ms = clock_ms(), at = nhrp_tunnel_save_at_ms(t->nhrp);

	if (at == UINT64_MAX)
		return UINT64_MAX;
	if (at < soonest_ms(t))
		at = soonest_ms(t);
	if (at > now_ms)
		return at - now_ms;
	save(t);
	return t->save_error ? SAVE_AGAIN_MS : UINT64_MAX;
}

void bindings_flush(struct tunnel *t)
{
	if (t->nhrp && nhrp_tunnel_save_at_ms(t->nhrp) != UINT64_MAX)
		save(t);
	forget_text(t);
}
