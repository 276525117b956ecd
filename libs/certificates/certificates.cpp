#include "libs/certificates/certificates.hpp"

#include "libs/base/hex.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <stdexcept>

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace chatflow::certificates {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
constexpr std::size_t kCommonNameMax = 64;  // RFC 5280, upper bounds

void check(bool worked, const char* what) {
    if (!worked) throw std::runtime_error(std::string("OpenSSL cannot ") + what);
}

Bio reader_of(std::string_view text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

std::string text_of(BIO& bio) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(&bio, &text);
    return {text, static_cast<std::size_t>(size)};
}

Certificate parse(std::string_view pem) {
    const Bio bio = reader_of(pem);
    return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free};
}

Key parse_key(std::string_view pem) {
    const Bio bio = reader_of(pem);
    return {PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
}

Pair pem_of(X509& certificate, EVP_PKEY& key) {
    const Bio first{BIO_new(BIO_s_mem()), &BIO_free};
    check(PEM_write_bio_X509(first.get(), &certificate) == 1, "write a certificate");
    const Bio second{BIO_new(BIO_s_mem()), &BIO_free};
    check(PEM_write_bio_PrivateKey(second.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "write a key");
    return {.certificate = text_of(*first), .key = text_of(*second)};
}

Key new_key() {
    Key key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    check(key != nullptr, "make a key");
    return key;
}

void set_time(ASN1_TIME* field, TimePoint at) {
    check(ASN1_TIME_set(field, std::chrono::system_clock::to_time_t(at)) != nullptr, "set a time");
}

TimePoint time_of(const ASN1_TIME* field) {
    std::tm parts{};
    check(ASN1_TIME_to_tm(field, &parts) == 1, "read a time");
    return std::chrono::time_point_cast<TimePoint::duration>(
        std::chrono::system_clock::from_time_t(timegm(&parts)));
}

void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    check(extension != nullptr, "make a certificate extension");
    X509_add_ext(&certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

Certificate new_certificate(EVP_PKEY& key, std::string common_name, Validity validity) {
    Certificate certificate{X509_new(), &X509_free};
    check(certificate != nullptr, "make a certificate");
    X509_set_version(certificate.get(), X509_VERSION_3);
    std::uint64_t serial = 0;
    check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1,
          "draw a number");
    // RFC 5280 wants it positive.
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1U);
    set_time(X509_getm_notBefore(certificate.get()), validity.not_before);
    set_time(X509_getm_notAfter(certificate.get()), validity.not_after);
    X509_set_pubkey(certificate.get(), &key);
    common_name.resize(std::min(common_name.size(), kCommonNameMax));
    const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8, text,
                               -1, -1, 0);
    return certificate;
}

bool is_address(const std::string& name) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

std::string address_text(const ASN1_OCTET_STRING& bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = ASN1_STRING_length(&bytes) == 4 ? AF_INET : AF_INET6;
    const char* made = inet_ntop(family, ASN1_STRING_get0_data(&bytes), text.data(), text.size());
    return made == nullptr ? "" : made;
}

std::vector<std::string> names_of(const X509& certificate) {
    const Names list{static_cast<GENERAL_NAMES*>(
                         X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
                     &GENERAL_NAMES_free};
    std::vector<std::string> names;
    for (int i = 0; list && i < sk_GENERAL_NAME_num(list.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
        if (name->type == GEN_DNS) {
            const auto* text =
                reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
            names.emplace_back(text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        } else if (name->type == GEN_IPADD) {
            names.push_back(address_text(*name->d.iPAddress));
        }
    }
    std::ranges::sort(names);
    return names;
}

std::string fingerprint_of(const X509& certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    check(X509_digest(&certificate, EVP_sha256(), digest.data(), &size) == 1, "digest");
    return to_hex({digest.data(), size});
}

}  // namespace

Pair make_authority(const std::string& common_name, Validity validity) {
    const Key key = new_key();
    const Certificate own = new_certificate(*key, common_name, validity);
    X509_set_issuer_name(own.get(), X509_get_subject_name(own.get()));
    add_extension(*own, *own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(*own, *own, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(*own, *own, NID_subject_key_identifier, "hash");
    check(X509_sign(own.get(), key.get(), EVP_sha256()) > 0, "sign a certificate");
    return pem_of(*own, *key);
}

Pair issue(const Pair& authority, const std::vector<std::string>& names, Validity validity) {
    const Certificate issuer = parse(authority.certificate);
    const Key issuer_key = parse_key(authority.key);
    check(issuer && issuer_key, "read the authority");
    const Key key = new_key();
    const Certificate own =
        new_certificate(*key, names.empty() ? "server" : names.front(), validity);
    X509_set_issuer_name(own.get(), X509_get_subject_name(issuer.get()));
    std::string alternatives;
    for (const std::string& name : names) {
        if (!alternatives.empty()) alternatives += ",";
        alternatives += (is_address(name) ? "IP:" : "DNS:") + name;
    }
    add_extension(*own, *issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(*own, *issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(*own, *issuer, NID_ext_key_usage, "serverAuth,clientAuth");
    // Two authorities of one name are told apart by it while both are trusted.
    add_extension(*own, *issuer, NID_authority_key_identifier, "keyid");
    if (!alternatives.empty()) add_extension(*own, *issuer, NID_subject_alt_name, alternatives);
    check(X509_sign(own.get(), issuer_key.get(), EVP_sha256()) > 0, "sign a certificate");
    return pem_of(*own, *key);
}

std::optional<Facts> facts_of(std::string_view pem) {
    const Certificate certificate = parse(pem);
    if (!certificate) return std::nullopt;
    return Facts{.validity = {time_of(X509_get0_notBefore(certificate.get())),
                              time_of(X509_get0_notAfter(certificate.get()))},
                 .names = names_of(*certificate),
                 .fingerprint = fingerprint_of(*certificate)};
}

bool is_signed_by(std::string_view certificate, std::string_view authority) {
    const Certificate own = parse(certificate);
    const Certificate issuer = parse(authority);
    if (!own || !issuer) return false;
    EVP_PKEY* key = X509_get0_pubkey(issuer.get());
    return key != nullptr && X509_verify(own.get(), key) == 1;
}

bool belong_together(const Pair& pair) {
    const Certificate certificate = parse(pair.certificate);
    const Key key = parse_key(pair.key);
    return certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
}

std::vector<std::string> split(std::string_view pem) {
    std::vector<std::string> all;
    for (auto begin = pem.find(kBegin); begin != pem.npos; begin = pem.find(kBegin, begin + 1)) {
        const auto end = pem.find(kEnd, begin);
        if (end == pem.npos) break;
        all.emplace_back(pem.substr(begin, end + kEnd.size() - begin));
    }
    return all;
}

}  // namespace chatflow::certificates
