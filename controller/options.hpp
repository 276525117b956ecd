#pragma once

#include "libs/base/log.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace chatflow {

/// What the command line of chatflow-controller says. Libraries read no flags and no environment.
struct ControllerOptions {
    std::string kubeconfig;  // empty: in-cluster, else $KUBECONFIG
    std::string context;
    std::vector<std::string> watch_namespaces;  // empty: all

    bool leader_election = true;
    std::string leader_election_namespace;  // empty: the pod's own
    std::string leader_election_id = "chatflow-controller";
    std::string identity;  // who holds the Lease: the pod's name

    std::string metrics_address = "0.0.0.0:8080";
    std::string health_address = "0.0.0.0:8081";

    std::string prometheus_url;  // empty: no source, every policy holds
    std::string prometheus_ca_file;
    std::string prometheus_token_file;
    std::chrono::seconds cpu_window{30};
    std::chrono::seconds metrics_freshness{5};

    std::size_t workers = 4;
    LogLevel log_level = LogLevel::Info;
};

/// What a command line asks for: to run with these options, or to end with this exit code after
/// having printed help, the version or what is wrong.
[[nodiscard]] std::expected<ControllerOptions, int> parse_controller_options(int argc, char** argv);

}  // namespace chatflow
