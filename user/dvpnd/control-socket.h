/* SPDX-License-Identifier: GPL-2.0 */
/* The file of the control socket */
#ifndef DVPND_CONTROL_SOCKET_H
#define DVPND_CONTROL_SOCKET_H

/**
 * control_socket_open() - make the socket and listen
 * @path: where. A socket there that nobody listens on is replaced.
 * @group: that may connect, empty: none.
 *
 * Return: descriptor; -EADDRINUSE if somebody listens there; -EEXIST if it is
 * no socket; another negative errno.
 */
int control_socket_open(const char *path, const char *group);

#endif /* DVPND_CONTROL_SOCKET_H */
