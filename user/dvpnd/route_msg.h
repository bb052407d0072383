/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of rtnetlink about routes, written and read */
#ifndef DVPND_ROUTE_MSG_H
#define DVPND_ROUTE_MSG_H

#include <stddef.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "dvpnd/route.h"

/**
 * struct route_request - a request
 * @nlh: header; its length is that of the request.
 * @rtm: what is the same in all.
 * @attrs: attributes.
 */
struct route_request {
	struct nlmsghdr nlh;
	struct rtmsg rtm;
	char attrs[128];
};

/**
 * route_msg_begin() - start a request
 * @req: where to put it.
 * @type: RTM_*.
 * @family: of the routes.
 * @flags: NLM_F_* but for %NLM_F_REQUEST, which is always set.
 */
void route_msg_begin(struct route_request *req, u16 type, u8 family, u16 flags);

/**
 * route_msg_put() - add an attribute
 * @req: request; all its attributes together must fit.
 * @type: RTA_*.
 * @data: value.
 * @len: bytes of it.
 */
void route_msg_put(struct route_request *req, unsigned short type, const void *data, size_t len);

/**
 * route_msg_parse() - read a route
 * @nlh: message of any type; complete.
 * @info: where to put it.
 *
 * Return: false if it is no unicast route or no route at all.
 */
bool route_msg_parse(const struct nlmsghdr *nlh, struct route_info *info);

/**
 * route_msg_error() - what the kernel says to a request
 * @nlh: message of type %NLMSG_ERROR.
 *
 * Return: 0 or a negative errno.
 */
int route_msg_error(const struct nlmsghdr *nlh);

#endif /* DVPND_ROUTE_MSG_H */
