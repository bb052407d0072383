/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash table with intrusive nodes, walked in order of insertion. The hash is
 * the caller's and must be keyed: what is hashed comes from the network.
 */
#ifndef NHRP_TABLE_H
#define NHRP_TABLE_H

#include <stddef.h>

#include "nhrp/types.h"

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

/**
 * struct nhrp_node - a member of a table; a zeroed one is in none
 * @hash: its keyed hash
 * @chain: next in the bucket
 * @next: next in order of insertion
 * @prev: previous in that order
 * @in: is in a table
 */
struct nhrp_node {
	u64 hash;
	struct nhrp_node *chain;
	struct nhrp_node *next;
	struct nhrp_node *prev;
	bool in;
};

/**
 * struct nhrp_table - the table; a zeroed one is empty
 * @bucket: chains, @size of them (a power of two) or NULL
 * @size: number of buckets
 * @count: number of members
 * @first: oldest member
 * @last: newest member
 */
struct nhrp_table {
	struct nhrp_node **bucket;
	size_t size;
	size_t count;
	struct nhrp_node *first;
	struct nhrp_node *last;
};

/**
 * nhrp_table_add - add a node
 * @table: table
 * @node: not in a table
 * @hash: keyed hash of its key
 *
 * Return: 0 or -ENOMEM.
 */
int nhrp_table_add(struct nhrp_table *table, struct nhrp_node *node, u64 hash);

/**
 * nhrp_table_del - take a node out; nothing if it is in no table
 * @table: its table
 * @node: node
 */
void nhrp_table_del(struct nhrp_table *table, struct nhrp_node *node);

/**
 * nhrp_table_chain - first node that may have a hash
 * @table: table
 * @hash: keyed hash
 *
 * The caller follows @chain and compares keys.
 */
struct nhrp_node *nhrp_table_chain(const struct nhrp_table *table, u64 hash);

/**
 * nhrp_table_free - free the buckets of a table that is empty
 * @table: table
 */
void nhrp_table_free(struct nhrp_table *table);

/* Walk in order of insertion; the body may delete the current node only. */
#define nhrp_table_for_each(node, tmp, table)				\
	for ((node) = (table)->first;					\
	     (node) && ((tmp) = (node)->next, true);			\
	     (node) = (tmp))

#endif
