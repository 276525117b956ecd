#pragma once

#include "libs/auth/key_set.hpp"

#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

namespace chatflow::auth {

/// A JWKS file that may be replaced while the program runs. A new content that cannot be used
/// leaves the old keys in force. Any thread.
class JwksFile {
 public:
    /// Throws std::runtime_error when the file cannot be used at the start.
    explicit JwksFile(std::filesystem::path path);

    [[nodiscard]] std::shared_ptr<const KeySet> keys() const;

    /// Reads the file; for a timer of the owner. True when the keys are others now; an error when
    /// the new content cannot be used, told once per content.
    [[nodiscard]] std::expected<bool, std::string> refresh();

 private:
    std::filesystem::path path_;
    std::string content_;  // last seen, usable or not; touched by refresh() only
    mutable std::mutex mutex_;
    std::shared_ptr<const KeySet> keys_;
};

}  // namespace chatflow::auth
