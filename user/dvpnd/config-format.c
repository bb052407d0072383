// SPDX-License-Identifier: GPL-2.0
/* The config file: from checked values to text */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/config-option.h"

static void write_indent(FILE *out, unsigned int depth)
{
	while (depth--)
		fputc('\t', out);
}

/* As the lexer reads it back. */
static void write_word(FILE *out, const char *word)
{
	if (*word && !strpbrk(word, " \t{}=;#\"")) {
		fputs(word, out);
		return;
	}
	fputc('"', out);
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			fputc('\\', out);
		fputc(*word, out);
	}
	fputc('"', out);
}

static void write_options(FILE *out, const struct config_section *sec, const void *item,
			  const void *unset, unsigned int depth)
{
	const struct config_option *opt;
	char value[CONFIG_VALUE_MAX];

	for (opt = sec->options; opt < sec->options + sec->nr_options; opt++) {
		if (config_option_equal(opt, item, unset) ||
		    !config_option_format(opt, item, value))
			continue;
		write_indent(out, depth);
		fprintf(out, "%s%s = ", opt->type->secret ? "# " : "", opt->name);
		if (opt->type->list)
			fputs(value, out);
		else
			write_word(out, value);
		fputc('\n', out);
	}
}

static void write_kind(FILE *out, const struct config_section *sec, const void *outer,
		       unsigned int depth);

/* All sections in the one at @base. */
static void write_sections(FILE *out, const struct config_section *outer, const void *base,
			   unsigned int depth)
{
	unsigned int i;

	for (i = 0; i < outer->nr_sections; i++)
		write_kind(out, outer->sections[i], base, depth);
}

static void write_kind(FILE *out, const struct config_section *sec, const void *outer,
		       unsigned int depth)
{
	union config_item unset;
	char title[LEX_WORD_MAX];
	const void *item;
	unsigned int i;

	for (i = 0; (item = sec->item(outer, &i, title)); i++) {
		write_indent(out, depth);
		fprintf(out, "%s ", sec->name);
		write_word(out, title);
		fputs(" {\n", out);
		sec->unset(outer, i, &unset);
		write_options(out, sec, item, &unset, depth + 1);
		write_sections(out, sec, item, depth + 1);
		write_indent(out, depth);
		fputs("}\n", out);
	}
}

char *config_format(const struct config *cfg)
{
	struct config unset = { 0 };
	char *text = NULL;
	size_t len;
	FILE *out;

	out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	config_default(&unset);
	write_options(out, &config_top, cfg, &unset, 0);
	write_sections(out, &config_top, cfg, 0);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}
