#pragma once

#include "libs/redis/reply.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace chatflow::test {

/// A server that answers each command with the RESP that a function gives, in a thread of its own;
/// while the function blocks, nobody is answered. For what a real node does only now and then.
class ScriptedNode {
 public:
    /// `answer` gets the command's words; called in the node's thread.
    using Answer = std::function<std::string(const redis::Reply& command)>;

    /// At a free port of 127.0.0.1, or where it is told to be.
    explicit ScriptedNode(Answer answer);
    ScriptedNode(Answer answer, const std::string& address, std::uint16_t port);
    ~ScriptedNode();
    ScriptedNode(const ScriptedNode&) = delete;
    ScriptedNode& operator=(const ScriptedNode&) = delete;

    [[nodiscard]] std::uint16_t port() const;

 private:
    class Listener;
    std::unique_ptr<Listener> listener_;
};

}  // namespace chatflow::test
