#pragma once

#include "controller/clients/kube/client.hpp"
#include "controller/clients/kube/configured_credentials.hpp"
#include "controller/options.hpp"
#include "libs/base/field_error.hpp"

#include <expected>
#include <memory>

namespace chatflow {

/// The cluster that the options name: their kubeconfig; without one the pod's ServiceAccount, else
/// $KUBECONFIG, else ~/.kube/config.
[[nodiscard]] std::expected<kube::ClusterAccess, FieldErrors> find_cluster(
    const ControllerOptions& options);

/// The one API server that this process talks to, with all that a client of it needs.
class ClusterConnection {
 public:
    ClusterConnection(const kube::ClusterAccess& access, Clock& clock, BlockingPool& files,
                      kube::RequestObserver& observer);

    [[nodiscard]] kube::Client& client() { return client_; }

 private:
    std::unique_ptr<clients::HttpTransport> transport_;
    kube::ConfiguredCredentials credentials_;
    kube::Client client_;
};

}  // namespace chatflow
