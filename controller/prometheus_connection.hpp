#pragma once

#include "controller/clients/kube/configured_credentials.hpp"
#include "controller/clients/prometheus/client.hpp"
#include "controller/options.hpp"

#include <memory>

namespace chatflow {

/// The Prometheus of the options, with its token and authorities read again as they rotate. When
/// they name none, every query fails with a sentence that says so, and the policies hold.
class PrometheusConnection {
 public:
    PrometheusConnection(asio::any_io_executor executor, const ControllerOptions& options,
                         Clock& clock, BlockingPool& files, prom::QueryObserver observer);

    [[nodiscard]] prom::Client& client() { return client_; }

 private:
    std::unique_ptr<clients::HttpTransport> transport_;
    kube::ConfiguredCredentials credentials_;
    prom::Client client_;
};

}  // namespace chatflow
