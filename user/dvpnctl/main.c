// SPDX-License-Identifier: GPL-2.0
/*
 * dvpnctl - look at dvpnd and at the tables of the dvpn module
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnctl/client.h"
#include "dvpnctl/kernel.h"
#include "dvpnctl/text.h"
#include "dvpnctl/view.h"
#include "dvpnctl/why.h"
#include "lib/dvpn.h"

#define SOCKET_DEFAULT	"/run/dvpn/dvpnd.sock"

/* Most entries and replies that one table may have; more is a broken dvpnd. */
#define ENTRIES_MAX	(2 * DVPN_TABLE_LIMIT)

/**
 * enum exit_code - what the program returns, see dvpnctl(8)
 * @EXIT_OK: done.
 * @EXIT_REFUSED: dvpnd or the kernel refused, or output could not be written.
 * @EXIT_USAGE: the command line makes no sense.
 * @EXIT_NOT_RUNNING: dvpnd is not running.
 * @EXIT_BROKEN: no connection, or a reply that makes no sense.
 */
enum exit_code {
	EXIT_OK,
	EXIT_REFUSED,
	EXIT_USAGE,
	EXIT_NOT_RUNNING,
	EXIT_BROKEN,
};

/**
 * struct options - the command line
 * @socket: where dvpnd listens.
 * @json: machine-readable output.
 * @kernel: do not ask dvpnd.
 * @all: counters that are 0, too.
 * @diff: how the running configuration differs from the file.
 * @dry_run: do nothing, tell what would be done.
 * @what: the table to show, for "show".
 * @address: the address to explain, for "why".
 * @tunnel: only this tunnel; NULL: all.
 */
struct options {
	const char *socket;
	bool json;
	bool kernel;
	bool all;
	bool diff;
	bool dry_run;
	const char *what;
	const char *address;
	const char *tunnel;
};

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
	{ "counters", "org.dvpn.ShowCounters", "tunnels", true, true },
	{ "running-config", "org.dvpn.RunningConfig", NULL, false, false },
};

static const char *const table_names[] = {
	"maps", "peers", "groups", "nhs", "shortcuts", "counters", "running-config", NULL
};

static const char usage_text[] =
"Usage: dvpnctl [OPTION]... COMMAND [TUNNEL]\n"
"\n"
"  status           tunnels, their state and what they are doing\n"
"  show maps        who is reached how: the table that the kernel forwards by\n"
"  show peers       NBMA endpoints, what was heard of them, path MTU\n"
"  show groups      multicast groups that only some peers get\n"
"  show nhs         registrations with hubs\n"
"  show shortcuts   resolutions and direct paths\n"
"  show counters    packets, NHRP messages, and why something was dropped\n"
"  show running-config [--diff]\n"
"                   the configuration in force, or what reload would change\n"
"  why ADDRESS      how an address is reached, and why not directly\n"
"  monitor          print what happens, until interrupted\n"
"  leave            deregister and withdraw all answers (NHRP purge)\n"
"  reload           read the config file again\n"
"\n"
"  -j, --json         JSON instead of tables\n"
"  -a, --all          counters that are 0, too\n"
"  -d, --diff         where the running configuration and the file differ\n"
"  -k, --kernel       ask the kernel, not dvpnd: status, maps, peers, counters\n"
"  -s, --socket PATH  where dvpnd listens (" SOCKET_DEFAULT ")\n"
"  -n, --dry-run      reload: only tell what it would do, and what that costs\n"
"  -h, --help         this text\n"
"  -V, --version      version\n"
"\n"
"See dvpnctl(8).\n";

static int TEXT_PRINTF(1, 2) usage_error(const char *fmt, ...)
{
	char raw[CLIENT_ERROR_MAX], safe[CLIENT_ERROR_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	text_safe(safe, sizeof(safe), raw);
	fprintf(stderr, "dvpnctl: %s\n", safe);
	return EXIT_USAGE;
}

static int not_known(const char *kind, const char *word,
		     const char *const *candidates)
{
	const char *guess = text_suggest(word, candidates);

	if (guess)
		return usage_error("unknown %s \"%.64s\"; did you mean \"%s\"?",
				   kind, word, guess);
	return usage_error("unknown %s \"%.64s\"; see dvpnctl --help", kind,
			   word);
}

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

/*
 * Nobody reads on (head, a pager that was left): that is a good end. A full
 * disk is not.
 */
static int end_of_output(enum exit_code code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	if (errno == EPIPE)
		return EXIT_OK;
	fprintf(stderr, "dvpnctl: cannot write: %s\n", strerror(errno));
	return EXIT_REFUSED;
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
	json_t *parameters = NULL;

	status = client_connect(client, options->socket);
	if (status != CLIENT_OK)
		return status;
	if (options->dry_run)
		parameters = json_pack("{s:b}", "dry_run", 1);
	else if (options->address)
		parameters = json_pack("{s:s, s:s*}", "address", options->address,
				       "tunnel", options->tunnel);
	else if (options->tunnel)
		parameters = json_pack("{s:s}", "tunnel", options->tunnel);
	if (options->tunnel && !parameters) {
		snprintf(client->error, sizeof(client->error),
			 "the name of the tunnel is not UTF-8");
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

static int run_config(const struct options *options, const struct table *table)
{
	if (options->tunnel)
		return usage_error("show %s takes no tunnel", table->what);
	return run_simple(options, table->method,
			  options->diff ? print_differences : print_config);
}

static int run_table(const struct options *options)
{
	const struct table *table = find_table(options->what);
	enum client_status status;
	struct client client;
	enum exit_code code;
	json_t *reply;

	if (options->kernel && !table->in_kernel)
		return usage_error("the kernel knows nothing of %s; leave --kernel out",
				   table->what);
	if (options->diff && table->member)
		return usage_error("--diff is for show running-config");
	if (!table->member)
		return run_config(options, table);
	if (options->kernel || !table->method)
		return end_of_output(show_kernel(options, table, false));

	client_init(&client, -1);
	status = call(&client, options, table->method, table->stream);
	if (status == CLIENT_OK)
		status = fetch_parts(&client, table, &reply);
	if (status == CLIENT_OK) {
		json_object_set_new(reply, "source", json_string("dvpnd"));
		print_table(options, table, reply);
		json_decref(reply);
		code = EXIT_OK;
	} else {
		code = complain(&client, status);
		print_refusal(options, &client);
	}
	client_close(&client);
	if (code == EXIT_NOT_RUNNING && table->in_kernel)
		code = show_without_agent(options, table);
	return end_of_output(code);
}

static int run_monitor(const struct options *options)
{
	enum client_status status;
	struct client client;
	enum exit_code code;
	json_t *event;

	client_init(&client, -1);
	status = call(&client, options, "org.dvpn.Monitor", true);
	while (status == CLIENT_OK) {
		status = client_receive(&client, &event, NULL);
		if (status != CLIENT_OK)
			break;
		/* The first reply only says that it works. */
		client.timeout_ms = -1;
		if (options->json) {
			json_dumpf(event, stdout, JSON_COMPACT);
			putchar('\n');
		} else if (json_object_get(event, "event")) {
			view_print_event(event, stdout);
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

static enum exit_code print_leave(json_t *reply, FILE *out)
{
	view_print_leave(json_object_get(reply, "tunnels"), out);
	return EXIT_OK;
}

static int run_leave(const struct options *options)
{
	return run_simple(options, "org.dvpn.Leave", print_leave);
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
	{ "leave", run_leave },
	{ "reload", run_reload },
};

static const char *const command_names[] = {
	"status", "show", "why", "monitor", "leave", "reload", "help", NULL
};

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "diff", no_argument, NULL, 'd' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, 'j' },
	{ "kernel", no_argument, NULL, 'k' },
	{ "socket", required_argument, NULL, 's' },
	{ "version", no_argument, NULL, 'V' },
	{}
};

static int bad_option(char **argv)
{
	static const char *const names[] = {
		"--all", "--diff", "--dry-run", "--help", "--json", "--kernel",
		"--socket", "--version", NULL
	};
	const char *word = argv[optind - 1];
	char name[32];

	if (optopt && !strncmp(word, "--", 2))
		return usage_error("option %.32s is used wrongly; see dvpnctl --help",
				   word);
	if (optopt)
		return usage_error("unknown option -%c; see dvpnctl --help",
				   optopt);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	return not_known("option", name, names);
}

/* Return: -1 to go on, else the exit code. */
static int parse_options(int argc, char **argv, struct options *options)
{
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":adhjkns:V", long_options,
				NULL)) != -1) {
		switch (c) {
		case 'a':
			options->all = true;
			break;
		case 'd':
			options->diff = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			return end_of_output(EXIT_OK);
		case 'j':
			options->json = true;
			break;
		case 'k':
			options->kernel = true;
			break;
		case 'n':
			options->dry_run = true;
			break;
		case 's':
			options->socket = optarg;
			break;
		case 'V':
			puts("dvpnctl " DVPN_VERSION);
			return end_of_output(EXIT_OK);
		case ':':
			return usage_error("option %.32s needs a value; see dvpnctl --help",
					   argv[optind - 1]);
		default:
			return bad_option(argv);
		}
	}
	return -1;
}

static int parse_address(const char *word, struct options *options)
{
	struct in6_addr any;

	if (!word)
		return usage_error("why what? an IPv4 or IPv6 address is missing");
	if (inet_pton(AF_INET, word, &any) != 1 && inet_pton(AF_INET6, word, &any) != 1)
		return usage_error("\"%.64s\" is no IPv4 or IPv6 address", word);
	options->address = word;
	return -1;
}

/* The words after the options: [show] WHAT [TUNNEL] or why ADDRESS [TUNNEL]. */
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
		int ret = parse_address(words[1], options);

		if (ret >= 0)
			return ret;
		words++;
	}
	options->tunnel = words[1];
	if (words[1] && words[2])
		return usage_error("unexpected \"%.64s\" after the tunnel \"%.32s\"",
				   words[2], words[1]);
	if (words[1] && (!*words[1] || strlen(words[1]) >= IF_NAMESIZE))
		return usage_error("\"%.64s\" is no tunnel: interface names have 1 to %d letters",
				   words[1], IF_NAMESIZE - 1);
	return -1;
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
		if (options.dry_run && commands[i].run != run_reload)
			return usage_error("--dry-run is for reload");
		ret = parse_words(words, &options);
		return ret >= 0 ? ret : commands[i].run(&options);
	}
	/* "dvpnctl maps": the table without the verb. */
	if (text_suggest(*words, table_names) && find_table(*words))
		return usage_error("unknown command \"%.64s\"; did you mean \"show %s\"?",
				   *words, *words);
	return not_known("command", *words, command_names);
}
