#include "controller/cli/check_command.hpp"

#include "controller/api/scaling_policy_codec.hpp"
#include "controller/cli/cluster_session.hpp"
#include "controller/cli/installation.hpp"
#include "controller/clients/cpprest_transport.hpp"
#include "controller/clients/kube/api.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

constexpr std::chrono::seconds kCallTime{5};
constexpr std::chrono::seconds kPause{2};

struct Arguments {
    ClusterArguments cluster;
    std::string health_url;
    std::int64_t timeout_seconds = 60;
};

awaitable<Finding> find_kinds(ClusterSession& session, Deadline deadline) {
    try {
        co_return judge_kinds(
            co_await session.client().raw_get(api::api_root_of<api::ScalingPolicy>(), deadline));
    } catch (const kube::ApiError& error) {
        if (!error.is_not_found()) throw;
        co_return judge_kinds(std::nullopt);
    }
}

awaitable<Finding> find_leader(ClusterSession& session, Deadline deadline) {
    kube::Api<api::Lease> leases(session.client(), session.name_space());
    const auto lease = co_await leases.get(std::string(kControllerLease), deadline);
    co_return judge_lease(lease, session.name_space(), session.clock().now());
}

awaitable<Finding> find_readiness(clients::HttpTransport& transport, std::string url,
                                  Deadline deadline) {
    const std::string shown = url + "/readyz";
    try {
        const auto answer =
            co_await transport.send({.target = "/readyz", .response_bytes_max = 1 << 16}, deadline);
        co_return judge_readiness(shown, answer.status, answer.body);
    } catch (const std::exception& error) {
        co_return judge_readiness(shown, 0, error.what());
    }
}

/// What the API server says; its silence or refusal is a finding, too.
template <class Ask>
awaitable<Finding> asked(const char* what, Ask ask) {
    try {
        co_return co_await ask();
    } catch (const std::exception& error) {
        co_return Finding{false, std::string(what) + ": " + error.what()};
    }
}

awaitable<std::vector<Finding>> find_all(ClusterSession& session,
                                         clients::HttpTransport* controller, std::string url) {
    const Deadline deadline = Deadline::after(kCallTime);
    std::vector<Finding> findings;
    auto kinds = [&session, deadline] { return find_kinds(session, deadline); };
    findings.push_back(co_await asked("kinds", kinds));
    auto leader = [&session, deadline] { return find_leader(session, deadline); };
    findings.push_back(co_await asked("leader", leader));
    if (controller != nullptr) {
        findings.push_back(co_await find_readiness(*controller, std::move(url), deadline));
    }
    co_return findings;
}

bool are_good(const std::vector<Finding>& findings) {
    return std::ranges::all_of(findings, &Finding::is_good);
}

awaitable<std::vector<Finding>> wait_until_good(ClusterSession& session,
                                                clients::HttpTransport* controller, std::string url,
                                                Deadline deadline) {
    for (;;) {
        auto findings = co_await find_all(session, controller, url);
        if (are_good(findings) || deadline.time_left() < kPause) co_return findings;
        co_await session.clock().sleep_for(kPause);
    }
}

ExitCode run(const Arguments& arguments) {
    ClusterSession session(find_cluster(arguments.cluster));
    std::unique_ptr<clients::HttpTransport> controller;
    if (!arguments.health_url.empty()) {
        controller = clients::make_cpprest_transport({.base_url = arguments.health_url, .tls = {}});
    }
    const auto deadline = Deadline::after(std::chrono::seconds{arguments.timeout_seconds});
    const auto findings =
        session.run(wait_until_good(session, controller.get(), arguments.health_url, deadline));
    for (const Finding& finding : findings) {
        std::cout << (finding.is_good ? "ok      " : "FAILED  ") << finding.text << '\n';
    }
    return are_good(findings) ? ExitCode::Ok : ExitCode::Failed;
}

}  // namespace

void add_check_command(CLI::App& app, ExitCode& code) {
    const auto arguments = std::make_shared<Arguments>();
    auto* check = app.add_subcommand("check", "Whether the operator is installed and alive");
    check->require_subcommand(1);
    auto* command = check->add_subcommand(
        "api", "The kinds are served, a controller leads and, where asked, says it is ready");
    command
        ->add_option("--health-url", arguments->health_url,
                     "Also ask /readyz there, for instance http://127.0.0.1:8081")
        ->type_name("URL");
    command
        ->add_option("--timeout", arguments->timeout_seconds,
                     "Try again for so long: 60, 60s or 1m")
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, std::int64_t>{{"s", 1}, {"m", 60}},
                                          CLI::AsNumberWithUnit::CASE_SENSITIVE))
        ->capture_default_str()
        ->type_name("TIME");
    add_cluster_options(*command, arguments->cluster);
    command->footer(
        "Examples:\n"
        "  kubectl chatflow check api -n chatflow-system\n"
        "\n"
        "The namespace is the one that the operator runs in. Needs get on its Lease "
        "chatflow-controller.");
    command->callback([arguments, &code] { code = run(*arguments); });
}

}  // namespace chatflow::cli
