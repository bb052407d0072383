// SPDX-License-Identifier: GPL-2.0
/*
 * tbench - packets through the data path, and what one of them costs
 *
 *	ip link add und type tbsink		where packets end
 *	/proc/tbench, written:
 *	  send dev=in0 count=2000 size=64 dst=10.64.0.1 peers=1000
 *	  capture 1024				the next frames that reach a sink
 *	  replay dev=und count=2000 [src=100.64.0.1 peers=1000]
 *	/proc/tbench, read: result of the last command
 *
 * Further words of send and replay: repeats=N, headroom=BYTES, window=PACKETS, order=seq.
 */
#include <linux/inet.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "tbench.h"

#define TB_COMMAND_MAX	400
#define TB_SIZE_MIN	60

static DEFINE_MUTEX(command_lock); /* one command at a time, and its result */
static struct tb_result result;

static int tb_number(const char *text, u32 least, u32 most, u32 *value)
{
	int err = kstrtou32(text, 0, value);

	if (!err && (*value < least || *value > most))
		err = -ERANGE;
	return err;
}

static int tb_address(const char *text, u32 *value)
{
	__be32 addr;

	if (!in4_pton(text, -1, (u8 *)&addr, -1, NULL))
		return -EINVAL;
	*value = ntohl(addr);
	return 0;
}

static int tb_word(struct tb_run *run, const char *name, const char *value)
{
	if (!strcmp(name, "dev"))
		return strscpy(run->dev, value, sizeof(run->dev)) < 0 ? -ENODEV : 0;
	if (!strcmp(name, "count"))
		return tb_number(value, 1, U32_MAX, &run->count);
	if (!strcmp(name, "repeats"))
		return tb_number(value, 1, TB_REPEATS_MAX, &run->repeats);
	if (!strcmp(name, "size"))
		return tb_number(value, TB_SIZE_MIN, 9000, &run->size);
	if (!strcmp(name, "headroom"))
		return tb_number(value, NET_SKB_PAD, 1024, &run->headroom);
	if (!strcmp(name, "window"))
		return tb_number(value, 1, U32_MAX, &run->window);
	if (!strcmp(name, "peers"))
		return tb_number(value, 1, U32_MAX, &run->peers);
	if (!strcmp(name, "dst"))
		return tb_address(value, &run->dst);
	if (!strcmp(name, "src"))
		return tb_address(value, &run->src);
	if (!strcmp(name, "order"))
		run->order_seq = !strcmp(value, "seq");
	else
		return -EINVAL;
	return 0;
}

static int tb_send(char *words, bool replay)
{
	struct tb_run run = {
		.count = 2000,
		.repeats = 1,
		.size = 64,
		.headroom = NET_SKB_PAD,
		.window = 64,
		.replay = replay,
		.peers = 1,
		.random = 0x12345678,
	};
	char *word, *value;
	int err;

	while ((word = strsep(&words, " "))) {
		value = strchr(word, '=');
		if (!value)
			return -EINVAL;
		*value++ = '\0';
		err = tb_word(&run, word, value);
		if (err)
			return err;
	}
	return tb_generate(&run, &result);
}

static int tb_command(char *line)
{
	char *words = strim(line), *verb = strsep(&words, " ");
	u32 n;
	int err;

	if (!words)
		return -EINVAL;
	if (!strcmp(verb, "send"))
		return tb_send(words, false);
	if (!strcmp(verb, "replay"))
		return tb_send(words, true);
	if (strcmp(verb, "capture"))
		return -EINVAL;
	err = tb_number(words, 0, 1 << 20, &n);
	return err ?: tb_capture_start(n);
}

static ssize_t tb_proc_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	char *line;
	int err;

	if (len > TB_COMMAND_MAX)
		return -E2BIG;
	line = memdup_user_nul(buf, len);
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&command_lock);
	err = tb_command(line);
	mutex_unlock(&command_lock);
	kfree(line);
	return err ?: len;
}

static int tb_proc_show(struct seq_file *m, void *v)
{
	mutex_lock(&command_lock);
	if (result.repeats)
		seq_printf(m, "sent=%llu seen=%llu bytes=%llu min_ps=%llu median_ps=%llu max_ps=%llu\n",
			   result.sent, result.seen, result.bytes, result.ps[0],
			   result.ps[result.repeats / 2], result.ps[result.repeats - 1]);
	mutex_unlock(&command_lock);
	return 0;
}

static int tb_proc_open(struct inode *inode, struct file *file)
{
	return single_open(file, tb_proc_show, NULL);
}

static const struct proc_ops tb_proc_ops = {
	.proc_open = tb_proc_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = tb_proc_write,
};

static int __init tb_init(void)
{
	int err = tb_sink_init();

	if (err)
		return err;
	if (!proc_create("tbench", 0600, NULL, &tb_proc_ops)) {
		tb_sink_exit();
		return -ENOMEM;
	}
	return 0;
}

static void __exit tb_exit(void)
{
	remove_proc_entry("tbench", NULL);
	tb_sink_exit();
}

module_init(tb_init);
module_exit(tb_exit);
MODULE_DESCRIPTION("Packets through the data path, and what one of them costs");
MODULE_LICENSE("GPL");
