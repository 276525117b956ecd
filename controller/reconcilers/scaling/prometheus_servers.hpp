#pragma once

#include "controller/api/scaling_policy.hpp"
#include "controller/clients/prometheus/client.hpp"
#include "controller/reconcilers/scaling/gated_prometheus.hpp"
#include "controller/reconcilers/scaling/secret_credentials.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>

namespace chatflow {

/// The servers that policies name beside the controller's own, each with its connection, its bound
/// on queries at once, its circuit, and the credentials of a Secret. One executor only.
class PrometheusServers {
 public:
    using TransportFactory =
        std::function<std::unique_ptr<clients::HttpTransport>(clients::HttpEndpoint)>;

    PrometheusServers(asio::any_io_executor executor, kube::Client& kube,
                      TransportFactory make_transport, prom::QueryObserver observer)
        : executor_(std::move(executor)),
          kube_(kube),
          make_transport_(std::move(make_transport)),
          observer_(std::move(observer)) {}

    /// Asks the server that a policy of `name_space` names. `server` outlives the call.
    [[nodiscard]] awaitable<std::expected<std::string, api::MetricError>> query(
        const api::PrometheusServer& server, std::string name_space, std::string expression,
        prom::QueryOptions options, Deadline deadline);

    /// The same over a time in the past.
    [[nodiscard]] awaitable<std::expected<std::string, api::MetricError>> query_range(
        const api::PrometheusServer& server, std::string name_space, std::string expression,
        prom::Range range, Deadline deadline);

    static constexpr std::chrono::minutes kUnusedFor{10};  // until a server is forgotten

 private:
    struct Server {
        Server(PrometheusServers& all, const api::PrometheusServer& server, std::string name_space);

        std::unique_ptr<clients::HttpTransport> transport;
        SecretCredentials credentials;
        prom::Client client;
        GatedPrometheus gate;
        std::chrono::steady_clock::time_point used_at{};
    };
    /// Namespace, url, Secret, name in the certificate: policies that agree in all share one.
    using Key = std::tuple<std::string, std::string, std::string, std::string>;

    std::shared_ptr<Server> find(const api::PrometheusServer& server,
                                 const std::string& name_space);

    asio::any_io_executor executor_;
    kube::Client& kube_;
    TransportFactory make_transport_;
    prom::QueryObserver observer_;
    std::map<Key, std::shared_ptr<Server>> servers_;
};

}  // namespace chatflow
