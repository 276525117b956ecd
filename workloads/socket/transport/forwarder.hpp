#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/log.hpp"
#include "workloads/socket/transport/engine_options.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace chatflow::socket {

struct ForwarderOptions {
    std::string address;                        // "{pod}.socket-pods:8080"
    std::chrono::milliseconds timeout{60'000};  // a poll may wait for a whole ping interval
    std::size_t response_bytes_max = 4U << 20U;
    std::size_t running_max = 1000;
};

/// Passes requests on to the pods that own their sessions: clients that poll need no sticky
/// sessions. One executor.
class Forwarder {
 public:
    Forwarder(asio::any_io_executor executor, ForwarderOptions options, Log log);

    /// As EngineOptions::forward.
    void forward(std::string pod, std::string request,
                 std::function<void(std::string response)> on_response);

    /// Before destruction.
    [[nodiscard]] awaitable<void> stop();

 private:
    using OnResponse = std::function<void(std::string response)>;
    awaitable<void> run(std::string pod, std::string request, OnResponse on_response);
    awaitable<std::string> exchange(std::string pod, std::string request);

    asio::any_io_executor executor_;
    ForwarderOptions options_;
    Log log_;
    TaskGroup tasks_;
};

}  // namespace chatflow::socket
