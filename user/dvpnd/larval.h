/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Larval states: what the kernel keeps of having asked for a security association
 *
 * While there is one the kernel asks nobody again. It stays for net.core.xfrm_acq_expires,
 * 165 s once charon has run, also if the IKE daemon that was asked has failed, or has been
 * restarted and knows nothing of it.
 */
#ifndef DVPND_LARVAL_H
#define DVPND_LARVAL_H

#include "nhrp/addr.h"

/**
 * larval_clear() - have the kernel ask again
 * @nbma: for ESP to this address.
 *
 * Return: how many there were, or a negative errno.
 */
int larval_clear(const struct nhrp_addr *nbma);

#endif /* DVPND_LARVAL_H */
