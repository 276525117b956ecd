#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace chatflow::test {

/// PEM texts.
struct CertificateAndKey {
    std::string certificate;
    std::string key;
};

/// A certificate authority made for one test; its certificates are good for a day.
class CertificateAuthority {
 public:
    explicit CertificateAuthority(const std::string& common_name);

    [[nodiscard]] const std::string& certificate() const { return certificate_; }

    /// `names`: "IP:127.0.0.1", "DNS:localhost".
    [[nodiscard]] CertificateAndKey issue_server(const std::vector<std::string>& names) const;

    /// The API server takes the common name for the user and the organization for the group.
    [[nodiscard]] CertificateAndKey issue_client(const std::string& user,
                                                 const std::string& group) const;

 private:
    using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
    using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

    Key key_;
    Certificate own_;
    std::string certificate_;
};

/// A private key, for instance to sign tokens with.
[[nodiscard]] std::string make_private_key();

}  // namespace chatflow::test
