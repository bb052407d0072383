/* SPDX-License-Identifier: GPL-2.0 */
/* What a device lacks to do what its section of the config file says */
#ifndef DVPND_ADVICE_H
#define DVPND_ADVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "dvpnd/config.h"
#include "lib/dvpn.h"

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
 * advice_redirect() - does it hide from us what could go direct?
 * @cfg: as above.
 * @link: as above.
 * @text: as above.
 * @size: as above.
 *
 * Return: whether there is something to say.
 */
bool advice_redirect(const struct config_tunnel *cfg, const struct dvpn_link *link, char *text,
		     size_t size);

#endif /* DVPND_ADVICE_H */
