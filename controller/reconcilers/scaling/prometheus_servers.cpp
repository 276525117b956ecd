#include "controller/reconcilers/scaling/prometheus_servers.hpp"

#include <utility>

namespace chatflow {

PrometheusServers::Server::Server(PrometheusServers& all, const api::PrometheusServer& server,
                                  std::string name_space)
    : transport(all.make_transport_({.base_url = server.url, .tls = {}})),
      credentials(all.kube_, std::move(name_space), server.secret_name.value_or(""),
                  server.tls_server_name.value_or("")),
      client(all.executor_, *transport, {.credentials = &credentials}, all.observer_),
      gate(all.executor_, client) {}

awaitable<std::expected<std::string, api::MetricError>> PrometheusServers::query(
    const api::PrometheusServer& server, std::string name_space, std::string expression,
    prom::QueryOptions options, Deadline deadline) {
    const std::shared_ptr<Server> found = find(server, name_space);  // stays until it has answered
    co_return co_await found->gate.query(std::move(expression), options, deadline);
}

awaitable<std::expected<std::string, api::MetricError>> PrometheusServers::query_range(
    const api::PrometheusServer& server, std::string name_space, std::string expression,
    prom::Range range, Deadline deadline) {
    const std::shared_ptr<Server> found = find(server, name_space);
    co_return co_await found->gate.query_range(std::move(expression), range, deadline);
}

std::shared_ptr<PrometheusServers::Server> PrometheusServers::find(
    const api::PrometheusServer& server, const std::string& name_space) {
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(servers_,
                  [now](const auto& entry) { return now - entry.second->used_at > kUnusedFor; });
    auto& place = servers_[{name_space, server.url, server.secret_name.value_or(""),
                            server.tls_server_name.value_or("")}];
    if (!place) place = std::make_shared<Server>(*this, server, name_space);
    place->used_at = now;
    return place;
}

}  // namespace chatflow
