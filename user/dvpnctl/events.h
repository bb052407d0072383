/* SPDX-License-Identifier: GPL-2.0 */
/* What happens, for people: events of Monitor, and messages of Trace */
#ifndef DVPNCTL_EVENTS_H
#define DVPNCTL_EVENTS_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/**
 * events_print() - write an event, or a message in lines
 * @event: parameters of a reply to Monitor or Trace, or an entry of ShowTrace.
 * @out: where to.
 *
 * Writes nothing if it is neither.
 */
void events_print(json_t *event, FILE *out);

/**
 * events_print_list() - write the reply to ShowTrace
 * @events: its array "trace"; sorted here by time.
 * @out: where to.
 */
void events_print_list(json_t *events, FILE *out);

/**
 * events_print_cleared() - write the reply to Clear, a line for each thing
 * @reply: its parameters.
 * @dry_run: nothing was cleared yet.
 * @out: where to.
 */
void events_print_cleared(json_t *reply, bool dry_run, FILE *out);

#endif /* DVPNCTL_EVENTS_H */
