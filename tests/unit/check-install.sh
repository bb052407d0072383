#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What "make install" puts where, under a prefix of its own. Output: TAP.
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
n=0

# check NAME COMMAND... - one result: the command succeeds
check()
{
	local name=$1
	shift
	n=$((n + 1))
	if "$@" >"$scratch/log" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$scratch/log"
	fi
}

# The programs are those of the tree; pages and units are made for the prefix.
mkdir "$scratch/build"
ln -s "$(realpath "${BUILD:-build}")/user" "$scratch/build/user"
make_here()
{
	make -s BUILD="$scratch/build" DESTDIR="$scratch/root$1" PREFIX="$1" "$2"
}

# Paths of ours that the manual pages and units name
named()
{
	# In a page a full stop may have \& beside it.
	find "$scratch/root$1$1/share/man" "$scratch/root$1$1/lib/systemd" -type f -exec cat {} + |
		sed 's/\\&//g' | grep -oE "$1/(share/doc|sbin)/[a-z./-]*[a-z]" | sort -u
}

all_named_exist()
{
	local path
	[ -n "$(named "$1")" ] || return
	for path in $(named "$1"); do
		[ -f "$scratch/root$1$path" ] && continue
		echo "$path is named and not installed"
		return 1
	done
}

check "install" make_here /opt/first install
check "the pages and units name what is there" all_named_exist /opt/first
check "dvpnctl(8) names the guide" grep -q /opt/first/share/doc/dvpn/guide-operations.rst \
	<(named /opt/first)
check "install under another prefix" make_here /opt/second install
check "its pages and units name what is there" all_named_exist /opt/second
check "uninstall" make_here /opt/first uninstall
check "and the other" make_here /opt/second uninstall
check "uninstall what is not there" make_here /opt/first uninstall
check "no directory of ours is left" eval "
	! find '$scratch/root' -name '*dvpn*' ! -path '*/etc/dvpn' | grep ."
check "no file is left" eval "! find '$scratch/root' -type f | grep ."
echo "1..$n"
