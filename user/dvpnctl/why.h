/* SPDX-License-Identifier: GPL-2.0 */
/* The reply to Why for people */
#ifndef DVPNCTL_WHY_H
#define DVPNCTL_WHY_H

#include <stdio.h>

#include <jansson.h>

/**
 * why_print() - write the reply to Why
 * @reply: its parameters.
 * @out: where to.
 *
 * The sentence, and below it what routing table, kernel and agent say.
 */
void why_print(json_t *reply, FILE *out);

#endif /* DVPNCTL_WHY_H */
