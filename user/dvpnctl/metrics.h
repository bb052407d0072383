/* SPDX-License-Identifier: GPL-2.0 */
/* States and counters in the text format of Prometheus */
#ifndef DVPNCTL_METRICS_H
#define DVPNCTL_METRICS_H

#include <stdio.h>

#include <jansson.h>

/**
 * metrics_print() - write all that can be measured
 * @status: reply to Status.
 * @counters: reply to ShowCounters.
 * @nhs: reply to ShowNhs.
 * @out: where to.
 *
 * What is absent, or of another type than it should be, is left out.
 */
void metrics_print(json_t *status, json_t *counters, json_t *nhs, FILE *out);

#endif /* DVPNCTL_METRICS_H */
