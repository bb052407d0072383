// SPDX-License-Identifier: GPL-2.0
/*
 * What happens, for people: see events.h
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dvpnctl/events.h"
#include "dvpnctl/text.h"
#include "dvpnctl/view.h"

static void write_safe(char *text, size_t size, json_t *entry, const char *member)
{
	const char *s = json_string_value(json_object_get(entry, member));

	text_safe(text, size, s ? s : "");
}

/* "10:02:03.123  dvpn0  " */
static void print_start(json_t *event, FILE *out)
{
	json_t *stamp = json_object_get(event, "time_ms");
	json_int_t ms = json_integer_value(stamp);
	char clock[16] = "-", tunnel[32];
	time_t seconds = ms / 1000;
	struct tm tm;

	if (json_is_integer(stamp) && ms >= 0 && localtime_r(&seconds, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	else
		ms = 0;
	write_safe(tunnel, sizeof(tunnel), event, "tunnel");
	fprintf(out, "%s.%03d  %s  ", clock, (int)(ms % 1000), tunnel);
}

/* "refused  192.168.50.2: text", with the address outside if there is none inside */
static void print_event(json_t *event, FILE *out)
{
	char raw[TEXT_CELL_MAX], name[40], subject[64], message[TEXT_CELL_MAX];

	write_safe(name, sizeof(name), event, "event");
	view_write_prefix(raw, sizeof(raw), event, "protocol");
	write_safe(message, sizeof(message), event, "message");
	if (!*raw) {
		view_write_peer(raw, sizeof(raw), json_object_get(event, "peer"));
		if (strstr(message, raw))
			*raw = '\0';
	}
	text_safe(subject, sizeof(subject), raw);
	fprintf(out, "%-18s  %s%s%s\n", name, subject, *subject ? ": " : "", message);
}

/* "in from 192.168.50.2: refused: wrong checksum", and below it what it says. */
static void print_message(json_t *event, FILE *out)
{
	char direction[8], raw[TEXT_CELL_MAX], peer[TEXT_CELL_MAX], decision[16];
	char text[TEXT_CELL_MAX];
	json_t *line;
	size_t i;

	write_safe(direction, sizeof(direction), event, "direction");
	view_write_peer(raw, sizeof(raw), json_object_get(event, "peer"));
	text_safe(peer, sizeof(peer), raw);
	write_safe(decision, sizeof(decision), event, "decision");
	write_safe(text, sizeof(text), event, "message");
	fprintf(out, "%-3s  %s  %s%s%s\n", direction, peer, decision, *text ? ": " : "", text);
	json_array_foreach(json_object_get(event, "lines"), i, line) {
		text_safe(text, sizeof(text), json_is_string(line) ? json_string_value(line) : "-");
		fprintf(out, "    %s\n", text);
	}
}

void events_print(json_t *event, FILE *out)
{
	bool is_event = json_object_get(event, "event");

	if (!is_event && !json_object_get(event, "direction"))
		return;
	print_start(event, out);
	if (is_event)
		print_event(event, out);
	else
		print_message(event, out);
}

/* What came at the same time stays in its order. */
struct place {
	json_int_t ms;
	size_t index;
};

static int compare(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	if (p->ms != q->ms)
		return p->ms < q->ms ? -1 : 1;
	return p->index < q->index ? -1 : p->index > q->index;
}

void events_print_list(json_t *events, FILE *out)
{
	size_t i, n = json_array_size(events);
	struct place *order = calloc(n + 1, sizeof(*order));

	for (i = 0; order && i < n; i++) {
		json_t *ms = json_object_get(json_array_get(events, i), "time_ms");

		order[i] = (struct place){ json_integer_value(ms), i };
	}
	if (order)
		qsort(order, n, sizeof(*order), compare);
	for (i = 0; i < n; i++)
		events_print(json_array_get(events, order ? order[i].index : i), out);
	free(order);
}

/* "cleared shortcut 192.168.40.0/24 at 192.168.50.3 (dvpn0): what that costs" */
static void print_cleared(json_t *entry, bool dry_run, FILE *out)
{
	char raw[TEXT_CELL_MAX], subject[64], peer[TEXT_CELL_MAX], what[32], tunnel[32];
	char cost[TEXT_CELL_MAX];

	write_safe(what, sizeof(what), entry, "what");
	view_write_prefix(raw, sizeof(raw), entry, "protocol");
	text_safe(subject, sizeof(subject), raw);
	view_write_peer(raw, sizeof(raw), json_object_get(entry, "peer"));
	text_safe(peer, sizeof(peer), raw);
	write_safe(tunnel, sizeof(tunnel), entry, "tunnel");
	write_safe(cost, sizeof(cost), entry, "cost");
	fprintf(out, "%s %s%s%s%s%s (%s)%s%s\n", dry_run ? "would clear" : "cleared", what,
		*subject ? " " : "", subject, *peer ? " at " : "", peer, tunnel,
		*cost ? ": " : "", cost);
}

void events_print_cleared(json_t *reply, bool dry_run, FILE *out)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(reply, "cleared"), i, entry)
		print_cleared(entry, dry_run, out);
}
