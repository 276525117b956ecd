#include "controller/clients/tls.hpp"

#include <array>
#include <memory>
#include <string>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace chatflow::clients {

namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio bio_of(const std::string& text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

[[noreturn]] void refuse(const char* what) {
    std::array<char, 256> reason{};
    ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
    ERR_clear_error();
    throw TransportError(std::string(what) + ": " + reason.data());
}

// Without this, OpenSSL would ask for the password of an encrypted key on the terminal.
int no_password(char*, int, int, void*) { return 0; }

Certificate next_certificate(BIO& bio) {
    return {PEM_read_bio_X509(&bio, nullptr, nullptr, nullptr), &X509_free};
}

// Instead of the system's authorities, not besides them: a cluster has its own.
void trust(SSL_CTX& context, const std::string& authorities_pem) {
    X509_STORE* store = X509_STORE_new();
    SSL_CTX_set_cert_store(&context, store);  // owns it now
    const Bio bio = bio_of(authorities_pem);
    int added = 0;
    while (const Certificate authority = next_certificate(*bio)) {
        added += X509_STORE_add_cert(store, authority.get());
    }
    if (added == 0) refuse("the certificate authorities cannot be read");
    ERR_clear_error();  // the end of the text counts as an error
}

void present(SSL_CTX& context, const TlsSettings& tls) {
    const Bio certificates = bio_of(tls.certificate_pem);
    const Certificate own = next_certificate(*certificates);
    if (!own || SSL_CTX_use_certificate(&context, own.get()) != 1) {
        refuse("the client certificate cannot be read");
    }
    while (const Certificate intermediate = next_certificate(*certificates)) {
        SSL_CTX_add1_chain_cert(&context, intermediate.get());
    }
    ERR_clear_error();
    const Bio text = bio_of(tls.key_pem);
    const Key key{PEM_read_bio_PrivateKey(text.get(), nullptr, &no_password, nullptr),
                  &EVP_PKEY_free};
    if (!key || SSL_CTX_use_PrivateKey(&context, key.get()) != 1) {
        refuse("the client key cannot be read or does not fit the client certificate");
    }
}

}  // namespace

void set_up_tls(ssl_ctx_st& context, const TlsSettings& tls) {
    SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
    if (!tls.authorities_pem.empty()) trust(context, tls.authorities_pem);
    if (!tls.certificate_pem.empty()) present(context, tls);
}

bool is_address(std::string_view host) {
    const std::string text(host);
    std::array<unsigned char, sizeof(in6_addr)> binary{};
    return inet_pton(AF_INET, text.c_str(), binary.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), binary.data()) == 1;
}

}  // namespace chatflow::clients
