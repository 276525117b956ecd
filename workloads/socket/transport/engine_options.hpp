#pragma once

#include "libs/http/limits.hpp"
#include "workloads/socket/protocol/handshake.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace chatflow::socket {

/// Takes a request as it goes over the wire to the pod of that id and calls back with the whole
/// response, or "" when there is none.
using Forward = std::function<void(std::string pod, std::string request,
                                   std::function<void(std::string response)> on_response)>;

struct EngineOptions {
    std::string address = "0.0.0.0";
    std::uint16_t port = 0;  // 0: one that is free
    EngineSettings settings;
    std::chrono::milliseconds upgrade_timeout{10'000};
    std::chrono::milliseconds connect_timeout{10'000};  // until an application lets it in
    std::size_t queue_bytes = 1U << 20U;                // per session
    std::size_t sessions_max = 20'000;
    std::size_t newcomers_max = 2'000;         // sessions that no application has let in yet
    std::vector<std::string> origins{"*"};     // whose pages may connect
    std::string pod = {};                      // part of session ids, [a-z0-9-]
    Forward forward = {};                      // for sessions of other pods; empty: unknown
    std::chrono::milliseconds gather_max{40};  // a message waits no longer for others
    bool deflates = false;                     // offers permessage-deflate
    std::size_t deflate_threshold = 1024;      // bytes; smaller messages go as they are

    /// Of one HTTP request.
    [[nodiscard]] http::Limits http_limits() const {
        http::Limits limits;
        limits.body_bytes = settings.max_payload;
        return limits;
    }
};

/// What has happened since the start.
struct EngineFigures {
    std::uint64_t opened = 0;
    std::uint64_t upgraded = 0;
    std::uint64_t refused = 0;  // by admission control
    std::uint64_t received = 0;
    std::uint64_t sent = 0;  // messages written
    std::uint64_t bytes_sent = 0;
    std::uint64_t writes = 0;
    std::uint64_t dropped = 0;  // ephemeral ones, for who was slow
    std::uint64_t forwarded = 0;
    std::uint64_t deflated = 0;             // messages queued compressed
    std::uint64_t inflated = 0;             // messages that came on connections that may compress
    std::array<std::uint64_t, 7> closed{};  // by CloseReason
    /// How long the oldest message of a round had waited when it was written: rounds of up to
    /// 1, 2, 5, 10, 20, 50, 100, 1000 ms, and longer.
    std::array<std::uint64_t, 9> waits{};
    double wait_seconds = 0;
};

/// Upper ends of EngineFigures::waits in seconds; the last has none.
inline constexpr std::array<double, 8> kWaitBounds = {0.001, 0.002, 0.005, 0.01,
                                                      0.02,  0.05,  0.1,   1.0};

}  // namespace chatflow::socket
