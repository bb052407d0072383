# SPDX-License-Identifier: GPL-2.0
# All but main() is a library, so that tests and fuzzers can have it.
LIBS += daemon
daemon_SRCS := $(filter-out $(d)/main.c,$(sort $(wildcard $(d)/*.c)))
daemon_PKGS := libnl-3.0 libnl-genl-3.0 jansson libev libseccomp libcap-ng libcares

PROGS += dvpnd
dvpnd_SRCS := $(d)/main.c
dvpnd_LIBS := daemon vici nhrp dvpn
dvpnd_PKGS := libnl-genl-3.0 libnl-route-3.0 jansson libev libseccomp libcap-ng libcares

config_tests := test_config test_config_diff test_config_errors test_config_files
control_tests := test_control test_control_config test_control_socket test_control_streams
daemon_tests := $(config_tests) $(control_tests) test_advice test_bindings test_charon test_domain test_export \
	test_hosts test_ipsec test_ipsec_load test_ipsec_why test_log test_names test_nbma test_names_sandbox test_orphans test_recon test_resolver test_sandbox \
	test_state test_tracing test_tunnel
TESTS += $(daemon_tests)
$(foreach t,$(daemon_tests),$(eval $t_SRCS := tests/unit/$t.c))
$(foreach t,$(config_tests),$(eval $t_SRCS += tests/unit/config_text.c))
$(foreach t,$(control_tests),$(eval $t_SRCS += tests/unit/control_client.c))
$(foreach t,$(daemon_tests),$(eval $t_LIBS := daemon vici nhrp dvpn))
$(foreach t,$(daemon_tests),$(eval $t_PKGS := cmocka $(dvpnd_PKGS)))
test_ipsec_load_SRCS += tests/unit/config_text.c
test_tracing_SRCS += $(patsubst %,tests/unit/%.c,control_client nhrp_samples)
test_bindings_SRCS += tests/unit/idle_env.c
test_bindings_LDLIBS := $(addprefix -Wl$(comma)--wrap=,clock_gettime time)
test_domain_LDLIBS := -Wl$(comma)--wrap=dvpn_chan_pending
test_tunnel_SRCS += tests/unit/idle_env.c
test_tunnel_LDLIBS := $(addprefix -Wl$(comma)--wrap=,dvpn_link_get dvpn_open dvpn_close \
	dvpn_dev_get export_socket_open export_socket_change export_socket_ask export_socket_read)
test_ipsec_LDLIBS := $(addprefix -Wl$(comma)--wrap=,charon_request larval_clear)
test_orphans_LDLIBS := $(addprefix -Wl$(comma)--wrap=,xfrm_open xfrm_ask xfrm_tell xfrm_end_state)
test_recon_SRCS += tests/unit/recon_kernel.c
test_names_LDLIBS := $(addprefix -Wl$(comma)--wrap=,clock_gettime tunnel_refresh)
test_resolver_LDLIBS := $(addprefix -Wl$(comma)--wrap=,ares_getaddrinfo ares_freeaddrinfo)
test_hosts_LDLIBS := $(addprefix -Wl$(comma)--wrap=,ares_save_options ares_destroy_options \
	ares_gethostbyname_file ares_free_hostent ares_getaddrinfo)
test_export_LDLIBS := $(addprefix -Wl$(comma)--wrap=,clock_gettime export_socket_open \
	export_socket_change export_socket_ask export_socket_read)
test_ipsec_load_LDLIBS := $(addprefix -Wl$(comma)--wrap=,charon_request clock_gettime nhrp_tunnel_config)
test_nbma_LDLIBS := -Wl$(comma)--wrap=route_source
test_recon_LDLIBS := $(addprefix -Wl$(comma)--wrap=,clock_gettime dvpn_map_new dvpn_map_replace \
	dvpn_map_set dvpn_map_del dvpn_map_get dvpn_peer_new dvpn_peer_replace dvpn_peer_set dvpn_peer_del \
	dvpn_peer_get dvpn_chan_flush)

daemon_fuzzers := fuzz-config fuzz-control fuzz-names fuzz-netlink fuzz-resolver fuzz-state
FUZZERS += $(daemon_fuzzers)
$(foreach t,$(daemon_fuzzers),$(eval $t_SRCS := tests/fuzz/$t.c))
$(foreach t,$(daemon_fuzzers),$(eval $t_LIBS := daemon vici nhrp dvpn))
$(foreach t,$(daemon_fuzzers),$(eval $t_PKGS := $(dvpnd_PKGS)))
fuzz-names_LDLIBS := $(addprefix -Wl$(comma)--wrap=,clock_gettime tunnel_refresh state_read \
	state_replace)
fuzz-resolver_LDLIBS := -pthread $(addprefix -Wl$(comma)--wrap=,ares_getaddrinfo \
	ares_gethostbyname_file)
