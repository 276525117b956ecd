#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/clients/http_transport.hpp"
#include "controller/clients/kube/credential_source.hpp"
#include "controller/clients/prometheus/range_matrix.hpp"
#include "libs/async/semaphore.hpp"
#include "libs/base/deadline.hpp"

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace chatflow::prom {

struct ClientOptions {
    kube::CredentialSource* credentials = nullptr;  // asked before each query; outlives the client
    std::size_t queries_in_flight_max = 8;
    std::chrono::milliseconds query_timeout{5000};
};

struct QueryOptions {
    /// Samples older than this do not count as present; Prometheus itself would take 5 minutes.
    std::optional<std::chrono::seconds> lookback;
};

/// Hears of each query, for metrics. `failed` names the reason; empty when it went well.
using QueryObserver =
    std::function<void(std::chrono::duration<double> time, std::string_view failed)>;

/// Asks a Prometheus server by its query API. Every failure is a value, because the decision has to
/// know it: SourceUnreachable, QueryTimedOut, QueryFailed. Owned by one event loop.
class Client {
 public:
    Client(asio::any_io_executor executor, clients::HttpTransport& transport, ClientOptions options,
           QueryObserver observer);

    /// The body of the answer to an instant query; read it with read_instant_vector().
    [[nodiscard]] awaitable<std::expected<std::string, api::MetricError>> query(
        std::string expression, QueryOptions options, Deadline deadline);

    /// The body of the answer to a range query; read it with read_range().
    [[nodiscard]] awaitable<std::expected<std::string, api::MetricError>> query_range(
        std::string expression, Range range, Deadline deadline);

 private:
    [[nodiscard]] awaitable<std::expected<std::string, api::MetricError>> ask(std::string target,
                                                                              std::string form,
                                                                              Deadline deadline);
    [[nodiscard]] awaitable<std::expected<std::string, api::MetricError>> send(std::string target,
                                                                               std::string form,
                                                                               Deadline deadline);

    [[nodiscard]] awaitable<void> authorize(clients::HttpRequest& request, Deadline deadline);

    clients::HttpTransport& transport_;
    ClientOptions options_;
    QueryObserver observer_;
    Semaphore places_;
};

}  // namespace chatflow::prom
