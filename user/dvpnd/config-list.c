// SPDX-License-Identifier: GPL-2.0
/* The config file: types of options that have several values, or need none */
#include <stdio.h>
#include <string.h>

#include "dvpnd/config-option.h"

/* ----- ids of keys: the type's size is how far the places of two are apart ----- */

#define KEY_IDS_MAX	2

_Static_assert(NHRP_HUB_KEYS_MAX == KEY_IDS_MAX && NHRP_IDENTITY_KEYS_MAX == KEY_IDS_MAX,
	       "KEY_IDS_MAX");

/* A key begins with its id. */
_Static_assert(!offsetof(struct nhrp_key, id), "struct nhrp_key");

static u16 *id_at(const struct config_option *opt, const void *where, unsigned int i)
{
	return (u16 *)((char *)where + i * opt->type->size);
}

static void set_key_ids(struct config_parser *p, const struct config_option *opt,
			const char *value, void *where)
{
	struct config_option one = *opt;
	unsigned int i;
	u16 id = 0;

	one.type = &config_key_id;
	one.type->set(p, &one, value, &id);
	for (i = 0; i < KEY_IDS_MAX; i++) {
		if (id && *id_at(opt, where, i) == id) {
			config_error(p, "%s: %u is there twice", opt->name, id);
			return;
		}
		if (*id_at(opt, where, i))
			continue;
		*id_at(opt, where, i) = id;
		return;
	}
	config_error(p, "%s: more than %d keys", opt->name, KEY_IDS_MAX);
}

static bool format_key_ids(const struct config_option *opt, const void *where, char *buf,
			   size_t size)
{
	unsigned int i;
	int n = 0;

	for (i = 0; i < KEY_IDS_MAX && *id_at(opt, where, i); i++)
		n += snprintf(buf + n, size - n, "%s%u", i ? " " : "", *id_at(opt, where, i));
	return n;
}

static bool equal_hub_keys(const void *a, const void *b)
{
	return !memcmp(a, b, KEY_IDS_MAX * sizeof(u16));
}

static bool equal_identity_keys(const void *a, const void *b)
{
	const struct nhrp_key *x = a, *y = b;

	return x[0].id == y[0].id && x[1].id == y[1].id;
}

const struct config_type config_hub_keys = {
	.size = sizeof(u16),
	.list = true,
	.equal = equal_hub_keys,
	.set = set_key_ids,
	.format = format_key_ids,
};

const struct config_type config_identity_keys = {
	.size = sizeof(struct nhrp_key),
	.list = true,
	.equal = equal_identity_keys,
	.set = set_key_ids,
	.format = format_key_ids,
};

/* ----- prefixes ----- */

static void set_prefix(struct config_parser *p, const struct config_option *opt,
		       const char *value, void *where)
{
	struct nhrp_prefixes *list = where;
	struct nhrp_prefix prefix, masked;

	if (nhrp_prefix_parse(&prefix, value)) {
		config_error(p, "%s = %s: not an address or a prefix, ADDRESS/BITS", opt->name,
			     value);
		return;
	}
	masked = prefix;
	nhrp_prefix_mask(&masked);
	if (nhrp_prefix_cmp(&masked, &prefix))
		config_error(p, "%s = %s: bits are set that are not in the prefix", opt->name,
			     value);
	else if (list->nr == NHRP_PREFIXES_MAX)
		config_error(p, "%s: more than %d prefixes", opt->name, NHRP_PREFIXES_MAX);
	else
		list->prefix[list->nr++] = prefix;
}

static bool format_prefixes(const struct config_option *opt, const void *where, char *buf,
			    size_t size)
{
	const struct nhrp_prefixes *list = where;
	char text[NHRP_PREFIX_STRLEN];
	unsigned int i;
	size_t n = 0;

	(void)opt;
	for (i = 0; i < list->nr && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s", i ? " " : "",
			      nhrp_prefix_format(&list->prefix[i], text, sizeof(text)));
	return list->nr;
}

static bool equal_prefixes(const void *a, const void *b)
{
	const struct nhrp_prefixes *x = a, *y = b;
	unsigned int i;

	for (i = 0; i < x->nr && x->nr == y->nr; i++)
		if (nhrp_prefix_cmp(&x->prefix[i], &y->prefix[i]))
			return false;
	return x->nr == y->nr;
}

const struct config_type config_prefixes = {
	.list = true,
	.equal = equal_prefixes,
	.set = set_prefix,
	.format = format_prefixes,
};

/* ----- authentication of a hub: a choice, or nothing is said of it ----- */

static void set_hub_auth(struct config_parser *p, const struct config_option *opt,
			 const char *value, void *where)
{
	struct nhrp_hub_auth *auth = where;
	int mode = auth->mode;

	config_choice.set(p, opt, value, &mode);
	auth->mode = mode;
	auth->own = true;
}

static bool format_hub_auth(const struct config_option *opt, const void *where, char *buf,
			    size_t size)
{
	const struct nhrp_hub_auth *auth = where;
	int mode = auth->mode;

	return auth->own && config_choice.format(opt, &mode, buf, size);
}

static bool equal_hub_auth(const void *a, const void *b)
{
	const struct nhrp_hub_auth *x = a, *y = b;

	return x->own == y->own && x->mode == y->mode;
}

const struct config_type config_hub_auth = {
	.equal = equal_hub_auth,
	.set = set_hub_auth,
	.format = format_hub_auth,
};
