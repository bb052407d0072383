// SPDX-License-Identifier: GPL-2.0
/*
 * The documentation of counters and events against what defines them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/dvpn.h"
#include "nhrp/core.h"

#define GUIDE	"Documentation/guide-operations.rst"
#define CONTROL	"Documentation/control.rst"

static char *guide, *control;

/* Tests run in the top directory, or are told where it is. */
static char *read_file(const char *name)
{
	const char *top = getenv("DVPN_TOP");
	char path[4096], *text;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top ? top : ".", name);
	f = fopen(path, "r");
	if (!f)
		return NULL;
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	text = calloc(1, n + 1);
	if (fread(text, 1, n, f) != n) {
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

static int read_docs(void **state)
{
	(void)state;
	guide = read_file(GUIDE);
	control = read_file(CONTROL);
	return guide && control ? 0 : -1;
}

static int free_docs(void **state)
{
	(void)state;
	free(guide);
	free(control);
	return 0;
}

static void every_drop_has_an_entry(void **state)
{
	unsigned int drop;

	(void)state;
	for (drop = DVPN_DROP_PAD + 1; drop <= DVPN_DROP_MAX; drop++) {
		char entry[64];
		char *at;

		snprintf(entry, sizeof(entry), "\n``%s``\n    ",
			 dvpn_drop_name(drop));
		at = strstr(guide, entry);
		if (!at)
			fail_msg("%s has no entry in " GUIDE,
				 dvpn_drop_name(drop));
		else if (strstr(at + 1, entry))
			fail_msg("%s has two entries in " GUIDE,
				 dvpn_drop_name(drop));
	}
}

/* An entry that the header does not have any more, or a misspelt one. */
static void every_entry_is_a_drop(void **state)
{
	char *line = strstr(guide, "\nDrop reasons\n");

	(void)state;
	assert_non_null(line);
	while ((line = strstr(line, "\n``"))) {
		char name[64];
		size_t len;

		line += 3;
		len = strcspn(line, "`");
		snprintf(name, sizeof(name), "%.*s", (int)len, line);
		if (dvpn_name_value(DVPN_NAMES_DROP, name) < 0)
			fail_msg("%s in " GUIDE " is no drop reason", name);
	}
}

static void every_statistic_is_named(void **state)
{
	unsigned int stat;

	(void)state;
	for (stat = DVPN_STAT_TX_NHS; stat <= DVPN_STAT_MAX; stat++) {
		char name[64];

		snprintf(name, sizeof(name), "``%s``", dvpn_stat_name(stat));
		if (!strstr(guide, name))
			fail_msg("%s is not in " GUIDE, name);
	}
}

static void every_event_is_explained(void **state)
{
	unsigned int event;

	(void)state;
	for (event = 0; event < NHRP_EVENT_MAX; event++) {
		char row[64];

		snprintf(row, sizeof(row), "\n``%s`` ", nhrp_event_name(event));
		if (!strstr(control, row))
			fail_msg("event %s is not in " CONTROL, nhrp_event_name(event));
	}
}

/* Also the one that is reserved. */
static void every_state_is_documented(void **state)
{
	char *at = strstr(control, "\norg.dvpn.ShowShortcuts\n");
	char *end = at ? strstr(at, "\norg.dvpn.ShowCounters\n") : NULL;
	enum nhrp_shortcut_state s;

	(void)state;
	assert_non_null(end);
	for (s = NHRP_SHORTCUT_RESOLVING; s <= NHRP_SHORTCUT_RELAYED; s++) {
		char entry[64];
		char *there;

		snprintf(entry, sizeof(entry), "``%s``", nhrp_shortcut_state_name(s));
		there = strstr(at, entry);
		if (!there || there > end)
			fail_msg("%s is not in " CONTROL, entry);
	}
	assert_string_equal(nhrp_shortcut_state_name(s), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_drop_has_an_entry),
		cmocka_unit_test(every_entry_is_a_drop),
		cmocka_unit_test(every_statistic_is_named),
		cmocka_unit_test(every_event_is_explained),
		cmocka_unit_test(every_state_is_documented),
	};

	return cmocka_run_group_tests_name("documentation of counters and events", tests,
					   read_docs, free_docs);
}
