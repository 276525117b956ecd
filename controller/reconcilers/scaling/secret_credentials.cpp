#include "controller/reconcilers/scaling/secret_credentials.hpp"

#include "controller/clients/kube/api_error.hpp"
#include "libs/base/base64.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

std::string entry_of(const nlohmann::json& secret, const char* key, const std::string& name) {
    const auto data = secret.find("data");
    if (data == secret.end() || !data->is_object()) return {};
    const auto found = data->find(key);
    if (found == data->end() || !found->is_string()) return {};
    auto text = decode_base64(found->get_ref<const std::string&>());
    if (!text) {
        throw kube::CredentialError(fmt::format("Secret {}: {} is no Base64", name, key));
    }
    return *std::move(text);
}

/// A line break at the end is what an editor leaves.
std::string trimmed(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
}

}  // namespace

kube::Credential credential_of(const nlohmann::json& secret, const std::string& name) {
    kube::Credential credential;
    const std::string token = trimmed(entry_of(secret, "token", name));
    const std::string user = trimmed(entry_of(secret, "username", name));
    if (!token.empty()) {
        credential.authorization = "Bearer " + token;
    } else if (!user.empty()) {
        const std::string password = trimmed(entry_of(secret, "password", name));
        credential.authorization = "Basic " + encode_base64(user + ":" + password);
    }
    credential.tls.authorities_pem = entry_of(secret, "ca.crt", name);
    credential.tls.certificate_pem = entry_of(secret, "tls.crt", name);
    credential.tls.key_pem = entry_of(secret, "tls.key", name);
    if (credential.tls.certificate_pem.empty() != credential.tls.key_pem.empty()) {
        throw kube::CredentialError(
            fmt::format("Secret {}: tls.crt and tls.key belong together", name));
    }
    return credential;
}

awaitable<kube::Credential> SecretCredentials::current(Deadline deadline) {
    const auto now = std::chrono::steady_clock::now();
    const bool is_fresh =
        read_at_ != std::chrono::steady_clock::time_point{} && now - read_at_ < kReadAgain;
    if (is_fresh) co_return latest_;
    kube::Credential next;
    if (!secret_name_.empty()) {
        try {
            const auto secret = co_await kube_.get(
                kube::core_resource("secrets", name_space_, secret_name_), deadline);
            if (!secret) {
                throw kube::CredentialError(fmt::format("there is no Secret {}", secret_name_));
            }
            next = credential_of(*secret, secret_name_);
        } catch (const kube::ApiError& refusal) {
            throw kube::CredentialError(
                fmt::format("Secret {} cannot be read: {}", secret_name_, refusal.message()));
        }
    }
    next.tls.server_name = server_name_;
    latest_ = std::move(next);
    read_at_ = now;
    co_return latest_;
}

}  // namespace chatflow
