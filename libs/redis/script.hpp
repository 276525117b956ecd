#pragma once

#include <string>
#include <string_view>

namespace chatflow::redis {

/// A Lua script that Client::eval runs: by its digest, by its source when the server has lost it.
class Script {
 public:
    explicit Script(std::string_view source);

    [[nodiscard]] const std::string& source() const { return source_; }
    /// SHA-1 of the source, 40 hexadecimal digits, as EVALSHA wants it.
    [[nodiscard]] const std::string& digest() const { return digest_; }

 private:
    std::string source_;
    std::string digest_;
};

}  // namespace chatflow::redis
