#include "workloads/chat-server/http/health_api.hpp"

namespace chatflow::chat {

void HealthApi::add_routes(http::Router& router) {
    using http::Request;
    router.add(http::Method::Get, "/health/live", [this](const Request& r) { return live(r); });
    router.add(http::Method::Get, "/health/ready", [this](const Request& r) { return ready(r); });
    router.add(http::Method::Get, "/health/startup",
               [this](const Request& r) { return started(r); });
}

// That this runs is the answer: a restart would cure nothing that is outside of the program.
awaitable<http::Response> HealthApi::live(const http::Request&) {
    co_return http::json(200, R"({"status":"alive"})");
}

awaitable<http::Response> HealthApi::ready(const http::Request&) {
    Health health = judge_readiness(look_(), is_draining_.load());
    if (health.status == 200) was_ready_.store(true);
    co_return http::json(health.status, std::move(health.json));
}

awaitable<http::Response> HealthApi::started(const http::Request& request) {
    if (was_ready_.load()) co_return http::json(200, R"({"status":"started"})");
    co_return co_await ready(request);
}

}  // namespace chatflow::chat
