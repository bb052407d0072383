// SPDX-License-Identifier: GPL-2.0
/* What is in a VICI message: see message.h */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vici/message.h"

/* On the wire. */
enum element {
	SECTION_START = 1,
	SECTION_END = 2,
	KEY_VALUE = 3,
	LIST_START = 4,
	LIST_ITEM = 5,
	LIST_END = 6,
};

#define NUMBER_MAX	32	/* bytes of digits, NUL included */
#define OUT_MIN		256

/* ----- written ----- */

static void fail(struct vici_out *o, int err)
{
	if (!o->err)
		o->err = err;
}

static bool reserve(struct vici_out *o, size_t more)
{
	size_t room = o->room ? o->room : OUT_MIN;
	u8 *data;

	if (o->err)
		return false;
	if (more > VICI_MESSAGE_MAX - o->len) {
		fail(o, -EMSGSIZE);
		return false;
	}
	while (room < o->len + more)
		room *= 2;
	if (room == o->room)
		return true;
	data = realloc(o->data, room);
	if (!data) {
		fail(o, -ENOMEM);
		return false;
	}
	o->data = data;
	o->room = room;
	return true;
}

static void put(struct vici_out *o, const void *bytes, size_t n)
{
	if (!reserve(o, n))
		return;
	memcpy(o->data + o->len, bytes, n);
	o->len += n;
}

static void put_byte(struct vici_out *o, u8 byte)
{
	put(o, &byte, 1);
}

static void put_name(struct vici_out *o, enum element element, const char *name)
{
	size_t len = strlen(name);

	if (o->in_list)
		fail(o, -EINVAL);
	if (len > VICI_NAME_MAX)
		fail(o, -EMSGSIZE);
	put_byte(o, element);
	put_byte(o, len);
	put(o, name, len);
}

static void put_value(struct vici_out *o, const void *bytes, size_t len)
{
	if (len > VICI_VALUE_MAX)
		fail(o, -EMSGSIZE);
	put_byte(o, len >> 8);
	put_byte(o, len);
	put(o, bytes, len);
}

void vici_section(struct vici_out *o, const char *name)
{
	if (o->depth == VICI_DEPTH_MAX)
		fail(o, -EINVAL);
	put_name(o, SECTION_START, name);
	o->depth++;
}

void vici_section_end(struct vici_out *o)
{
	if (!o->depth || o->in_list) {
		fail(o, -EINVAL);
		return;
	}
	put_byte(o, SECTION_END);
	o->depth--;
}

void vici_text(struct vici_out *o, const char *name, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0) {
		fail(o, -ENOMEM);
		return;
	}
	put_name(o, KEY_VALUE, name);
	put_value(o, text, len);
	free(text);
}

void vici_list(struct vici_out *o, const char *name)
{
	put_name(o, LIST_START, name);
	o->in_list = true;
}

void vici_item_bytes(struct vici_out *o, const void *bytes, size_t len)
{
	if (!o->in_list)
		fail(o, -EINVAL);
	put_byte(o, LIST_ITEM);
	put_value(o, bytes, len);
}

void vici_item(struct vici_out *o, const char *text)
{
	vici_item_bytes(o, text, strlen(text));
}

void vici_list_end(struct vici_out *o)
{
	if (!o->in_list)
		fail(o, -EINVAL);
	put_byte(o, LIST_END);
	o->in_list = false;
}

int vici_out_error(const struct vici_out *o)
{
	if (o->err)
		return o->err;
	return o->depth || o->in_list ? -EINVAL : 0;
}

void vici_out_free(struct vici_out *o)
{
	free(o->data);
	memset(o, 0, sizeof(*o));
}

/* ----- read ----- */

void vici_in_init(struct vici_in *in, const void *data, size_t len)
{
	static const u8 nothing[1];

	memset(in, 0, sizeof(*in));
	in->p = len ? data : nothing;
	in->end = in->p + len;
	in->name.p = nothing;
	in->value.p = nothing;
}

static bool take(struct vici_in *in, unsigned int len_bytes, struct vici_slice *s)
{
	size_t len = 0;

	if ((size_t)(in->end - in->p) < len_bytes)
		return false;
	while (len_bytes--)
		len = len << 8 | *in->p++;
	if ((size_t)(in->end - in->p) < len)
		return false;
	s->p = in->p;
	s->len = len;
	in->p += len;
	return true;
}

static enum vici_token bad(struct vici_in *in)
{
	in->bad = true;
	return VICI_BAD;
}

static bool take_name(struct vici_in *in)
{
	return !in->in_list && take(in, 1, &in->name);
}

enum vici_token vici_next(struct vici_in *in)
{
	if (in->bad)
		return VICI_BAD;
	if (in->p == in->end)
		return in->depth || in->in_list ? bad(in) : VICI_END;
	switch (*in->p++) {
	case SECTION_START:
		if (in->depth == VICI_DEPTH_MAX || !take_name(in))
			return bad(in);
		in->depth++;
		return VICI_SECTION;
	case SECTION_END:
		if (!in->depth || in->in_list)
			return bad(in);
		in->depth--;
		return VICI_SECTION_END;
	case KEY_VALUE:
		return take_name(in) && take(in, 2, &in->value) ? VICI_VALUE : bad(in);
	case LIST_START:
		if (!take_name(in))
			return bad(in);
		in->in_list = true;
		return VICI_LIST;
	case LIST_ITEM:
		return in->in_list && take(in, 2, &in->value) ? VICI_ITEM : bad(in);
	case LIST_END:
		if (!in->in_list)
			return bad(in);
		in->in_list = false;
		return VICI_LIST_END;
	default:
		return bad(in);
	}
}

bool vici_skip(struct vici_in *in)
{
	unsigned int depth = in->depth - !in->in_list;
	enum vici_token token;

	do {
		token = vici_next(in);
		if (token == VICI_BAD || token == VICI_END)
			return false;
	} while (in->in_list || in->depth > depth);
	return true;
}

bool vici_is_whole(const void *data, size_t len)
{
	enum vici_token token;
	struct vici_in in;

	vici_in_init(&in, data, len);
	do
		token = vici_next(&in);
	while (token != VICI_END && token != VICI_BAD);
	return token == VICI_END;
}

bool vici_is(const struct vici_slice *s, const char *text)
{
	return s->len == strlen(text) && !memcmp(s->p, text, s->len);
}

bool vici_string(const struct vici_slice *s, char *buf, size_t size)
{
	*buf = '\0';
	if (s->len >= size || memchr(s->p, '\0', s->len))
		return false;
	memcpy(buf, s->p, s->len);
	buf[s->len] = '\0';
	return true;
}

bool vici_number(const struct vici_slice *s, int base, u64 *number)
{
	char digits[NUMBER_MAX], *end;

	if (!vici_string(s, digits, sizeof(digits)) ||
	    strspn(digits, base == 16 ? "0123456789abcdefABCDEF" : "0123456789") != s->len)
		return false;
	errno = 0;
	*number = strtoull(digits, &end, base);
	return end != digits && !errno;
}

bool vici_succeeded(const void *data, size_t len, char *why, size_t size)
{
	bool success = true;
	enum vici_token token;
	struct vici_in in;

	snprintf(why, size, "no reason was given");
	vici_in_init(&in, data, len);
	while ((token = vici_next(&in)) != VICI_END && token != VICI_BAD) {
		if (token != VICI_VALUE || in.depth)
			continue;
		if (vici_is(&in.name, "success"))
			success = vici_is(&in.value, "yes");
		else if (vici_is(&in.name, "errmsg") && !vici_string(&in.value, why, size))
			snprintf(why, size, "for a reason that cannot be read");
	}
	return success && token == VICI_END;
}
