// SPDX-License-Identifier: GPL-2.0
/* Where the configuration of dvpnd is read from: a file, and a directory beside it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "config_text.h"

static void files(void **state)
{
	char name[] = "/tmp/test_config.XXXXXX";
	struct config_errors errors = { 0 };
	struct config *cfg;
	int fd;

	(void)state;
	assert_null(config_load("/nonexistent/file", &errors));
	assert_string_equal(errors.line[0], "/nonexistent/file: No such file or directory");
	config_errors_free(&errors);
	assert_null(config_load("/", &errors));
	assert_string_equal(errors.line[0], "/: Is a directory");
	config_errors_free(&errors);

	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "tunnel t { role = nhs }", 23), 23);
	cfg = config_load(name, &errors);
	assert_non_null(cfg);
	config_free(cfg);
	assert_int_equal(ftruncate(fd, CONFIG_FILE_MAX + 1), 0);
	assert_null(config_load(name, &errors));
	assert_non_null(strstr(errors.line[0], ": larger than 1 MiB"));
	config_errors_free(&errors);
	close(fd);
	unlink(name);
}

static char conf_dir[32];

static void put_file(const char *name, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", conf_dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* What reading @conf_dir/f says, with the directory's name left out. */
static void assert_load_errors(const char *wanted)
{
	struct config_errors errors = { 0 };
	char path[64], got[2048], *at;

	snprintf(path, sizeof(path), "%s/f", conf_dir);
	assert_null(config_load(path, &errors));
	join_errors(&errors, got, sizeof(got));
	snprintf(path, sizeof(path), "%s/", conf_dir);
	while ((at = strstr(got, path)))
		memmove(at, at + strlen(path), strlen(at + strlen(path)) + 1);
	assert_string_equal(got, wanted);
}

static void directories(void **state)
{
	static const char *const names[] = {
		"f.d/b.conf", "f.d/a.conf", "f.d/.c.conf", "f.d/d.conf~", "f.d/.conf", "f",
	};
	struct config_errors errors = { 0 };
	struct config *cfg;
	char path[64];
	size_t i;

	(void)state;
	snprintf(conf_dir, sizeof(conf_dir), "/tmp/test_config_d.XXXXXX");
	assert_non_null(mkdtemp(conf_dir));
	snprintf(path, sizeof(path), "%s/f.d", conf_dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put_file("f", "user = x\n");
	assert_load_errors("f:2: no tunnel is configured: tunnel NAME { ... }\n");
	put_file("f.d/b.conf", "tunnel b {\nrole = nhs\n}\n");
	put_file("f.d/a.conf", "log-level = error; tunnel a { role = nhs }");
	put_file("f.d/.c.conf", "wrong");
	put_file("f.d/d.conf~", "wrong");
	put_file("f.d/.conf", "wrong");
	snprintf(path, sizeof(path), "%s/f", conf_dir);
	cfg = config_load(path, &errors);
	assert_non_null(cfg);
	assert_string_equal(cfg->user, "x");
	assert_int_equal(cfg->log_level, LOG_ERR);
	assert_int_equal(cfg->nr_tunnels, 2);
	assert_string_equal(cfg->tunnels[0].name, "a");
	assert_string_equal(cfg->tunnels[1].name, "b");
	config_free(cfg);

	/* All errors of all files, also if the first is bad. */
	put_file("f", "user = x\ntunnel b { role = nhs }\nwrong\n");
	put_file("f.d/a.conf", "\nuser = y; phase = 1\n");
	assert_load_errors("f:3: unknown option \"wrong\"\n"
			   "f.d/a.conf:2: user was already set in f:1\n"
			   "f.d/a.conf:2: unknown option \"phase\"\n"
			   "f.d/b.conf:1: tunnel b was already configured in f:2\n");
	/* A section ends in its file. */
	put_file("f", "tunnel c {\nrole = nhs\n");
	put_file("f.d/a.conf", "}\n");
	assert_load_errors("f:3: \"}\" is missing for tunnel c of line 1\n"
			   "f.d/a.conf:1: \"}\" without a \"{\" before it\n");
	put_file("f", "");
	put_file("f.d/a.conf", "");
	snprintf(path, sizeof(path), "%s/f.d/b.conf", conf_dir);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_load_errors("f.d/b.conf: Is a directory\n");
	rmdir(path);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", conf_dir, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/f.d", conf_dir);
	assert_int_equal(rmdir(path), 0);
	put_file("f", "tunnel a { role = nhs }");
	put_file("f.d", "not a directory");
	assert_load_errors("f.d: Not a directory\n");
	unlink(path);
	snprintf(path, sizeof(path), "%s/f", conf_dir);
	unlink(path);
	assert_int_equal(rmdir(conf_dir), 0);
}

/* Given this mode, is @file told of when @path is read? */
static void assert_exposed(const char *path, const char *file, mode_t mode, bool yes)
{
	struct config_errors errors = { 0 };
	struct config *cfg;
	char name[64];

	snprintf(name, sizeof(name), "%s/%s", conf_dir, file);
	assert_int_equal(chmod(name, mode), 0);
	cfg = config_load(path, &errors);
	assert_non_null(cfg);
	assert_string_equal(cfg->exposed, yes ? name : "");
	config_free(cfg);
}

static void exposed(void **state)
{
	char path[64];

	(void)state;
	snprintf(conf_dir, sizeof(conf_dir), "/tmp/test_config_e.XXXXXX");
	assert_non_null(mkdtemp(conf_dir));
	snprintf(path, sizeof(path), "%s/f.d", conf_dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/f", conf_dir);
	put_file("f", "tunnel a { role = nhs }\n");
	assert_exposed(path, "f", 0644, false);
	/* It is the file with the secret that counts. */
	put_file("f.d/b.conf", "tunnel b { role = nhs; auth = cisco; password = x }\n");
	assert_exposed(path, "f.d/b.conf", 0640, false);
	assert_exposed(path, "f.d/b.conf", 0644, true);
	put_file("f.d/c.conf", "tunnel c { role = nhs }\n");
	assert_exposed(path, "f.d/b.conf", 0604, true);
	assert_exposed(path, "f.d/b.conf", 0600, false);
	assert_exposed(path, "f.d/c.conf", 0644, false);
	snprintf(path, sizeof(path), "rm -r %s", conf_dir);
	assert_int_equal(system(path), 0);
}

static void load_pubkey(const char *certificate, struct config_errors *errors,
			struct config **cfg)
{
	char text[256], path[64];

	snprintf(text, sizeof(text),
		 "ipsec c {\nauth = pubkey\nca-certificate = %s\nlocal-id = a\n}\n"
		 "tunnel t { role = nhs }\n", certificate);
	put_file("main", text);
	snprintf(path, sizeof(path), "%s/main", conf_dir);
	*cfg = config_load(path, errors);
}

static void expect_refused(const char *certificate, const char *why)
{
	struct config_errors errors = { 0 };
	struct config *cfg;
	char text[256];

	load_pubkey(certificate, &errors, &cfg);
	assert_null(cfg);
	assert_int_equal(errors.nr, 1);
	snprintf(text, sizeof(text), "%s/main:3: ca-certificate = %s: %s", conf_dir, certificate,
		 why);
	assert_string_equal(errors.line[0], text);
	config_errors_free(&errors);
}

/* What strongSwan is given is read with the config. */
static void certificates(void **state)
{
	struct config_errors errors = { 0 };
	struct config *cfg;
	char path[64];

	(void)state;
	snprintf(conf_dir, sizeof(conf_dir), "/tmp/test_config.XXXXXX");
	assert_non_null(mkdtemp(conf_dir));
	snprintf(path, sizeof(path), "%s/ca", conf_dir);
	expect_refused(path, "No such file or directory");
	expect_refused(conf_dir, "not a file");
	expect_refused("/dev/zero", "not a file");
	put_file("ca", "");
	expect_refused(path, "empty");
	put_file("ca", "x");
	assert_int_equal(truncate(path, CONFIG_CERTIFICATE_MAX + 1), 0);
	expect_refused(path, "larger than 32 KiB");
	put_file("ca", "pem");
	load_pubkey(path, &errors, &cfg);
	assert_non_null(cfg);
	assert_int_equal(cfg->ipsecs[0].ca.len, 3);
	assert_memory_equal(cfg->ipsecs[0].ca.data, "pem", 3);
	assert_null(cfg->ipsecs[0].certificate.data);
	config_free(cfg);
	unlink(path);
	snprintf(path, sizeof(path), "%s/main", conf_dir);
	unlink(path);
	assert_int_equal(rmdir(conf_dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(directories),
		cmocka_unit_test(exposed),
		cmocka_unit_test(certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
