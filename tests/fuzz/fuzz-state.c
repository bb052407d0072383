// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing target: the bindings file of dvpnd. Either all of it or a reason why not, and
 * what was read, written and read again is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "dvpnd/bindings.h"
#include "fuzz.h"

#define NOW_S 1700000000

struct list {
	struct nhrp_binding_info *b;
	unsigned int nr;
};

static void add(void *ctx, const struct nhrp_binding_info *b)
{
	struct list *l = ctx;

	l->b = reallocarray(l->b, l->nr + 1, sizeof(*b));
	if (!l->b)
		abort();
	l->b[l->nr++] = *b;
}

static char *write_list(const struct list *l, size_t *len)
{
	unsigned int i;
	char *text;
	FILE *f = open_memstream(&text, len);

	if (!f)
		abort();
	bindings_put_first(f, NOW_S);
	for (i = 0; i < l->nr; i++)
		bindings_put(f, &l->b[i], NOW_S);
	bindings_put_last(f, l->nr);
	fclose(f);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct list first = { 0 }, second = { 0 };
	struct bindings_error e;
	size_t len;
	char *text;

	if (bindings_parse((const char *)data, size, NOW_S, add, &first, &e)) {
		if (!e.why || first.nr)
			abort();
		return 0;
	}
	text = write_list(&first, &len);
	if (bindings_parse(text, len, NOW_S, add, &second, &e) || first.nr != second.nr)
		abort();
	if (first.nr && memcmp(first.b, second.b, first.nr * sizeof(*first.b)))
		abort();
	free(text);
	free(first.b);
	free(second.b);
	return 0;
}
