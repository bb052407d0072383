# SPDX-License-Identifier: GPL-2.0
PROGS += dvpnctl
dvpnctl_SRCS := $(patsubst %,$d/%.c,main client drops events kernel metrics options text view why)
dvpnctl_LIBS := nhrp dvpn
dvpnctl_PKGS := jansson libnl-genl-3.0 libnl-route-3.0

TESTS += test_ctl
test_ctl_SRCS := tests/unit/test_ctl.c tests/unit/test_ctl_client.c \
	$(patsubst %,$d/%.c,client drops events metrics text view why)
test_ctl_LIBS := nhrp dvpn
test_ctl_PKGS := cmocka jansson libnl-genl-3.0 libnl-route-3.0

TESTS += test_ctl_doc
test_ctl_doc_SRCS := tests/unit/test_ctl_doc.c
test_ctl_doc_LIBS := nhrp dvpn
test_ctl_doc_PKGS := cmocka libnl-genl-3.0 libnl-route-3.0

TESTS += test_ctl_main
test_ctl_main_SRCS := tests/unit/test_ctl_main.c \
	$(patsubst %,$d/%.c,client drops events kernel metrics options text view why)
test_ctl_main_LIBS := nhrp dvpn
test_ctl_main_PKGS := cmocka jansson libnl-genl-3.0 libnl-route-3.0

FUZZERS += fuzz-ctl
fuzz-ctl_SRCS := tests/fuzz/fuzz-ctl.c $(patsubst %,$d/%.c,client drops events metrics text view why)
fuzz-ctl_LIBS := nhrp dvpn
fuzz-ctl_PKGS := jansson libnl-genl-3.0 libnl-route-3.0

# It plays the kernel itself: of libdvpn only names and addresses are linked.
TESTS += test_ctl_kernel
test_ctl_kernel_SRCS := tests/unit/test_ctl_kernel.c $d/kernel.c
test_ctl_kernel_LIBS := dvpn
test_ctl_kernel_PKGS := cmocka jansson libnl-genl-3.0 libnl-route-3.0
