#pragma once

#include "libs/base/log.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow {

/// Where a server listens: "0.0.0.0:8080", "[::1]:8080", ":8080" for every address.
struct ListenAddress {
    std::string host;
    std::uint16_t port = 0;

    bool operator==(const ListenAddress&) const = default;
};

[[nodiscard]] std::expected<ListenAddress, std::string> parse_listen_address(std::string_view text);

/// What the command line of chatflow-controller says. Libraries read no flags and no environment.
struct ControllerOptions {
    std::string kubeconfig;  // empty: in-cluster, else $KUBECONFIG
    std::string context;
    std::vector<std::string> watch_namespaces;  // empty: all

    bool leader_election = true;
    std::string leader_election_namespace;  // empty: that of the credentials
    std::string leader_election_id = "chatflow-controller";
    std::string identity;  // the pod's name, else the host's

    ListenAddress metrics_address{"", 8080};
    ListenAddress health_address{"", 8081};

    std::string prometheus_url;  // empty: no source, every policy holds
    std::string prometheus_ca_file;
    std::string prometheus_token_file;
    std::chrono::seconds cpu_window{30};
    std::chrono::seconds metrics_freshness{5};

    bool kubelet_metrics = false;  // for policies with a period below 5 s

    std::size_t workers = 16;  // most of them wait for the API server
    std::string postgres_image = "chatflow/postgres-ha:dev";
    std::string pooler_image = "chatflow/pgbouncer:dev";
    std::string redis_image = "chatflow/redis-ha:dev";  // where a RedisTopology names none

    LogLevel log_level = LogLevel::Info;
};

/// What a command line asks for: to run with these options, or to end with this exit code after
/// having printed help, the version or what is wrong.
[[nodiscard]] std::expected<ControllerOptions, int> parse_controller_options(int argc, char** argv);

}  // namespace chatflow
