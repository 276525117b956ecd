#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace chatflow::redis {

class Script;

/// A command in the form it is sent: Command{"SET", key, value, "EX", "300"}. Arguments may hold
/// any byte.
class Command {
 public:
    Command(std::initializer_list<std::string_view> words);
    explicit Command(std::span<const std::string_view> words);

    [[nodiscard]] const std::string& bytes() const { return bytes_; }

    /// A script that the server must have been given on this connection before the command. It
    /// outlives the command.
    Command& needs(const Script& script) { return script_ = &script, *this; }
    [[nodiscard]] const Script* script() const { return script_; }

 private:
    std::string bytes_;
    const Script* script_ = nullptr;
};

}  // namespace chatflow::redis
