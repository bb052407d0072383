// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a fuzzing target once on every file that is named, or that is in a
 * directory that is named: the corpus as a plain test, with any compiler. Prints
 * TAP; an input that breaks the target ends the program.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned long n_inputs;

static void die(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(1);
}

/* The buffer has exactly the file's size, so that overreads are seen. */
static void run_file(const char *path, size_t size)
{
	uint8_t *data = malloc(size ? size : 1);
	FILE *f = fopen(path, "rb");

	fprintf(stderr, "# %s\n", path);	/* the last one is to blame */
	if (!data || !f || fread(data, 1, size, f) != size)
		die(path);
	fclose(f);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	printf("ok %lu - %s\n", ++n_inputs, path);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void run(const char *path)
{
	char inside[PATH_MAX];
	struct dirent **entry;
	struct stat st;
	int i, n;

	if (stat(path, &st))
		die(path);
	if (!S_ISDIR(st.st_mode)) {
		run_file(path, st.st_size);
		return;
	}
	n = scandir(path, &entry, visible, alphasort);
	if (n < 0)
		die(path);
	for (i = 0; i < n; i++) {
		snprintf(inside, sizeof(inside), "%s/%s", path,
			 entry[i]->d_name);
		run(inside);
		free(entry[i]);
	}
	free(entry);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		run(argv[i]);
	if (!n_inputs) {
		fprintf(stderr, "usage: %s FILE-OR-DIRECTORY...; no input found\n",
			argv[0]);
		return 1;
	}
	printf("1..%lu\n", n_inputs);
	return 0;
}
