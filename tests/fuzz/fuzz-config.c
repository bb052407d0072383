// SPDX-License-Identifier: GPL-2.0
/* Fuzzing target: the config file of dvpnd. Either a config or at least one error. */
#include <stdlib.h>

#include "dvpnd/config.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_errors errors = { 0 };
	struct config *cfg;
	unsigned int i;

	cfg = config_parse("f", (const char *)data, size, &errors);
	if (!cfg != !!errors.nr)
		abort();
	for (i = 0; cfg && i < cfg->nr_tunnels; i++)
		if (config_find(cfg, cfg->tunnels[i].name) != &cfg->tunnels[i])
			abort();
	config_free(cfg);
	config_errors_free(&errors);
	return 0;
}
