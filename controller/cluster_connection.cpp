#include "controller/cluster_connection.hpp"

#include "controller/clients/cpprest_transport.hpp"
#include "controller/clients/kube/kubeconfig.hpp"

#include <cstdlib>
#include <string>

namespace chatflow {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace

std::expected<kube::ClusterAccess, FieldErrors> find_cluster(const ControllerOptions& options) {
    if (!options.kubeconfig.empty()) {
        return kube::load_kubeconfig(options.kubeconfig, options.context);
    }
    const auto host = environment("KUBERNETES_SERVICE_HOST");
    if (!host.empty() && options.context.empty()) {
        return kube::in_cluster_access(host, environment("KUBERNETES_SERVICE_PORT"),
                                       kube::kServiceAccountFolder);
    }
    const auto paths = environment("KUBECONFIG");
    return kube::load_kubeconfig(paths.empty() ? environment("HOME") + "/.kube/config" : paths,
                                 options.context);
}

ClusterConnection::ClusterConnection(const kube::ClusterAccess& access, Clock& clock,
                                     BlockingPool& files, kube::RequestObserver& observer)
    : transport_(clients::make_cpprest_transport({.base_url = access.server})),
      credentials_(access, clock, files),
      client_(*transport_, credentials_, clock, &observer) {}

}  // namespace chatflow
