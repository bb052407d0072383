/* SPDX-License-Identifier: GPL-2.0 */
/* An environment of the protocol core in which nothing happens. */
#ifndef IDLE_ENV_H
#define IDLE_ENV_H

#include "nhrp/core.h"

/* Forgets notices, mappings and peers; request ids rise. Sends no frame, has no routes. */
extern const struct nhrp_env idle_env;

#endif
