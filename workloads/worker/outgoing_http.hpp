#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/blocking_pool.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chatflow::worker {

/// The service has failed so often that it is not called for a while. A retry may cure it.
struct ServiceIsDown : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct OutgoingRequest {
    std::string url;
    std::string body;    // JSON
    std::string secret;  // signs the body; empty: not signed
    std::chrono::seconds timeout{30};
    std::vector<std::pair<std::string, std::string>> headers;
};

struct OutgoingAnswer {
    int status = 0;
    std::string body;  // at most kAnswerMax
};

/// Calls of other services, with a circuit breaker for each host. One executor; the calls run on
/// the pool, which outlives it.
class OutgoingHttp {
 public:
    explicit OutgoingHttp(BlockingPool& pool);
    ~OutgoingHttp();
    OutgoingHttp(const OutgoingHttp&) = delete;
    OutgoingHttp& operator=(const OutgoingHttp&) = delete;

    /// POSTs. Throws ServiceIsDown, or what went wrong on the way; any status is an answer, and of
    /// the breaker's failures only no answer and 5xx are.
    [[nodiscard]] awaitable<OutgoingAnswer> post(OutgoingRequest request);

    static constexpr std::size_t kAnswerMax = 1U << 20U;  // bytes
    static constexpr std::size_t kHostsMax = 1000;        // remembered

 private:
    struct Host;

    [[nodiscard]] std::shared_ptr<Host> host_of(const std::string& url);

    BlockingPool& pool_;
    std::map<std::string, std::shared_ptr<Host>> hosts_;  // by scheme, name and port
};

/// 2xx. Throws jobs::Unrecoverable for another 4xx than 408, 409, 425 and 429, which no retry can
/// help, and std::runtime_error for the rest.
void expect_success(const OutgoingAnswer& answer, std::string_view who);

/// t=<seconds>,v1=<HMAC-SHA256 of "t.body">: the form that payment providers sign webhooks in.
[[nodiscard]] std::string signature(const std::string& secret, const std::string& body,
                                    std::chrono::sys_seconds now);

}  // namespace chatflow::worker
