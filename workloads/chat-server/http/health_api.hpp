#pragma once

#include "libs/http/router.hpp"
#include "workloads/chat-server/domain/health.hpp"

#include <atomic>
#include <functional>

namespace chatflow::chat {

/// /health/live, /health/ready, /health/startup. Any thread.
class HealthApi {
 public:
    /// `look` tells how the dependencies are, without asking them.
    using Look = std::function<std::vector<Dependency>()>;
    explicit HealthApi(Look look) : look_(std::move(look)) {}

    void add_routes(http::Router& router);

    /// From now on not ready: new requests shall go elsewhere.
    void drain() { is_draining_.store(true); }

 private:
    awaitable<http::Response> live(const http::Request& request);
    awaitable<http::Response> ready(const http::Request& request);
    awaitable<http::Response> started(const http::Request& request);

    Look look_;
    std::atomic<bool> is_draining_{false};
    std::atomic<bool> was_ready_{false};
};

}  // namespace chatflow::chat
