// SPDX-License-Identifier: GPL-2.0
/*
 * What a person reads: safe strings, durations, and tables whose columns align
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnctl/text.h"

#define WORD_MAX_LEN	32

struct text_table {
	const struct text_column *columns;
	size_t n_columns;
	char **cells;
	size_t n_cells;
	size_t room;
};

static void *must(void *p)
{
	if (!p) {
		fputs("dvpnctl: out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return p;
}

void text_safe(char *dst, size_t size, const char *src)
{
	size_t used = 0;

	for (; *src; src++) {
		unsigned char c = *src;
		char one[5];
		size_t len;

		len = snprintf(one, sizeof(one),
			       c < 0x20 || c > 0x7e ? "\\x%02x" : "%c", c);
		if (used + len >= size)
			break;
		memcpy(dst + used, one, len);
		used += len;
	}
	dst[used] = '\0';
}

char *text_duration(char *dst, uint64_t ms)
{
	uint64_t s = ms / 1000;
	const size_t size = TEXT_DURATION_MAX;

	if (ms < 10000)
		snprintf(dst, size, "%" PRIu64 ".%us", s,
			 (unsigned int)(ms % 1000 / 100));
	else if (s < 60)
		snprintf(dst, size, "%" PRIu64 "s", s);
	else if (s < 3600)
		snprintf(dst, size, "%" PRIu64 "m%02us", s / 60,
			 (unsigned int)(s % 60));
	else if (s < 86400)
		snprintf(dst, size, "%" PRIu64 "h%02um", s / 3600,
			 (unsigned int)(s % 3600 / 60));
	else if (s < 86400 * UINT64_C(100000))
		snprintf(dst, size, "%" PRIu64 "d%02uh", s / 86400,
			 (unsigned int)(s % 86400 / 3600));
	else
		snprintf(dst, size, "ages");
	return dst;
}

struct text_table *text_table_new(const struct text_column *columns, size_t n)
{
	struct text_table *table = must(calloc(1, sizeof(*table)));

	table->columns = columns;
	table->n_columns = n;
	return table;
}

void text_table_add(struct text_table *table, const char *fmt, ...)
{
	char raw[TEXT_CELL_MAX], safe[TEXT_CELL_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	text_safe(safe, sizeof(safe), raw);

	if (table->n_cells == table->room) {
		table->room = table->room ? 2 * table->room : 64;
		table->cells = must(reallocarray(table->cells, table->room,
						 sizeof(*table->cells)));
	}
	table->cells[table->n_cells++] = must(strdup(*safe ? safe : "-"));
}

bool text_table_empty(const struct text_table *table)
{
	return table->n_cells < table->n_columns;
}

static size_t column_width(const struct text_table *table, size_t column)
{
	size_t width = 0, i;

	for (i = column; i < table->n_cells; i += table->n_columns) {
		const char *cell = table->cells[i];

		if (strcmp(cell, "-") && strlen(cell) > width)
			width = strlen(cell);
	}
	if (width && width < strlen(table->columns[column].head))
		width = strlen(table->columns[column].head);
	return width;
}

static void print_row(const struct text_table *table, const size_t *widths,
		      char *const *cells, FILE *out)
{
	size_t pending = 0, column;
	bool first = true;

	for (column = 0; column < table->n_columns; column++) {
		const char *cell = cells ? cells[column] :
				   table->columns[column].head;
		size_t len = strlen(cell), left = 0;

		if (!widths[column])
			continue;
		if (table->columns[column].right)
			left = widths[column] - len;
		/* Padding is held back so that no line ends in blanks. */
		fprintf(out, "%*s%s", (int)(pending + left + (first ? 0 : 2)),
			"", cell);
		pending = widths[column] - len - left;
		first = false;
	}
	fputc('\n', out);
}

void text_table_print(const struct text_table *table, FILE *out)
{
	size_t *widths = must(calloc(table->n_columns, sizeof(*widths)));
	size_t i;

	for (i = 0; i < table->n_columns; i++)
		widths[i] = column_width(table, i);
	print_row(table, widths, NULL, out);
	for (i = 0; i + table->n_columns <= table->n_cells;
	     i += table->n_columns)
		print_row(table, widths, &table->cells[i], out);
	free(widths);
}

void text_table_free(struct text_table *table)
{
	size_t i;

	if (!table)
		return;
	for (i = 0; i < table->n_cells; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

/* Levenshtein distance where swapping two neighbours counts as one error. */
static size_t distance(const char *a, const char *b)
{
	size_t d[WORD_MAX_LEN + 1][WORD_MAX_LEN + 1];
	size_t la = strlen(a), lb = strlen(b), i, j;

	if (la > WORD_MAX_LEN || lb > WORD_MAX_LEN)
		return SIZE_MAX;
	for (i = 0; i <= la; i++)
		d[i][0] = i;
	for (j = 0; j <= lb; j++)
		d[0][j] = j;
	for (i = 1; i <= la; i++) {
		for (j = 1; j <= lb; j++) {
			size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[la][lb];
}

const char *text_suggest(const char *word, const char *const *candidates)
{
	size_t len = strlen(word), limit = len > 5 ? 2 : 1, best = SIZE_MAX;
	const char *found = NULL;

	for (; *candidates; candidates++) {
		size_t d = distance(word, *candidates);

		/* An abbreviation, or a word with something at its end. */
		if (len >= 2 && (!strncmp(word, *candidates, len) ||
				 !strncmp(word, *candidates,
					  strlen(*candidates))))
			d = 0;
		if (d <= limit && d < best) {
			best = d;
			found = *candidates;
		}
	}
	return found;
}
