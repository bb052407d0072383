// SPDX-License-Identifier: GPL-2.0
/*
 * The config file: sections, options, and what must fit together
 *
 *	option = value
 *	ipsec NAME { option = value }
 *	tunnel NAME {
 *		option = value
 *		hub NAME { option = value; option = value }
 *		map ADDRESS { option = value }
 *		identity NAME { option = value another }
 *	}
 *
 * Every error is noted and reading goes on, so that one run shows them all.
 * What values an option takes is in config-option.c.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/config-option.h"
#include "dvpnd/config.h"
#include "dvpnd/lex.h"

static void add_error(struct config_parser *p, unsigned int line, const char *fmt, va_list ap)
{
	char *text = NULL, *full = NULL;

	p->failed = true;
	if (p->errors->nr == CONFIG_ERRORS_MAX)
		return;
	if (p->errors->nr == CONFIG_ERRORS_MAX - 1) {
		if (asprintf(&full, "%s:%u: too many errors, no more are shown", p->file, line) < 0)
			return;
	} else if (vasprintf(&text, fmt, ap) < 0) {
		return;
	} else if (asprintf(&full, "%s:%u: %s", p->file, line, text) < 0) {
		full = NULL;
	}
	free(text);
	if (full)
		p->errors->line[p->errors->nr++] = full;
}

void config_error_at(struct config_parser *p, unsigned int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_error(p, line, fmt, ap);
	va_end(ap);
}

void config_error(struct config_parser *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_error(p, p->lex.line, fmt, ap);
	va_end(ap);
}

void config_error_in(struct config_parser *p, const struct config_place *place,
		     const char *fmt, ...)
{
	const char *file = p->file;
	va_list ap;

	p->file = place->file;
	va_start(ap, fmt);
	add_error(p, place->line, fmt, ap);
	va_end(ap);
	p->file = file;
}

const char *config_place(const struct config_parser *p, const struct config_place *place,
			 char *buf)
{
	if (!strcmp(p->file, place->file))
		snprintf(buf, CONFIG_PLACE_MAX, "line %u", place->line);
	else
		snprintf(buf, CONFIG_PLACE_MAX, "%s:%u", place->file, place->line);
	return buf;
}

bool config_good_name(const char *name)
{
	size_t len = strlen(name);

	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("_.-", *name))
			return false;
	return len && len < CONFIG_NAME_MAX;
}

/* Go behind the end of a line or, if a "{" was there, behind its "}". */
static void skip_statement(struct config_parser *p)
{
	unsigned int depth = 0;

	for (;;) {
		switch (p->lex.token) {
		case LEX_EOF:
			return;
		case LEX_OPEN:
			depth++;
			break;
		case LEX_CLOSE:
			if (!depth)
				return;
			if (!--depth) {
				lex_next(&p->lex);
				return;
			}
			break;
		case LEX_NEWLINE:
			if (!depth)
				return;
			break;
		default:
			break;
		}
		lex_next(&p->lex);
	}
}

static void end_of_statement(struct config_parser *p, const char *after)
{
	switch (p->lex.token) {
	case LEX_NEWLINE:
	case LEX_CLOSE:
	case LEX_EOF:
		return;
	case LEX_BAD:
		config_error(p, "%s", p->lex.error);
		break;
	default:
		config_error(p, "the line should end after %s; a value with blanks needs quotes",
			     after);
	}
	skip_statement(p);
}

static void option_value(struct config_parser *p, const struct config_level *level,
			 const struct config_option *opt)
{
	struct config_place *set_at = &level->set_at[opt - level->section->options];
	char place[CONFIG_PLACE_MAX];
	unsigned int line = p->lex.line;

	if (lex_next(&p->lex) != LEX_WORD) {
		if (p->lex.token == LEX_BAD)
			config_error(p, "%s", p->lex.error);
		else
			config_error_at(p, line, "%s has no value", opt->name);
		skip_statement(p);
		return;
	}
	if (set_at->line)
		config_error(p, "%s was already set in %s", opt->name,
			     config_place(p, set_at, place));
	else
		*set_at = (struct config_place){ p->file, line };
	do {
		opt->type->set(p, opt, p->lex.word, (char *)level->base + opt->offset);
		lex_next(&p->lex);
	} while (opt->type->list && p->lex.token == LEX_WORD);
	end_of_statement(p, "the value");
}

static const struct config_option *find_option(const struct config_section *in, const char *name)
{
	unsigned int i;

	for (i = 0; i < in->nr_options; i++)
		if (!strcmp(in->options[i].name, name))
			return &in->options[i];
	return NULL;
}

static const struct config_section *find_section(const struct config_section *in,
						 const char *name)
{
	unsigned int i;

	for (i = 0; i < in->nr_sections; i++)
		if (!strcmp(in->sections[i]->name, name))
			return in->sections[i];
	return NULL;
}

static const char *suggest(const struct config_section *in, const char *word)
{
	const char *names[CONFIG_OPTIONS_MAX + CONFIG_SECTIONS_MAX];
	size_t n = 0;
	unsigned int i;

	for (i = 0; i < in->nr_options; i++)
		names[n++] = in->options[i].name;
	for (i = 0; i < in->nr_sections; i++)
		names[n++] = in->sections[i]->name;
	return config_suggest(word, names, n);
}

/* What is often looked for here and is an option of dvpn-link(8). */
static bool of_device(const char *word)
{
	static const char *const words[] = {
		"local", "dev", "ttl", "tos", "df", "domain", "fwmark", "ipsec",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

static void report_unknown(struct config_parser *p, const struct config_section *in,
			   unsigned int line, const char *word, bool is_section)
{
	const char *what = is_section ? "section" : "option";
	const char *near = suggest(in, word);

	if (is_section && !strcmp(word, "domain"))
		config_error_at(p, line,
				"section \"domain\" is not there yet; a device's: ip link set DEVICE type dvpn domain ...");
	else if (is_section && !strcmp(word, config_ipsec_section.name))
		config_error_at(p, line, "section \"%s\" does not belong into %s, but beside it",
				word, in->where);
	else if (!strcmp(word, "mtu"))
		config_error_at(p, line, "mtu belongs to the device: ip link set DEVICE mtu ...");
	else if (of_device(word))
		config_error_at(p, line,
				"%s belongs to the device: ip link set DEVICE type dvpn %s ...",
				word, word);
	else if (near)
		config_error_at(p, line, "unknown %s \"%s\" (did you mean \"%s\"?)", what, word,
				near);
	else
		config_error_at(p, line, "unknown %s \"%s\"%s%s", what, word,
				*in->where ? " in " : "", in->where);
}

static void parse_level(struct config_parser *p, const struct config_level *level);

/* The current token is the one behind the name of the section. */
static void read_section(struct config_parser *p, const struct config_level *level,
			 const struct config_section *sec)
{
	struct config_place set_at[CONFIG_OPTIONS_MAX] = { 0 };
	struct config_level inner = { .section = sec, .depth = 1, .set_at = set_at };
	unsigned int line = p->lex.line;

	if (p->lex.token != LEX_WORD) {
		config_error_at(p, line, "\"%s\" has a name: %s", sec->name,
				sec->usage);
		skip_statement(p);
		return;
	}
	inner.errors = p->errors->nr;
	snprintf(inner.title, sizeof(inner.title), "%s", p->lex.word);
	sec->begin(p, level->base, p->lex.word, &inner);
	if (lex_next(&p->lex) != LEX_OPEN) {
		config_error(p, "\"{\" is missing after %s %s", sec->name, inner.title);
		skip_statement(p);
		return;
	}
	lex_next(&p->lex);
	inner.line = line;
	parse_level(p, &inner);
	if (p->lex.token == LEX_CLOSE)
		lex_next(&p->lex);
	else
		config_error(p, "\"}\" is missing for %s %s of line %u", sec->name, inner.title,
			     line);
	sec->end(p, &inner);
	end_of_statement(p, "\"}\"");
}

static void statement(struct config_parser *p, const struct config_level *level)
{
	const struct config_section *sec;
	const struct config_option *opt;
	unsigned int line = p->lex.line;
	char word[LEX_WORD_MAX];

	memcpy(word, p->lex.word, sizeof(word));
	opt = find_option(level->section, word);
	sec = find_section(level->section, word);
	lex_next(&p->lex);
	if (sec && p->lex.token != LEX_EQUAL) {
		read_section(p, level, sec);
		return;
	}
	if (opt && p->lex.token == LEX_EQUAL) {
		option_value(p, level, opt);
		return;
	}
	if (sec)
		config_error_at(p, line, "\"%s\" is a section: %s", word, sec->usage);
	else if (opt)
		config_error_at(p, line, "\"=\" is missing after \"%s\"", word);
	else
		report_unknown(p, level->section, line, word,
			       p->lex.token == LEX_WORD || p->lex.token == LEX_OPEN);
	skip_statement(p);
}

/* Reads up to "}" or the end of the text. */
static void parse_level(struct config_parser *p, const struct config_level *level)
{
	for (;;) {
		switch (p->lex.token) {
		case LEX_EOF:
			return;
		case LEX_CLOSE:
			if (level->depth)
				return;
			config_error(p, "\"}\" without a \"{\" before it");
			lex_next(&p->lex);
			break;
		case LEX_NEWLINE:
			lex_next(&p->lex);
			break;
		case LEX_WORD:
			statement(p, level);
			break;
		case LEX_BAD:
			config_error(p, "%s", p->lex.error);
			skip_statement(p);
			break;
		default:
			config_error(p, "an option or a section is expected here");
			lex_next(&p->lex);
			skip_statement(p);
		}
	}
}

bool config_begin(struct config_parser *p, struct config_errors *errors)
{
	memset(p, 0, sizeof(*p));
	p->errors = errors;
	p->cfg = calloc(1, sizeof(*p->cfg));
	if (!p->cfg)
		return false;
	config_default(p->cfg);
	return true;
}

void config_add(struct config_parser *p, const char *file, const char *text, size_t len)
{
	struct config_level top = {
		.section = &config_top,
		.base = p->cfg,
		.set_at = p->set_at,
	};

	p->file = file;
	lex_begin(&p->lex, text, len);
	parse_level(p, &top);
}

struct config *config_end(struct config_parser *p)
{
	config_forget_keys(p);
	config_tunnel_free(&p->spare_tunnel);
	config_ipsec_check(p);
	if (!p->failed && !p->cfg->nr_tunnels)
		config_error(p, "no tunnel is configured: %s", CONFIG_TUNNEL_USAGE);
	if (!p->failed)
		return p->cfg;
	config_free(p->cfg);
	return NULL;
}

struct config *config_parse(const char *file, const char *text, size_t len,
			    struct config_errors *errors)
{
	struct config_parser p;
	struct config *cfg;

	if (!config_begin(&p, errors))
		return NULL;
	config_add(&p, file, text, len);
	cfg = config_end(&p);
	/* The last word that was read, and what there was no room for. */
	explicit_bzero(&p, sizeof(p));
	return cfg;
}

static bool tunnel_has_secret(const struct nhrp_tunnel_config *core)
{
	unsigned int i;

	for (i = 0; i < core->nr_hubs; i++)
		if (nhrp_auth_mode_of(core, &core->hubs[i]) != NHRP_AUTH_NONE)
			return true;
	return core->auth != NHRP_AUTH_NONE;
}

bool config_has_secret(const struct config *cfg)
{
	unsigned int i;

	for (i = 0; i < cfg->nr_tunnels; i++)
		if (tunnel_has_secret(&cfg->tunnels[i].core))
			return true;
	return false;
}

int config_tunnel_copy(struct config_tunnel *to, const struct config_tunnel *from)
{
	*to = *from;
	if (!nhrp_identities_copy(&to->core.identities, from->core.identities))
		return 0;
	explicit_bzero(to, sizeof(*to));
	return -ENOMEM;
}

void config_tunnel_free(struct config_tunnel *tun)
{
	nhrp_identities_free(tun->core.identities);
	explicit_bzero(tun, sizeof(*tun));
}

/* A secret must not stay behind in freed memory. */
void config_wipe_tunnels(struct config *cfg)
{
	if (cfg->tunnels)
		explicit_bzero(cfg->tunnels, cfg->nr_tunnels * sizeof(*cfg->tunnels));
	free(cfg->tunnels);
}

void config_free(struct config *cfg)
{
	unsigned int i;

	if (!cfg)
		return;
	for (i = 0; i < cfg->nr_tunnels; i++)
		config_tunnel_free(&cfg->tunnels[i]);
	config_wipe_tunnels(cfg);
	config_ipsec_free(cfg);
	free(cfg);
}

void config_errors_free(struct config_errors *errors)
{
	while (errors->nr)
		free(errors->line[--errors->nr]);
}

const struct config_tunnel *config_find(const struct config *cfg, const char *name)
{
	unsigned int i;

	for (i = 0; i < cfg->nr_tunnels; i++)
		if (!strcmp(cfg->tunnels[i].name, name))
			return &cfg->tunnels[i];
	return NULL;
}
