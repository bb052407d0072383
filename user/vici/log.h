/* SPDX-License-Identifier: GPL-2.0 */
/* VICI, the control protocol of strongSwan: what it logs */
#ifndef VICI_LOG_H
#define VICI_LOG_H

#include "vici/sa.h"

#define VICI_LOG_MAX	256	/* of a line, NUL included */

/**
 * struct vici_log - a line of its log
 * @conn: connection of the IKE_SA that it is about.
 * @ike_id: number of that IKE_SA.
 * @text: the line; what does not fit is cut off, what is not to be printed is '?'.
 */
struct vici_log {
	char conn[VICI_CONN_MAX];
	u32 ike_id;
	char text[VICI_LOG_MAX];
};

/**
 * vici_log_event() - read an event "log"
 * @body: message.
 * @len: its bytes.
 * @log: filled in.
 *
 * Return: whether it is about an IKE_SA.
 */
bool vici_log_event(const void *body, size_t len, struct vici_log *log);

#endif /* VICI_LOG_H */
