// SPDX-License-Identifier: GPL-2.0
/* The config file, and those in the directory beside it */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dvpnd/config-option.h"

static void cannot_read(struct config_parser *p, const char *path, const char *why)
{
	struct config_errors *errors = p->errors;
	char *line;

	p->failed = true;
	if (errors->nr < CONFIG_ERRORS_MAX && asprintf(&line, "%s: %s", path, why) >= 0)
		errors->line[errors->nr++] = line;
}

/* @first: of the tunnels that this file has. */
static void note_exposed(struct config *cfg, unsigned int first, int fd, const char *path)
{
	struct stat st;

	if (*cfg->exposed || fstat(fd, &st) || !(st.st_mode & 0004))
		return;
	for (; first < cfg->nr_tunnels; first++)
		if (cfg->tunnels[first].core.auth != NHRP_AUTH_NONE)
			snprintf(cfg->exposed, sizeof(cfg->exposed), "%s", path);
}

static void add_file(struct config_parser *p, const char *path)
{
	unsigned int first = p->cfg->nr_tunnels;
	size_t len = 0;
	ssize_t n = 0;
	char *text;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		cannot_read(p, path, strerror(errno));
		return;
	}
	text = malloc(CONFIG_FILE_MAX + 1);
	while (text && len <= CONFIG_FILE_MAX) {
		n = read(fd, text + len, CONFIG_FILE_MAX + 1 - len);
		if (n <= 0)
			break;
		len += n;
	}
	if (!text || n < 0)
		cannot_read(p, path, strerror(errno));
	else if (len > CONFIG_FILE_MAX)
		cannot_read(p, path, "larger than 1 MiB");
	else
		config_add(p, path, text, len);
	note_exposed(p->cfg, first, fd, path);
	close(fd);
	if (text)
		explicit_bzero(text, CONFIG_FILE_MAX + 1);
	free(text);
}

static int is_config(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && !strcmp(entry->d_name + len - 5, ".conf");
}

/* Not as the locale has it: the order is the same everywhere. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* @paths is to be freed with all in it, of which some may be NULL. */
static int list_directory(struct config_parser *p, const char *dir, char ***paths)
{
	struct dirent **entries;
	int i, nr;

	nr = scandir(dir, &entries, is_config, by_name);
	if (nr < 0) {
		if (errno != ENOENT)
			cannot_read(p, dir, strerror(errno));
		return 0;
	}
	*paths = calloc(nr, sizeof(**paths));
	for (i = 0; i < nr; i++) {
		if (*paths && asprintf(&(*paths)[i], "%s/%s", dir, entries[i]->d_name) < 0)
			(*paths)[i] = NULL;
		if (!*paths || !(*paths)[i])
			cannot_read(p, dir, "out of memory");
		free(entries[i]);
	}
	free(entries);
	return *paths ? nr : 0;
}

struct config *config_load(const char *path, struct config_errors *errors)
{
	struct config_parser *p = malloc(sizeof(*p));
	char **paths = NULL, *dir = NULL;
	struct config *cfg = NULL;
	int i, nr = 0;

	if (!p || !config_begin(p, errors))
		goto out;
	add_file(p, path);
	if (asprintf(&dir, "%s.d", path) < 0) {
		dir = NULL;
		cannot_read(p, path, "out of memory");
	} else {
		nr = list_directory(p, dir, &paths);
	}
	for (i = 0; i < nr; i++)
		if (paths[i])
			add_file(p, paths[i]);
	config_ipsec_read(p);
	cfg = config_end(p);
	for (i = 0; i < nr; i++)
		free(paths[i]);
	free(paths);
	free(dir);
out:
	if (p)
		explicit_bzero(p, sizeof(*p));
	free(p);
	return cfg;
}
