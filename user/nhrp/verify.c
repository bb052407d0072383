// SPDX-License-Identifier: GPL-2.0
/*
 * A claim from another locator, and nobody can prove who he is: the owner is
 * asked three times within three seconds. Any packet from its locator keeps
 * it, silence moves the binding.
 */
#include <stdlib.h>
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhs.h"
#include "nhrp/redirect.h"
#include "nhrp/request.h"
#include "nhrp/resolve.h"

#define VERIFY_TRIES		3
#define VERIFY_PERIOD_MS	1000
/* What was under way when the claim came says nothing about now. */
#define VERIFY_GRACE_MS		200

static void decide(struct nhrp_verify *v, enum nhrp_decision d, u64 now)
{
	struct nhrp_binding *b = v->binding;
	struct nhrp_addr proto = b->proto;
	struct nhrp_tunnel *t = b->t;
	struct nhrp_prefix host;

	nhrp_prefix_host(&host, &proto);
	nhrp_note(t, NHRP_EVENT_CONFLICT, NHRP_WARNING, NHRP_C_NONE, &host,
		  &v->frame.from, d == NHRP_DECIDE_KEEP ?
		  "claimed from another locator, the owner answers and keeps it" :
		  "claimed from another locator, the owner is silent: moved");
	b->verify = NULL;
	nhrp_timer_off(t, &v->timer);
	nhrp_request_done(t, &v->req);
	/* May free the binding; the verification is ours by now. */
	nhrp_nhs_decided(t, &v->frame, &proto, d, now);
	free(v);
}

static bool owner_heard(const struct nhrp_verify *v, u64 now)
{
	const struct nhrp_binding *b = v->binding;
	struct nhrp_env *env = &b->t->core->env;
	u64 idle = env->peer_rx_idle_ms(env->ctx, b->t, &b->locator->key);
	u64 elapsed = now - v->started_at;

	/* Whoever took its place with a recorded message can send anything but answers. */
	if (nhrp_auth_mode_at(b->t, &b->locator->key) == NHRP_AUTH_HMAC)
		return false;
	return elapsed > VERIFY_GRACE_MS && idle < elapsed - VERIFY_GRACE_MS;
}

static void ask(struct nhrp_verify *v, u64 now)
{
	struct nhrp_binding *b = v->binding;
	struct nhrp_tunnel *t = b->t;
	struct nhrp_msg msg;

	v->tries++;
	nhrp_timer(t, &v->timer, now + VERIFY_PERIOD_MS);
	/* With which key it would hear us is not known: a hint has it register again. */
	if (t->cfg.identities && (!b->identity || b->provisional))
		nhrp_hint(t, &b->locator->key, SIZE_MAX, b->proto.family, now);
	if (!nhrp_resolution_msg(t, &msg, &b->locator->key, &b->proto,
				 v->req.id))
		return;
	nhrp_count(t, NHRP_C_PROBE_SENT);
	nhrp_msg_send(t, &msg, &b->locator->key, v->req.id);
}

static void verify_timer(struct nhrp_timer *timer, u64 now)
{
	struct nhrp_verify *v = container_of(timer, struct nhrp_verify, timer);

	if (owner_heard(v, now))
		decide(v, NHRP_DECIDE_KEEP, now);
	else if (v->tries >= VERIFY_TRIES)
		decide(v, NHRP_DECIDE_MOVE, now);
	else
		ask(v, now);
}

void nhrp_verify_start(struct nhrp_binding *b, const struct nhrp_frame *frame,
		       u64 now)
{
	struct nhrp_verify *v;

	if (frame->len > NHRP_CLAIM_MAX) {
		nhrp_count(b->t, NHRP_C_DROP_TOO_LONG);
		return;
	}
	v = calloc(1, sizeof(*v));
	if (!v) {
		nhrp_count(b->t, NHRP_C_DROP_NOMEM);
		return;
	}
	v->binding = b;
	v->started_at = now;
	v->frame = *frame;
	v->frame.data = v->data;
	memcpy(v->data, frame->data, frame->len);
	v->timer.fn = verify_timer;
	nhrp_request_new(b->t, &v->req, NHRP_REQ_VERIFY);
	b->verify = v;
	ask(v, now);
}

void nhrp_verify_free(struct nhrp_binding *b)
{
	struct nhrp_verify *v = b->verify;

	if (!v)
		return;
	b->verify = NULL;
	nhrp_timer_off(b->t, &v->timer);
	nhrp_request_done(b->t, &v->req);
	free(v);
}

/* The owner answered what we asked. */
void nhrp_verify_heard(struct nhrp_verify *v, u64 now)
{
	decide(v, NHRP_DECIDE_KEEP, now);
}
