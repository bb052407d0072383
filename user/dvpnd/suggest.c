// SPDX-License-Identifier: GPL-2.0
/* "Did you mean ...?" */
#include <string.h>

#include "dvpnd/config.h"

#define SUGGEST_MAX 31

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * Insertions, deletions, replacements and swaps of neighbours that make one
 * word of the other (the restricted Damerau-Levenshtein distance).
 */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int d[SUGGEST_MAX + 1][SUGGEST_MAX + 1];
	size_t la = strlen(a), lb = strlen(b), i, j;

	if (la > SUGGEST_MAX || lb > SUGGEST_MAX)
		return SUGGEST_MAX;
	for (i = 0; i <= la; i++)
		d[i][0] = i;
	for (j = 0; j <= lb; j++)
		d[0][j] = j;
	for (i = 1; i <= la; i++) {
		for (j = 1; j <= lb; j++) {
			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
				       d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i][j] > d[i - 2][j - 2] + 1)
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[la][lb];
}

const char *config_suggest(const char *word, const char *const *names, size_t nr)
{
	unsigned int limit = strlen(word) < 4 ? 1 : strlen(word) < 9 ? 2 : 3;
	unsigned int best = limit + 1;
	const char *found = NULL;
	size_t i;

	for (i = 0; i < nr; i++) {
		unsigned int d = distance(word, names[i]);

		if (d < best) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
