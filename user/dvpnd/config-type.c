// SPDX-License-Identifier: GPL-2.0
/* The config file: types of options, how each is read and written */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "dvpnd/config-option.h"

/* Every refusal of a value reads alike: "option = value: what it must be". */
#define bad_value(p, opt, value, fmt, ...) \
	config_error(p, "%s = %s: " fmt, (opt)->name, value, ##__VA_ARGS__)

/* A decimal number without sign; "0x" for marks is fine too. */
static bool parse_number(struct config_parser *p, const struct config_option *opt,
			 const char *value, unsigned long *out)
{
	char *end;

	errno = 0;
	*out = strtoul(value, &end, value[0] == '0' && value[1] == 'x' ? 16 : 10);
	if (value[0] >= '0' && value[0] <= '9' && !*end && !errno && *out >= opt->min &&
	    *out <= opt->max)
		return true;
	bad_value(p, opt, value, "must be a number from %lu to %lu%s%s", opt->min, opt->max,
		  *opt->unit ? " " : "", opt->unit);
	return false;
}

/* Numbers are u8, u16 or u32, by the size of their type. */
static void store_number(const struct config_option *opt, void *where, unsigned long n)
{
	switch (opt->type->size) {
	case sizeof(u8):
		*(u8 *)where = n;
		break;
	case sizeof(u16):
		*(u16 *)where = n;
		break;
	case sizeof(u32):
		*(u32 *)where = n;
		break;
	}
}

static unsigned int load_number(const struct config_option *opt, const void *where)
{
	switch (opt->type->size) {
	case sizeof(u8):
		return *(const u8 *)where;
	case sizeof(u16):
		return *(const u16 *)where;
	}
	return *(const u32 *)where;
}

static void set_number(struct config_parser *p, const struct config_option *opt, const char *value,
		       void *where)
{
	unsigned long n;

	if (parse_number(p, opt, value, &n))
		store_number(opt, where, n);
}

static bool format_number(const struct config_option *opt, const void *where,
			  char *buf, size_t size)
{
	snprintf(buf, size, "%u", load_number(opt, where));
	return true;
}

const struct config_type config_u8 = {
	.size = sizeof(u8),
	.set = set_number,
	.format = format_number,
};

const struct config_type config_u16 = {
	.size = sizeof(u16),
	.set = set_number,
	.format = format_number,
};

const struct config_type config_u32 = {
	.size = sizeof(u32),
	.set = set_number,
	.format = format_number,
};

/* 0 is "off", else as a number. */
static void set_interval(struct config_parser *p, const struct config_option *opt,
			 const char *value, void *where)
{
	if (!strcmp(value, "off") || !strcmp(value, "0"))
		store_number(opt, where, 0);
	else
		set_number(p, opt, value, where);
}

static bool format_interval(const struct config_option *opt, const void *where,
			    char *buf, size_t size)
{
	if (load_number(opt, where))
		return format_number(opt, where, buf, size);
	snprintf(buf, size, "off");
	return true;
}

const struct config_type config_interval = {
	.size = sizeof(u16),
	.set = set_interval,
	.format = format_interval,
};

/* Index of @value in @words ("a|b|c"), or -1. */
static int word_index(const char *words, const char *value)
{
	size_t len = strlen(value);
	int i = 0;

	while (len) {
		if (!strncmp(words, value, len) && (!words[len] || words[len] == '|'))
			return i;
		words = strchr(words, '|');
		if (!words)
			break;
		words++;
		i++;
	}
	return -1;
}

static const char *spell_choice(const char *words, char *buf, size_t size)
{
	const char *last = strrchr(words, '|');
	size_t n = 0;

	for (; *words && n + 5 < size; words++) {
		if (words == last)
			n += snprintf(buf + n, size - n, " or ");
		else if (*words == '|')
			n += snprintf(buf + n, size - n, ", ");
		else
			buf[n++] = *words;
	}
	buf[n] = 0;
	return buf;
}

/* @opt->unit holds the words, the values are their indices. */
static void set_choice(struct config_parser *p, const struct config_option *opt,
		       const char *value, void *where)
{
	int i = word_index(opt->unit, value);
	char words[80];

	if (i >= 0)
		*(int *)where = i;
	else
		bad_value(p, opt, value, "must be %s",
			  spell_choice(opt->unit, words, sizeof(words)));
}

/* The word of index @i in @words. */
static void format_word(const char *words, unsigned int i, char *buf, size_t size)
{
	while (i--)
		words = strchr(words, '|') + 1;
	snprintf(buf, size, "%.*s", (int)strcspn(words, "|"), words);
}

static bool format_choice(const struct config_option *opt, const void *where,
			  char *buf, size_t size)
{
	format_word(opt->unit, *(const int *)where, buf, size);
	return true;
}

const struct config_type config_choice = {
	.size = sizeof(int),
	.set = set_choice,
	.format = format_choice,
};

/* The second of two words is true. */
static void set_either(struct config_parser *p, const struct config_option *opt,
		       const char *value, void *where)
{
	int i = -1;

	set_choice(p, opt, value, &i);
	if (i >= 0)
		*(bool *)where = i;
}

static bool format_either(const struct config_option *opt, const void *where,
			  char *buf, size_t size)
{
	format_word(opt->unit, *(const bool *)where, buf, size);
	return true;
}

const struct config_type config_either = {
	.size = sizeof(bool),
	.set = set_either,
	.format = format_either,
};

static void set_log_level(struct config_parser *p, const struct config_option *opt,
			  const char *value, void *where)
{
	int i = -1;

	set_choice(p, opt, value, &i);
	if (i >= 0)
		*(int *)where = LOG_ERR + i;
}

static bool format_log_level(const struct config_option *opt, const void *where,
			     char *buf, size_t size)
{
	format_word(opt->unit, *(const int *)where - LOG_ERR, buf, size);
	return true;
}

const struct config_type config_log_level = {
	.size = sizeof(int),
	.set = set_log_level,
	.format = format_log_level,
};

static void set_bool(struct config_parser *p, const struct config_option *opt, const char *value,
		     void *where)
{
	int i = word_index("no|yes|off|on|false|true", value);

	if (i < 0)
		bad_value(p, opt, value, "must be yes or no");
	else
		*(bool *)where = i & 1;
}

static bool format_bool(const struct config_option *opt, const void *where,
			char *buf, size_t size)
{
	(void)opt;
	snprintf(buf, size, "%s", *(const bool *)where ? "yes" : "no");
	return true;
}

const struct config_type config_bool = {
	.size = sizeof(bool),
	.set = set_bool,
	.format = format_bool,
};

static void set_switch(struct config_parser *p, const struct config_option *opt, const char *value,
		       void *where)
{
	enum nhrp_switch *on = where;
	bool yes = *on == NHRP_ON;

	set_bool(p, opt, value, &yes);
	*on = yes ? NHRP_ON : NHRP_OFF;
}

static bool format_switch(const struct config_option *opt, const void *where, char *buf,
			  size_t size)
{
	const enum nhrp_switch *on = where;
	bool yes = *on == NHRP_ON;

	return *on != NHRP_AS_TUNNEL && format_bool(opt, &yes, buf, size);
}

const struct config_type config_switch = {
	.size = sizeof(enum nhrp_switch),
	.set = set_switch,
	.format = format_switch,
};

static void set_string(struct config_parser *p, const struct config_option *opt,
		       const char *value, void *where)
{
	if (strlen(value) >= opt->max)
		bad_value(p, opt, value, "longer than %lu characters", opt->max - 1);
	else
		memcpy(where, value, strlen(value) + 1);
}

static bool format_string(const struct config_option *opt, const void *where,
			  char *buf, size_t size)
{
	(void)opt;
	snprintf(buf, size, "%s", (const char *)where);
	return true;
}

const struct config_type config_string = {
	.set = set_string,
	.format = format_string,
};

/* As the IKE daemon tells it: nothing else can be equal to that. */
static void set_ike_id(struct config_parser *p, const struct config_option *opt,
		       const char *value, void *where)
{
	const char *c;

	for (c = value; *c >= ' ' && *c <= '~'; c++)
		;
	if (!*value || *c)
		bad_value(p, opt, value,
			  "must be an identity as \"dvpnctl show sas\" has it, in printable characters");
	else if (strchr(value, '*'))
		bad_value(p, opt, value, "is compared as it is: \"*\" stands for nothing else");
	else
		set_string(p, opt, value, where);
}

const struct config_type config_ike_id = {
	.set = set_ike_id,
	.format = format_string,
};

static void set_path(struct config_parser *p, const struct config_option *opt, const char *value,
		     void *where)
{
	if (value[0] != '/')
		bad_value(p, opt, value, "must be a path that starts with \"/\"");
	else
		set_string(p, opt, value, where);
}

const struct config_type config_path = {
	.set = set_path,
	.format = format_string,
};

static void set_password(struct config_parser *p, const struct config_option *opt,
			 const char *value, void *where)
{
	if (!*value || strlen(value) > NHRP_PASSWORD_MAX)	/* not shown: it is a secret */
		config_error(p, "%s must have 1 to %d characters", opt->name, NHRP_PASSWORD_MAX);
	else
		memcpy(where, value, strlen(value) + 1);
}

/* What is not written cannot be shown. */
static bool format_password(const struct config_option *opt, const void *where,
			    char *buf, size_t size)
{
	(void)opt;
	snprintf(buf, size, "***");
	return *(const char *)where;
}

const struct config_type config_password = {
	.secret = true,
	.set = set_password,
	.format = format_password,
};

/* 0 is none. */
static bool format_key_id(const struct config_option *opt, const void *where,
			  char *buf, size_t size)
{
	return format_number(opt, where, buf, size) && load_number(opt, where);
}

/* Who takes it for the place of the secret must not find that in the journal. */
static void set_key_id(struct config_parser *p, const struct config_option *opt,
		       const char *value, void *where)
{
	if (strspn(value, "0123456789") == strlen(value) && strlen(value) <= strlen("65535"))
		set_number(p, opt, value, where);
	else
		config_error(p, "%s: must be a number from %lu to %lu %s, not a secret",
			     opt->name, opt->min, opt->max, opt->unit);
}

const struct config_type config_key_id = {
	.size = sizeof(u16),
	.set = set_key_id,
	.format = format_key_id,
};

/* Return: the number of octets, 0 if that is no pair of digits after another. */
static size_t parse_hex(const char *hex, u8 *octets, size_t most)
{
	size_t i, n = strlen(hex) / 2;

	if (strlen(hex) % 2 || n > most || strspn(hex, "0123456789abcdefABCDEF") != 2 * n)
		return 0;
	for (i = 0; i < n; i++) {
		char digits[] = { hex[2 * i], hex[2 * i + 1], 0 };

		octets[i] = strtoul(digits, NULL, 16);
	}
	return n;
}

/* "hex:" and digits, or the characters themselves. Not shown: it is a secret. */
static void set_secret(struct config_parser *p, const struct config_option *opt,
		       const char *value, void *where)
{
	struct nhrp_secret secret = { 0 };
	bool hex = !strncmp(value, "hex:", 4);
	size_t len = strlen(value);

	if (hex)
		len = parse_hex(value + 4, secret.octet, NHRP_SECRET_MAX);
	else if (len <= NHRP_SECRET_MAX)
		memcpy(secret.octet, value, len);
	secret.len = len;
	if (len >= NHRP_SECRET_MIN && len <= NHRP_SECRET_MAX)
		memcpy(where, &secret, sizeof(secret));
	else if (hex)
		config_error(p, "%s must have an even number of hexadecimal digits, %d to %d",
			     opt->name, 2 * NHRP_SECRET_MIN, 2 * NHRP_SECRET_MAX);
	else
		config_error(p, "%s must have %d to %d characters", opt->name, NHRP_SECRET_MIN,
			     NHRP_SECRET_MAX);
	explicit_bzero(&secret, sizeof(secret));
}

static bool format_secret(const struct config_option *opt, const void *where,
			  char *buf, size_t size)
{
	(void)opt;
	snprintf(buf, size, "***");
	return ((const struct nhrp_secret *)where)->len;
}

const struct config_type config_secret = {
	.size = sizeof(struct nhrp_secret),
	.secret = true,
	.set = set_secret,
	.format = format_secret,
};

static const char *why_not_unicast(const struct nhrp_addr *a)
{
	if (nhrp_addr_is_any(a))
		return "the unspecified address";
	if (nhrp_addr_is_multicast(a))
		return "a multicast address";
	if (nhrp_addr_is_loopback(a))
		return "a loopback address";
	if (!nhrp_addr_is_unicast(a))
		return "a broadcast or reserved address";
	return NULL;
}

static void set_addr(struct config_parser *p, const struct config_option *opt, const char *value,
		     void *where)
{
	struct nhrp_addr a;
	const char *why;

	if (nhrp_addr_parse(&a, value)) {
		bad_value(p, opt, value, "not an IPv4 or IPv6 address (names are not looked up)");
		return;
	}
	why = why_not_unicast(&a);
	if (why)
		bad_value(p, opt, value, "%s cannot be a %s", why, opt->unit);
	else
		*(struct nhrp_addr *)where = a;
}

static bool format_addr(const struct config_option *opt, const void *where,
			char *buf, size_t size)
{
	(void)opt;
	nhrp_addr_format(where, buf, size);
	return !nhrp_addr_none(where);
}

const struct config_type config_addr = {
	.size = sizeof(struct nhrp_addr),
	.set = set_addr,
	.format = format_addr,
};

static bool is_label(const char *label, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)label[i]) && !strchr("-_", label[i]))
			return false;
	return len && len < 64 && *label != '-' && label[len - 1] != '-';
}

/* As RFC 1123 has it, and "_". Digits at the end are an address that is misspelt. */
static bool is_dns_name(const char *name)
{
	size_t len = strcspn(name, ".");

	if (strlen(name) >= NHRP_HUB_NAME_MAX || !is_label(name, len))
		return false;
	while (name[len] && name[len + 1]) {
		name += len + 1;
		len = strcspn(name, ".");
		if (!is_label(name, len))
			return false;
	}
	return strspn(name, "0123456789") < len;
}

static void set_hub_at(struct config_parser *p, const struct config_option *opt,
		       const char *value, void *where)
{
	struct nhrp_hub *hub = where;
	struct nhrp_addr a;

	if (!nhrp_addr_parse(&a, value))
		set_addr(p, opt, value, &hub->peer.nbma);
	else if (is_dns_name(value))
		memcpy(hub->name, value, strlen(value) + 1);
	else
		bad_value(p, opt, value, "neither an IPv4 or IPv6 address nor a DNS name");
}

static bool format_hub_at(const struct config_option *opt, const void *where,
			  char *buf, size_t size)
{
	const struct nhrp_hub *hub = where;

	if (!*hub->name)
		return format_addr(opt, &hub->peer.nbma, buf, size);
	snprintf(buf, size, "%s", hub->name);
	return true;
}

static bool equal_hub_at(const void *a, const void *b)
{
	const struct nhrp_hub *x = a, *y = b;

	/* Where a hub is that has a name is not configured. */
	return !strcasecmp(x->name, y->name) &&
	       (*x->name || nhrp_addr_eq(&x->peer.nbma, &y->peer.nbma));
}

const struct config_type config_hub_at = {
	.equal = equal_hub_at,
	.set = set_hub_at,
	.format = format_hub_at,
};

static void set_phase(struct config_parser *p, const struct config_option *opt,
		      const char *value, void *where)
{
	int i = word_index("1|2|3", value);

	if (i < 0)
		bad_value(p, opt, value, "must be 1, 2 or 3");
	else
		*(u8 *)where = i + 1;
}

const struct config_type config_phase = {
	.size = sizeof(u8),
	.set = set_phase,
	.format = format_number,
};

bool config_option_equal(const struct config_option *opt, const void *a, const void *b)
{
	const char *x = (const char *)a + opt->offset;
	const char *y = (const char *)b + opt->offset;

	if (opt->type->equal)
		return opt->type->equal(x, y);
	return opt->type->size ? !memcmp(x, y, opt->type->size) : !strcmp(x, y);
}

bool config_option_format(const struct config_option *opt, const void *base, char *buf)
{
	return opt->type->format(opt, (const char *)base + opt->offset, buf, CONFIG_VALUE_MAX);
}
