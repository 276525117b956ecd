#pragma once

#include "libs/http/router.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/io/error_repository.hpp"

namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// What clients report and ask beside rooms: their errors, and who is online. One executor only.
class ClientApi {
 public:
    ClientApi(ErrorRepository& errors, redis::Client& redis) : errors_(errors), redis_(redis) {}

    void add_routes(http::Router& router, Gate& gate);

    static constexpr std::size_t kPresenceMax = 100;  // users of one request

 private:
    awaitable<http::Response> report(const http::Request& request, const Identity& who);
    awaitable<http::Response> presence(const http::Request& request, const Identity& who);

    ErrorRepository& errors_;
    redis::Client& redis_;
};

}  // namespace chatflow::chat
