/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VICI, the control protocol of strongSwan: what is in a message
 *
 * Nested sections of values and lists, each with a name of at most 255 bytes, values of at most
 * 65535. The format is that of strongSwan's src/libcharon/plugins/vici/README.md.
 */
#ifndef VICI_MESSAGE_H
#define VICI_MESSAGE_H

#include <stddef.h>

#include "nhrp/types.h"

#define VICI_MESSAGE_MAX	(512 * 1024)	/* bytes, as in strongSwan */
#define VICI_DEPTH_MAX		16
#define VICI_NAME_MAX		255
#define VICI_VALUE_MAX		65535

/* ----- written ----- */

/**
 * struct vici_out - a message that is being written; a zeroed one is empty
 * @data: it.
 * @len: its bytes.
 * @room: bytes there is memory for.
 * @depth: sections that are open.
 * @in_list: a list is open.
 * @err: 0, or why it is of no use: -ENOMEM, -EMSGSIZE, -EINVAL (unbalanced).
 */
struct vici_out {
	u8 *data;
	size_t len;
	size_t room;
	unsigned int depth;
	bool in_list;
	int err;
};

/* Errors stay in the message: vici_out_error() tells them at the end. */
void vici_section(struct vici_out *o, const char *name);
void vici_section_end(struct vici_out *o);
void vici_text(struct vici_out *o, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void vici_list(struct vici_out *o, const char *name);
void vici_item(struct vici_out *o, const char *text);
void vici_item_bytes(struct vici_out *o, const void *bytes, size_t len);
void vici_list_end(struct vici_out *o);

/* 0: it is whole; else a negative errno. */
int vici_out_error(const struct vici_out *o);

/* Give its memory back; it is empty then. */
void vici_out_free(struct vici_out *o);

/* ----- read ----- */

/**
 * enum vici_token - what comes next in a message
 * @VICI_END: nothing: all of it was read, and it was whole.
 * @VICI_BAD: it makes no sense.
 * @VICI_SECTION: a section begins; name.
 * @VICI_SECTION_END: it ends.
 * @VICI_VALUE: name and value.
 * @VICI_LIST: a list begins; name.
 * @VICI_ITEM: value.
 * @VICI_LIST_END: it ends.
 */
enum vici_token {
	VICI_END,
	VICI_BAD,
	VICI_SECTION,
	VICI_SECTION_END,
	VICI_VALUE,
	VICI_LIST,
	VICI_ITEM,
	VICI_LIST_END,
};

/**
 * struct vici_slice - bytes within a message, not ended by NUL
 * @p: where they are; never NULL.
 * @len: their number.
 */
struct vici_slice {
	const u8 *p;
	size_t len;
};

/**
 * struct vici_in - a message that is being read
 * @p: what comes next.
 * @end: behind it.
 * @depth: sections that are open.
 * @in_list: a list is open.
 * @bad: it made no sense.
 * @name: of what was read last.
 * @value: of what was read last.
 */
struct vici_in {
	const u8 *p;
	const u8 *end;
	unsigned int depth;
	bool in_list;
	bool bad;
	struct vici_slice name;
	struct vici_slice value;
};

void vici_in_init(struct vici_in *in, const void *data, size_t len);

/* Once it is VICI_BAD or VICI_END, it stays so. */
enum vici_token vici_next(struct vici_in *in);

/* After VICI_SECTION or VICI_LIST: go behind its end; false: the message makes no sense. */
bool vici_skip(struct vici_in *in);

/* Is the whole message such that vici_next() comes to VICI_END? */
bool vici_is_whole(const void *data, size_t len);

bool vici_is(const struct vici_slice *s, const char *text);

/* As a string, if it has no NUL and there is room; else @buf is "" and it is false. */
bool vici_string(const struct vici_slice *s, char *buf, size_t size);

/* As a number of decimal digits, or hexadecimal ones with @base 16. */
bool vici_number(const struct vici_slice *s, int base, u64 *number);

/**
 * vici_succeeded() - does a reply say that it was done?
 * @data: the reply.
 * @len: its bytes.
 * @why: if not, why not.
 * @size: bytes of @why.
 *
 * A reply without "success" is one that tells something.
 */
bool vici_succeeded(const void *data, size_t len, char *why, size_t size);

#endif /* VICI_MESSAGE_H */
