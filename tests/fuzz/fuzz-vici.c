// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing target: VICI. The bytes are what comes by a connection on which something was asked,
 * in pieces whose size the first byte says; each message goes through what reads them.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "vici/conn.h"
#include "vici/log.h"
#include "vici/sa.h"

static void on_child(enum vici_sa_news news, const struct vici_ike *ike,
		     const struct vici_child *child, void *ctx)
{
	(void)ctx;
	if (news > VICI_SA_DOWN || !ike->id || !child->id || !*ike->conn ||
	    strlen(ike->conn) >= VICI_CONN_MAX || strlen(ike->identity) >= VICI_IDENTITY_MAX ||
	    strlen(child->service) >= VICI_SERVICE_MAX ||
	    !!child->port + child->any_port + !!*child->service > 1)
		abort();
}

static void on_rekeyed(u32 from, u32 to, void *ctx)
{
	(void)ctx;
	if (!from || !to)
		abort();
}

static const struct vici_sa_ops ops = { .child = on_child, .ike_rekeyed = on_rekeyed };

static void on_event(const char *name, const void *body, size_t len, void *ctx)
{
	struct vici_log log;
	char why[16];

	if (!vici_is_whole(body, len))
		abort();
	vici_sa_event(name, body, len, &ops, ctx);
	vici_succeeded(body, len, why, sizeof(why));
	if (vici_log_event(body, len, &log) && (!log.ike_id || !*log.text || !*log.conn))
		abort();
}

static void on_reply(int err, const void *body, size_t len, void *ctx)
{
	unsigned int *replies = ctx;

	++*replies;
	if (!err && len)
		on_event("child-updown", body, len, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step = size ? *data + 1 : 1, i, n;
	unsigned int replies = 0;
	struct vici_conn *c;
	int err = 0;

	/* A message by itself, too: frames are hard to guess. */
	on_event("child-updown", data, vici_is_whole(data, size) ? size : 0, NULL);
	vici_sa_event("list-sa", data, size, &ops, NULL);
	c = vici_conn_new(on_event, NULL);
	if (!c || vici_conn_request(c, "list-sas", NULL, on_reply, &replies) ||
	    vici_conn_register(c, "list-sa", on_reply, &replies))
		abort();
	for (i = 1; i < size && !err; i += step) {
		while (vici_conn_output(c, &n))
			vici_conn_sent(c, n);
		err = vici_conn_input(c, data + i, size - i < step ? size - i : step);
	}
	vici_conn_free(c);
	if (replies != 2)
		abort();
	return 0;
}
