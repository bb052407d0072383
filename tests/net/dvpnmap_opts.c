// SPDX-License-Identifier: GPL-2.0
/* The words of dvpnmap's command line. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnmap.h"

void die(const char *fmt, ...)
{
	va_list ap;

	fputs("dvpnmap: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

u64 parse_number(const char *word)
{
	unsigned long long value;
	char *end;

	if (!word)
		die("a number is missing");
	errno = 0;
	value = strtoull(word, &end, 0);
	if (errno || end == word || *end)
		die("\"%s\" is no number", word);
	return value;
}

void parse_addr(const char *word, struct dvpn_addr *addr)
{
	if (!word)
		die("an address is missing");
	if (dvpn_addr_parse(word, addr))
		die("\"%s\" is no address", word);
}

void parse_proto(const char *word, struct dvpn_map *map)
{
	struct dvpn_addr addr;
	unsigned int ifindex = map->ifindex;
	char *copy, *slash;

	if (!word)
		die("a protocol address is missing");
	if (!strncmp(word, "id=", 3)) {
		map->has = DVPN_MAP_HAS_ID;
		map->id = parse_number(word + 3);
		return;
	}
	copy = strdup(word);
	if (!copy)
		die("out of memory");
	slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	parse_addr(copy, &addr);
	dvpn_map_init(map, ifindex, &addr);
	if (slash)
		map->prefixlen = parse_number(slash + 1);
	free(copy);
}

unsigned int parse_hex(const char *hex, u8 *bytes, unsigned int size)
{
	unsigned int n, byte;

	if (!hex)
		die("hexadecimal digits are missing");
	for (n = 0; hex[2 * n]; n++)
		if (n == size || sscanf(hex + 2 * n, "%2x", &byte) != 1)
			die("\"%s\" is not so many bytes in hexadecimal", hex);
		else
			bytes[n] = byte;
	return n;
}

static void set_flag(u32 *flags, u32 *mask, u32 bit, bool on)
{
	*mask |= bit;
	*flags = on ? *flags | bit : *flags & ~bit;
}

/* Words without a value: flags of both kinds, "no-" clears. */
static bool parse_flag(struct opts *opts, const char *word)
{
	bool on = strncmp(word, "no-", 3);
	char name[32];
	unsigned int i;
	int bit;

	snprintf(name, sizeof(name), "%s", on ? word : word + 3);
	for (i = 0; name[i]; i++)
		if (name[i] == '-')
			name[i] = '_';

	bit = dvpn_name_value(DVPN_NAMES_MAP_FLAG, name);
	if (bit > 0) {
		opts->map.has |= DVPN_MAP_HAS_FLAGS;
		set_flag(&opts->map.flags, &opts->map.flags_mask, bit, on);
		return true;
	}
	bit = dvpn_name_value(DVPN_NAMES_PEER_FLAG, name);
	if (bit > 0) {
		opts->peer.has |= DVPN_PEER_HAS_FLAGS;
		set_flag(&opts->peer.flags, &opts->peer.flags_mask, bit, on);
		return true;
	}
	return false;
}

/* Part of a peer's key. */
static bool parse_key(struct dvpn_peer_key *key, const char *word, const char *value)
{
	if (!strcmp(word, "nbma"))
		parse_addr(value, &key->nbma);
	else if (!strcmp(word, "encap"))
		key->encap = dvpn_name_value(DVPN_NAMES_ENCAP, value);
	else if (!strcmp(word, "port"))
		key->port = htons(parse_number(value));
	else if (!strcmp(word, "mark"))
		key->mark = parse_number(value);
	else if (!strcmp(word, "if-id"))
		key->xfrm_if_id = parse_number(value);
	else
		return false;
	return true;
}

static bool parse_entry(struct opts *opts, const char *word, const char *value)
{
	struct dvpn_map *map = &opts->map;
	struct dvpn_peer *peer = &opts->peer;

	if (!strcmp(word, "nhs")) {
		map->has |= DVPN_MAP_HAS_FLAGS | DVPN_MAP_HAS_PREFERENCE;
		set_flag(&map->flags, &map->flags_mask, DVPN_MAP_F_NHS, true);
		map->preference = parse_number(value);
	} else if (!strcmp(word, "expires")) {
		map->has |= DVPN_MAP_HAS_EXPIRES;
		peer->has |= DVPN_PEER_HAS_EXPIRES;
		map->expires_ms = parse_number(value);
		peer->expires_ms = map->expires_ms;
	} else if (!strcmp(word, "owner")) {
		map->has |= DVPN_MAP_HAS_OWNER;
		peer->has |= DVPN_PEER_HAS_OWNER;
		map->owner = parse_number(value);
		peer->owner = map->owner;
	} else if (!strcmp(word, "cookie")) {
		map->has |= DVPN_MAP_HAS_COOKIE;
		peer->has |= DVPN_PEER_HAS_COOKIE;
		map->cookie.len = parse_hex(value, map->cookie.bytes, DVPN_COOKIE_MAX);
		peer->cookie = map->cookie;
	} else if (!strcmp(word, "mark-mask")) {
		peer->has |= DVPN_PEER_HAS_MARK_MASK;
		peer->mark_mask = parse_number(value);
	} else if (!strcmp(word, "mtu")) {
		peer->has |= DVPN_PEER_HAS_MTU;
		peer->mtu = parse_number(value);
	} else if (!strcmp(word, "mtu-advertised")) {
		peer->has |= DVPN_PEER_HAS_MTU_ADVERTISED;
		peer->mtu_advertised = parse_number(value);
	} else if (!strcmp(word, "mss")) {
		peer->has |= DVPN_PEER_HAS_MSS;
		peer->mss = parse_number(value);
	} else if (!strcmp(word, "keepalive")) {
		peer->has |= DVPN_PEER_HAS_KEEPALIVE;
		peer->keepalive_s = parse_number(value);
	} else {
		return false;
	}
	return true;
}

static bool parse_match(struct dvpn_match *match, const char *word, const char *value)
{
	if (!strcmp(word, "match-owner")) {
		match->has |= DVPN_MATCH_HAS_OWNER;
		match->owner = parse_number(value);
	} else if (!strcmp(word, "match-id")) {
		match->has |= DVPN_MATCH_HAS_ID;
		match->id = parse_number(value);
	} else if (!strcmp(word, "not-owner")) {
		match->has |= DVPN_MATCH_HAS_NOT_OWNER;
		match->not_owner = parse_number(value);
	} else {
		return false;
	}
	return true;
}

static bool parse_agent(struct opts *opts, const char *word, const char *value)
{
	if (!strcmp(word, "class"))
		opts->classes = dvpn_name_value(DVPN_NAMES_AGENT, value);
	else if (!strcmp(word, "rcvbuf"))
		opts->rcvbuf = parse_number(value);
	else if (!strcmp(word, "local"))
		parse_addr(value, &opts->local);
	else
		return false;
	return true;
}

void parse_opts(struct opts *opts, char **words)
{
	for (; *words; words++) {
		if (!strcmp(words[0], "replace")) {
			opts->replace = true;
			continue;
		}
		if (strcmp(words[0], "nhs") && parse_flag(opts, words[0]))
			continue;
		if (!words[1])
			die("\"%s\" is not understood, or lacks a value", words[0]);
		if (!parse_key(&opts->peer.key, words[0], words[1]) &&
		    !parse_entry(opts, words[0], words[1]) &&
		    !parse_match(&opts->match, words[0], words[1]) &&
		    !parse_agent(opts, words[0], words[1]))
			die("\"%s\" is not understood", words[0]);
		words++;
	}
	if (opts->peer.key.nbma.family) {
		opts->peer.has |= DVPN_PEER_HAS_KEY;
		opts->map.has |= DVPN_MAP_HAS_PEER;
		opts->map.peer = opts->peer.key;
	}
}
