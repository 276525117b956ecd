#include "controller/cli/status_command.hpp"

#include "controller/api/postgres_topology_codec.hpp"
#include "controller/cli/cluster_session.hpp"
#include "controller/cli/topology_text.hpp"
#include "controller/clients/kube/api.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using api::PostgresTopology;

constexpr std::chrono::seconds kCallTime{20};

struct Arguments {
    ClusterArguments cluster;
    std::string object;
    std::string output = "text";
};

/// The name in "pgt/NAME"; nothing for another kind.
std::optional<std::string> topology_name(std::string_view argument) {
    const auto slash = argument.find('/');
    if (slash == std::string_view::npos || slash + 1 == argument.size()) return std::nullopt;
    const std::string_view kind = argument.substr(0, slash);
    if (kind != "pgt" && kind != "postgrestopology" && kind != "postgrestopologies") {
        return std::nullopt;
    }
    return std::string(argument.substr(slash + 1));
}

awaitable<PostgresTopology> fetch(ClusterSession& session, std::string name) {
    kube::Api<PostgresTopology> topologies(session.client(), session.name_space());
    if (auto found = co_await topologies.get(name, Deadline::after(kCallTime))) {
        co_return *std::move(found);
    }
    throw std::runtime_error(
        fmt::format("there is no PostgresTopology {} in namespace {}; `kubectl get pgt -A` lists "
                    "all",
                    name, session.name_space()));
}

ExitCode run(const Arguments& arguments) {
    const auto name = topology_name(arguments.object);
    if (!name) {
        std::cerr << "error: " << arguments.object << " is no topology: write pgt/NAME\n";
        return ExitCode::Usage;
    }
    const kube::ClusterAccess access = find_cluster(arguments.cluster);
    ClusterSession session(access);
    PostgresTopology topology;
    try {
        topology = session.run(fetch(session, *name));
    } catch (const clients::TransportError& error) {
        throw std::runtime_error(fmt::format(
            "{} does not answer: {}; see --kubeconfig and --context", access.server, error.what()));
    }
    if (arguments.output == "json") {
        std::cout << api::to_json(topology.status).dump(2) << '\n';
    } else {
        std::cout << topology_text(topology, SystemClock().now());
    }
    return ExitCode::Ok;
}

}  // namespace

void add_status_command(CLI::App& app, ExitCode& code) {
    const auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("status", "How a topology is, who is who, what was done");
    command->add_option("object", arguments->object, "pgt/NAME")->required();
    command->add_option("-o,--output", arguments->output, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("FORM");
    add_cluster_options(*command, arguments->cluster);
    command->footer(
        "Examples:\n"
        "  kubectl chatflow status pgt/chat-db -n chat\n"
        "  kubectl chatflow status pgt/chat-db -o json | jq .instances\n"
        "\n"
        "Needs get on postgrestopologies.chatflow.dev, nothing else.");
    command->callback([arguments, &code] { code = run(*arguments); });
}

}  // namespace chatflow::cli
