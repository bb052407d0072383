// SPDX-License-Identifier: GPL-2.0
/* What VICI tells of security associations: see sa.h */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vici/sa.h"

#define TEXT_MAX	128	/* bytes of what is taken apart, NUL included */

/**
 * struct reader - an event that is being read
 * @news: what it tells of its CHILD_SAs.
 * @ops: who is told.
 * @ctx: for @ops.
 * @ike: IKE_SA that it is about.
 */
struct reader {
	enum vici_sa_news news;
	const struct vici_sa_ops *ops;
	void *ctx;
	struct vici_ike ike;
};

/* ----- values ----- */

static void read_addr(const char *text, struct vici_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, addr->bytes) == 1)
		addr->family = AF_INET;
	else if (inet_pton(AF_INET6, text, addr->bytes) == 1)
		addr->family = AF_INET6;
}

static void take_addr(const struct vici_slice *value, struct vici_addr *addr)
{
	char text[TEXT_MAX];

	vici_string(value, text, sizeof(text));
	read_addr(text, addr);
}

static void take_number(const struct vici_slice *value, int base, u32 *number)
{
	u64 n;

	*number = vici_number(value, base, &n) && n <= UINT32_MAX ? n : 0;
}

/* It came from the other side, and is shown and logged. */
static void take_identity(const struct vici_slice *value, char *identity)
{
	const char *p;

	vici_string(value, identity, VICI_IDENTITY_MAX);
	for (p = identity; *p; p++)
		if (!isprint((unsigned char)*p))
			*identity = '\0';
}

/* "4754", "1000-2000", "OPAQUE", or a name of /etc/services */
static void read_port(const char *text, struct vici_child *child)
{
	unsigned long port;
	char *end;

	port = strtoul(text, &end, 10);
	if (end != text && !*end && port && port <= UINT16_MAX)
		child->port = port;
	else if (!*text || (end != text && (!*end || *end == '-')) || !strcmp(text, "OPAQUE") ||
		 strlen(text) >= VICI_SERVICE_MAX)
		child->any_port = true;
	else
		memcpy(child->service, text, strlen(text) + 1);
}

/* "udp/4754]", "udp]", "gre]"; without /etc/protocols "17/4754]", and 0 is any protocol */
static void read_protocol(char *text, struct vici_child *child)
{
	char *port;

	text[strcspn(text, "]")] = '\0';
	port = strchr(text, '/');
	if (port)
		*port++ = '\0';
	if (!strcmp(text, "udp") || !strcmp(text, "17") || !strcmp(text, "0"))
		read_port(port ? port : "", child);
}

/* "192.0.2.1/32[udp/4754]", "192.0.2.1/32[gre]" or "10.0.0.0/8" */
static void take_selector(const struct vici_slice *value, struct vici_child *child)
{
	char text[TEXT_MAX], *slash, *bracket;

	child->port = 0;
	child->any_port = false;
	*child->service = '\0';
	child->remote.family = 0;
	vici_string(value, text, sizeof(text));
	bracket = strchr(text, '[');
	if (bracket) {
		*bracket++ = '\0';
		read_protocol(bracket, child);
	} else {
		child->any_port = true;
	}
	slash = strchr(text, '/');
	if (!slash)
		return;
	*slash++ = '\0';
	if (!strcmp(slash, strchr(text, ':') ? "128" : "32"))
		read_addr(text, &child->remote);
}

/* ----- CHILD_SAs ----- */

static void child_value(struct vici_child *child, const struct vici_in *in)
{
	const struct vici_slice *v = &in->value;

	if (vici_is(&in->name, "uniqueid"))
		take_number(v, 10, &child->id);
	else if (vici_is(&in->name, "state"))
		child->installed = vici_is(v, "INSTALLED") || vici_is(v, "REKEYING") ||
				   vici_is(v, "UPDATING");
	else if (vici_is(&in->name, "mode"))
		child->is_tunnel = vici_is(v, "TUNNEL");
	else if (vici_is(&in->name, "encap"))
		child->encap = vici_is(v, "yes");
	else if (vici_is(&in->name, "spi-in"))
		take_number(v, 16, &child->spi_in);
	else if (vici_is(&in->name, "spi-out"))
		take_number(v, 16, &child->spi_out);
}

static void child_list(struct vici_child *child, struct vici_in *in)
{
	bool first = vici_is(&in->name, "remote-ts");

	while (vici_next(in) == VICI_ITEM) {
		if (first)
			take_selector(&in->value, child);
		first = false;
	}
}

/* Up to the end of the section. A section in it begins another one: see read_child(). */
static enum vici_token child_members(struct vici_child *child, struct vici_in *in)
{
	enum vici_token token;

	for (;;) {
		token = vici_next(in);
		if (token == VICI_VALUE)
			child_value(child, in);
		else if (token == VICI_LIST)
			child_list(child, in);
		else
			return token;
	}
}

static void tell(struct reader *r, enum vici_sa_news news, const struct vici_child *child)
{
	if (child->id && r->ike.id && *r->ike.conn)
		r->ops->child(news, &r->ike, child, r->ctx);
}

/* A child, or the old and the new one. */
static bool read_child(struct reader *r, struct vici_in *in)
{
	struct vici_child child = { 0 }, old = { 0 }, new = { 0 };
	enum vici_token token;

	while ((token = child_members(&child, in)) == VICI_SECTION) {
		bool is_old = vici_is(&in->name, "old"), is_new = vici_is(&in->name, "new");

		if (!is_old && !is_new) {
			if (!vici_skip(in))
				return false;
		} else if (child_members(is_old ? &old : &new, in) != VICI_SECTION_END) {
			return false;
		}
	}
	if (token != VICI_SECTION_END)
		return false;
	if (new.id)
		tell(r, VICI_SA_REKEYED, &new);
	if (old.id)
		tell(r, VICI_SA_DOWN, &old);
	tell(r, r->news, &child);
	return true;
}

static bool read_children(struct reader *r, struct vici_in *in)
{
	enum vici_token token;

	while ((token = vici_next(in)) == VICI_SECTION)
		if (!read_child(r, in))
			return false;
	return token == VICI_SECTION_END;
}

/* ----- IKE_SAs ----- */

static void ike_value(struct vici_ike *ike, const struct vici_in *in)
{
	const struct vici_slice *v = &in->value;

	if (vici_is(&in->name, "uniqueid"))
		take_number(v, 10, &ike->id);
	else if (vici_is(&in->name, "remote-host"))
		take_addr(v, &ike->remote);
	else if (vici_is(&in->name, "remote-id"))
		take_identity(v, ike->identity);
	else if (vici_is(&in->name, "state"))
		ike->established = vici_is(v, "ESTABLISHED");
	else if (vici_is(&in->name, "initiator"))
		ike->initiator = vici_is(v, "yes");
}

/* The values of a section up to its end; what is nested is left for later. */
static bool read_ike(struct vici_ike *ike, struct vici_in *in)
{
	enum vici_token token;

	while ((token = vici_next(in)) != VICI_SECTION_END) {
		if (token == VICI_VALUE)
			ike_value(ike, in);
		else if (token != VICI_SECTION && token != VICI_LIST)
			return false;
		else if (!vici_skip(in))
			return false;
	}
	return true;
}

/* What is nested in the section of an IKE_SA: its children, or itself before and after. */
static void read_nested(struct reader *r, struct vici_in *in)
{
	struct vici_ike old = { 0 }, new = { 0 };
	enum vici_token token;
	bool ok = true;

	while (ok && (token = vici_next(in)) != VICI_SECTION_END) {
		if (token == VICI_VALUE)
			continue;
		if (token != VICI_SECTION && token != VICI_LIST)
			return;
		if (token == VICI_SECTION && vici_is(&in->name, "child-sas"))
			ok = read_children(r, in);
		else if (token == VICI_SECTION && vici_is(&in->name, "old"))
			ok = read_ike(&old, in);
		else if (token == VICI_SECTION && vici_is(&in->name, "new"))
			ok = read_ike(&new, in);
		else
			ok = vici_skip(in);
	}
	if (old.id && new.id)
		r->ops->ike_rekeyed(old.id, new.id, r->ctx);
}

static bool is_up(const void *body, size_t len)
{
	struct vici_in in;
	enum vici_token token;

	vici_in_init(&in, body, len);
	while ((token = vici_next(&in)) != VICI_END && token != VICI_BAD)
		if (token == VICI_VALUE && !in.depth && vici_is(&in.name, "up"))
			return vici_is(&in.value, "yes");
	return false;
}

void vici_sa_event(const char *name, const void *body, size_t len, const struct vici_sa_ops *ops,
		   void *ctx)
{
	struct reader r = { .news = VICI_SA_LISTED, .ops = ops, .ctx = ctx };
	enum vici_token token;
	bool is_listing = !strcmp(name, "list-sa");
	struct vici_in in, nested;

	if (!strcmp(name, "child-updown"))
		r.news = is_up(body, len) ? VICI_SA_UP : VICI_SA_DOWN;
	else if (!is_listing && strcmp(name, "child-rekey") && strcmp(name, "ike-rekey"))
		return;
	vici_in_init(&in, body, len);
	while ((token = vici_next(&in)) != VICI_END && token != VICI_BAD) {
		if (token == VICI_LIST && !vici_skip(&in))
			return;
		if (token != VICI_SECTION)
			continue;
		memset(&r.ike, 0, sizeof(r.ike));
		vici_string(&in.name, r.ike.conn, sizeof(r.ike.conn));
		nested = in;
		if (!read_ike(&r.ike, &in))
			return;
		if (ops->ike && r.ike.id && is_listing)
			ops->ike(&r.ike, ctx);
		read_nested(&r, &nested);
	}
}
