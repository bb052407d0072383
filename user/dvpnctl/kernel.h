/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's tables as the JSON that dvpnd would send
 *
 * The kernel decides where packets go, with dvpnd or without, so its tables can
 * be seen without dvpnd. What only dvpnd knows (types, reasons) is absent or
 * derived from flags.
 */
#ifndef DVPNCTL_KERNEL_H
#define DVPNCTL_KERNEL_H

#include <jansson.h>

/* Bytes of an error text. */
#define KERNEL_ERROR_MAX	256

/**
 * kernel_read() - ask the module
 * @what: "status", "maps", "peers", "groups", "counters".
 * @tunnel: only of this device; NULL: of all in this network namespace.
 * @error: KERNEL_ERROR_MAX bytes; on failure, why, safe to print.
 *
 * Return: what the parameters of dvpnd's reply would be, or NULL.
 */
json_t *kernel_read(const char *what, const char *tunnel, char *error);

#endif /* DVPNCTL_KERNEL_H */
