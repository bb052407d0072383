// SPDX-License-Identifier: GPL-2.0
/* Requests on the control socket: cut out, checked, handed on */
#include <string.h>

#include "dvpnd/control-client.h"

/* Refuse, and hear no more of it. */
static void bad_request(struct client *cl, const char *why)
{
	cl->in_len = 0;
	cl->oneway = false;
	cl->closing = true;
	control_error(cl, "org.dvpn.InvalidRequest", NULL, "%s", why);
	client_watch(cl);
}

static bool too_deep(const char *text, size_t len)
{
	bool in_string = false;
	int depth = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (in_string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_string = false;
		} else if (text[i] == '"') {
			in_string = true;
		} else if (text[i] == '{' || text[i] == '[') {
			if (++depth > CONTROL_DEPTH_MAX)
				return true;
		} else if (text[i] == '}' || text[i] == ']') {
			depth--;
		}
	}
	return false;
}

/* Return: NULL, or what is wrong with @root as a request. */
static const char *check_request(json_t *root, struct request *req)
{
	const char *key;
	json_t *value;

	req->params = NULL;
	req->method = NULL;
	if (!json_is_object(root))
		return "a request is an object";
	json_object_foreach(root, key, value) {
		if (!strcmp(key, "method") && json_is_string(value))
			req->method = json_string_value(value);
		else if (!strcmp(key, "parameters") && json_is_object(value))
			req->params = value;
		else if (!strcmp(key, "more") && json_is_boolean(value))
			req->more = json_is_true(value);
		else if (!strcmp(key, "oneway") && json_is_boolean(value))
			req->oneway = json_is_true(value);
		else
			return "not (only) method, parameters, more and oneway of the right types";
	}
	if (!req->method)
		return "a request has a method";
	if (req->more && req->oneway)
		return "\"more\" and \"oneway\" contradict each other";
	return NULL;
}

static void handle(struct client *cl, const char *text, size_t len)
{
	struct request req = { .privileged = cl->privileged };
	json_t *none = json_object();
	const char *wrong;
	json_error_t err;
	json_t *root;

	cl->busy = true;
	cl->more = false;
	cl->oneway = false;
	root = too_deep(text, len) ? NULL : json_loadb(text, len, JSON_REJECT_DUPLICATES, &err);
	if (!root) {
		bad_request(cl, too_deep(text, len) ? "nested too deep" : err.text);
	} else {
		wrong = check_request(root, &req);
		if (!req.params)
			req.params = none;
		cl->more = req.more;
		cl->oneway = req.oneway;
		if (wrong)
			bad_request(cl, wrong);
		else
			cl->c->handler(cl, &req, cl->c->ctx);
	}
	json_decref(root);
	json_decref(none);
}

void client_service(struct client *cl)
{
	while (!cl->busy && !cl->feed && !cl->closing && !cl->dead) {
		char *end = memchr(cl->in, 0, cl->in_len);
		size_t len;

		if (!end) {
			if (cl->in_len == CONTROL_REQUEST_MAX)
				bad_request(cl, "the request is too long");
			return;
		}
		len = end - cl->in;
		handle(cl, cl->in, len);
		if (cl->in_len) {
			cl->in_len -= len + 1;
			memmove(cl->in, end + 1, cl->in_len);
		}
	}
	/* Nothing is answered after a subscription: do not let it pile up. */
	if (cl->feed)
		cl->in_len = 0;
}
