#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace chatflow::kube {

/// Hears of each request to the API server, for metrics. Called on the event loop.
class RequestObserver {
 public:
    virtual ~RequestObserver() = default;

    /// `code` is the status, or "<error>" where no response came. A watch counts when its head
    /// arrives.
    virtual void on_request(std::string_view method, std::string_view code,
                            std::chrono::duration<double> time) = 0;
};

}  // namespace chatflow::kube
