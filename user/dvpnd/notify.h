/* SPDX-License-Identifier: GPL-2.0 */
/* What systemd wants to know (sd_notify(3), without its library) */
#ifndef DVPND_NOTIFY_H
#define DVPND_NOTIFY_H

#include "nhrp/types.h"

/**
 * notify_setup() - take the socket's address from the environment
 *
 * Return: milliseconds in which a watchdog wants "WATCHDOG=1", 0: none.
 */
u64 notify_setup(void);

/**
 * notify_send() - tell something, if anybody listens
 * @fmt: assignments, one a line ("READY=1").
 */
void notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* DVPND_NOTIFY_H */
