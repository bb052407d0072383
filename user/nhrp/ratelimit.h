/* SPDX-License-Identifier: GPL-2.0 */
/* Rate limits of the protocol core: token buckets in constant memory. */
#ifndef NHRP_RATELIMIT_H
#define NHRP_RATELIMIT_H

#include "nhrp/types.h"

#define NHRP_LIMITER_SLOTS	512	/* a power of two */

/**
 * struct nhrp_bucket - one token bucket; a zeroed one is full
 * @full_us: when it will be full again, microseconds
 */
struct nhrp_bucket {
	u64 full_us;
};

/**
 * struct nhrp_limiter - a bucket per source in constant memory
 * @slot: hashed. Two busy sources that meet in a slot share its bucket: that
 *	errs on the side of the limit, and the keyed hash lets nobody choose
 *	whom to meet.
 */
struct nhrp_limiter {
	struct {
		u64 hash;
		struct nhrp_bucket bucket;
	} slot[NHRP_LIMITER_SLOTS];
};

/**
 * nhrp_bucket_take - may something happen now?
 * @b: bucket
 * @interval_us: one token every so many microseconds
 * @burst: tokens in a full bucket
 * @now_ms: now
 *
 * Return: true and a token less, or false.
 */
bool nhrp_bucket_take(struct nhrp_bucket *b, u64 interval_us, u32 burst,
		      u64 now_ms);

/**
 * nhrp_limiter_take - may this source do something now?
 * @l: limiter
 * @hash: keyed hash of the source
 * @interval_us: as nhrp_bucket_take()
 * @burst: as nhrp_bucket_take()
 * @now_ms: now
 *
 * Return: as nhrp_bucket_take().
 */
bool nhrp_limiter_take(struct nhrp_limiter *l, u64 hash, u64 interval_us,
		       u32 burst, u64 now_ms);

#endif
