// SPDX-License-Identifier: GPL-2.0
/* dvpnd: options, and the order in which things are opened and given up */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dvpnd/config.h"
#include "dvpnd/control.h"
#include "dvpnd/daemon.h"
#include "dvpnd/log.h"
#include "dvpnd/methods.h"
#include "dvpnd/names.h"
#include "dvpnd/notify.h"
#include "dvpnd/resolver.h"
#include "dvpnd/sandbox.h"

#define EXIT_USAGE 2

struct options {
	const char *config;
	const char *socket;
	const char *state_dir;
	const char *user;
	enum sandbox_seccomp seccomp;
	bool check;
	bool debug;
};

static const char usage[] =
	"Usage: dvpnd [OPTIONS]\n"
	"The agent of dvpn devices: speaks NHRP and keeps their tables.\n"
	"\n"
	"  -c, --config FILE      config file (" CONFIG_FILE_DEFAULT ")\n"
	"      --check            look for errors in the config file and exit\n"
	"  -s, --socket PATH      control socket (" CONFIG_SOCKET_DEFAULT ")\n"
	"      --state-dir DIR    directory of the state file (" CONFIG_STATE_DEFAULT ")\n"
	"  -u, --user NAME        user to run as (" CONFIG_USER_DEFAULT "), \"\" to stay\n"
	"      --seccomp MODE     on (default), log or off\n"
	"  -d, --debug            log everything\n"
	"  -f, --foreground       accepted and ignored: dvpnd never goes to the background\n"
	"  -V, --version          print the version and exit\n"
	"  -h, --help             print this and exit\n"
	"\n"
	"Options beat the config file. See dvpnd(8) and dvpnd.conf(5).\n";

enum { OPT_CHECK = 256, OPT_STATE_DIR, OPT_SECCOMP };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "socket", required_argument, NULL, 's' },
	{ "state-dir", required_argument, NULL, OPT_STATE_DIR },
	{ "user", required_argument, NULL, 'u' },
	{ "seccomp", required_argument, NULL, OPT_SECCOMP },
	{ "debug", no_argument, NULL, 'd' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void bad_usage(const char *fmt, const char *arg)
{
	fputs("dvpnd: ", stderr);
	fprintf(stderr, fmt, arg);
	fputs("; try dvpnd --help\n", stderr);
	exit(EXIT_USAGE);
}

static enum sandbox_seccomp seccomp_mode(const char *word)
{
	if (!strcmp(word, "on"))
		return SANDBOX_ENFORCE;
	if (!strcmp(word, "log"))
		return SANDBOX_LOG;
	if (strcmp(word, "off"))
		bad_usage("--seccomp is on, log or off, not \"%s\"", word);
	return SANDBOX_OFF;
}

static void parse_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt_long(argc, argv, "c:s:u:dfVh", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case OPT_CHECK:
			o->check = true;
			break;
		case 's':
			o->socket = optarg;
			break;
		case OPT_STATE_DIR:
			o->state_dir = optarg;
			break;
		case 'u':
			o->user = optarg;
			break;
		case OPT_SECCOMP:
			o->seccomp = seccomp_mode(optarg);
			break;
		case 'd':
			o->debug = true;
			break;
		case 'f':
			break;
		case 'V':
			puts("dvpnd " DVPN_VERSION);
			exit(0);
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			exit(EXIT_USAGE);	/* getopt has said why */
		}
	}
	if (optind < argc)
		bad_usage("\"%s\" is not an option", argv[optind]);
}

static int check_config(const char *path)
{
	struct config_errors errors = { 0 };
	struct config *cfg = config_load(path, &errors);
	unsigned int i;

	for (i = 0; i < errors.nr; i++)
		fprintf(stderr, "%s\n", errors.line[i]);
	if (cfg && *cfg->exposed)
		fprintf(stderr, "%s: warning: " CONFIG_EXPOSED_TEXT "\n", cfg->exposed);
	if (cfg)
		printf("%s: ok\n", path);
	config_errors_free(&errors);
	config_free(cfg);
	return cfg ? 0 : 1;
}

static struct config *load_config(const char *path)
{
	struct config_errors errors = { 0 };
	struct config *cfg = config_load(path, &errors);
	unsigned int i;

	for (i = 0; i < errors.nr; i++)
		log_err("%s", errors.line[i]);
	if (cfg && *cfg->exposed)
		log_warn("%s: " CONFIG_EXPOSED_TEXT, cfg->exposed);
	config_errors_free(&errors);
	return cfg;
}

/* Directories below /run are gone after a boot; systemd makes ours, by hand it is us. */
static void make_parent(const char *path, uid_t uid, gid_t gid)
{
	char copy[CONFIG_PATH_MAX + 1];
	char *dir;

	snprintf(copy, sizeof(copy), "%s", path);
	dir = dirname(copy);
	if (!mkdir(dir, 0755) && uid != (uid_t)-1 && chown(dir, uid, gid))
		log_warn("%s: %s", dir, strerror(errno));
}

static int open_state(struct daemon *d, const char *dir, uid_t uid, gid_t gid)
{
	int err;

	err = state_open(dir, uid, gid, &d->state);
	if (err == -EBUSY)
		log_err("%s is in use by another dvpnd; give this one its own with --state-dir",
			dir);
	else if (err)
		log_err("%s: %s", dir, strerror(-err));
	return err;
}

static int open_control(struct daemon *d, const char *path, uid_t uid, gid_t gid)
{
	int err;

	make_parent(path, uid, gid);
	d->control = control_new(methods_handle, d);
	err = d->control ? control_listen(d->control, path, d->cfg->control_group) : -ENOMEM;
	if (!err && uid != (uid_t)-1)
		err = control_chown(d->control, uid);
	if (err == -EADDRINUSE)
		log_err("%s: another dvpnd listens there; give this one its own with --socket",
			path);
	else if (err)
		log_err("%s: %s", path, strerror(-err));
	return err;
}

static int open_names(struct daemon *d, int fd)
{
	d->names = names_new(d, fd);
	if (d->names)
		return 0;
	if (fd >= 0)
		close(fd);
	log_err("out of memory");
	return -ENOMEM;
}

/* Everything that needs more rights than we keep. */
static int open_privileged(struct daemon *d, const struct options *o)
{
	const char *user = o->user ? o->user : d->cfg->user;
	int err, resolver;
	uid_t uid;
	gid_t gid;

	if (sandbox_user(user, !strcmp(user, CONFIG_USER_DEFAULT), &uid, &gid)) {
		log_err("user = %s: there is no such user", user);
		return -ENOENT;
	}
	resolver = resolver_start(uid, gid, o->seccomp, d->cfg);
	if (resolver < 0)
		log_warn("cannot start the process that looks up names: %s; hubs are where they were known to be",
			 strerror(-resolver));
	err = open_control(d, o->socket ? o->socket : d->cfg->control_socket, uid, gid);
	if (!err)
		err = open_state(d, o->state_dir ? o->state_dir : d->cfg->state_dir, uid, gid);
	if (err) {
		if (resolver >= 0)
			close(resolver);
		return err;
	}
	err = open_names(d, resolver);
	if (err)
		return err;
	err = sandbox_drop(uid, gid);
	if (err == -EPERM)
		log_err("dvpnd needs the capability CAP_NET_ADMIN");
	else if (err)
		log_err("cannot give up privileges: %s", strerror(-err));
	return err;
}

static int run(struct daemon *d, const struct options *o)
{
	int err;

	d->cfg = load_config(d->config_path);
	if (!d->cfg)
		return 1;
	d->debug = o->debug;
	log_setup(o->debug ? LOG_DEBUG : d->cfg->log_level);
	d->watchdog_ms = notify_setup();
	if (open_privileged(d, o))
		return 1;
	/* A change of user sets it anew. */
	daemon_hide_secrets(d->cfg);
	err = sandbox_seccomp(o->seccomp);
	if (err) {
		log_err("seccomp: %s", strerror(-err));
		return 1;
	}
	log_notice("dvpnd " DVPN_VERSION " starts with %s", d->config_path);
	if (daemon_start(d))
		return 1;
	notify_send("READY=1");
	ev_run(d->loop, 0);
	log_notice("dvpnd ends; the kernel keeps the tables");
	return d->stopping ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct options o = { .config = CONFIG_FILE_DEFAULT };
	struct daemon d = { 0 };
	int ret;

	parse_options(argc, argv, &o);
	if (o.check)
		return check_config(o.config);
	log_setup(LOG_INFO);
	signal(SIGPIPE, SIG_IGN);
	d.config_path = o.config;
	ret = run(&d, &o);
	daemon_stop(&d);
	names_free(d.names);
	state_close(d.state);
	config_free(d.cfg);
	return ret;
}
