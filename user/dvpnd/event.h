/* SPDX-License-Identifier: GPL-2.0 */
/* Frames and events from the kernel, handed to the protocol core */
#ifndef DVPND_EVENT_H
#define DVPND_EVENT_H

#include "lib/dvpn.h"

/* For dvpn_agent_open(); the context is the struct tunnel. */
extern const struct dvpn_agent_ops event_ops;

#endif /* DVPND_EVENT_H */
