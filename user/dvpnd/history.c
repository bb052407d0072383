// SPDX-License-Identifier: GPL-2.0
/* What happened last on a tunnel: see history.h */
#include <stdlib.h>
#include <string.h>

#include "dvpnd/history.h"

/**
 * struct history - records of different length, one behind the other
 * @first: number of the oldest one.
 * @end: number of the next one.
 * @free: where that goes, if there is room up to the end; else at the start.
 * @at: where a record is, by its number modulo the size of @at.
 * @bytes: the records. From @free on the oldest ones follow, then the rest from the start.
 */
struct history {
	u64 first;
	u64 end;
	size_t free;
	size_t at[HISTORY_RECORDS_MAX];
	u64 bytes[HISTORY_BYTES / sizeof(u64)];
};

struct history *history_new(void)
{
	return calloc(1, sizeof(struct history));
}

/* Passwords are in some of the messages. */
void history_free(struct history *h)
{
	if (h)
		explicit_bzero(h, sizeof(*h));
	free(h);
}

/* All begin at a multiple of 8. */
static struct record *at(struct history *h, size_t offset)
{
	return (struct record *)&h->bytes[offset / sizeof(u64)];
}

static size_t place(const struct history *h, u64 number)
{
	return h->at[number % HISTORY_RECORDS_MAX];
}

/* Drops those that begin in a range; the first of them is the oldest of all. */
static void make_room(struct history *h, size_t from, size_t to)
{
	while (h->first < h->end && place(h, h->first) >= from && place(h, h->first) < to)
		h->first++;
}

u64 history_add(struct history *h, const struct record *head, const void *data)
{
	size_t words = (sizeof(*head) + head->len + sizeof(u64) - 1) / sizeof(u64);
	size_t need = words * sizeof(u64);
	struct record *r;

	if (h->free + need > HISTORY_BYTES) {
		make_room(h, h->free, HISTORY_BYTES);
		h->free = 0;
	}
	make_room(h, h->free, h->free + need);
	if (h->end - h->first == HISTORY_RECORDS_MAX)
		h->first++;
	r = at(h, h->free);
	*r = *head;
	memcpy(r->data, data, head->len);
	h->at[h->end % HISTORY_RECORDS_MAX] = h->free;
	h->free += need;
	return h->end++;
}

struct record *history_get(struct history *h, u64 number)
{
	if (number < h->first || number >= h->end)
		return NULL;
	return at(h, place(h, number));
}

u64 history_first(const struct history *h)
{
	return h->first;
}

u64 history_end(const struct history *h)
{
	return h->end;
}
