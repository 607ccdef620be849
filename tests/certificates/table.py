"""What becomes of each input, and where other judges differ: input -> taken, warned or refused, and why."""

from dataclasses import dataclass, replace
from typing import Literal

Verdict = Literal["taken", "warned", "refused"]


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    push: Verdict
    """What `certificate push` does, where the input's root is one of Mozilla's."""
    why: str = ""
    """A part of the warning or of the refusal; of what is taken, of what is left out."""
    synthesis: Verdict | None = None
    """Of the same files in `certificates/`, whenever that is; None for the same as `push`."""
    openssl: str = ""
    """Why a TLS session succeeds though push refuses; empty where both agree."""
    verifier: str = ""
    """Why `cryptography`'s verifier differs from push; empty where both agree."""
    stand_in: str = ""
    """Why the stand-in refuses what push takes; empty where both agree."""


ORDER = "clients sort a chain, IAM does not"
CLOUDFRONT = "a rule of CloudFront or IAM, not of TLS"
NAMES = "good for its own names, but not for every host of failover.toml"
KEY = "of the key, the certificate is right"
APART = "the files are right, but a key has no place beside a certificate"
FORUM = "a rule of the CA/Browser Forum, which browsers do not enforce"
NO_DOT = "it knows no name constraints with a leading dot, browsers do"
NO_USAGE = "it looks at the key usage of CAs only"
NO_PSS = "OpenSSL has RSA-PSS keys, browsers do not"
FORM = "OpenSSL reads this form, IAM does not"

TAKEN = Row("taken")
P_256 = Row("warned", "has a key of type EC P-256", synthesis="taken")
RSA_3072 = Row("warned", "has a key of type RSA 3072", synthesis="taken")
RSA_4096 = Row("warned", "has a key of type RSA 4096", synthesis="taken")
P_384 = Row(
    "refused", "key of type EC secp384r1, which CloudFront does not accept", openssl=CLOUDFRONT, verifier=CLOUDFRONT
)
ROOT_DROPPED = Row("taken", "holds a root certificate")
LEAF_DROPPED = Row("taken", "repeats the server's own certificate")
UNREADABLE_KEY = Row("refused", "key.pem: holds no readable private key", synthesis="taken", verifier=KEY)
ENCRYPTED = Row("refused", "key.pem: is encrypted", synthesis="taken", verifier=KEY)
KEY_BESIDE = Row("refused", "holds a private key beside the certificate", "taken", APART, APART)
PKCS_7 = Row("refused", "holds PKCS #7")
JSON = Row("refused", "holds JSON")
ONE_NAME_MISSING = Row("refused", "is not covered by the certificate", "taken", NAMES, NAMES)
PLAIN_KEY = "in a form that clients refuse: RSA-PSS, or a curve with explicit parameters"

TABLE: dict[str, Row] = {
    # Let's Encrypt and the lifetimes of the CA/Browser Forum
    "le_classic_rsa": TAKEN,
    "le_classic64_rsa": TAKEN,
    "le_tlsserver_rsa": TAKEN,
    "le_shortlived_rsa": TAKEN,
    "le_classic_ec": P_256,
    "le_classic64_ec": P_256,
    "le_tlsserver_ec": P_256,
    "le_shortlived_ec": P_256,
    "cab_47_days": TAKEN,
    "cab_200_days": TAKEN,
    "expired": Row("refused", "cert.pem: expired on ", synthesis="taken"),
    "not_yet_valid": Row("refused", "cert.pem: is valid only from ", synthesis="taken"),
    # usages, names, extensions
    "eku_server_and_client": TAKEN,
    "eku_client_only": Row("refused", "extended key usage lacks serverAuth"),
    "eku_absent": TAKEN,
    "eku_any": Row("refused", "extended key usage lacks serverAuth"),
    "key_usage_encipherment_only": Row(
        "refused", "key usage lacks digitalSignature", openssl="OpenSSL accepts it, browsers do not", verifier=NO_USAGE
    ),
    "key_usage_content_commitment_only": Row("refused", "key usage lacks digitalSignature", verifier=NO_USAGE),
    "key_usage_with_cert_sign": Row("taken", verifier=FORUM),
    "no_common_name_org_only": TAKEN,
    "empty_subject": TAKEN,
    "common_name_not_in_san": TAKEN,
    "san_critical": Row("taken", verifier=FORUM),
    "no_authority_key_identifier": Row("taken", verifier=FORUM),
    "san_with_ip": TAKEN,
    "san_ip_only": Row("refused", "names no host"),
    "san_with_email_uri_other": TAKEN,
    "san_100_names": TAKEN,
    "san_400_names": Row("refused", "characters long", openssl=CLOUDFRONT, verifier=CLOUDFRONT),
    "san_uppercase": TAKEN,
    "san_idn_a_label": TAKEN,
    "san_idn_u_label": TAKEN,
    "san_underscore": TAKEN,
    "san_wildcard_two": TAKEN,
    "must_staple": TAKEN,
    "precertificate": Row("refused", "is a precertificate"),
    "unknown_critical_extension": Row("refused", "TLS clients do not know: 1.3.6.1.4.1.99999.1"),
    # chains
    "chain_with_root": ROOT_DROPPED,
    "chain_root_only": ROOT_DROPPED,
    "chain_with_leaf_repeated": LEAF_DROPPED,
    "fullchain_twice": LEAF_DROPPED,
    "fullchain_and_empty_chain": TAKEN,
    "fullchain_and_chain": TAKEN,
    "chain_three_intermediates": TAKEN,
    "chain_no_intermediate_at_all": TAKEN,
    "chain_missing_for_intermediate_issued": Row("refused", "cert.pem: holds no chain", synthesis="taken"),
    "chain_wrong_order": Row("taken", "it was sorted"),
    "cross_signed_both_intermediates": Row("refused", "did not issue the one before", openssl=ORDER, verifier=ORDER),
    "cross_signed_root_in_chain": TAKEN,
    "cross_signed_root_expired": Row("taken", "ends with a cross-signature (CN=Lab New Root)"),
    "intermediate_expired": Row("refused", "chain.pem: certificate 1 (CN=Lab Intermediate) expired on "),
    "old_chain_of_a_renewed_intermediate": Row("refused", "chain.pem: certificate 1 (CN=Lab Intermediate) expired on "),
    "intermediate_not_yet_valid": Row("refused", "is valid only from ", synthesis="warned"),
    "intermediate_ends_before_leaf": Row("warned", "Clients refuse the page from then on"),
    "intermediate_is_no_ca": Row("refused", "is no certificate of a CA"),
    "intermediate_without_key_usage": Row("taken", verifier=FORUM),
    "intermediate_for_clients_only": Row("refused", "CN=Lab Intermediate) is not for servers"),
    "intermediate_with_rsa_pss_key": Row("refused", "size or form that TLS clients do not accept"),
    "intermediate_with_explicit_curve": Row("refused", "size or form that TLS clients do not accept"),
    "intermediate_self_issued": TAKEN,
    "path_length_violated": Row("refused", "certificate 2 (CN=Lab A) allows 0 CAs below it, and the chain has 1"),
    "name_constraints_permitted": TAKEN,
    "name_constraints_violated": Row("refused", "does not allow every name of the certificate (permitted: "),
    "name_constraints_with_a_dot": Row(
        "warned", "limits names in a form that is not judged here", verifier=NO_DOT, stand_in=NO_DOT
    ),
    # keys and signatures
    "rsa_2048_e3": TAKEN,
    "rsa_3072": RSA_3072,
    "rsa_4096": RSA_4096,
    "ec_p256": P_256,
    "ec_p384": P_384,
    "ed25519_leaf": Row("refused", "has a key of type Ed25519", openssl=CLOUDFRONT, verifier=CLOUDFRONT),
    "ec_p256_under_rsa_p384_mix": P_256,
    "rsa_leaf_under_p384_intermediate": TAKEN,
    "rsa_leaf_under_p521_intermediate": TAKEN,
    "rsa_leaf_under_ed25519_intermediate": Row(
        "refused", "kind, size or form that TLS clients do not accept", openssl="OpenSSL does, browsers do not"
    ),
    "signed_with_pss": TAKEN,
    "key_trad_rsa": TAKEN,
    "key_trad_ec": P_256,
    "key_encrypted_pkcs8": ENCRYPTED,
    "key_encrypted_traditional": ENCRYPTED,
    "key_ssh": UNREADABLE_KEY,
    "key_combined_cert_first": TAKEN,
    "der_key": replace(UNREADABLE_KEY, why="key.pem: holds a private key in DER"),
    "base64_key": replace(UNREADABLE_KEY, why="key.pem: holds base64"),
    "tool_openssl_rsa_pss_key": Row(
        "refused", PLAIN_KEY, openssl=NO_PSS, verifier="it does not look at the server's own key"
    ),
    "tool_openssl_ecparam_explicit": Row("refused", PLAIN_KEY, verifier="it does not look at the server's own key"),
    "tool_openssl_rsa_multiprime": replace(UNREADABLE_KEY, openssl="OpenSSL reads keys of three primes, few others do"),
    "tool_openssl_ecparam_with_params": P_256,
    "tool_openssl_ecparam_noout": P_256,
    "tool_openssl_genpkey_ec": P_256,
    "tool_openssl_genpkey_text": P_256,
    "tool_openssl_genrsa": TAKEN,
    "tool_openssl_genrsa_traditional": TAKEN,
    "tool_certtool_default_key": RSA_3072,
    "tool_certtool_ec_33_octets": P_256,
    "tool_certtool_ec_32_octets": P_256,
    "tool_certtool_ec_31_octets": P_256,
    "tool_certtool_pkcs8": P_256,
    # forms of the text
    "text_crlf": TAKEN,
    "text_cr_only": TAKEN,
    "text_bom": TAKEN,
    "text_utf16": Row("refused", "cert.pem: holds UTF-16"),
    "text_no_last_newline": TAKEN,
    "text_leading_spaces": TAKEN,
    "text_trailing_spaces": TAKEN,
    "text_76_columns": TAKEN,
    "text_one_line": TAKEN,
    "text_blank_lines_between": TAKEN,
    "text_blank_line_inside": TAKEN,
    "text_json_escapes": Row("refused", "cert.pem: holds JSON's \\n in place of line ends"),
    "text_x509_header": TAKEN,
    "text_latin1_bag_attributes": TAKEN,
    "text_dashes_in_notes": TAKEN,
    "truncated": Row("refused", "holds no readable certificate, or one that is cut off"),
    "certificate_request": Row("refused", "holds a certificate request"),
    "der_leaf": Row("refused", "holds a certificate in DER"),
    "base64_leaf": Row("refused", "holds base64 without BEGIN and END lines"),
    "pkcs7_chain": PKCS_7,
    "pkcs7_all": PKCS_7,
    "pkcs7_der_chain": Row("refused", "holds PKCS #7 in DER"),
    "pkcs12_for_all": Row("refused", "key.pem: holds PKCS #12"),
    "all_in_one_three_times": KEY_BESIDE,
    "vault_document": JSON,
    "tool_vault_jq_without_r": JSON,
    "tool_vault_fields_no_newline": TAKEN,
    "tool_vault_ca_chain_glued": ROOT_DROPPED,
    "tool_vault_ca_chain_with_root": ROOT_DROPPED,
    "tool_openssl_trusted_certificate": Row("refused", "holds OpenSSL's TRUSTED CERTIFICATE", openssl=FORM),
    "tool_openssl_x509_text": TAKEN,
    "tool_openssl_ca": TAKEN,
    "tool_openssl_pkcs12_split": TAKEN,
    "tool_openssl_pkcs12_all_in_one": KEY_BESIDE,
    "tool_openssl_pkcs12_nokeys_for_both": LEAF_DROPPED,
    "tool_openssl_pkcs12_cacerts_with_root": ROOT_DROPPED,
    "tool_keytool_exportcert": TAKEN,
    "tool_keytool_list_rfc_for_both": ROOT_DROPPED,
    "tool_certutil_encode": TAKEN,
    "tool_cat_without_newline": TAKEN,
    "tool_cfssljson": TAKEN,
    "tool_cfssljson_ec": P_256,
    "tool_easyrsa": Row("taken", verifier=FORUM),
    "tool_easyrsa_ca_as_chain": replace(ROOT_DROPPED, verifier=FORUM),
    "tool_mkcert": TAKEN,
    # ACME clients
    "acme_certbot_rsa": TAKEN,
    "acme_certbot_ecdsa": P_256,
    "acme_certbot_rsa_fullchain_as_leaf": TAKEN,
    "acme_certbot_ecdsa_fullchain_as_leaf": P_256,
    "acme_lego": P_256,
    "acme_dehydrated_default": P_384,
    "acme_dehydrated_prime256v1": P_256,
    "acme_uacme_rsa_one_file": TAKEN,
    "acme_uacme_ec_one_file": P_256,
    "acme_uacme_rsa_file_twice": LEAF_DROPPED,
    "acme_uacme_ec_file_twice": replace(P_256, why="repeats the server's own certificate"),
    "acme_acme_tiny": ONE_NAME_MISSING,
    "acme_caddy": ONE_NAME_MISSING,
    "acme_node_acme_client_rsa": TAKEN,
    "acme_node_acme_client_ec": P_256,
    "acme_acmetool": ONE_NAME_MISSING,
    "acme_mod_md": ONE_NAME_MISSING,
    "acme_sh_2048": TAKEN,
    "acme_sh_ecc": P_256,
    "acme_getssl": ONE_NAME_MISSING,
}
