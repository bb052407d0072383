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
#define CONFIG_VALUE_MAX	768	/* bytes of a value as text, NUL included */
#define CONFIG_KEY_UNIT		"(id of a key)"
#define CONFIG_TUNNEL_USAGE	"tunnel NAME { ... }"

/**
 * union config_item - what a section is read into
 * @tunnel: section "tunnel".
 * @ipsec: section "ipsec".
 * @hub: section "hub".
 * @map: section "map".
 * @key: section "key".
 * @identity: section "identity".
 */
union config_item {
	struct config_tunnel tunnel;
	struct config_ipsec ipsec;
	struct nhrp_hub hub;
	struct nhrp_static map;
	struct nhrp_key key;
	struct nhrp_identity identity;
};

/**
 * struct config_key - a section "key" of the tunnel that is being read
 * @key: what it says.
 * @line: where it is.
 * @taken: it belongs to an identity.
 */
struct config_key {
	struct nhrp_key key;
	unsigned int line;
	bool taken;
};

/**
 * struct config_place - where something is
 * @file: name of the file.
 * @line: line in it, 0: nowhere yet.
 */
struct config_place {
	const char *file;
	unsigned int line;
};

#define CONFIG_PLACE_MAX	256	/* bytes of a place in words */

/**
 * struct config_parser - a run of the parser
 * @lex: where it is.
 * @file: name of the file, for messages.
 * @cfg: what is made.
 * @errors: what is wrong.
 * @failed: something is wrong.
 * @set_at: where the options outside of sections were set.
 * @tunnels: where the tunnels of @cfg begin.
 * @certificates: where the certificate and that of the CA are named in each section "ipsec".
 * @keys: sections "key" of the present tunnel.
 * @nr_keys: number of @keys.
 * @room_keys: keys there is memory for.
 * @key_at: for each id the place of the first key with it in @keys, + 1; NULL: no keys.
 * @spare: takes the options of a section that there is no room for.
 * @spare_tunnel: that of a tunnel.
 */
struct config_parser {
	struct lexer lex;
	const char *file;
	struct config *cfg;
	struct config_errors *errors;
	bool failed;
	struct config_place set_at[CONFIG_OPTIONS_MAX];
	struct config_place tunnels[CONFIG_TUNNELS_MAX];
	struct config_place certificates[CONFIG_IPSECS_MAX][2];
	struct config_key *keys;
	unsigned int nr_keys;
	unsigned int room_keys;
	u32 *key_at;
	union config_item spare;
	struct config_tunnel spare_tunnel;
};

struct config_option;

/**
 * struct config_type - a type of options
 * @size: bytes that are compared, 0: a string.
 * @equal: compares instead, or NULL.
 * @secret: the value is not for anybody's eyes.
 * @list: there may be several words, for each of which @set is called.
 * @set: check @value and store it at @where; note an error otherwise.
 * @format: write the value at @where as @set reads it, a secret as "***"; false: it is
 *	not set and has no value.
 */
struct config_type {
	size_t size;
	bool (*equal)(const void *a, const void *b);
	bool secret;
	bool list;
	void (*set)(struct config_parser *p, const struct config_option *opt, const char *value,
		    void *where);
	bool (*format)(const struct config_option *opt, const void *where, char *buf,
		       size_t size);
};

/**
 * struct config_option - an option
 * @name: name.
 * @type: how it is read, written and compared.
 * @offset: of its value in the struct that its section is read into.
 * @min: smallest number.
 * @max: largest number, or size of a string's buffer.
 * @unit: unit or word for messages; or words of a choice, separated by "|".
 */
struct config_option {
	const char *name;
	const struct config_type *type;
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
 * @where: words for messages, empty for the top.
 * @options: its options.
 * @nr_options: their number.
 * @sections: sections that may be in it.
 * @nr_sections: their number.
 * @begin: set the base of @inner for a section named @title; must always do so.
 * @end: check what it got.
 * @item: of those in @outer, once that has been read, the one with number @i, or with the
 *	next one that there is, to which @i is set, and its title, which has room for
 *	LEX_WORD_MAX bytes; NULL: there are no more.
 * @find: the one in @outer that @item gives this title; NULL: there is none.
 * @unset: what number @i would be if none of its options were set.
 */
struct config_section {
	const char *name;
	const char *usage;
	const char *where;
	const struct config_option *options;
	unsigned int nr_options;
	const struct config_section *const *sections;
	unsigned int nr_sections;
	void (*begin)(struct config_parser *p, void *outer, const char *title,
		      struct config_level *inner);
	void (*end)(struct config_parser *p, const struct config_level *inner);
	const void *(*item)(const void *outer, unsigned int *i, char *title);
	const void *(*find)(const void *outer, const char *title);
	void (*unset)(const void *outer, unsigned int i, union config_item *unset);
};

/**
 * struct config_level - a section that is being read, or the top
 * @section: its kind.
 * @depth: 0 for the top.
 * @line: where it starts.
 * @errors: errors noted before it.
 * @title: its name.
 * @base: struct that the options go to.
 * @set_at: where each option was set.
 */
struct config_level {
	const struct config_section *section;
	unsigned int depth;
	unsigned int line;
	unsigned int errors;
	char title[LEX_WORD_MAX];
	void *base;
	struct config_place *set_at;
};

/* Note an error in the current line, or in line @line. */
void config_error(struct config_parser *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void config_error_at(struct config_parser *p, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* In that place of a file that was read before. */
void config_error_in(struct config_parser *p, const struct config_place *place,
		     const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* "line 3", or "FILE:3" if that is not the file being read; @buf has CONFIG_PLACE_MAX bytes. */
const char *config_place(const struct config_parser *p, const struct config_place *place,
			 char *buf);

/* Start with the defaults, add what files say, and see whether that is a config. */
bool config_begin(struct config_parser *p, struct config_errors *errors);
void config_add(struct config_parser *p, const char *file, const char *text, size_t len);
struct config *config_end(struct config_parser *p);

extern const struct config_type config_u8, config_u16, config_u32, config_interval;
extern const struct config_type config_choice, config_either, config_bool, config_phase;
/* of a peer: enum nhrp_switch, without a value as its tunnel */
extern const struct config_type config_switch;
extern const struct config_type config_log_level, config_string, config_ike_id, config_path;
extern const struct config_type config_password, config_addr, config_hub_at;
extern const struct config_type config_key_id, config_secret;
/* config-list.c: keys of a hub, of an identity (secrets come later), prefixes, a hub's auth */
extern const struct config_type config_hub_keys, config_identity_keys, config_prefixes;
extern const struct config_type config_hub_auth;

/* Is it the same in both? @a and @b are what its section was read into. */
bool config_option_equal(const struct config_option *opt, const void *a, const void *b);

/* Write its value, CONFIG_VALUE_MAX bytes at most; false: it has none. */
bool config_option_format(const struct config_option *opt, const void *base, char *buf);

/* The whole file, and the one kind of section that is in it. */
extern const struct config_section config_top;
extern const struct config_section *const config_tunnel_section;

/* Give back the memory of the tunnels of a config, which have been moved elsewhere. */
void config_wipe_tunnels(struct config *cfg);

/* An error of the whole tunnel that ends here: where it began, and which it is */
#define tunnel_error(p, inner, fmt, ...) \
	config_error_at(p, (inner)->line, "tunnel %s: " fmt, (inner)->title, ##__VA_ARGS__)

/* Was that option set in this section? */
bool config_was_set(const struct config_level *level, const char *name);

/* config-identity.c: sections "key" and "identity" of a tunnel */
extern const struct config_section config_key_section, config_identity_section;

/* At the end of a tunnel: whose the keys are, and whether all that are named are there. */
void config_end_keys(struct config_parser *p, const struct config_level *inner,
		     struct config_tunnel *tun);
/* Forget the keys that were read. */
void config_forget_keys(struct config_parser *p);

/* config-ipsec.c: section "ipsec" of the file */
extern const struct config_section config_ipsec_section;

/* Read the files that sections "ipsec" name; what cannot be read is an error. */
void config_ipsec_read(struct config_parser *p);
/* Do the tunnels and the sections that they have as their profile fit each other? */
void config_ipsec_check(struct config_parser *p);
void config_ipsec_free(struct config *cfg);

/* A name for people, in messages: 1 to CONFIG_NAME_MAX - 1 letters, digits, "_.-" */
bool config_good_name(const char *name);

/* What an empty file says. */
void config_default(struct config *cfg);

/*
 * What it costs to change an option (to @to, if it has a value then) or, with @option NULL,
 * to take out the section; NULL: nothing.
 */
const char *config_cost(const struct config_section *sec, const char *option, const char *to);

#endif /* DVPND_CONFIG_OPTION_H */
