/* SPDX-License-Identifier: GPL-2.0 */
/* From a device to a tunnel that works, and back */
#ifndef DVPND_ATTACH_H
#define DVPND_ATTACH_H

#include "dvpnd/tunnel.h"

/* Nothing is looked for yet. */
void attach_init(struct tunnel *t);

/* Look at the device again: it, its addresses or the underlay may have changed. */
void tunnel_refresh(struct tunnel *t);

/* The interface of this index is gone. */
void tunnel_link_gone(struct tunnel *t, unsigned int ifindex);

/* Be no agent any more, if it is one. The kernel's table stays as it is. */
void tunnel_detach(struct tunnel *t);

/* tunnel_refresh() after a while that grows from time to time. */
void tunnel_retry_later(struct tunnel *t);

#endif /* DVPND_ATTACH_H */
