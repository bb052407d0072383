// SPDX-License-Identifier: GPL-2.0
/* Log lines: see log.h */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dvpnd/clock.h"
#include "dvpnd/journal.h"
#include "dvpnd/log.h"

#define LINE_MAX_BYTES	1024
#define BUCKETS		32	/* ids are few; two that share a bucket share its limit */
#define BURST		50
#define PER_SECOND	5

struct bucket {
	u64 stamp_ms;
	u32 tokens;
	u32 held_back;
};

static int log_level = LOG_INFO;
static bool to_journal;
static struct bucket buckets[BUCKETS];

/* JOURNAL_STREAM names device and inode of the stream that systemd gave us. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == dev && st.st_ino == ino;
}

void log_setup(int level)
{
	log_level = level;
	to_journal = is_journal();
	if (to_journal)
		journal_open(JOURNAL_SOCKET);
}

static struct bucket *bucket_of(const char *id)
{
	unsigned int h = 0;

	while (*id)
		h = h * 31 + (unsigned char)*id++;
	return &buckets[h % BUCKETS];
}

/* May it be written? *held_back: how many could not since the last that was. */
static bool within_limit(const char *id, u32 *held_back)
{
	struct bucket *b = bucket_of(id);
	u64 now_ms = clock_ms();
	u64 more;

	if (!b->stamp_ms) {
		b->stamp_ms = now_ms;
		b->tokens = BURST;
	}
	more = (now_ms - b->stamp_ms) * PER_SECOND / 1000;
	if (more) {
		b->tokens = b->tokens + more > BURST ? BURST : b->tokens + more;
		b->stamp_ms = now_ms;
	}
	if (!b->tokens) {
		b->held_back++;
		return false;
	}
	b->tokens--;
	*held_back = b->held_back;
	b->held_back = 0;
	return true;
}

static int prefix(char *buf, size_t size, int level)
{
	struct timespec ts;
	struct tm tm;

	if (to_journal)
		return snprintf(buf, size, "<%d>", level);
	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	return snprintf(buf, size, "%02d:%02d:%02d.%03ld %s", tm.tm_hour, tm.tm_min, tm.tm_sec,
			ts.tv_nsec / 1000000, level <= LOG_ERR ? "error: " :
			level == LOG_WARNING ? "warning: " : "");
}

/* What came from the network must not be able to drive a terminal. */
static void make_safe(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/* An empty field says no more than none. */
static const char *field(const char *text)
{
	return text && *text ? text : NULL;
}

/* Return: whether the journal has it. */
static bool send_entry(int level, const char *tunnel, const char *id,
		       const struct log_about *about, const char *text)
{
	const char priority[2] = { '0' + level };
	struct journal_field fields[] = {
		{ "MESSAGE", text },
		{ "PRIORITY", priority },
		{ "SYSLOG_IDENTIFIER", "dvpnd" },
		{ "DVPN_TUNNEL", tunnel },
		{ "DVPN_EVENT", id },
		{ "DVPN_ADDRESS", about ? field(about->address) : NULL },
		{ "DVPN_NBMA", about ? field(about->nbma) : NULL },
		{ "DVPN_REASON", about ? field(about->reason) : NULL },
	};

	return to_journal && !journal_send(fields, sizeof(fields) / sizeof(*fields));
}

static void __attribute__((format(printf, 5, 0)))
write_line(int level, const char *tunnel, const char *id, const struct log_about *about,
	   const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES];
	u32 held_back = 0;
	int n, text;

	if (level > log_level || (id && !within_limit(id, &held_back)))
		return;
	n = prefix(line, sizeof(line), level);
	text = n;
	if (tunnel)
		n += snprintf(line + n, sizeof(line) - n, "%s: ", tunnel);
	if (id)
		n += snprintf(line + n, sizeof(line) - n, "%s: ", id);
	n += vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	if (n > LINE_MAX_BYTES - 2)
		n = LINE_MAX_BYTES - 2;
	if (held_back) {
		int more = snprintf(line + n, sizeof(line) - 1 - n, " (%u more of these not shown)",
				    held_back);

		n += more < LINE_MAX_BYTES - 1 - n ? more : LINE_MAX_BYTES - 2 - n;
	}
	line[n] = '\0';
	make_safe(line + text);
	if (send_entry(level, tunnel, id, about, line + text))
		return;
	line[n] = '\n';
	if (write(STDERR_FILENO, line, n + 1) < 0)
		return;		/* there is nobody to tell */
}

void log_line(int level, const char *tunnel, const char *id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(level, tunnel, id, NULL, fmt, ap);
	va_end(ap);
}

void log_event(int level, const char *tunnel, const char *id, const struct log_about *about,
	       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(level, tunnel, id, about, fmt, ap);
	va_end(ap);
}
