#include "controller/options.hpp"

#include "libs/base/version.hpp"

#include <cstdlib>
#include <map>

#include <CLI/CLI.hpp>

namespace chatflow {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// "30" means seconds, "30s" and "1m" are understood too.
CLI::AsNumberWithUnit seconds_unit() {
    return CLI::AsNumberWithUnit(std::map<std::string, std::int64_t>{{"s", 1}, {"m", 60}, {"h", 3600}},
                                 CLI::AsNumberWithUnit::CASE_SENSITIVE);
}

void add_options(CLI::App& app, ControllerOptions& options, std::int64_t& cpu_window,
                 std::int64_t& freshness) {
    app.add_option("--kubeconfig", options.kubeconfig,
                   "Kubeconfig file; default: the pod's service account, else $KUBECONFIG")
        ->group("Cluster");
    app.add_option("--context", options.context, "Context of the kubeconfig")->group("Cluster");
    app.add_option("--watch-namespaces", options.watch_namespaces,
                   "Namespaces to watch, separated by commas; default: all")
        ->delimiter(',')
        ->group("Cluster");
    app.add_flag("--leader-election,!--no-leader-election", options.leader_election,
                 "Act only while holding the Lease (default on)")
        ->group("Leader election");
    app.add_option("--leader-election-namespace", options.leader_election_namespace,
                   "Namespace of the Lease; default: $POD_NAMESPACE")
        ->group("Leader election");
    app.add_option("--leader-election-id", options.leader_election_id, "Name of the Lease")
        ->capture_default_str()
        ->group("Leader election");
    app.add_option("--metrics-address", options.metrics_address, "Where /metrics is served")
        ->capture_default_str()
        ->group("Serving");
    app.add_option("--health-address", options.health_address, "Where /healthz and /readyz are served")
        ->capture_default_str()
        ->group("Serving");
    app.add_option("--prometheus-url", options.prometheus_url,
                   "Prometheus to read metrics from, for instance http://prometheus:9090; without "
                   "one, every policy holds")
        ->group("Metrics");
    app.add_option("--prometheus-ca-file", options.prometheus_ca_file,
                   "Certificate authorities that Prometheus' certificate is checked with")
        ->group("Metrics");
    app.add_option("--prometheus-token-file", options.prometheus_token_file,
                   "File with a bearer token for Prometheus, read again each minute")
        ->group("Metrics");
    app.add_option("--cpu-window", cpu_window,
                   "Time over which cpu usage is averaged; at least two scrapes")
        ->transform(seconds_unit())
        ->check(CLI::Range(10, 3600))
        ->capture_default_str()
        ->group("Metrics");
    app.add_option("--metrics-freshness", freshness,
                   "How long one answer of Prometheus serves all policies")
        ->transform(seconds_unit())
        ->check(CLI::Range(1, 60))
        ->capture_default_str()
        ->group("Metrics");
    app.add_option("--workers", options.workers, "Policies that are reconciled at once")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--log-level", options.log_level, "debug, info, warning or error")
        ->transform(CLI::CheckedTransformer(std::map<std::string, LogLevel>{
            {"debug", LogLevel::Debug},
            {"info", LogLevel::Info},
            {"warning", LogLevel::Warning},
            {"error", LogLevel::Error}}));
}

}  // namespace

std::expected<ControllerOptions, int> parse_controller_options(int argc, char** argv) {
    ControllerOptions options;
    options.identity = environment("POD_NAME");
    options.leader_election_namespace = environment("POD_NAMESPACE");
    std::int64_t cpu_window = options.cpu_window.count();
    std::int64_t freshness = options.metrics_freshness.count();

    CLI::App app{"Watches Chatflow's resources and scales, repairs and rolls out what they name.",
                 "chatflow-controller"};
    app.set_version_flag("--version", std::string(version()));
    add_options(app, options, cpu_window, freshness);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& refusal) {
        // 0 for --help and --version; 2 is what commands answer to arguments they cannot use.
        return std::unexpected(app.exit(refusal) == 0 ? 0 : 2);
    }
    options.cpu_window = std::chrono::seconds{cpu_window};
    options.metrics_freshness = std::chrono::seconds{freshness};
    return options;
}

}  // namespace chatflow
