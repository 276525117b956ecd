#include "tests/support/certificates.hpp"

#include <stdexcept>

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace chatflow::test {

namespace {

constexpr long kSecondsValid = 24L * 3600;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

void check(bool worked, const char* what) {
    if (!worked) throw std::runtime_error(std::string("OpenSSL cannot ") + what);
}

Key new_key() {
    Key key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    check(key != nullptr, "make a key");
    return key;
}

std::string text_of(BIO& bio) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(&bio, &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string pem_of(X509& certificate) {
    const Bio bio{BIO_new(BIO_s_mem()), &BIO_free};
    check(PEM_write_bio_X509(bio.get(), &certificate) == 1, "write a certificate");
    return text_of(*bio);
}

std::string pem_of(EVP_PKEY& key) {
    const Bio bio{BIO_new(BIO_s_mem()), &BIO_free};
    // Kubernetes reads elliptic keys only in this older form.
    check(PEM_write_bio_PrivateKey_traditional(bio.get(), &key, nullptr, nullptr, 0, nullptr,
                                               nullptr) == 1,
          "write a key");
    return text_of(*bio);
}

void add_name(X509& certificate, const char* field, const std::string& value) {
    if (value.empty()) return;
    const auto* text = reinterpret_cast<const unsigned char*>(value.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(&certificate), field, MBSTRING_UTF8, text, -1,
                               -1, 0);
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

Certificate new_certificate(EVP_PKEY& key, const std::string& user, const std::string& group) {
    Certificate certificate{X509_new(), &X509_free};
    X509_set_version(certificate.get(), X509_VERSION_3);
    std::uint32_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kSecondsValid);
    X509_set_pubkey(certificate.get(), &key);
    add_name(*certificate, "O", group);
    add_name(*certificate, "CN", user);
    return certificate;
}

CertificateAndKey issue(X509& authority, EVP_PKEY& authority_key, Certificate certificate,
                        EVP_PKEY& key) {
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(&authority));
    check(X509_sign(certificate.get(), &authority_key, EVP_sha256()) > 0, "sign a certificate");
    return {.certificate = pem_of(*certificate), .key = pem_of(key)};
}

}  // namespace

CertificateAuthority::CertificateAuthority(const std::string& common_name)
    : key_(new_key()), own_(new_certificate(*key_, common_name, "")) {
    X509_set_issuer_name(own_.get(), X509_get_subject_name(own_.get()));
    add_extension(*own_, *own_, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(*own_, *own_, NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature");
    check(X509_sign(own_.get(), key_.get(), EVP_sha256()) > 0, "sign a certificate");
    certificate_ = pem_of(*own_);
}

CertificateAndKey CertificateAuthority::issue_server(const std::vector<std::string>& names) const {
    const Key key = new_key();
    Certificate certificate = new_certificate(*key, "server", "");
    std::string alternatives;
    for (const std::string& name : names) {
        alternatives += (alternatives.empty() ? "" : ",") + name;
    }
    add_extension(*certificate, *own_, NID_subject_alt_name, alternatives);
    add_extension(*certificate, *own_, NID_ext_key_usage, "serverAuth");
    return issue(*own_, *key_, std::move(certificate), *key);
}

CertificateAndKey CertificateAuthority::issue_client(const std::string& user,
                                                     const std::string& group) const {
    const Key key = new_key();
    Certificate certificate = new_certificate(*key, user, group);
    add_extension(*certificate, *own_, NID_ext_key_usage, "clientAuth");
    return issue(*own_, *key_, std::move(certificate), *key);
}

std::string make_private_key() {
    const Key key = new_key();
    return pem_of(*key);
}

}  // namespace chatflow::test
