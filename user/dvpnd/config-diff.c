// SPDX-License-Identifier: GPL-2.0
/* The config file: what differs between two, option by option */
#include <stdio.h>
#include <string.h>

#include "dvpnd/config-option.h"

/**
 * struct diff - a comparison
 * @tunnel: in whose section we are, NULL: in none.
 * @path: what the names of options begin with.
 * @fn: told of every difference, or NULL.
 * @ctx: for @fn.
 * @nr: number of differences.
 */
struct diff {
	const char *tunnel;
	char path[LEX_WORD_MAX + 16];
	void (*fn)(const struct config_difference *diff, void *ctx);
	void *ctx;
	unsigned int nr;
};

static void report(struct diff *diff, const struct config_section *sec,
		   const struct config_option *opt, const void *from, const void *to)
{
	char path[2 * LEX_WORD_MAX], from_text[CONFIG_VALUE_MAX], to_text[CONFIG_VALUE_MAX];
	struct config_difference found = { .tunnel = diff->tunnel, .path = path };

	diff->nr++;
	if (!diff->fn)
		return;
	snprintf(path, sizeof(path), "%s%s", diff->path, opt->name);
	if (from && config_option_format(opt, from, from_text))
		found.from = from_text;
	if (to && config_option_format(opt, to, to_text))
		found.to = to_text;
	if (from)
		found.cost = config_cost(sec, to ? opt->name : NULL, found.to);
	diff->fn(&found, diff->ctx);
}

/* Either section may be missing; @unset is there then and says what does not count. */
static void diff_options(struct diff *diff, const struct config_section *sec, const void *from,
			 const void *to, const union config_item *unset)
{
	const struct config_option *opt;

	for (opt = sec->options; opt < sec->options + sec->nr_options; opt++)
		if (!config_option_equal(opt, from ? from : (const void *)unset,
					 to ? to : (const void *)unset))
			report(diff, sec, opt, from, to);
}

static void diff_sections(struct diff *diff, const struct config_section *outer,
			  const void *from, const void *to);

static void diff_section(struct diff *diff, const struct config_section *sec, const char *title,
			 const void *from, const void *to, const union config_item *unset)
{
	if (sec == config_tunnel_section)
		diff->tunnel = title;
	else
		snprintf(diff->path, sizeof(diff->path), "%s %s.", sec->name, title);
	diff_options(diff, sec, from, to, unset);
	diff_sections(diff, sec, from, to);
	if (sec == config_tunnel_section)
		diff->tunnel = NULL;
	diff->path[0] = 0;
}

/* Sections of one kind: those of @from first, then those that only @to has. */
static void diff_kind(struct diff *diff, const struct config_section *sec, const void *from,
		      const void *to)
{
	union config_item unset;
	char title[LEX_WORD_MAX];
	const void *item, *other;
	unsigned int i;

	for (i = 0; from && (item = sec->item(from, &i, title)); i++) {
		other = to ? sec->find(to, title) : NULL;
		if (!other)
			sec->unset(from, i, &unset);
		diff_section(diff, sec, title, item, other, &unset);
	}
	for (i = 0; to && (item = sec->item(to, &i, title)); i++) {
		if (from && sec->find(from, title))
			continue;
		sec->unset(to, i, &unset);
		diff_section(diff, sec, title, NULL, item, &unset);
	}
}

static void diff_sections(struct diff *diff, const struct config_section *outer,
			  const void *from, const void *to)
{
	unsigned int i;

	for (i = 0; i < outer->nr_sections; i++)
		diff_kind(diff, outer->sections[i], from, to);
}

unsigned int config_diff(const struct config *from, const struct config *to,
			 void (*fn)(const struct config_difference *diff, void *ctx), void *ctx)
{
	struct diff diff = { .fn = fn, .ctx = ctx };

	diff_options(&diff, &config_top, from, to, NULL);
	diff_sections(&diff, &config_top, from, to);
	return diff.nr;
}

bool config_tunnel_differs(const struct config_tunnel *a, const struct config_tunnel *b)
{
	struct diff diff = { 0 };

	diff_section(&diff, config_tunnel_section, a->name, a, b, NULL);
	return diff.nr;
}
