// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing target: what dvpnctl makes of the bytes of a control socket.
 *
 * The input is received as replies, and each that is accepted is shown in every way there
 * is. Whatever it was, a terminal must only get printable characters and line ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dvpnctl/client.h"
#include "dvpnctl/events.h"
#include "dvpnctl/metrics.h"
#include "dvpnctl/view.h"
#include "dvpnctl/why.h"
#include "fuzz.h"

/* Fits into a socket's buffer. */
#define MAX_INPUT	32768

static void require_printable(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'))
			continue;
		fprintf(stderr, "violated: byte 0x%02x is printed\n", text[i] & 0xff);
		abort();
	}
}

static void show(json_t *parameters)
{
	static const char *const names[] = { "maps", "peers", "nhs", "shortcuts" };
	json_t *tunnels = json_object_get(parameters, "tunnels");
	char *text;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	for (i = 0; i < 4; i++)
		view_print(view_find(names[i]), json_object_get(parameters, names[i]), out);
	view_print_status(parameters, out);
	view_print_counters(tunnels, true, out);
	view_print_leave(tunnels, out);
	view_print_reload(parameters, out);
	events_print(parameters, out);
	events_print_list(json_object_get(parameters, "trace"), out);
	events_print_cleared(parameters, false, out);
	metrics_print(parameters, parameters, parameters, out);
	why_print(parameters, out);
	fclose(out);
	require_printable(text, size);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct client client;
	json_t *parameters;
	bool continues;
	int fds[2];

	if (size > MAX_INPUT)
		size = MAX_INPUT;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) ||
	    write(fds[1], data, size) != (ssize_t)size)
		abort();
	close(fds[1]);
	client_init(&client, fds[0]);
	client.reply_max = MAX_INPUT / 2;
	while (client_receive(&client, &parameters, &continues) == CLIENT_OK) {
		show(parameters);
		json_decref(parameters);
	}
	require_printable(client.error, strlen(client.error));
	client_close(&client);
	return 0;
}
