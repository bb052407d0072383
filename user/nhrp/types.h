/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's short integer names and ARRAY_SIZE(), for user space. */
#ifndef NHRP_TYPES_H
#define NHRP_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#endif
