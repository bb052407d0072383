/* SPDX-License-Identifier: GPL-2.0 */
/* The answer to "why is this address reached like that?" */
#ifndef DVPND_WHY_H
#define DVPND_WHY_H

struct client;
struct show_scope;

/* Answer a Why request; the scope has the address. */
void why_answer(struct client *cl, const struct show_scope *scope);

#endif /* DVPND_WHY_H */
