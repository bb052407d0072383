// SPDX-License-Identifier: GPL-2.0
/*
 * icprof - QEMU plugin: how many instructions the guest executed, by block of code
 *
 *	qemu-system-x86_64 ... -plugin icprof.so,out=FILE
 *
 * FILE gets a line "ADDRESS INSTRUCTIONS" for each block, in hexadecimal and decimal.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define N_HEADS	0x40000

EXPORT int qemu_plugin_version = 1;

/**
 * struct block - a translated block
 * @addr: where it starts
 * @count: instructions executed in it
 * @next: with the same hash
 */
struct block {
	uint64_t addr;
	uint64_t count;
	struct block *next;
};

static struct block *heads[N_HEADS];
static char *out;

/* A block is translated again when the cache was flushed. */
static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t addr = qemu_plugin_tb_vaddr(tb);
	struct block **head = &heads[(addr ^ addr >> 18) % N_HEADS];
	struct block *block;

	(void)id;
	for (block = *head; block && block->addr != addr; block = block->next)
		;
	if (!block) {
		block = calloc(1, sizeof(*block));
		if (!block)
			abort();
		block->addr = addr;
		block->next = *head;
		*head = block;
	}
	qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &block->count,
						 qemu_plugin_tb_n_insns(tb));
}

static void ended(qemu_plugin_id_t id, void *arg)
{
	FILE *file = fopen(out, "w");
	const struct block *block;
	unsigned int i;

	(void)id;
	(void)arg;
	if (!file) {
		perror(out);
		return;
	}
	for (i = 0; i < N_HEADS; i++)
		for (block = heads[i]; block; block = block->next)
			fprintf(file, "%llx %llu\n", (unsigned long long)block->addr,
				(unsigned long long)block->count);
	fclose(file);
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	int i;

	(void)info;
	for (i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			out = strdup(argv[i] + 4);
	if (!out)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
