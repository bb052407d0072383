/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happened last on a tunnel: messages as they were on the wire, and events
 *
 * A bounded number of bytes; what is new takes the place of what is oldest. Nothing is
 * decoded until somebody asks.
 */
#ifndef DVPND_HISTORY_H
#define DVPND_HISTORY_H

#include <stddef.h>

#include "nhrp/describe.h"

#define HISTORY_RECORDS_MAX	1024
#define HISTORY_BYTES		(256 * 1024)	/* records with their headers */

/**
 * struct record - a message or an event
 * @time_ms: when, in milliseconds since 1970, UTC.
 * @is_event: @event and @addr are valid and @data is a text; else @data is a message.
 * @verdict: what was done with the message.
 * @reason: NHRP_C_DROP_* or NHRP_C_NONE.
 * @event: stable id.
 * @addr: protocol address or prefix that the event is about; family 0: none.
 * @peer: locator; family 0: none.
 * @len: bytes of @data; of a text with its NUL.
 * @data: packet or text.
 */
struct record {
	u64 time_ms;
	bool is_event;
	enum nhrp_verdict verdict;
	enum nhrp_counter reason;
	enum nhrp_event event;
	struct nhrp_prefix addr;
	struct nhrp_peer_key peer;
	size_t len;
	u8 data[];
};

struct history;

/* Return: an empty one, or NULL. */
struct history *history_new(void);

void history_free(struct history *h);

/**
 * history_add() - write down what happened
 * @h: where.
 * @head: all but @data, which is copied from elsewhere.
 * @data: &record.len bytes, at most HISTORY_BYTES / 4.
 *
 * Return: number of the record; numbers are given in order, from 0.
 */
u64 history_add(struct history *h, const struct record *head, const void *data);

/**
 * history_get() - a record
 * @h: where.
 * @number: of history_add().
 *
 * Return: the record, valid until the next one is added; NULL: not there, or not any more.
 */
struct record *history_get(struct history *h, u64 number);

/* Number of the oldest record that is left, and of the next one. */
u64 history_first(const struct history *h);
u64 history_end(const struct history *h);

#endif /* DVPND_HISTORY_H */
