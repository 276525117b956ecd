#pragma once

#include "controller/api/scaling_drain.hpp"
#include "controller/clients/http_transport.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace chatflow::drain {

using TransportFactory =
    std::function<std::unique_ptr<clients::HttpTransport>(clients::HttpEndpoint)>;

/// What is asked of a pod.
enum class Wish {
    Drain,    // POST: let nobody new in
    TakeBack  // DELETE: let people in again
};

/// Asks pods at spec.drain.endpoint. Owned by one event loop.
class Client {
 public:
    explicit Client(TransportFactory make_transport) : make_transport_(std::move(make_transport)) {}

    /// Nothing when the pod has agreed, else why not. Never throws but for a cancellation; the
    /// answer is awaited for at most kAnswerTimeMax.
    [[nodiscard]] awaitable<std::optional<std::string>> ask(Wish wish, std::string pod_ip,
                                                            api::DrainEndpoint endpoint,
                                                            Deadline deadline);

    static constexpr std::chrono::milliseconds kAnswerTimeMax{2000};
    static constexpr std::size_t kAnswerBytesMax = 64 << 10;

 private:
    TransportFactory make_transport_;
};

}  // namespace chatflow::drain
