#pragma once

#include "libs/auth/jwks_file.hpp"
#include "libs/base/log.hpp"
#include "workloads/socket/auth/key_source.hpp"

#include <string>

namespace chatflow::socket {

/// Keys of a JWKS file, a mounted Secret for example; looked at every 5 s.
class FileKeys final : public KeySource {
 public:
    /// Throws std::runtime_error when the file cannot be used at the start.
    FileKeys(const std::string& path, Log log);

    [[nodiscard]] std::shared_ptr<const auth::KeySet> keys() const override;
    [[nodiscard]] awaitable<Renewal> renew(Deadline deadline) override;
    [[nodiscard]] awaitable<void> run() override;
    [[nodiscard]] std::string trouble() const override { return {}; }

 private:
    auth::JwksFile file_;
    Log log_;
};

}  // namespace chatflow::socket
