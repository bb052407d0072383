// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config_text.h"

struct config *parse(const char *text, struct config_errors *errors)
{
	memset(errors, 0, sizeof(*errors));
	return config_parse("f", text, strlen(text), errors);
}

struct config *parse_ok(const char *text)
{
	struct config_errors errors;
	struct config *cfg = parse(text, &errors);
	unsigned int i;

	for (i = 0; i < errors.nr; i++)
		print_error("%s\n", errors.line[i]);
	assert_non_null(cfg);
	assert_int_equal(errors.nr, 0);
	return cfg;
}

void join_errors(struct config_errors *errors, char *text, size_t size)
{
	size_t len = 0;
	unsigned int i;

	*text = 0;
	for (i = 0; i < errors->nr; i++) {
		assert_true(len + strlen(errors->line[i]) + 2 <= size);
		len += sprintf(text + len, "%s\n", errors->line[i]);
	}
	config_errors_free(errors);
}
