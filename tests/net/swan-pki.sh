# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# swan-pki.sh - certificates for tests with strongSwan; sourced after swan.sh

PKI=$SCRATCH/pki

# new_key NAME [OPTION]... - a key, and with -x509 a CA, else a request for a certificate
new_key()
{
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$PKI/$1.key" "${@:2}" 2>/dev/null || bail_out "openssl req"
}

# sign NAME CA FILE [OPTION]... - a certificate for what NAME has requested, by that CA
sign()
{
	openssl x509 -req -in "$PKI/$1.csr" -CA "$PKI/$2.pem" -CAkey "$PKI/$2.key" \
		-CAcreateserial -out "$3" "${@:4}" 2>/dev/null || bail_out "openssl x509"
}

# pki - with a CA that all know, and another one
pki()
{
	mkdir "$PKI"
	new_key ca -x509 -days 30 -out "$PKI/ca.pem"
	new_key other -x509 -days 30 -out "$PKI/other.pem"
}

# pki_install NODE CERTIFICATE - for its strongSwan
pki_install()
{
	local dir=/run/swan/$1/swanctl

	mkdir -p "$dir/x509" "$dir/x509ca" "$dir/private"
	cp "$2" "$dir/x509/cert.pem"
	cp "$PKI/ca.pem" "$dir/x509ca/ca.pem"
	cp "$PKI/$1.key" "$dir/private/key.pem"
}

# pki_config - the guide's file with certificates
pki_config()
{
	awk '/^secrets/ { exit }
		{ sub("auth = psk", "auth = pubkey"); print }
		/local {/ { print "\t\t\tcerts = cert.pem" }
		/remote {/ { print "\t\t\tcacerts = ca.pem" }' "$SWAN_CONFIG"
}
