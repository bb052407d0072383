/* SPDX-License-Identifier: GPL-2.0 */
/* The one clock of the daemon: milliseconds since boot, suspend included */
#ifndef DVPND_CLOCK_H
#define DVPND_CLOCK_H

#include <time.h>

#include "nhrp/types.h"

static inline u64 clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (u64)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

#endif /* DVPND_CLOCK_H */
