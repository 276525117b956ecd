#include "controller/prometheus_connection.hpp"

#include "controller/clients/cpprest_transport.hpp"

#include <utility>

namespace chatflow {
namespace {

class NoPrometheus final : public clients::HttpTransport {
 public:
    awaitable<clients::HttpResponse> send(clients::HttpRequest, Deadline) override {
        throw clients::TransportError(
            "none is configured: start the controller with --prometheus-url");
        co_return clients::HttpResponse{};
    }
    awaitable<std::unique_ptr<clients::HttpStream>> open(clients::HttpRequest,
                                                         clients::StreamOptions) override {
        throw clients::TransportError("none is configured");
        co_return nullptr;
    }
    void use_tls(const clients::TlsSettings&) override {}
};

std::unique_ptr<clients::HttpTransport> transport_to(const std::string& url) {
    if (url.empty()) return std::make_unique<NoPrometheus>();
    return clients::make_cpprest_transport({.base_url = url});
}

kube::ClusterAccess access_of(const ControllerOptions& options) {
    return {.server = options.prometheus_url,
            .authorities = {.text = {}, .file = options.prometheus_ca_file},
            .token = {.text = {}, .file = options.prometheus_token_file}};
}

}  // namespace

PrometheusConnection::PrometheusConnection(asio::any_io_executor executor,
                                           const ControllerOptions& options, Clock& clock,
                                           BlockingPool& files, prom::QueryObserver observer)
    : transport_(transport_to(options.prometheus_url)),
      credentials_(access_of(options), clock, files),
      client_(std::move(executor), *transport_, {.credentials = &credentials_},
              std::move(observer)) {}

}  // namespace chatflow
