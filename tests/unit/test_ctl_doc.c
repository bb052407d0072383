// SPDX-License-Identifier: GPL-2.0
/*
 * The documentation of the drop reasons against the header that defines them
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

#define GUIDE	"Documentation/guide-operations.rst"

static char *guide;

/* Tests run in the top directory, or are told where it is. */
static int read_guide(void **state)
{
	const char *top = getenv("DVPN_TOP");
	char path[4096];
	FILE *f;
	long n;

	(void)state;
	snprintf(path, sizeof(path), "%s/" GUIDE, top ? top : ".");
	f = fopen(path, "r");
	if (!f)
		return -1;
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	guide = calloc(1, n + 1);
	n -= fread(guide, 1, n, f);
	fclose(f);
	return n ? -1 : 0;
}

static int free_guide(void **state)
{
	(void)state;
	free(guide);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_drop_has_an_entry),
		cmocka_unit_test(every_entry_is_a_drop),
		cmocka_unit_test(every_statistic_is_named),
	};

	return cmocka_run_group_tests_name("documentation of counters", tests,
					   read_guide, free_guide);
}
