#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/http/router.hpp"
#include "workloads/chat-server/domain/message_change.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/io/message_changes.hpp"

#include <cstdint>
#include <string>

namespace chatflow::chat {

/// Single messages: /api/v1/rooms/{room}/messages/{seq} and below, and the search; for users who
/// are logged in. One event loop.
class MessageApi {
 public:
    explicit MessageApi(MessageChanges& messages) : messages_(messages) {}

    void add_routes(http::Router& router, Gate& gate);

 private:
    awaitable<http::Response> show(const http::Request& request, const Identity& who);
    awaitable<http::Response> edit(const http::Request& request, const Identity& who);
    awaitable<http::Response> remove(const http::Request& request, const Identity& who);
    awaitable<http::Response> add_reaction(const http::Request& request, const Identity& who);
    awaitable<http::Response> remove_reaction(const http::Request& request, const Identity& who);
    awaitable<http::Response> replies(const http::Request& request, const Identity& who);
    awaitable<http::Response> search(const http::Request& request, const Identity& who);

    MessageChanges& messages_;
};

}  // namespace chatflow::chat
