// SPDX-License-Identifier: GPL-2.0
/*
 * The reply to Why for people
 */
#include "dvpnctl/text.h"
#include "dvpnctl/view.h"
#include "dvpnctl/why.h"

#define SENTENCE_MAX	512

/* A table of one line. */
static void print_part(const char *what, json_t *part, FILE *out)
{
	json_t *list;

	if (!json_object_size(part))
		return;
	list = json_array();
	json_array_append(list, part);
	fputc('\n', out);
	view_print(view_find(what), list, out);
	json_decref(list);
}

void why_print(json_t *reply, FILE *out)
{
	const char *sentence = json_string_value(json_object_get(reply, "sentence"));
	json_t *agent = json_object_get(reply, "agent");
	char text[SENTENCE_MAX];

	text_safe(text, sizeof(text), sentence ? sentence : "-");
	fprintf(out, "%s\n", text);
	print_part("fib", json_object_get(reply, "fib"), out);
	print_part("kernel", json_object_get(reply, "kernel"), out);
	print_part("agent", agent, out);
	print_part("shortcuts", json_object_get(agent, "shortcut"), out);
}
