// SPDX-License-Identifier: GPL-2.0
/*
 * The options of "ip link add|set ... type dvpn" into attributes.
 *
 * An option that is not given is not sent, so the kernel keeps its value. All
 * keywords are matched whole: a script that works today means the same tomorrow.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "iproute2/link_dvpn.h"

/**
 * struct args - the words being parsed
 * @argv: next word
 * @argc: words left
 * @n: the request
 * @flags: values of the flags named in @selected
 * @selected: &enum dvpn_link_flags that were given
 * @seen: mask of attributes and flags that were given, against repetition
 */
struct args {
	char **argv;
	int argc;
	struct nlmsghdr *n;
	u32 flags;
	u32 selected;
	u64 seen;
};

/**
 * struct option - one keyword
 * @name: the keyword
 * @parse: takes its value; NULL: it has none
 * @attr: what it is sent as; several keywords of one attribute exclude each other
 * @width: bytes of the number; negative: network byte order
 * @min: smallest number
 * @max: largest number
 * @word: word that may stand for a number
 * @word_value: the number that it stands for
 * @flag: &enum dvpn_link_flags that the keyword sets or clears
 * @inverted: "on" clears the flag
 * @values: what may follow, for help and errors
 * @initial: value of a new device, "" if the keyword has none, NULL: not as with
 *	this keyword
 * @help: what it is
 */
struct option {
	const char *name;
	int (*parse)(struct args *a, const struct option *o);
	u16 attr;
	int width;
	u32 min;
	u32 max;
	const char *word;
	u32 word_value;
	u32 flag;
	bool inverted;
	const char *values;
	const char *initial;
	const char *help;
};

/* Says what is wrong; the value is the parser's failure. */
#define refuse(format, ...) \
	({ fprintf(stderr, "Error: dvpn: " format "\n", ##__VA_ARGS__); -1; })

static int put(struct args *a, int type, const void *data, size_t len)
{
	/* ip says what is wrong. */
	return addattr_l(a->n, IP_REQUEST_MAX, type, data, len) ? -1 : 0;
}

/* The word after the keyword, or NULL after saying that it is missing. */
static const char *next_word(struct args *a, const struct option *o)
{
	if (!a->argc) {
		refuse("\"%s\" needs a value: %s", o->name, o->values);
		return NULL;
	}
	a->argc--;
	return *a->argv++;
}

static int give_once(struct args *a, unsigned int attr, const char *name)
{
	u64 bit = 1ull << attr;

	if (a->seen & bit)
		return refuse("\"%s\" is given twice, or contradicts an option before it", name);
	a->seen |= bit;
	return 0;
}

static int set_flag(struct args *a, u32 flag, bool on, const char *name)
{
	if (a->selected & flag)
		return refuse("\"%s\" is given twice, or contradicts an option before it", name);
	a->selected |= flag;
	if (on)
		a->flags |= flag;
	return 0;
}

/* Decimal, or hexadecimal with 0x; nothing before or after it. */
static bool parse_number(const char *word, unsigned long long *value)
{
	bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
	const char *digits = hex ? word + 2 : word;
	char *end;

	if (!*digits || strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") !=
	    strlen(digits))
		return false;
	errno = 0;
	*value = strtoull(digits, &end, hex ? 16 : 10);
	if (errno)
		*value = ~0ull;
	return true;
}

static int put_number(struct args *a, const struct option *o, u32 value)
{
	u8 v8 = value;
	u16 v16 = o->width < 0 ? htons(value) : value;
	u32 v32 = o->width < 0 ? htonl(value) : value;

	switch (abs(o->width)) {
	case 1:
		return put(a, o->attr, &v8, sizeof(v8));
	case 2:
		return put(a, o->attr, &v16, sizeof(v16));
	default:
		return put(a, o->attr, &v32, sizeof(v32));
	}
}

static int parse_range(struct args *a, const struct option *o)
{
	const char *word = next_word(a, o);
	unsigned long long value;

	if (!word)
		return -1;
	if (give_once(a, o->attr, o->name))
		return -1;
	if (o->word && !strcmp(word, o->word))
		return put_number(a, o, o->word_value);
	if (!parse_number(word, &value))
		return refuse("%s \"%s\" is not a number; wanted: %s", o->name, word, o->values);
	if (o->word && value == o->word_value)
		return refuse("%s %s means \"%s\"; write that", o->name, word, o->word);
	if (value < o->min || value > o->max)
		return refuse("%s %s is out of range; wanted: %s", o->name, word, o->values);
	return put_number(a, o, value);
}

static int parse_local(struct args *a, const struct option *o)
{
	static const struct dvpn_addr any4 = { .family = AF_INET };
	static const struct dvpn_addr any6 = { .family = AF_INET6 };
	const char *word = next_word(a, o);
	struct dvpn_addr addr;

	if (!word)
		return -1;
	if (!strcmp(word, "any")) {
		if (give_once(a, IFLA_DVPN_LOCAL4, o->name) ||
		    give_once(a, IFLA_DVPN_LOCAL6, o->name) ||
		    put(a, IFLA_DVPN_LOCAL4, any4.bytes, 4))
			return -1;
		return put(a, IFLA_DVPN_LOCAL6, any6.bytes, 16);
	}
	if (dvpn_addr_parse(word, &addr))
		return refuse("local \"%s\" is not an IPv4 or IPv6 address; wanted: %s", word,
			      o->values);
	if (addr.family == AF_INET)
		return give_once(a, IFLA_DVPN_LOCAL4, "local IPv4-ADDRESS") ? -1 :
			put(a, IFLA_DVPN_LOCAL4, addr.bytes, 4);
	return give_once(a, IFLA_DVPN_LOCAL6, "local IPv6-ADDRESS") ? -1 :
		put(a, IFLA_DVPN_LOCAL6, addr.bytes, 16);
}

static int parse_dev(struct args *a, const struct option *o)
{
	const char *word = next_word(a, o);

	if (!word)
		return -1;
	if (!*word || strlen(word) >= IF_NAMESIZE)
		return refuse("dev \"%s\" is not the name of an interface (1 to %d characters)",
			      word, IF_NAMESIZE - 1);
	if (set_flag(a, DVPN_LINK_F_LINK, true, o->name))
		return -1;
	return put(a, IFLA_DVPN_LINK_NAME, word, strlen(word) + 1);
}

/* As ip's other tunnels: a number, or four bytes with dots between. */
static int parse_key(struct args *a, const struct option *o)
{
	const char *word = next_word(a, o);
	unsigned long long value;
	struct dvpn_addr dotted;
	u32 key;

	if (!word)
		return -1;
	if (set_flag(a, DVPN_LINK_F_KEY, true, o->name))
		return -1;
	if (strchr(word, '.')) {
		if (dvpn_addr_parse(word, &dotted) || dotted.family != AF_INET)
			return refuse("key \"%s\" is not a key; wanted: %s", word, o->values);
		return put(a, o->attr, dotted.bytes, 4);
	}
	if (!parse_number(word, &value))
		return refuse("key \"%s\" is not a key; wanted: %s", word, o->values);
	if (value > 0xffffffff)
		return refuse("key %s is out of range; wanted: %s", word, o->values);
	key = htonl(value);
	return put(a, o->attr, &key, sizeof(key));
}

static int parse_switch(struct args *a, const struct option *o)
{
	const char *word = next_word(a, o);
	bool on;

	if (!word)
		return -1;
	on = !strcmp(word, "on");
	if (!on && strcmp(word, "off"))
		return refuse("%s \"%s\" is neither \"on\" nor \"off\"", o->name, word);
	return set_flag(a, o->flag, on != o->inverted, o->name);
}

static int parse_ipsec(struct args *a, const struct option *o)
{
	const char *word = next_word(a, o);
	bool require;

	if (!word)
		return -1;
	require = !strcmp(word, "require");
	if (!require && strcmp(word, "off"))
		return refuse("ipsec \"%s\" is neither \"require\" nor \"off\"", word);
	return set_flag(a, o->flag, require, o->name);
}

/* One of the names of an enum. */
static int parse_name(struct args *a, const struct option *o)
{
	const char *word = next_word(a, o);
	enum dvpn_names which = o->attr == IFLA_DVPN_DF ? DVPN_NAMES_DF : DVPN_NAMES_RX_SOURCE;
	int value;
	u8 v8;

	if (!word)
		return -1;
	if (give_once(a, o->attr, o->name))
		return -1;
	value = dvpn_name_value(which, word);
	if (value < 0)
		return refuse("%s \"%s\" is unknown; wanted: %s", o->name, word, o->values);
	v8 = value;
	return put(a, o->attr, &v8, sizeof(v8));
}

static int parse_mss(struct args *a, const struct option *o)
{
	const char *word = next_word(a, o);
	unsigned long long value;

	if (!word || give_once(a, o->attr, o->name))
		return -1;
	if (!strcmp(word, "off"))
		return put_number(a, o, DVPN_MSS_OFF);
	if (!strcmp(word, "auto"))
		return put_number(a, o, DVPN_MSS_AUTO);
	if (!parse_number(word, &value))
		return refuse("mss \"%s\" is not a number; wanted: %s", word, o->values);
	if (value < DVPN_MSS_MIN || value > DVPN_MSS_MAX)
		return refuse("mss %s is out of range; wanted: %s", word, o->values);
	return put_number(a, o, value);
}

static const struct option options[] = {
	{ "local", parse_local, .values = "ADDRESS|any",
	  .initial = "any", .help = "our NBMA address: one IPv4, one IPv6 or both" },
	{ "dev", parse_dev, IFLA_DVPN_LINK_NAME, .values = "LINK",
	  .help = "underlay interface, followed by its name" },
	{ "nodev", NULL, .flag = DVPN_LINK_F_LINK, .initial = "",
	  .help = "any underlay interface" },
	{ "key", parse_key, IFLA_DVPN_KEY, .values = "0 to 4294967295, or A.B.C.D",
	  .help = "GRE key" },
	{ "nokey", NULL, .flag = DVPN_LINK_F_KEY, .initial = "",
	  .help = "no GRE key, which is not key 0" },
	{ "port", parse_range, IFLA_DVPN_PORT, -2, 0, 65535, .values = "0 to 65535",
	  .initial = "0", .help = "local UDP port for GRE in UDP, 0: no UDP" },
	{ "ttl", parse_range, IFLA_DVPN_TTL, 1, 1, 255, "inherit", 0,
	  .values = "1 to 255, or inherit", .initial = "64", .help = "outer TTL" },
	{ "tos", parse_range, IFLA_DVPN_TOS, 1, 0, 0xfc, "inherit", 1,
	  .values = "0 to 0xfc by 4, or inherit", .initial = "0x0", .help = "outer TOS" },
	{ "df", parse_name, IFLA_DVPN_DF, .values = "set|unset|inherit",
	  .initial = "set", .help = "outer Don't Fragment bit" },
	{ "mss", parse_mss, IFLA_DVPN_MSS, 4, .values = "auto|off|88 to 65535",
	  .initial = "auto", .help = "largest TCP segments: as the path takes, or bytes" },
	{ "domain", parse_range, IFLA_DVPN_DOMAIN, 4, 0, 0xffffffff,
	  .values = "0 to 4294967295", .initial = "0",
	  .help = "devices of one domain redirect among them, 0: itself" },
	{ "redirect", parse_switch, .flag = DVPN_LINK_F_REDIRECT, .values = "on|off",
	  .initial = "off", .help = "tell the agent of traffic that could go direct" },
	{ "ipsec", parse_ipsec, .flag = DVPN_LINK_F_REQUIRE_IPSEC, .values = "require|off",
	  .initial = "off", .help = "nothing in or out without ESP" },
	{ "csum", parse_switch, .flag = DVPN_LINK_F_CSUM, .values = "on|off",
	  .initial = "off", .help = "send GRE checksums" },
	{ "udpcsum", parse_switch, .flag = DVPN_LINK_F_UDP_ZERO_CSUM, .inverted = true,
	  .values = "on|off", .initial = "on", .help = "send UDP checksums over IPv4" },
	{ "udp6csum", parse_switch, .flag = DVPN_LINK_F_UDP_ZERO_CSUM6, .inverted = true,
	  .values = "on|off", .initial = "on", .help = "send and demand UDP checksums over IPv6" },
	{ "fwmark", parse_range, IFLA_DVPN_FWMARK, 4, 0, 0xffffffff,
	  .values = "0 to 0xffffffff", .initial = "0x0", .help = "routing mark of outer packets" },
	{ "if_id", parse_range, IFLA_DVPN_XFRM_IF_ID, 4, 0, 0xffffffff,
	  .values = "0 to 0xffffffff", .initial = "0x0",
	  .help = "xfrm interface id of outer packets" },
	{ "max-maps", parse_range, IFLA_DVPN_MAX_MAPS, 4, 1, DVPN_TABLE_LIMIT,
	  .values = "1 to 1048576", .initial = "16384", .help = "most mappings" },
	{ "max-peers", parse_range, IFLA_DVPN_MAX_PEERS, 4, 1, DVPN_TABLE_LIMIT,
	  .values = "1 to 1048576", .initial = "16384", .help = "most peers" },
	{ "queue", parse_range, IFLA_DVPN_QUEUE, 4, 0, DVPN_QUEUE_MAX, .values = "0 to 3",
	  .initial = "0", .help = "packets held per unresolved next hop" },
	{ "agent-grace", parse_range, IFLA_DVPN_AGENT_GRACE, 4, 0, DVPN_AGENT_GRACE_MAX,
	  .values = "0 to 86400", .initial = "0",
	  .help = "seconds that mappings outlive their time without agent" },
	{ "rx-source", parse_name, IFLA_DVPN_RX_SOURCE, .values = "loose|strict",
	  .initial = "loose", .help = "tie inner sources to the peer (strict: not yet)" },
};

static_assert(DVPN_MAX_MAPS_DEFAULT == 16384, "as the help text says");
static_assert(DVPN_MAX_PEERS_DEFAULT == 16384, "as the help text says");
static_assert(DVPN_TABLE_LIMIT == 1048576, "as the help text says");
static_assert(DVPN_MSS_MIN == 88 && DVPN_MSS_MAX == 65535, "as the help text says");
static_assert(DVPN_QUEUE_MAX == 3, "as the help text says");
static_assert(DVPN_AGENT_GRACE_MAX == 86400, "as the help text says");

#define N_OPTIONS DVPN_ARRAY_LEN(options)

/* Letters to change, add, leave out or swap between two short words. */
static unsigned int distance(const char *a, const char *b)
{
	enum { LONGEST = 16 };
	unsigned int d[LONGEST + 1][LONGEST + 1];
	size_t la = strlen(a), lb = strlen(b);
	size_t i, j;

	if (la > LONGEST || lb > LONGEST)
		return ~0u;
	for (i = 0; i <= la; i++) {
		for (j = 0; j <= lb; j++) {
			unsigned int best;

			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[la][lb];
}

static int refuse_unknown(const char *word)
{
	const struct option *near = NULL;
	unsigned int least = 3;
	size_t i;

	for (i = 0; i < N_OPTIONS; i++) {
		unsigned int d = distance(word, options[i].name);

		/* The beginning of a keyword is near to it, however long the rest is. */
		if (strlen(word) > 1 && !strncmp(word, options[i].name, strlen(word)))
			d = 1;
		if (d < least && d < strlen(options[i].name)) {
			least = d;
			near = &options[i];
		}
	}
	if (near)
		return refuse("unknown option \"%s\" (did you mean \"%s\"?)", word, near->name);
	return refuse("unknown option \"%s\"; \"ip link help dvpn\" shows all", word);
}

static int parse_one(struct args *a, const char *word)
{
	size_t i;

	for (i = 0; i < N_OPTIONS; i++) {
		if (strcmp(word, options[i].name))
			continue;
		if (options[i].parse)
			return options[i].parse(a, &options[i]);
		return set_flag(a, options[i].flag, false, options[i].name);
	}
	return refuse_unknown(word);
}

int dvpn_parse_options(struct link_util *lu, int argc, char **argv, struct nlmsghdr *n)
{
	struct args a = { .argv = argv, .argc = argc, .n = n };
	struct nla_bitfield32 flags;

	while (a.argc) {
		const char *word = *a.argv++;

		a.argc--;
		if (!strcmp(word, "help")) {
			dvpn_print_help(lu, 0, NULL, stdout);
			return -1;
		}
		if (parse_one(&a, word))
			return -1;
	}
	if (!a.selected)
		return 0;
	flags.value = a.flags;
	flags.selector = a.selected;
	return put(&a, IFLA_DVPN_FLAGS, &flags, sizeof(flags));
}

/* In the words of "ip -d link show", and in their order. */
static void print_defaults(FILE *f)
{
	enum { WIDTH = 76 };
	size_t column = WIDTH;
	size_t i;

	fputs("\nDefaults:", f);
	for (i = 0; i < N_OPTIONS; i++) {
		const struct option *o = &options[i];
		char word[64];
		int len;

		if (!o->initial)
			continue;
		len = snprintf(word, sizeof(word), " %s%s%s", o->name, *o->initial ? " " : "",
			       o->initial);
		if (column + len > WIDTH)
			column = fprintf(f, "\n   ") - 1;
		column += len;
		fputs(word, f);
	}
	fputc('\n', f);
}

void dvpn_print_help(struct link_util *lu, int argc, char **argv, FILE *f)
{
	size_t i;

	(void)lu;
	(void)argc;
	(void)argv;
	fputs("Usage: ip link { add | set } NAME type dvpn [ OPTION [ VALUE ] ]...\n"
	      "An option that is not given keeps its value, or at first its default.\n\n", f);
	for (i = 0; i < N_OPTIONS; i++)
		fprintf(f, "    %-11s %-28s %s\n", options[i].name, options[i].values ?: "",
			options[i].help);
	print_defaults(f);
	fputs("\nSee dvpn-link(8).\n", f);
}
