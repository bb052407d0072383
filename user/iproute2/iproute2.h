/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a plugin of ip(8) needs of it. iproute2 installs no headers; this is the
 * interface as it has been since its release 5.19, found at run time in the
 * program that loads the plugin.
 */
#ifndef DVPN_IPROUTE2_H
#define DVPN_IPROUTE2_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

/**
 * struct link_util - what ip knows of a kind of device
 * @next: ip's list
 * @id: the kind
 * @maxattr: largest type in IFLA_INFO_DATA
 * @parse_opt: turns the words after "type KIND" into attributes; not 0: refused
 * @print_opt: prints the attributes; they are NULL if the kernel gave none
 * @print_xstats: prints IFLA_INFO_XSTATS
 * @print_help: prints all options
 * @parse_ifla_xstats: for "ip link xstats"
 * @print_ifla_xstats: for "ip link xstats"
 */
struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	int (*parse_opt)(struct link_util *lu, int argc, char **argv, struct nlmsghdr *n);
	void (*print_opt)(struct link_util *lu, FILE *f, struct rtattr *tb[]);
	void (*print_xstats)(struct link_util *lu, FILE *f, struct rtattr *xstats);
	void (*print_help)(struct link_util *lu, int argc, char **argv, FILE *f);
	int (*parse_ifla_xstats)(struct link_util *lu, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *n, void *arg);
};

/* ip reads the members by their places. */
static_assert(offsetof(struct link_util, id) == sizeof(void *), "id");
static_assert(offsetof(struct link_util, maxattr) == 2 * sizeof(void *), "maxattr");
static_assert(offsetof(struct link_util, parse_opt) == 3 * sizeof(void *), "parse_opt");
static_assert(offsetof(struct link_util, print_opt) == 4 * sizeof(void *), "print_opt");
static_assert(offsetof(struct link_util, print_xstats) == 5 * sizeof(void *), "print_xstats");
static_assert(offsetof(struct link_util, print_help) == 6 * sizeof(void *), "print_help");
static_assert(sizeof(struct link_util) == 9 * sizeof(void *), "struct link_util");

/* Bytes that ip's request buffer has for attributes. */
#define IP_REQUEST_MAX	1024

/* Where a value goes: into the text, into JSON, into whichever is wanted. */
enum output_type {
	PRINT_FP = 1,
	PRINT_JSON = 2,
	PRINT_ANY = 4,
};

enum color_attr {
	COLOR_IFNAME,
	COLOR_MAC,
	COLOR_INET,
	COLOR_INET6,
	COLOR_OPERSTATE_UP,
	COLOR_OPERSTATE_DOWN,
	COLOR_NONE,
};

int addattr_l(struct nlmsghdr *n, int maxlen, int type, const void *data, int alen);
/* The name of a device, or "ifN". */
const char *ll_index_to_name(unsigned int ifindex);
bool is_json_context(void);
void open_json_object(const char *key);
void close_json_object(void);
void print_nl(void);
int print_color_string(enum output_type t, enum color_attr color, const char *key,
		       const char *fmt, const char *value);
int print_color_uint(enum output_type t, enum color_attr color, const char *key, const char *fmt,
		     unsigned int value);
int print_color_u64(enum output_type t, enum color_attr color, const char *key, const char *fmt,
		    uint64_t value);
int print_color_bool(enum output_type t, enum color_attr color, const char *key, const char *fmt,
		     bool value);

#endif /* DVPN_IPROUTE2_H */
