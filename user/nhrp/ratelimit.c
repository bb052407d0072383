// SPDX-License-Identifier: GPL-2.0
#include "nhrp/ratelimit.h"

bool nhrp_bucket_take(struct nhrp_bucket *b, u64 interval_us, u32 burst,
		      u64 now_ms)
{
	u64 now_us = now_ms * 1000;
	u64 full_us = b->full_us > now_us ? b->full_us : now_us;

	if (full_us + interval_us > now_us + interval_us * burst)
		return false;
	b->full_us = full_us + interval_us;
	return true;
}

bool nhrp_limiter_take(struct nhrp_limiter *l, u64 hash, u64 interval_us,
		       u32 burst, u64 now_ms)
{
	size_t i = hash & (NHRP_LIMITER_SLOTS - 1);
	bool idle = l->slot[i].bucket.full_us <= now_ms * 1000;

	if (l->slot[i].hash != hash && idle) {
		l->slot[i].hash = hash;
		l->slot[i].bucket.full_us = 0;
	}
	return nhrp_bucket_take(&l->slot[i].bucket, interval_us, burst, now_ms);
}
