/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libdvpn: the module's generic netlink interface as plain structs
 *
 * Four kinds of socket, each opened, used and closed on its own:
 *
 *   struct dvpn_handle	one request at a time, the call waits for the answer:
 *			command line tools, and an agent's start (dump, adopt)
 *   struct dvpn_chan	requests queued, sent in batches, answered through
 *			callbacks: for an event loop; never blocks
 *   struct dvpn_agent	frames and events of the devices bound to it
 *   struct dvpn_mon	notifications about every table of the namespace
 *
 * None of them is thread-safe; different ones may be used by different threads.
 * Functions that can fail return 0 (or a count) or a negative errno. All memory
 * that callbacks are given is only valid until they return.
 *
 * What the kernel says is checked like any other input: attributes of the wrong
 * length are errors (-EBADMSG), unknown ones are ignored, values that a newer
 * kernel may have and this library does not know are passed on as numbers.
 */
#ifndef DVPN_LIB_H
#define DVPN_LIB_H

#include "lib/agent.h"
#include "lib/chan.h"
#include "lib/handle.h"
#include "lib/link.h"
#include "lib/mon.h"
#include "lib/names.h"
#include "lib/objects.h"

#endif /* DVPN_LIB_H */
