# SPDX-License-Identifier: GPL-2.0
# Run in the top directory: the captured packets are found as tests/vectors/*.hex.

nhrp_test_srcs := $(d)/nhrp_fields.c $(d)/nhrp_samples.c $(d)/nhrp_vectors.c
nhrp_tests := test-addr test-codec test-codec-build test-codec-refuse test-codec-hmac \
	test-codec-tshark test_describe

TESTS += $(nhrp_tests)
$(foreach t,$(nhrp_tests),$(eval $t_SRCS := $(d)/$t.c))
$(foreach t,$(filter test-codec% test_describe,$(nhrp_tests)),$(eval $t_SRCS += $(nhrp_test_srcs)))
$(foreach t,$(nhrp_tests),$(eval $t_LIBS := nhrp))
$(foreach t,$(nhrp_tests),$(eval $t_PKGS := cmocka))

lib_tests := test_lib_agent test_lib_chan test_lib_messages test_lib_names test_lib_refuse
TESTS += $(lib_tests)
$(foreach t,$(lib_tests),$(eval $t_SRCS := $(d)/$t.c))
$(foreach t,$(lib_tests),$(eval $t_LIBS := dvpn))
$(foreach t,$(lib_tests),$(eval $t_PKGS := cmocka libnl-3.0 libnl-genl-3.0))

played_tests := test_lib_agent test_lib_chan
PLAYED_KERNEL_LDLIBS := -Wl,--wrap=dvpn_sock_open,--wrap=send,--wrap=sendmsg,--wrap=recvmsg
$(foreach t,$(played_tests),$(eval $t_SRCS += $(d)/played_kernel.c))
$(foreach t,$(played_tests),$(eval $t_LDLIBS := $(PLAYED_KERNEL_LDLIBS)))

core_tests := test_core_base test_core_cookie test_core_domain test_core_purge
TESTS += $(core_tests)
$(foreach t,$(core_tests),$(eval $t_SRCS := $(d)/$t.c))
test_core_domain_SRCS += $(d)/idle_env.c
test_core_purge_SRCS += $(d)/idle_env.c
$(foreach t,$(core_tests),$(eval $t_LIBS := nhrp))
$(foreach t,$(core_tests),$(eval $t_PKGS := cmocka))

vici_tests := test_vici test_vici_sa
TESTS += $(vici_tests)
$(foreach t,$(vici_tests),$(eval $t_SRCS := $(d)/$t.c))
$(foreach t,$(vici_tests),$(eval $t_LIBS := vici))
$(foreach t,$(vici_tests),$(eval $t_PKGS := cmocka))
