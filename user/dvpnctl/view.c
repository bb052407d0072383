// SPDX-License-Identifier: GPL-2.0
/*
 * Replies of dvpnd as tables for people
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnctl/drops.h"
#include "dvpnctl/text.h"
#include "dvpnctl/view.h"
#include "nhrp/types.h"

#define COLUMNS_MAX	16

/**
 * struct column - where the content of a column comes from
 * @text: heading and alignment.
 * @cell: adds the cell of one entry.
 * @member: name of the member @cell looks at.
 */
struct column {
	struct text_column text;
	void (*cell)(struct text_table *table, json_t *entry,
		     const char *member);
	const char *member;
};

struct view {
	const char *what;
	const char *none;
	const struct column *columns;
	size_t n_columns;
};

static const char *string_of(json_t *entry, const char *member)
{
	const char *s = json_string_value(json_object_get(entry, member));

	return s ? s : "";
}

static void cell_string(struct text_table *table, json_t *entry,
			const char *member)
{
	text_table_add(table, "%s", string_of(entry, member));
}

static void cell_number(struct text_table *table, json_t *entry,
			const char *member)
{
	json_t *value = json_object_get(entry, member);

	if (json_is_integer(value))
		text_table_add(table, "%" JSON_INTEGER_FORMAT,
			       json_integer_value(value));
	else
		text_table_add(table, "%s", "");
}

static void duration_or(struct text_table *table, json_t *value,
			const char *absent)
{
	char text[TEXT_DURATION_MAX];

	if (json_is_integer(value) && json_integer_value(value) >= 0)
		text_table_add(table, "%s",
			       text_duration(text, json_integer_value(value)));
	else
		text_table_add(table, "%s", absent);
}

static void cell_duration(struct text_table *table, json_t *entry,
			  const char *member)
{
	duration_or(table, json_object_get(entry, member), "");
}

static void cell_left(struct text_table *table, json_t *entry,
		      const char *member)
{
	duration_or(table, json_object_get(entry, member), "never");
}

static void cell_yes(struct text_table *table, json_t *entry,
		     const char *member)
{
	text_table_add(table, "%s", json_is_true(json_object_get(entry,
								 member)) ?
		       "yes" : "");
}

static void add_list(struct text_table *table, json_t *list,
		     const char *but_prefix)
{
	char text[TEXT_CELL_MAX] = "";
	size_t used = 0, i;
	json_t *item;

	json_array_foreach(list, i, item) {
		const char *s = json_string_value(item);

		if (!s || used + 1 + strlen(s) >= sizeof(text))
			continue;
		if (but_prefix && !strncmp(s, but_prefix, strlen(but_prefix)))
			continue;
		used += sprintf(text + used, "%s%s", used ? "," : "", s);
	}
	text_table_add(table, "%s", text);
}

static void cell_list(struct text_table *table, json_t *entry,
		      const char *member)
{
	add_list(table, json_object_get(entry, member), NULL);
}

/* Every device has a link-local address: of no interest in a summary. */
static void cell_addresses(struct text_table *table, json_t *entry,
			   const char *member)
{
	add_list(table, json_object_get(entry, member), "fe80:");
}

void view_write_prefix(char *text, size_t size, json_t *entry,
		       const char *member)
{
	const char *address = string_of(entry, member);
	json_t *len = json_object_get(entry, "prefix_length");
	json_int_t full = strchr(address, ':') ? 128 : 32;

	if (*address && json_is_integer(len) && json_integer_value(len) != full)
		snprintf(text, size, "%s/%" JSON_INTEGER_FORMAT, address,
			 json_integer_value(len));
	else
		snprintf(text, size, "%s", address);
}

static void cell_prefix(struct text_table *table, json_t *entry,
			const char *member)
{
	char text[TEXT_CELL_MAX];

	view_write_prefix(text, sizeof(text), entry, member);
	text_table_add(table, "%s", text);
}

void view_write_peer(char *text, size_t size, json_t *peer)
{
	const char *nbma = string_of(peer, "nbma");
	json_int_t mark, if_id;
	char extra[64] = "";
	size_t used = 0;

	mark = json_integer_value(json_object_get(peer, "mark"));
	if_id = json_integer_value(json_object_get(peer, "if_id"));
	if (mark)
		used += snprintf(extra, sizeof(extra), " mark 0x%llx",
				 (unsigned long long)mark);
	if (if_id)
		snprintf(extra + used, sizeof(extra) - used,
			 " if_id %" JSON_INTEGER_FORMAT, if_id);
	if (!strcmp(string_of(peer, "encap"), "udp"))
		snprintf(text, size,
			 strchr(nbma, ':') ?
			 "udp [%s]:%" JSON_INTEGER_FORMAT "%s" :
			 "udp %s:%" JSON_INTEGER_FORMAT "%s", nbma,
			 json_integer_value(json_object_get(peer, "port")),
			 extra);
	else
		snprintf(text, size, "%s%s", nbma, extra);
}

static void cell_peer(struct text_table *table, json_t *entry,
		      const char *member)
{
	char text[TEXT_CELL_MAX];

	view_write_peer(text, sizeof(text), json_object_get(entry, member));
	text_table_add(table, "%s", text);
}

static void cell_counter(struct text_table *table, json_t *entry,
			 const char *member)
{
	cell_number(table, json_object_get(entry, "counters"), member);
}

/* "1/2": registered with one of two hubs */
static void cell_hubs(struct text_table *table, json_t *entry,
		      const char *member)
{
	json_t *hubs = json_object_get(entry, member);

	if (json_integer_value(hubs) <= 0)
		text_table_add(table, "%s", "");
	else
		text_table_add(table,
			       "%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
			       json_integer_value(json_object_get(entry,
								  "hubs_registered")),
			       json_integer_value(hubs));
}

static const struct column map_columns[] = {
	{ { "TUNNEL", false }, cell_string, "tunnel" },
	{ { "PROTOCOL", false }, cell_prefix, "protocol" },
	{ { "NBMA", false }, cell_peer, "peer" },
	{ { "TYPE", false }, cell_string, "type" },
	{ { "STATE", false }, cell_string, "state" },
	{ { "AGE", true }, cell_duration, "age_ms" },
	{ { "LEFT", true }, cell_left, "expires_ms" },
	{ { "IDLE", true }, cell_duration, "idle_ms" },
	{ { "IDENTITY", false }, cell_string, "identity" },
	{ { "FLAGS", false }, cell_list, "flags" },
	{ { "REASON", false }, cell_string, "reason" },
};

static const struct column peer_columns[] = {
	{ { "TUNNEL", false }, cell_string, "tunnel" },
	{ { "NBMA", false }, cell_peer, "peer" },
	{ { "KIND", false }, cell_string, "kind" },
	{ { "MAPS", true }, cell_number, "maps" },
	{ { "AGE", true }, cell_duration, "age_ms" },
	{ { "LEFT", true }, cell_duration, "expires_ms" },
	{ { "LAST-RX", true }, cell_duration, "rx_idle_ms" },
	{ { "TX", true }, cell_counter, "tx_packets" },
	{ { "RX", true }, cell_counter, "rx_packets" },
	{ { "PMTU", true }, cell_number, "pmtu" },
	{ { "PROTOCOLS", false }, cell_list, "protocols" },
	{ { "FLAGS", false }, cell_list, "flags" },
	{ { "REASON", false }, cell_string, "reason" },
};

static const struct column group_columns[] = {
	{ { "TUNNEL", false }, cell_string, "tunnel" },
	{ { "GROUP", false }, cell_string, "group" },
	{ { "NBMA", false }, cell_peer, "peer" },
};

static const struct column nhs_columns[] = {
	{ { "TUNNEL", false }, cell_string, "tunnel" },
	{ { "HUB", false }, cell_string, "hub" },
	{ { "OWN-ADDRESS", false }, cell_string, "local" },
	{ { "PROTOCOL", false }, cell_string, "protocol" },
	{ { "NBMA", false }, cell_peer, "peer" },
	{ { "STATE", false }, cell_string, "state" },
	{ { "SINCE", true }, cell_duration, "state_ms" },
	{ { "LEFT", true }, cell_duration, "expires_ms" },
	{ { "REFRESH", true }, cell_duration, "refresh_ms" },
	{ { "PRIO", true }, cell_number, "priority" },
	{ { "ACTIVE", false }, cell_yes, "active" },
	{ { "IN-USE", false }, cell_yes, "in_use" },
	{ { "KIND", false }, cell_string, "kind" },
	{ { "TRIES", true }, cell_number, "attempts" },
	{ { "SEEN-AS", false }, cell_string, "nat" },
	{ { "REASON", false }, cell_string, "reason" },
};

static const struct column shortcut_columns[] = {
	{ { "TUNNEL", false }, cell_string, "tunnel" },
	{ { "PROTOCOL", false }, cell_prefix, "protocol" },
	{ { "NEXT-HOP", false }, cell_string, "next_hop" },
	{ { "NBMA", false }, cell_peer, "peer" },
	{ { "CLAIMS", false }, cell_string, "claimed" },
	{ { "STATE", false }, cell_string, "state" },
	{ { "AGE", true }, cell_duration, "age_ms" },
	{ { "LEFT", true }, cell_duration, "expires_ms" },
	{ { "REASON", false }, cell_string, "reason" },
};

static const struct column sa_columns[] = {
	{ { "TUNNEL", false }, cell_string, "tunnel" },
	{ { "NBMA", false }, cell_peer, "peer" },
	{ { "IDENTITY", false }, cell_string, "identity" },
	{ { "PROFILE", false }, cell_string, "profile" },
	{ { "MODE", false }, cell_string, "mode" },
	{ { "NAT", false }, cell_yes, "nat" },
	{ { "SPI-IN", false }, cell_string, "spi_in" },
	{ { "SPI-OUT", false }, cell_string, "spi_out" },
	{ { "AGE", true }, cell_duration, "age_ms" },
	{ { "REASON", false }, cell_string, "reason" },
};

static const struct column status_columns[] = {
	{ { "TUNNEL", false }, cell_string, "tunnel" },
	{ { "STATE", false }, cell_string, "state" },
	{ { "SINCE", true }, cell_duration, "state_ms" },
	{ { "ROLES", false }, cell_list, "roles" },
	{ { "PHASE", true }, cell_number, "phase" },
	{ { "ADDRESSES", false }, cell_addresses, "addresses" },
	{ { "LOCAL", false }, cell_list, "local" },
	{ { "HUBS", true }, cell_hubs, "hubs" },
	{ { "NHS", false }, cell_string, "default_nhs" },
	{ { "SPOKES", true }, cell_number, "spokes" },
	{ { "SHORTCUTS", true }, cell_number, "shortcuts" },
	{ { "MAPS", true }, cell_number, "maps" },
	{ { "PEERS", true }, cell_number, "peers" },
	{ { "REASON", false }, cell_string, "reason" },
};

static const struct column leave_columns[] = {
	{ { "TUNNEL", false }, cell_string, "tunnel" },
	{ { "PURGES", true }, cell_number, "sent" },
	{ { "ANSWERED", true }, cell_number, "answered" },
	{ { "UNANSWERED", true }, cell_number, "unanswered" },
};

static const struct column fib_columns[] = {
	{ { "ROUTE", false }, cell_prefix, "protocol" },
	{ { "EXIT", false }, cell_string, "exit" },
	{ { "GATEWAY", false }, cell_string, "gateway" },
	{ { "TABLE", true }, cell_number, "table" },
	{ { "LOCAL", false }, cell_yes, "local" },
};

static const struct column kernel_columns[] = {
	{ { "KERNEL", false }, cell_string, "verdict" },
	{ { "PROTOCOL", false }, cell_prefix, "protocol" },
	{ { "NBMA", false }, cell_peer, "peer" },
	{ { "LEFT", true }, cell_duration, "expires_ms" },
	{ { "IDLE", true }, cell_duration, "idle_ms" },
	{ { "LAST-RX", true }, cell_duration, "rx_idle_ms" },
	{ { "PMTU", true }, cell_number, "pmtu" },
	{ { "FLAGS", false }, cell_list, "flags" },
	{ { "REASON", false }, cell_string, "reason" },
};

static const struct column agent_columns[] = {
	{ { "AGENT", false }, cell_string, "state" },
	{ { "NEXT-HOP", false }, cell_string, "next_hop" },
	{ { "IS", false }, cell_string, "next_hop_is" },
	{ { "REASON", false }, cell_string, "reason" },
};

#define VIEW(name, text) { \
	.what = #name "s", \
	.none = text, \
	.columns = name ## _columns, \
	.n_columns = ARRAY_SIZE(name ## _columns), \
}

static const struct view views[] = {
	VIEW(map, "no mappings"),
	VIEW(peer, "no peers"),
	VIEW(group, "no groups: each goes to all peers that take multicast"),
	VIEW(shortcut, "no shortcuts"),
	VIEW(sa, "no security associations of an ipsec-profile"),
	{ "nhs", "no registrations: no hub is configured, or see dvpnctl status", nhs_columns,
	  ARRAY_SIZE(nhs_columns) },
	{ "fib", "", fib_columns, ARRAY_SIZE(fib_columns) },
	{ "kernel", "", kernel_columns, ARRAY_SIZE(kernel_columns) },
	{ "agent", "", agent_columns, ARRAY_SIZE(agent_columns) },
};

static const struct view status_view = VIEW(status, "no tunnels");
static const struct view leave_view = VIEW(leave, "no tunnels");

const struct view *view_find(const char *what)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(views); i++)
		if (!strcmp(what, views[i].what))
			return &views[i];
	return NULL;
}

/* Order by number, not by letter: 9.0.0.1 before 10.0.0.1, IPv4 before IPv6. */
static int compare_addresses(const char *a, const char *b)
{
	unsigned char na[16] = {}, nb[16] = {};
	int fa = strchr(a, ':') ? AF_INET6 : AF_INET;
	int fb = strchr(b, ':') ? AF_INET6 : AF_INET;

	if (fa != fb)
		return fa == AF_INET ? -1 : 1;
	if (inet_pton(fa, a, na) != 1 || inet_pton(fb, b, nb) != 1)
		return strcmp(a, b);
	return memcmp(na, nb, sizeof(na));
}

static const char *sort_address(json_t *entry)
{
	const char *protocol = string_of(entry, "protocol");

	return *protocol ? protocol :
	       string_of(json_object_get(entry, "peer"), "nbma");
}

static int compare_entries(const void *a, const void *b)
{
	json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int d = strcmp(string_of(x, "tunnel"), string_of(y, "tunnel"));
	json_int_t lx, ly;

	if (!d)
		d = compare_addresses(sort_address(x), sort_address(y));
	if (d)
		return d;
	lx = json_integer_value(json_object_get(x, "prefix_length"));
	ly = json_integer_value(json_object_get(y, "prefix_length"));
	return (lx > ly) - (lx < ly);
}

void view_print(const struct view *view, json_t *entries, FILE *out)
{
	struct text_column texts[COLUMNS_MAX];
	size_t n = json_array_size(entries), i, column;
	struct text_table *table;
	json_t **sorted;

	if (!n) {
		fprintf(out, "%s\n", view->none);
		return;
	}
	sorted = calloc(n, sizeof(*sorted));
	if (!sorted) {
		fputs("dvpnctl: out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	for (i = 0; i < n; i++)
		sorted[i] = json_array_get(entries, i);
	qsort(sorted, n, sizeof(*sorted), compare_entries);

	for (column = 0; column < view->n_columns; column++)
		texts[column] = view->columns[column].text;
	table = text_table_new(texts, view->n_columns);
	for (i = 0; i < n; i++)
		for (column = 0; column < view->n_columns; column++)
			view->columns[column].cell(table, sorted[i],
						   view->columns[column].member);
	text_table_print(table, out);
	text_table_free(table);
	free(sorted);
}

/* Until when a configuration has to be confirmed, if it has to be. */
static void print_deadline(json_t *ms, FILE *out)
{
	char duration[TEXT_DURATION_MAX];

	if (json_is_integer(ms) && json_integer_value(ms) >= 0)
		fprintf(out, "goes back in %s unless confirmed: dvpnctl confirm\n",
			text_duration(duration, json_integer_value(ms)));
}

void view_print_status(json_t *status, FILE *out)
{
	json_t *uptime = json_object_get(status, "uptime_ms");
	char text[TEXT_CELL_MAX], duration[TEXT_DURATION_MAX];

	if (json_is_integer(uptime)) {
		text_safe(text, sizeof(text), string_of(status, "version"));
		fprintf(out, "dvpnd %s", text);
		text_safe(text, sizeof(text), string_of(status, "config"));
		fprintf(out, ", pid %" JSON_INTEGER_FORMAT ", up %s, config %s",
			json_integer_value(json_object_get(status, "pid")),
			text_duration(duration, json_integer_value(uptime)),
			text);
		text_safe(text, sizeof(text), string_of(status, "module"));
		fprintf(out, ", module %s\n\n", text);
	}
	view_print(&status_view, json_object_get(status, "tunnels"), out);
	print_deadline(json_object_get(status, "unconfirmed_ms"), out);
}

static const struct text_column counter_columns[] = {
	{ "TUNNEL", false },
	{ "GROUP", false },
	{ "COUNTER", false },
	{ "VALUE", true },
	{ "MEANING", false },
};

static const char *counter_text(const char *group, const char *name)
{
	if (!strcmp(group, "drops"))
		return drop_text(name);
	return !strcmp(group, "nhrp") ? refusal_text(name) : "";
}

static void add_counters(struct text_table *table, json_t *tunnel,
			 const char *group, bool all)
{
	json_t *counters = json_object_get(tunnel, group);
	const char *name;
	json_t *value;

	json_object_foreach(counters, name, value) {
		if (!json_is_integer(value) ||
		    (!all && !json_integer_value(value)))
			continue;
		text_table_add(table, "%s", string_of(tunnel, "tunnel"));
		text_table_add(table, "%s", group);
		text_table_add(table, "%s", name);
		text_table_add(table, "%" JSON_INTEGER_FORMAT,
			       json_integer_value(value));
		text_table_add(table, "%s", counter_text(group, name));
	}
}

void view_print_counters(json_t *tunnels, bool all, FILE *out)
{
	static const char *const groups[] = {
		"device", "drops", "nhrp", "daemon"
	};
	struct text_table *table;
	json_t *tunnel;
	size_t i, j;

	if (!json_array_size(tunnels)) {
		fputs("no tunnels\n", out);
		return;
	}
	table = text_table_new(counter_columns, ARRAY_SIZE(counter_columns));
	json_array_foreach(tunnels, i, tunnel)
		for (j = 0; j < ARRAY_SIZE(groups); j++)
			add_counters(table, tunnel, groups[j], all);
	if (text_table_empty(table))
		fputs("all counters are 0\n", out);
	else
		text_table_print(table, out);
	text_table_free(table);
}

void view_print_leave(json_t *tunnels, FILE *out)
{
	view_print(&leave_view, tunnels, out);
}

void view_print_config(json_t *reply, FILE *out)
{
	const char *p;

	for (p = string_of(reply, "text"); *p; p++) {
		char letter[2] = { *p }, safe[8];

		if (*p == '\n' || *p == '\t') {
			fputc(*p, out);
			continue;
		}
		text_safe(safe, sizeof(safe), letter);
		fputs(safe, out);
	}
}

static void print_value(json_t *difference, const char *member, FILE *out)
{
	const char *value = string_of(difference, member);
	char text[TEXT_CELL_MAX];

	text_safe(text, sizeof(text), value);
	if (json_object_get(difference, member))
		fputs(*text ? text : "\"\"", out);
	else
		fputc('-', out);
}

void view_print_differences(json_t *reply, FILE *out)
{
	json_t *list = json_object_get(reply, "differences");
	json_t *difference;
	size_t i;

	json_array_foreach(list, i, difference) {
		if (json_object_get(difference, "tunnel")) {
			print_value(difference, "tunnel", out);
			fputs(": ", out);
		}
		print_value(difference, "path", out);
		fputs(": ", out);
		print_value(difference, "from", out);
		fputs(" -> ", out);
		print_value(difference, "to", out);
		if (json_object_get(difference, "cost")) {
			fputs(" (", out);
			print_value(difference, "cost", out);
			fputc(')', out);
		}
		fputc('\n', out);
	}
}

void view_print_reload(json_t *reply, FILE *out)
{
	static const char *const kinds[] = { "added", "removed", "changed" };
	bool any = false;
	json_t *name;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		json_array_foreach(json_object_get(reply, kinds[i]), j, name) {
			char text[TEXT_CELL_MAX];

			if (!json_is_string(name))
				continue;
			text_safe(text, sizeof(text), json_string_value(name));
			fprintf(out, "%s %s\n", kinds[i], text);
			any = true;
		}
	}
	view_print_differences(reply, out);
	if (!any && !json_array_size(json_object_get(reply, "differences")))
		fputs("nothing has changed\n", out);
	print_deadline(json_object_get(reply, "confirm_ms"), out);
}
