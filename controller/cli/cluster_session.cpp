#include "controller/cli/cluster_session.hpp"

#include "controller/clients/cpprest_transport.hpp"
#include "controller/clients/kube/kubeconfig.hpp"

#include <cstdlib>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace chatflow::cli {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::expected<kube::ClusterAccess, FieldErrors> resolve(const ClusterArguments& arguments) {
    if (!arguments.kubeconfig.empty()) {
        return kube::load_kubeconfig(arguments.kubeconfig, arguments.context);
    }
    const std::string host = environment("KUBERNETES_SERVICE_HOST");
    const std::string paths = environment("KUBECONFIG");
    if (!host.empty() && paths.empty() && arguments.context.empty()) {
        return kube::in_cluster_access(host, environment("KUBERNETES_SERVICE_PORT"),
                                       kube::kServiceAccountFolder);
    }
    return kube::load_kubeconfig(paths.empty() ? environment("HOME") + "/.kube/config" : paths,
                                 arguments.context);
}

}  // namespace

void add_cluster_options(CLI::App& command, ClusterArguments& arguments) {
    command
        .add_option("--kubeconfig", arguments.kubeconfig,
                    "Which cluster; default $KUBECONFIG, then ~/.kube/config")
        ->type_name("FILE");
    command.add_option("--context", arguments.context, "Which context of it; default the current")
        ->type_name("NAME");
    command
        .add_option("-n,--namespace", arguments.name_space,
                    "Which namespace; default the context's")
        ->type_name("NAME");
}

kube::ClusterAccess find_cluster(const ClusterArguments& arguments) {
    auto access = resolve(arguments);
    if (!access) {
        throw std::runtime_error(
            fmt::format("there is no usable kubeconfig: {}; name one with --kubeconfig",
                        to_string(access.error())));
    }
    if (!arguments.name_space.empty()) access->name_space = arguments.name_space;
    return *std::move(access);
}

ClusterSession::ClusterSession(kube::ClusterAccess access)
    : access_(std::move(access)),
      transport_(clients::make_cpprest_transport({.base_url = access_.server, .tls = {}})),
      credentials_(access_, clock_, files_),
      client_(*transport_, credentials_, clock_) {}

}  // namespace chatflow::cli
