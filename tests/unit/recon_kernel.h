/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel that is played for the reconciler: a table of one mapping and one peer,
 * answers when the test wants them, a clock that the test sets
 */
#ifndef RECON_KERNEL_H
#define RECON_KERNEL_H

#include "dvpnd/recon.h"

#define MOST	4096
#define OWNER	7

/**
 * struct kernel - the kernel that is played
 * @now_ms: its clock
 * @answers: who waits for an answer, and what it is
 * @n: of them
 * @map: the mapping that is there
 * @has_map: there is one
 * @news: calls of dvpn_map_new()
 * @replaces: calls of dvpn_map_replace()
 * @sets: calls of dvpn_map_set()
 * @dels: calls of dvpn_map_del()
 * @peer: the peer that is there. There may be others, of which nothing is known
 * @has_peer: there is one
 * @explicit: it was made for its own sake, and stays without the mapping
 * @flushes: calls of dvpn_chan_flush()
 */
struct kernel {
	u64 now_ms;
	struct {
		dvpn_ack_fn fn;
		void *ctx;
		int err;
	} answers[MOST];
	unsigned int n;
	struct dvpn_map map;
	bool has_map;
	unsigned int news;
	unsigned int replaces;
	unsigned int sets;
	unsigned int dels;
	struct dvpn_peer peer;
	bool has_peer;
	bool explicit;
	unsigned int flushes;
};

extern struct kernel kernel;

/* Every request gets its answer, in their order. */
void answer_all(void);
/* An empty kernel, and a reconciler for it that writes as OWNER. */
struct recon *setup(void);
/* What the tests want to be there. */
struct nhrp_map a_map(u64 expires_ms);
/* A peer is wanted, of @n another one each. */
void set_peer(struct recon *r, unsigned int n, u64 expires_ms);

#endif
