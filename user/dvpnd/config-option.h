/* SPDX-License-Identifier: GPL-2.0 */
/* The config file: what the parser and the tables of options share */
#ifndef DVPND_CONFIG_OPTION_H
#define DVPND_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "dvpnd/config.h"
#include "dvpnd/lex.h"

#define CONFIG_OPTIONS_MAX	32	/* options of a level */
#define CONFIG_SECTIONS_MAX	4	/* kinds of sections in a level */
#define CONFIG_TUNNEL_USAGE	"tunnel NAME { ... }"

/**
 * struct config_parser - a run of the parser
 * @lex: where it is.
 * @file: name of the file, for messages.
 * @cfg: what is made.
 * @errors: what is wrong.
 * @failed: something is wrong.
 * @spare: takes the options of a section that there is no room for.
 */
struct config_parser {
	struct lexer lex;
	const char *file;
	struct config *cfg;
	struct config_errors *errors;
	bool failed;
	union {
		struct config_tunnel tunnel;
		struct nhrp_hub hub;
		struct nhrp_static map;
	} spare;
};

/**
 * struct config_option - an option
 * @name: name.
 * @set: check @value and store it at @where; note an error otherwise.
 * @offset: of @where from the level's base.
 * @min: smallest number.
 * @max: largest number, or size of a string's buffer.
 * @unit: unit or word for messages; or words of a choice, separated by "|".
 */
struct config_option {
	const char *name;
	void (*set)(struct config_parser *p, const struct config_option *opt, const char *value,
		    void *where);
	size_t offset;
	unsigned long min;
	unsigned long max;
	const char *unit;
};

struct config_level;

/**
 * struct config_section - a kind of section
 * @name: its keyword.
 * @usage: how to write one.
 * @begin: fill in @inner for a section named @title; must always do so.
 * @end: check what it got.
 */
struct config_section {
	const char *name;
	const char *usage;
	void (*begin)(struct config_parser *p, void *outer, const char *title,
		      struct config_level *inner);
	void (*end)(struct config_parser *p, const struct config_level *inner);
};

/**
 * struct config_level - a section that is being read, or the top
 * @depth: 0 for the top.
 * @line: where it starts.
 * @errors: errors noted before it.
 * @where: words for messages, empty for the top.
 * @title: its name.
 * @base: struct that the options go to.
 * @outer: struct of the level around it.
 * @options: its options.
 * @nr_options: their number.
 * @sections: sections that may be in it.
 * @nr_sections: their number.
 * @lines: where each option was set, 0: not yet.
 */
struct config_level {
	unsigned int depth;
	unsigned int line;
	unsigned int errors;
	const char *where;
	char title[LEX_WORD_MAX];
	void *base;
	void *outer;
	const struct config_option *options;
	unsigned int nr_options;
	const struct config_section *sections;
	unsigned int nr_sections;
	unsigned int *lines;
};

/* Note an error in the current line, or in line @line. */
void config_error(struct config_parser *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void config_error_at(struct config_parser *p, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Set the defaults and make @top the level of the whole file. */
void config_top_begin(struct config_parser *p, struct config_level *top);

#endif /* DVPND_CONFIG_OPTION_H */
