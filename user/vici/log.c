// SPDX-License-Identifier: GPL-2.0
/* What VICI tells of strongSwan's log: see log.h */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "vici/log.h"

/* Parts of it came from the other side. */
static void take_text(const struct vici_slice *value, char *text)
{
	size_t i, n = value->len < VICI_LOG_MAX ? value->len : VICI_LOG_MAX - 1;

	for (i = 0; i < n; i++)
		text[i] = isprint(value->p[i]) ? value->p[i] : '?';
	text[n] = '\0';
}

bool vici_log_event(const void *body, size_t len, struct vici_log *log)
{
	enum vici_token token;
	struct vici_in in;
	u64 id = 0;

	memset(log, 0, sizeof(*log));
	vici_in_init(&in, body, len);
	while ((token = vici_next(&in)) != VICI_END && token != VICI_BAD) {
		if (token != VICI_VALUE || in.depth)
			continue;
		if (vici_is(&in.name, "ikesa-name"))
			vici_string(&in.value, log->conn, sizeof(log->conn));
		else if (vici_is(&in.name, "ikesa-uniqueid"))
			vici_number(&in.value, 10, &id);
		else if (vici_is(&in.name, "msg"))
			take_text(&in.value, log->text);
	}
	log->ike_id = id <= UINT32_MAX ? id : 0;
	return *log->conn && log->ike_id && *log->text;
}
