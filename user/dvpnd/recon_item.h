/* SPDX-License-Identifier: GPL-2.0 */
/* Inside the reconciler: its entries (recon_item.c), requests for them (recon_request.c). */
#ifndef DVPND_RECON_ITEM_H
#define DVPND_RECON_ITEM_H

#include "dvpnd/recon.h"

#define TEXT_MAX	96

/**
 * struct item - one mapping or peer
 * @r: its reconciler.
 * @is_peer: @peer is valid, else @map.
 * @wanted: it should be in the kernel; else it should not.
 * @there: the kernel holds it, as far as we know.
 * @exact: it holds @map as it is but for the time that is left.
 * @holder: owner that it has there.
 * @stuck: the kernel refused for good.
 * @outstanding: requests without answer.
 * @tries: failures in a row.
 * @set_ms: when the wish was made: times in it count from there.
 * @retry_ms: when to try again, 0: not.
 * @text: why it is not in the kernel.
 */
struct item {
	struct recon *r;
	bool is_peer;
	bool wanted;
	bool there;
	bool exact;
	bool stuck;
	u32 holder;
	unsigned int outstanding;
	unsigned int tries;
	u64 set_ms;
	u64 retry_ms;
	char text[TEXT_MAX];
	union {
		struct nhrp_map map;
		struct nhrp_peer peer;
	};
};

/**
 * struct recon - a reconciler
 * @tunnel: name, for the log.
 * @ifindex: the device.
 * @owner: that entries are written with.
 * @chan: for changes.
 * @handle: for questions.
 * @tree: of &struct item, by recon_find().
 * @unsettled: items that are.
 * @lost: the kernel may hold something else than we know.
 * @closing: answers do not matter any more.
 * @next_retry_ms: no item is to be tried before.
 * @next_prune_ms: when to look for what is over.
 * @stats: what it did.
 */
struct recon {
	const char *tunnel;
	unsigned int ifindex;
	u32 owner;
	struct dvpn_chan *chan;
	struct dvpn_handle *handle;
	void *tree;
	unsigned int unsettled;
	bool lost;
	bool closing;
	u64 next_retry_ms;
	u64 next_prune_ms;
	struct recon_stats stats;
};

/* The entry as text, for the log. */
const char *recon_item_str(const struct item *e, char *buf, size_t size);
/* Is an answer or a retry outstanding? */
bool recon_item_unsettled(const struct item *e);
/* Every change of what recon_item_unsettled() looks at goes through here. */
void recon_set_progress(struct item *e, unsigned int outstanding, u64 retry_ms);
/* Frees it. */
void recon_forget(struct item *e);
/* Frees it if it is neither wanted nor there, and nothing is outstanding. */
void recon_drop_if_done(struct item *e);
/* @like has only its key set. NULL: there is none. */
struct item *recon_find(struct recon *r, const struct item *like);
/* NULL: no memory, and @r is lost. */
struct item *recon_find_or_add(struct recon *r, const struct item *like);
/* Is it the same wish, but for the time? */
bool recon_same_map(const struct nhrp_map *a, const struct nhrp_map *b);
/* Of a time that counts from the wish; 0: for ever. */
u64 recon_time_left(const struct item *e, u64 expires_ms);

/* Tries again after a while that grows; @why is shown meanwhile. */
void recon_retry_later(struct item *e, const char *why);
/* Asks the kernel for what is wanted. */
void recon_submit(struct item *e);

#endif /* DVPND_RECON_ITEM_H */
