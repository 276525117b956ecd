#include "controller/clients/kube/configured_credentials.hpp"

#include "libs/base/base64.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <boost/asio/this_coro.hpp>

namespace chatflow::kube {

namespace {

constexpr std::streamsize kFileBytesMax = std::streamsize{1} << 20;

std::string read_text(const TextOrFile& source) {
    if (!source.text.empty() || source.file.empty()) return source.text;
    std::ifstream file(source.file, std::ios::binary);
    std::string text(static_cast<std::size_t>(kFileBytesMax) + 1, '\0');
    file.read(text.data(), kFileBytesMax + 1);
    if (file.bad() || !file.eof() || file.gcount() == 0) {
        throw CredentialError(source.file.string() + " cannot be read, is empty or is too long");
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

std::string trimmed(const std::string& text) {
    constexpr const char* spaces = " \t\r\n";
    const auto first = text.find_first_not_of(spaces);
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

Credential read_credential(const ClusterAccess& access) {
    Credential credential;
    credential.tls = {.authorities_pem = read_text(access.authorities),
                      .certificate_pem = read_text(access.client_certificate),
                      .key_pem = read_text(access.client_key),
                      .server_name = access.server_name,
                      .skip_verification = access.skip_verification};
    if (access.token.is_given()) {
        credential.authorization = "Bearer " + trimmed(read_text(access.token));
    } else if (!access.user.empty()) {
        credential.authorization = "Basic " + encode_base64(access.user + ":" + access.password);
    }
    return credential;
}

}  // namespace

ConfiguredCredentials::ConfiguredCredentials(ClusterAccess access, Clock& clock, BlockingPool& pool)
    : access_(std::move(access)), clock_(clock), pool_(pool) {}

awaitable<Credential> ConfiguredCredentials::current(Deadline deadline) {
    if (!files_are_fresh() || !plugin_is_good()) co_await refresh(deadline);
    Credential credential = *from_files_;
    if (!from_plugin_) co_return credential;
    if (!from_plugin_->token.empty()) credential.authorization = "Bearer " + from_plugin_->token;
    if (!from_plugin_->certificate_pem.empty()) {
        credential.tls.certificate_pem = from_plugin_->certificate_pem;
        credential.tls.key_pem = from_plugin_->key_pem;
    }
    co_return credential;
}

void ConfiguredCredentials::forget() {
    files_read_at_.reset();
    from_plugin_.reset();
}

bool ConfiguredCredentials::files_are_fresh() const {
    return from_files_ && files_read_at_ && clock_.steady_now() - *files_read_at_ < kReadAgainAfter;
}

bool ConfiguredCredentials::plugin_is_good() const {
    if (!access_.exec) return true;
    return from_plugin_ &&
           (!from_plugin_->expires_at || clock_.now() + kExpiryLeeway < *from_plugin_->expires_at);
}

awaitable<void> ConfiguredCredentials::refresh(Deadline deadline) {
    if (!turn_) turn_.emplace(co_await asio::this_coro::executor, 1);
    const auto turn = co_await turn_->acquire();
    if (!files_are_fresh()) co_await read_files();
    if (!plugin_is_good()) co_await run_plugin(deadline);
}

awaitable<void> ConfiguredCredentials::read_files() {
    auto read = [access = access_] { return read_credential(access); };
    try {
        from_files_ = co_await pool_.run(std::move(read));
    } catch (const CredentialError&) {
        if (!from_files_) throw;  // else: a rotation under way; the next reading will see it
    }
    files_read_at_ = clock_.steady_now();
}

awaitable<void> ConfiguredCredentials::run_plugin(Deadline deadline) {
    auto ask = [plugin = *access_.exec,
                info = exec_info_for(access_, from_files_->tls.authorities_pem),
                deadline] { return run_exec_plugin(plugin, info, deadline); };
    from_plugin_ = co_await pool_.run(std::move(ask));
}

}  // namespace chatflow::kube
