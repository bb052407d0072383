/* SPDX-License-Identifier: GPL-2.0 */
/* What a device lacks to do what its section of the config file says */
#ifndef DVPND_ADVICE_H
#define DVPND_ADVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "dvpnd/config.h"
#include "lib/dvpn.h"

/**
 * advice_features() - does it need what the module does not have?
 * @cfg: section of the config file.
 * @features: mask of &enum dvpn_feature of the module.
 * @text: filled in with what is wrong and what to do, "" if nothing is.
 * @size: bytes of @text.
 *
 * A module of an older release, or one for a kernel without IPv6.
 *
 * Return: whether there is something to say.
 */
bool advice_features(const struct config_tunnel *cfg, u32 features, char *text, size_t size);

/**
 * advice_port() - does it need a UDP port?
 * @cfg: section of the config file.
 * @link: its device.
 * @text: filled in with what is wrong and what to do, "" if nothing is.
 * @size: bytes of @text.
 *
 * Without one the module refuses every peer that is reached by UDP.
 *
 * Return: whether there is something to say.
 */
bool advice_port(const struct config_tunnel *cfg, const struct dvpn_link *link, char *text,
		 size_t size);

/**
 * advice_hub() - does a hub not know where it is or who may register, or is it not told what
 *	could go direct?
 * @cfg: as above.
 * @link: as above.
 * @now: what its core runs with.
 * @text: as above.
 * @size: as above.
 *
 * The NBMA address of the sender is in all messages but answers. A spoke has that of its
 * route to a hub; a hub that has no hub itself has nothing to go by but the device's.
 *
 * Return: whether there is something to say.
 */
bool advice_hub(const struct config_tunnel *cfg, const struct dvpn_link *link,
		const struct nhrp_tunnel_config *now, char *text, size_t size);

#endif /* DVPND_ADVICE_H */
