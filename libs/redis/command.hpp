#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace chatflow::redis {

/// A command in the form it is sent: Command{"SET", key, value, "EX", "300"}. Arguments may hold
/// any byte.
class Command {
 public:
    Command(std::initializer_list<std::string_view> words);
    explicit Command(std::span<const std::string_view> words);

    [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
    std::string bytes_;
};

}  // namespace chatflow::redis
