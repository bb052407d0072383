/* SPDX-License-Identifier: GPL-2.0 */
/* Forgetting one thing that is known (org.dvpn.Clear) */
#ifndef DVPND_CLEAR_H
#define DVPND_CLEAR_H

struct client;
struct show_scope;

/* Answer a Clear request. */
void clear_answer(struct client *cl, const struct show_scope *scope);

#endif /* DVPND_CLEAR_H */
