#include "controller/options.hpp"

#include "libs/base/version.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <map>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

namespace chatflow {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

/// "30" means seconds, "30s" and "1m" are understood too.
CLI::AsNumberWithUnit seconds_unit() {
    return CLI::AsNumberWithUnit(
        std::map<std::string, std::int64_t>{{"s", 1}, {"m", 60}, {"h", 3600}},
        CLI::AsNumberWithUnit::CASE_SENSITIVE);
}

LogLevel log_level(const std::string& text) {
    if (text == "debug") return LogLevel::Debug;
    if (text == "info") return LogLevel::Info;
    if (text == "warning") return LogLevel::Warning;
    if (text == "error") return LogLevel::Error;
    throw CLI::ValidationError("--log-level",
                               fmt::format("must be debug, info, warning or error, not {}", text));
}

void add_address(CLI::App& app, const char* flag, ListenAddress& address, const char* what) {
    const auto take = [&address, flag](const std::string& text) {
        auto parsed = parse_listen_address(text);
        if (!parsed) throw CLI::ValidationError(flag, parsed.error());
        address = *parsed;
    };
    app.add_option_function<std::string>(flag, take, what)
        ->type_name("HOST:PORT")
        ->default_str(fmt::format("{}:{}", address.host, address.port))
        ->group("Serving");
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
                   "Namespace of the Lease; default: $POD_NAMESPACE, else that of the credentials")
        ->group("Leader election");
    app.add_option("--leader-election-id", options.leader_election_id, "Name of the Lease")
        ->capture_default_str()
        ->group("Leader election");
    add_address(app, "--metrics-address", options.metrics_address, "Where /metrics is served");
    add_address(app, "--health-address", options.health_address,
                "Where /healthz and /readyz are served");
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
    app.add_flag("--kubelet-metrics", options.kubelet_metrics,
                 "Read cpu and memory from the kubelets, through the API server, for policies with "
                 "a period below 5 s; needs the right to get nodes/proxy")
        ->group("Metrics");
    app.add_option("--postgres-image", options.postgres_image,
                   "Image of PostgresTopologies that name none")
        ->capture_default_str();
    app.add_option("--pooler-image", options.pooler_image,
                   "Image of PostgresTopologies' poolers that name none")
        ->capture_default_str();
    app.add_option("--redis-image", options.redis_image, "Image of RedisTopologies that name none")
        ->capture_default_str();
    app.add_option("--workers", options.workers, "Policies that are reconciled at once")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option_function<std::string>(
           "--log-level",
           [&options](const std::string& text) { options.log_level = log_level(text); },
           "debug, info, warning or error")
        ->type_name("LEVEL")
        ->default_str("info");
}

}  // namespace

std::expected<ListenAddress, std::string> parse_listen_address(std::string_view text) {
    const auto colon = text.rfind(':');
    std::uint16_t port = 0;
    if (colon != std::string_view::npos) {
        const auto digits = text.substr(colon + 1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (error == std::errc{} && end == digits.data() + digits.size() && !digits.empty()) {
            auto host = text.substr(0, colon);
            if (host.starts_with('[') && host.ends_with(']'))
                host = host.substr(1, host.size() - 2);
            return ListenAddress{std::string(host), port};
        }
    }
    return std::unexpected(fmt::format(
        "must be HOST:PORT with a port from 0 to 65535, such as 0.0.0.0:8080, not {}", text));
}

std::expected<ControllerOptions, int> parse_controller_options(int argc, char** argv) {
    ControllerOptions options;
    options.identity = environment("POD_NAME");
    if (options.identity.empty()) options.identity = host_name();
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
