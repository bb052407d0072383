// SPDX-License-Identifier: GPL-2.0
/* Answers on the control socket: whole, in parts, without end */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/control-client.h"

/* Takes @msg. */
static bool put_message(struct client *cl, json_t *msg)
{
	char *text = json_dumps(msg, JSON_COMPACT);
	bool fits = text && client_put(cl, text, strlen(text) + 1);

	free(text);
	json_decref(msg);
	return fits;
}

static void finish(struct client *cl)
{
	cl->busy = false;
	cl->gone = NULL;
	ev_timer_stop(cl->c->loop, &cl->idle);
	client_update_idle(cl);
	/* The next request may be here already. */
	if (!cl->dead)
		ev_feed_event(cl->c->loop, &cl->io, EV_CUSTOM);
}

void control_reply(struct client *cl, json_t *params, bool continues)
{
	json_t *msg;
	bool oneway = cl->oneway;

	if (!params)
		params = json_object();
	if (oneway) {
		json_decref(params);
	} else {
		msg = json_pack("{s:o}", "parameters", params);
		if (continues)
			json_object_set_new(msg, "continues", json_true());
		if (!put_message(cl, msg)) {
			if (continues || cl->more)
				client_kill(cl);	/* it does not read */
			else
				control_error(cl, "org.dvpn.TooLarge", NULL,
					      "the reply is larger than %d bytes: ask with \"more\"",
					      CONTROL_OUTPUT_MAX);
			return;
		}
	}
	if (!continues)
		finish(cl);
}

/* What was cut in the middle of a character is cut before it. */
static json_t *json_text(char *text)
{
	json_t *s = json_string(text);
	size_t len = strlen(text);

	while (!s && len) {
		text[--len] = 0;
		s = json_string(text);
	}
	return s;
}

void control_error(struct client *cl, const char *error, json_t *params, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!params)
		params = json_object();
	json_object_set_new(params, "message", json_text(text));
	if (cl->oneway)
		json_decref(params);
	else if (!put_message(cl, json_pack("{s:s, s:o}", "error", error, "parameters", params)))
		client_kill(cl);
	finish(cl);
}

/* ----- streams ----- */

static void end_stream(struct client *cl)
{
	cl->stream->free(cl->stream);
	cl->stream = NULL;
}

static void send_chunk(struct client *cl)
{
	unsigned int limit = cl->more ? CONTROL_CHUNK : -1U;
	struct stream *s = cl->stream;
	json_t *entries = json_array();
	json_t *entry = NULL;
	unsigned int n = 0;
	json_t *params;

	while (n < limit) {
		entry = s->next(s);
		if (!entry)
			break;
		json_array_append_new(entries, entry);
		n++;
	}
	params = json_pack("{s:o}", s->member, entries);
	if (!entry)
		end_stream(cl);
	control_reply(cl, params, entry);
}

void client_pump(struct client *cl)
{
	while (cl->stream && !cl->dead && client_waiting(cl) < CONTROL_OUTPUT_LOW)
		send_chunk(cl);
}

void control_stream(struct client *cl, struct stream *stream)
{
	cl->stream = stream;
	client_pump(cl);
}

/* ----- subscriptions ----- */

void control_subscribe(struct client *cl, const struct control_feed *feed, void *filter)
{
	/* It may have been cut off while the first reply was written. */
	if (!cl->dead)
		cl->feed = feed;
	free(cl->filter);
	cl->filter = filter;
	client_update_idle(cl);
}

bool control_has_subscribers(const struct control *c, const struct control_feed *feed)
{
	const struct client *cl;

	for (cl = c->clients; cl; cl = cl->next)
		if (cl->feed == feed)
			return true;
	return false;
}

void control_publish(struct control *c, const struct control_feed *feed, const void *item,
		     json_t *params)
{
	json_t *msg = json_pack("{s:o, s:b}", "parameters", params, "continues", 1);
	char *text = json_dumps(msg, JSON_COMPACT);
	struct client *cl;

	for (cl = c->clients; text && cl; cl = cl->next) {
		if (cl->feed != feed || !feed->wants(cl->filter, item))
			continue;
		if (!client_put(cl, text, strlen(text) + 1))
			client_kill(cl);	/* it does not read */
	}
	free(text);
	json_decref(msg);
}

void control_wait(struct client *cl, void (*gone)(void *ctx), void *ctx)
{
	cl->gone = gone;
	cl->gone_ctx = ctx;
}
