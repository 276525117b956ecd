#pragma once

#include "controller/clients/kube/client.hpp"
#include "controller/clients/kube/credential_source.hpp"

#include <chrono>
#include <string>

namespace chatflow {

/// What a Secret holds for a server of metrics: token, or username and password; ca.crt; tls.crt
/// and tls.key. Read again every kReadAgain, as they rotate. One executor only.
class SecretCredentials final : public kube::CredentialSource {
 public:
    /// Without a secret's name: no credential, and the system's authorities.
    SecretCredentials(kube::Client& kube, std::string name_space, std::string secret_name,
                      std::string server_name)
        : kube_(kube),
          name_space_(std::move(name_space)),
          secret_name_(std::move(secret_name)),
          server_name_(std::move(server_name)) {}

    [[nodiscard]] awaitable<kube::Credential> current(Deadline deadline) override;
    void forget() override { read_at_ = {}; }

    static constexpr std::chrono::seconds kReadAgain{60};

 private:
    kube::Client& kube_;
    std::string name_space_;
    std::string secret_name_;
    std::string server_name_;
    kube::Credential latest_;
    std::chrono::steady_clock::time_point read_at_{};
};

/// From a Secret's object. Throws kube::CredentialError for one that cannot be used.
[[nodiscard]] kube::Credential credential_of(const nlohmann::json& secret, const std::string& name);

}  // namespace chatflow
