// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "nhrp/table.h"

#define TABLE_MIN	16

static int grow(struct nhrp_table *table)
{
	size_t size = table->size ? table->size * 2 : TABLE_MIN;
	struct nhrp_node **bucket = calloc(size, sizeof(*bucket));
	struct nhrp_node *node;

	if (!bucket)
		return -ENOMEM;
	for (node = table->first; node; node = node->next) {
		node->chain = bucket[node->hash & (size - 1)];
		bucket[node->hash & (size - 1)] = node;
	}
	free(table->bucket);
	table->bucket = bucket;
	table->size = size;
	return 0;
}

int nhrp_table_add(struct nhrp_table *table, struct nhrp_node *node, u64 hash)
{
	struct nhrp_node **head;

	/* A table that cannot grow any more still works, only slower. */
	if (table->count >= table->size && grow(table) && !table->size)
		return -ENOMEM;
	node->hash = hash;
	head = &table->bucket[hash & (table->size - 1)];
	node->chain = *head;
	*head = node;
	node->next = NULL;
	node->prev = table->last;
	if (table->last)
		table->last->next = node;
	else
		table->first = node;
	table->last = node;
	node->in = true;
	table->count++;
	return 0;
}

void nhrp_table_del(struct nhrp_table *table, struct nhrp_node *node)
{
	struct nhrp_node **p;

	if (!node->in)
		return;
	p = &table->bucket[node->hash & (table->size - 1)];
	while (*p != node)
		p = &(*p)->chain;
	*p = node->chain;
	if (node->prev)
		node->prev->next = node->next;
	else
		table->first = node->next;
	if (node->next)
		node->next->prev = node->prev;
	else
		table->last = node->prev;
	node->in = false;
	table->count--;
}

struct nhrp_node *nhrp_table_chain(const struct nhrp_table *table, u64 hash)
{
	return table->size ? table->bucket[hash & (table->size - 1)] : NULL;
}

void nhrp_table_free(struct nhrp_table *table)
{
	free(table->bucket);
	table->bucket = NULL;
	table->size = 0;
}
