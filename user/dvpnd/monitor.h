/* SPDX-License-Identifier: GPL-2.0 */
/* What happens, as events for those who watch (org.dvpn.Monitor) */
#ifndef DVPND_MONITOR_H
#define DVPND_MONITOR_H

#include "nhrp/core.h"

struct tunnel;

/* The core tells something. */
void monitor_notice(const struct tunnel *t, const struct nhrp_notice *n);

/* The tunnel has another state. */
void monitor_tunnel_state(const struct tunnel *t);

#endif /* DVPND_MONITOR_H */
