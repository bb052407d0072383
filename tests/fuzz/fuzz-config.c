// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing target: the config file of dvpnd. Either a config or at least one error, and a
 * config that is written and read again is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "dvpnd/config.h"
#include "fuzz.h"

static void write_and_read(const struct config *cfg)
{
	struct config_errors errors = { 0 };
	char *text = config_format(cfg);
	struct config *again;

	again = config_parse("again", text, strlen(text), &errors);
	if (!again || config_diff(cfg, again, NULL, NULL))
		abort();
	config_free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_errors errors = { 0 };
	bool secrets = false;
	struct config *cfg;
	unsigned int i;

	cfg = config_parse("f", (const char *)data, size, &errors);
	if (!cfg != !!errors.nr)
		abort();
	for (i = 0; cfg && i < cfg->nr_tunnels; i++) {
		if (config_find(cfg, cfg->tunnels[i].name) != &cfg->tunnels[i])
			abort();
		secrets |= cfg->tunnels[i].core.auth != NHRP_AUTH_NONE;
	}
	/* Secrets are not written. */
	if (cfg && !secrets)
		write_and_read(cfg);
	config_free(cfg);
	config_errors_free(&errors);
	return 0;
}
