// SPDX-License-Identifier: GPL-2.0
/*
 * dvpnctl - look at dvpnd and at the tables of the dvpn module
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnctl/client.h"
#include "dvpnctl/events.h"
#include "dvpnctl/kernel.h"
#include "dvpnctl/metrics.h"
#include "dvpnctl/options.h"
#include "dvpnctl/text.h"
#include "dvpnctl/view.h"
#include "dvpnctl/why.h"
#include "lib/dvpn.h"

/* Most entries and replies that one table may have; more is a broken dvpnd. */
#define ENTRIES_MAX	(2 * DVPN_TABLE_LIMIT)

/**
 * struct table - something that can be shown
 * @what: its name.
 * @method: of dvpnd; NULL: only the module can tell it.
 * @member: array in the reply that has the entries.
 * @stream: the reply may come in several parts.
 * @in_kernel: the module can tell it without dvpnd.
 */
struct table {
	const char *what;
	const char *method;
	const char *member;
	bool stream;
	bool in_kernel;
};

static const struct table tables[] = {
	{ "status", "org.dvpn.Status", "tunnels", false, true },
	{ "maps", "org.dvpn.ShowMaps", "maps", true, true },
	{ "peers", "org.dvpn.ShowPeers", "peers", true, true },
	{ "groups", NULL, "groups", false, true },
	{ "nhs", "org.dvpn.ShowNhs", "nhs", true, false },
	{ "shortcuts", "org.dvpn.ShowShortcuts", "shortcuts", true, false },
	{ "sas", "org.dvpn.ShowSas", "sas", true, false },
	{ "counters", "org.dvpn.ShowCounters", "tunnels", true, true },
	{ "running-config", "org.dvpn.RunningConfig", NULL, false, false },
};

static const struct table trace_table = {
	"trace", "org.dvpn.ShowTrace", "trace", true, false
};

static const char *const table_names[] = {
	"maps", "peers", "groups", "nhs", "shortcuts", "sas", "counters", "running-config",
	NULL
};

static enum exit_code complain(const struct client *client,
			       enum client_status status)
{
	static const enum exit_code codes[] = {
		[CLIENT_OK] = EXIT_OK,
		[CLIENT_REFUSED] = EXIT_REFUSED,
		[CLIENT_NOT_RUNNING] = EXIT_NOT_RUNNING,
		[CLIENT_BROKEN] = EXIT_BROKEN,
		[CLIENT_CLOSED] = EXIT_BROKEN,
	};

	fprintf(stderr, "dvpnctl: %s\n", client->error);
	return codes[status];
}

/* Lines of "dvpnd --check" that come with a refused Reload. */
static void print_refusal(const struct options *options,
			  const struct client *client)
{
	json_t *errors, *line;
	size_t i;

	if (!client->refusal)
		return;
	if (options->json) {
		json_dumpf(client->refusal, stdout, JSON_INDENT(2));
		putchar('\n');
		return;
	}
	errors = json_object_get(json_object_get(client->refusal, "parameters"),
				 "errors");
	json_array_foreach(errors, i, line) {
		char text[CLIENT_ERROR_MAX];

		if (!json_is_string(line))
			continue;
		text_safe(text, sizeof(text), json_string_value(line));
		fprintf(stderr, "  %s\n", text);
	}
}

static void print_json(json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
}

static const struct table *find_table(const char *what)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		if (!strcmp(what, tables[i].what))
			return &tables[i];
	return NULL;
}

/* Puts the entries of one part of a table at the end of what is there. */
static enum client_status merge(struct client *client,
				const struct table *table, json_t *whole,
				json_t *part)
{
	json_t *entries = json_object_get(part, table->member);
	json_t *sum = json_object_get(whole, table->member);

	if (!json_is_array(entries)) {
		snprintf(client->error, sizeof(client->error),
			 "reply of dvpnd lacks \"%s\"", table->member);
		return CLIENT_BROKEN;
	}
	if (json_array_size(sum) + json_array_size(entries) > ENTRIES_MAX) {
		snprintf(client->error, sizeof(client->error),
			 "dvpnd sends more than %d %s", ENTRIES_MAX,
			 table->what);
		return CLIENT_BROKEN;
	}
	json_array_extend(sum, entries);
	return CLIENT_OK;
}

static enum client_status fetch_parts(struct client *client,
				      const struct table *table, json_t **whole)
{
	enum client_status status;
	unsigned int parts = 0;
	bool continues = false;
	json_t *part;

	*whole = NULL;
	do {
		status = client_receive(client, &part, &continues);
		if (status != CLIENT_OK)
			break;
		if (!table->stream)
			continues = false;
		if (!*whole && json_is_array(json_object_get(part,
							     table->member))) {
			*whole = part;
			continue;
		}
		status = merge(client, table, *whole, part);
		json_decref(part);
		if (status == CLIENT_OK && ++parts > ENTRIES_MAX) {
			snprintf(client->error, sizeof(client->error),
				 "dvpnd does not come to an end");
			status = CLIENT_BROKEN;
		}
	} while (status == CLIENT_OK && continues);
	if (status != CLIENT_OK) {
		json_decref(*whole);
		*whole = NULL;
	}
	return status;
}

static enum client_status call(struct client *client,
			       const struct options *options,
			       const char *method, bool more)
{
	enum client_status status;
	json_t *parameters;

	status = client_connect(client, options->socket);
	if (status != CLIENT_OK)
		return status;
	parameters = json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*, s:o*, s:o*}", "tunnel",
			       options->tunnel, "address", options->address, "peer",
			       options->peer, "what", options->clear, "name", options->name,
			       "dry_run", options->dry_run ? json_true() : NULL, "confirm_ms",
			       options->confirm_s ?
			       json_integer(options->confirm_s * 1000LL) : NULL);
	if (!parameters) {
		snprintf(client->error, sizeof(client->error),
			 "a name is not UTF-8");
		return CLIENT_BROKEN;
	}
	status = client_send(client, method, parameters, more);
	json_decref(parameters);
	return status;
}

static void print_table(const struct options *options,
			const struct table *table, json_t *reply)
{
	json_t *entries = json_object_get(reply, table->member);

	if (options->json)
		print_json(reply);
	else if (!strcmp(table->what, "status"))
		view_print_status(reply, stdout);
	else if (!strcmp(table->what, "counters"))
		view_print_counters(entries, options->all, stdout);
	else if (!strcmp(table->what, "trace"))
		events_print_list(entries, stdout);
	else
		view_print(view_find(table->what), entries, stdout);
}

/* @instead: dvpnd was asked first. */
static enum exit_code show_kernel(const struct options *options,
				  const struct table *table, bool instead)
{
	char error[KERNEL_ERROR_MAX], safe[KERNEL_ERROR_MAX];
	json_t *reply;

	reply = kernel_read(table->what, options->tunnel, error);
	if (!reply) {
		text_safe(safe, sizeof(safe), error);
		fprintf(stderr, "dvpnctl: %s\n", safe);
		return EXIT_REFUSED;
	}
	if (instead)
		fputs("dvpnctl: this is the kernel's table, which forwards without dvpnd:\n",
		      stderr);
	json_object_set_new(reply, "source", json_string("kernel"));
	print_table(options, table, reply);
	json_decref(reply);
	return EXIT_OK;
}

/*
 * dvpnd is down: packets still go where the kernel's table says, so show that.
 * Who asks for the status must still be told that there is no agent.
 */
static enum exit_code show_without_agent(const struct options *options,
					 const struct table *table)
{
	enum exit_code code = show_kernel(options, table, true);

	if (code != EXIT_OK || !strcmp(table->what, "status"))
		return EXIT_NOT_RUNNING;
	return EXIT_OK;
}

/* One call, one reply. */
static int run_simple(const struct options *options, const char *method,
		      enum exit_code (*print)(json_t *reply, FILE *out))
{
	enum exit_code code = EXIT_OK;
	enum client_status status;
	struct client client;
	json_t *reply;

	client_init(&client, -1);
	status = call(&client, options, method, false);
	if (status == CLIENT_OK)
		status = client_receive(&client, &reply, NULL);
	if (status == CLIENT_OK) {
		if (options->json)
			print_json(reply);
		else
			code = print(reply, stdout);
		json_decref(reply);
	} else {
		code = complain(&client, status);
		print_refusal(options, &client);
	}
	client_close(&client);
	return end_of_output(code);
}

static enum exit_code print_config(json_t *reply, FILE *out)
{
	view_print_config(reply, out);
	return EXIT_OK;
}

static enum exit_code print_differences(json_t *reply, FILE *out)
{
	const char *reason = json_string_value(json_object_get(reply, "reason"));
	char text[CLIENT_ERROR_MAX];

	if (reason) {
		text_safe(text, sizeof(text), reason);
		fprintf(stderr, "dvpnctl: %s\n", text);
		return EXIT_REFUSED;
	}
	view_print_differences(reply, out);
	return EXIT_OK;
}

static int run_ipsec(const struct options *options)
{
	return run_simple(options, "org.dvpn.IpsecTemplate", print_config);
}

static int run_config(const struct options *options, const struct table *table)
{
	if (options->tunnel)
		return usage_error("show %s takes no tunnel", table->what);
	return run_simple(options, table->method,
			  options->diff ? print_differences : print_config);
}

/* All of a table from dvpnd; *reply is valid if EXIT_OK is returned. */
static enum exit_code fetch(const struct options *options, const struct table *table,
			    json_t **reply)
{
	enum exit_code code = EXIT_OK;
	enum client_status status;
	struct client client;

	client_init(&client, -1);
	status = call(&client, options, table->method, table->stream);
	if (status == CLIENT_OK)
		status = fetch_parts(&client, table, reply);
	if (status != CLIENT_OK) {
		code = complain(&client, status);
		print_refusal(options, &client);
	}
	client_close(&client);
	return code;
}

static int run_fetch(const struct options *options, const struct table *table)
{
	enum exit_code code;
	json_t *reply;

	code = fetch(options, table, &reply);
	if (code == EXIT_OK) {
		json_object_set_new(reply, "source", json_string("dvpnd"));
		print_table(options, table, reply);
		json_decref(reply);
	}
	if (code == EXIT_NOT_RUNNING && table->in_kernel)
		code = show_without_agent(options, table);
	return end_of_output(code);
}

static int run_table(const struct options *options)
{
	const struct table *table = find_table(options->what);

	if (options->kernel && !table->in_kernel)
		return usage_error("the kernel knows nothing of %s; leave --kernel out",
				   table->what);
	if (options->diff && table->member)
		return usage_error("--diff is for show running-config");
	if (!table->member)
		return run_config(options, table);
	if (options->kernel || !table->method)
		return end_of_output(show_kernel(options, table, false));
	return run_fetch(options, table);
}

static int run_stream(const struct options *options, const char *method)
{
	enum client_status status;
	struct client client;
	enum exit_code code;
	json_t *event;

	client_init(&client, -1);
	status = call(&client, options, method, true);
	while (status == CLIENT_OK) {
		status = client_receive(&client, &event, NULL);
		if (status != CLIENT_OK)
			break;
		/* The first reply only says that it works. */
		client.timeout_ms = -1;
		if (options->json) {
			json_dumpf(event, stdout, JSON_COMPACT);
			putchar('\n');
		} else {
			events_print(event, stdout);
		}
		json_decref(event);
		if (fflush(stdout)) {
			client_close(&client);
			return end_of_output(EXIT_OK);
		}
	}
	code = complain(&client, status);
	client_close(&client);
	return end_of_output(code);
}

static int run_metrics(const struct options *options)
{
	static const char *const whats[] = { "status", "counters", "nhs" };
	json_t *replies[ARRAY_SIZE(whats)] = {};
	enum exit_code code = EXIT_OK;
	size_t i;

	if (options->json)
		return usage_error("metrics has a format of its own; leave --json out");
	if (options->kernel)
		return usage_error("the kernel knows only some of metrics; leave --kernel out");
	for (i = 0; i < ARRAY_SIZE(whats) && code == EXIT_OK; i++)
		code = fetch(options, find_table(whats[i]), &replies[i]);
	if (code == EXIT_OK)
		metrics_print(replies[0], replies[1], replies[2], stdout);
	for (i = 0; i < ARRAY_SIZE(whats); i++)
		json_decref(replies[i]);
	return end_of_output(code);
}

static int run_monitor(const struct options *options)
{
	return run_stream(options, "org.dvpn.Monitor");
}

static int run_trace(const struct options *options)
{
	return options->follow ? run_stream(options, "org.dvpn.Trace") :
				 run_fetch(options, &trace_table);
}

static enum exit_code print_leave(json_t *reply, FILE *out)
{
	view_print_leave(json_object_get(reply, "tunnels"), out);
	return EXIT_OK;
}

static int run_leave(const struct options *options)
{
	return run_simple(options, "org.dvpn.Leave", print_leave);
}

static enum exit_code print_cleared(json_t *reply, FILE *out)
{
	events_print_cleared(reply, false, out);
	return EXIT_OK;
}

static enum exit_code print_would_clear(json_t *reply, FILE *out)
{
	events_print_cleared(reply, true, out);
	return EXIT_OK;
}

static int run_clear(const struct options *options)
{
	return run_simple(options, "org.dvpn.Clear",
			  options->dry_run ? print_would_clear : print_cleared);
}

static enum exit_code print_reload(json_t *reply, FILE *out)
{
	view_print_reload(reply, out);
	return EXIT_OK;
}

static int run_reload(const struct options *options)
{
	if (options->tunnel)
		return usage_error("reload takes no tunnel: the file is read as a whole");
	return run_simple(options, "org.dvpn.Reload", print_reload);
}

static enum exit_code print_confirmed(json_t *reply, FILE *out)
{
	(void)reply;
	fputs("the configuration stays\n", out);
	return EXIT_OK;
}

static int run_confirm(const struct options *options)
{
	if (options->tunnel)
		return usage_error("confirm takes no tunnel: the file is read as a whole");
	return run_simple(options, "org.dvpn.Confirm", print_confirmed);
}

static enum exit_code print_why(json_t *reply, FILE *out)
{
	why_print(reply, out);
	return EXIT_OK;
}

static int run_why(const struct options *options)
{
	return run_simple(options, "org.dvpn.Why", print_why);
}

static const struct {
	const char *name;
	int (*run)(const struct options *options);
} commands[] = {
	{ "status", run_table },
	{ "show", run_table },
	{ "why", run_why },
	{ "monitor", run_monitor },
	{ "trace", run_trace },
	{ "metrics", run_metrics },
	{ "clear", run_clear },
	{ "ipsec", run_ipsec },
	{ "leave", run_leave },
	{ "reload", run_reload },
	{ "confirm", run_confirm },
};

static const char *const command_names[] = {
	"status", "show", "why", "monitor", "trace", "metrics", "clear", "ipsec", "leave",
	"reload", "confirm", "help", NULL
};

/*
 * The words after the options: [show] WHAT [TUNNEL], why ADDRESS [TUNNEL], or
 * ipsec template [TUNNEL].
 */
static int parse_words(char **words, struct options *options)
{
	options->what = words[0];
	if (!strcmp(words[0], "show")) {
		if (!words[1])
			return usage_error("show what? one of those in dvpnctl --help");
		options->what = words[1];
		if (!find_table(options->what))
			return not_known("table", options->what, table_names);
		words++;
	}
	if (!strcmp(words[0], "why")) {
		int ret = parse_address(words[0], words[1], &options->address);

		if (ret >= 0)
			return ret;
		words++;
	}
	if (!strcmp(words[0], "ipsec")) {
		if (!words[1] || strcmp(words[1], "template"))
			return usage_error("ipsec what? only \"template\"");
		words++;
	}
	if (words[1] && words[2])
		return usage_error("unexpected \"%.64s\" after the tunnel \"%.32s\"",
				   words[2], words[1]);
	return words[1] ? parse_tunnel(words[1], options) : -1;
}

int main(int argc, char **argv)
{
	struct options options = { .socket = SOCKET_DEFAULT };
	char **words;
	size_t i;
	int ret;

	signal(SIGPIPE, SIG_IGN);
	ret = parse_options(argc, argv, &options);
	if (ret >= 0)
		return ret;
	words = argv + optind;
	if (!*words) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(*words, "help")) {
		fputs(usage_text, stdout);
		return end_of_output(EXIT_OK);
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(*words, commands[i].name))
			continue;
		if (options.dry_run && commands[i].run != run_reload &&
		    commands[i].run != run_clear)
			return usage_error("--dry-run is for reload and clear");
		if (options.confirm_s && commands[i].run != run_reload)
			return usage_error("--confirm is for reload");
		if (options.follow && commands[i].run != run_trace)
			return usage_error("--follow is for trace");
		ret = commands[i].run == run_trace ? parse_trace(words, &options) :
		      commands[i].run == run_clear ? parse_clear(words, &options) :
						     parse_words(words, &options);
		return ret >= 0 ? ret : commands[i].run(&options);
	}
	/* "dvpnctl maps": the table without the verb. */
	if (text_suggest(*words, table_names) && find_table(*words))
		return usage_error("unknown command \"%.64s\"; did you mean \"show %s\"?",
				   *words, *words);
	return not_known("command", *words, command_names);
}
