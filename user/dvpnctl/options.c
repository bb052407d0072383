// SPDX-License-Identifier: GPL-2.0
/* The command line: see options.h */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnctl/client.h"
#include "dvpnctl/options.h"

#define DAY_S	(24 * 3600)

const char usage_text[] =
"Usage: dvpnctl [OPTION]... COMMAND [TUNNEL]\n"
"\n"
"  status           tunnels, their state and what they are doing\n"
"  show maps        who is reached how: the table that the kernel forwards by\n"
"  show peers       NBMA endpoints, what was heard of them, path MTU\n"
"  show groups      multicast groups that only some peers get\n"
"  show nhs         registrations with hubs\n"
"  show shortcuts   resolutions and direct paths\n"
"  show sas         security associations with peers\n"
"  show counters    packets, NHRP messages, and why something was dropped\n"
"  show running-config [--diff]\n"
"                   the configuration in force, or what reload would change\n"
"  why ADDRESS      how an address is reached, and why not directly\n"
"  monitor          print what happens, until interrupted\n"
"  trace [TUNNEL] [peer NBMA] [address ADDRESS]\n"
"                   the last NHRP messages and events, and what became of them\n"
"  metrics          states and counters in the text format of Prometheus\n"
"  clear map|shortcut|peer|hub NAME [TUNNEL]\n"
"                   forget a mapping, a direct path, all at an NBMA address, or what\n"
"                   keeps a hub from being asked now; and what that costs\n"
"  ipsec template   a swanctl.conf for the tunnel, to be filled in\n"
"  leave            deregister and withdraw all answers (NHRP purge)\n"
"  reload [--confirm SECONDS]\n"
"                   read the config file again\n"
"  confirm          the configuration that was reloaded stays\n"
"\n"
"  -j, --json         JSON instead of tables\n"
"  -a, --all          counters that are 0, too\n"
"  -c, --confirm SECONDS\n"
"                     reload: goes back after this time unless confirmed\n"
"  -d, --diff         where the running configuration and the file differ\n"
"  -k, --kernel       ask the kernel, not dvpnd: status, maps, peers, counters\n"
"  -s, --socket PATH  where dvpnd listens (" SOCKET_DEFAULT ")\n"
"  -n, --dry-run      reload, clear: only tell what it would do, and what that costs\n"
"  -f, --follow       trace: those that come from now on, until interrupted\n"
"  -h, --help         this text\n"
"  -V, --version      version\n"
"\n"
"See dvpnctl(8).\n";

int usage_error(const char *fmt, ...)
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

int not_known(const char *kind, const char *word,
	      const char *const *candidates)
{
	const char *guess = text_suggest(word, candidates);

	if (guess)
		return usage_error("unknown %s \"%.64s\"; did you mean \"%s\"?",
				   kind, word, guess);
	return usage_error("unknown %s \"%.64s\"; see dvpnctl --help", kind,
			   word);
}

int end_of_output(enum exit_code code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	if (errno == EPIPE)
		return EXIT_OK;
	fprintf(stderr, "dvpnctl: cannot write: %s\n", strerror(errno));
	return EXIT_REFUSED;
}

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "confirm", required_argument, NULL, 'c' },
	{ "diff", no_argument, NULL, 'd' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "follow", no_argument, NULL, 'f' },
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
		"--all", "--confirm", "--diff", "--dry-run", "--follow", "--help", "--json",
		"--kernel", "--socket", "--version", NULL
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

/* Return: 0 if it is no such number. */
static unsigned int parse_seconds(const char *word)
{
	char *end;
	unsigned long s = strtoul(word, &end, 10);

	return *end || *word < '0' || *word > '9' || s > DAY_S ? 0 : s;
}

int parse_options(int argc, char **argv, struct options *options)
{
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":ac:dfhjkns:V", long_options,
				NULL)) != -1) {
		switch (c) {
		case 'a':
			options->all = true;
			break;
		case 'c':
			options->confirm_s = parse_seconds(optarg);
			if (!options->confirm_s)
				return usage_error("--confirm takes 1 to %d seconds", DAY_S);
			break;
		case 'd':
			options->diff = true;
			break;
		case 'f':
			options->follow = true;
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

int parse_address(const char *before, const char *word, const char **address)
{
	struct in6_addr any;

	if (!word)
		return usage_error("%s what? an IPv4 or IPv6 address is missing", before);
	if (inet_pton(AF_INET, word, &any) != 1 && inet_pton(AF_INET6, word, &any) != 1)
		return usage_error("\"%.64s\" is no IPv4 or IPv6 address", word);
	*address = word;
	return -1;
}

int parse_tunnel(const char *word, struct options *options)
{
	if (!*word || strlen(word) >= IF_NAMESIZE)
		return usage_error("\"%.64s\" is no tunnel: interface names have 1 to %d letters",
				   word, IF_NAMESIZE - 1);
	options->tunnel = word;
	return -1;
}

int parse_clear(char **words, struct options *options)
{
	static const char *const kinds[] = { "map", "shortcut", "peer", "hub", NULL };
	size_t i;

	if (!words[1])
		return usage_error("clear what? map, shortcut, peer or hub");
	for (i = 0; kinds[i] && strcmp(kinds[i], words[1]); i++)
		;
	if (!kinds[i])
		return not_known("kind", words[1], kinds);
	if (!words[2])
		return usage_error("clear which %s? its name is missing", words[1]);
	options->clear = words[1];
	options->name = words[2];
	if (words[3] && words[4])
		return usage_error("unexpected \"%.64s\" after the tunnel \"%.32s\"",
				   words[4], words[3]);
	return words[3] ? parse_tunnel(words[3], options) : -1;
}

int parse_trace(char **words, struct options *options)
{
	int ret = -1;

	while (ret < 0 && *++words) {
		const char *word = *words;
		const char **address = !strcmp(word, "peer") ? &options->peer :
				       !strcmp(word, "address") ? &options->address : NULL;

		if (address ? *address : options->tunnel)
			return usage_error("unexpected \"%.64s\"", word);
		ret = address ? parse_address(word, words[1], address) :
				parse_tunnel(word, options);
		words += !!address;
	}
	return ret;
}
