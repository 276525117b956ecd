#include "controller/cli/status_command.hpp"

#include "controller/api/postgres_topology_codec.hpp"
#include "controller/api/redis_topology_codec.hpp"
#include "controller/cli/acting.hpp"
#include "controller/cli/cluster_session.hpp"
#include "controller/cli/redis_status.hpp"
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
using api::RedisTopology;

constexpr std::chrono::seconds kCallTime{20};

struct Arguments {
    ClusterArguments cluster;
    std::string object;
    std::string output = "text";
};

/// The kind and name in "pgt/NAME".
struct Named {
    std::string_view kind;
    std::string name;
};

std::optional<Named> named(std::string_view argument) {
    const auto slash = argument.find('/');
    if (slash == std::string_view::npos || slash + 1 == argument.size()) return std::nullopt;
    return Named{argument.substr(0, slash), std::string(argument.substr(slash + 1))};
}

bool is_postgres(std::string_view kind) {
    return kind == "pgt" || kind == "postgrestopology" || kind == "postgrestopologies";
}

bool is_redis(std::string_view kind) {
    return kind == "rt" || kind == "redistopology" || kind == "redistopologies";
}

template <class Topology>
awaitable<Topology> fetch(ClusterSession& session, std::string name, const char* short_name) {
    kube::Api<Topology> topologies(session.client(), session.name_space());
    if (auto found = co_await topologies.get(name, Deadline::after(kCallTime))) {
        co_return *std::move(found);
    }
    throw std::runtime_error(
        fmt::format("there is no {} {} in namespace {}; `kubectl get {} -A` lists all",
                    api::KindTraits<Topology>::kKind, name, session.name_space(), short_name));
}

template <class Topology, class Text>
void print(ClusterSession& session, const Arguments& arguments, const std::string& name,
           const char* short_name, Text text) {
    const Topology topology = session.run(fetch<Topology>(session, name, short_name));
    warn_when_nobody_acts(session);
    if (arguments.output == "json") {
        std::cout << api::to_json(topology.status).dump(2) << '\n';
    } else {
        std::cout << text(topology, SystemClock().now());
    }
}

ExitCode run(const Arguments& arguments) {
    const auto object = named(arguments.object);
    if (!object || (!is_postgres(object->kind) && !is_redis(object->kind))) {
        std::cerr << "error: " << arguments.object
                  << " is no topology: write pgt/NAME or rt/NAME\n";
        return ExitCode::Usage;
    }
    const kube::ClusterAccess access = find_cluster(arguments.cluster);
    ClusterSession session(access);
    try {
        if (is_postgres(object->kind)) {
            print<PostgresTopology>(session, arguments, object->name, "pgt", topology_text);
        } else {
            print<RedisTopology>(session, arguments, object->name, "rt", redis_text);
        }
    } catch (const clients::TransportError& error) {
        throw std::runtime_error(fmt::format(
            "{} does not answer: {}; see --kubeconfig and --context", access.server, error.what()));
    }
    return ExitCode::Ok;
}

}  // namespace

void add_status_command(CLI::App& app, ExitCode& code) {
    const auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("status", "How a topology is, who is who, what was done");
    command->add_option("object", arguments->object, "pgt/NAME or rt/NAME")->required();
    command->add_option("-o,--output", arguments->output, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("FORM");
    add_cluster_options(*command, arguments->cluster);
    command->footer(
        "Examples:\n"
        "  kubectl chatflow status pgt/chat-db -n chat\n"
        "  kubectl chatflow status pgt/chat-db -o json | jq .instances\n"
        "  kubectl chatflow status rt/queue -n chat\n"
        "\n"
        "Needs get on postgrestopologies or redistopologies.chatflow.dev. Who may list Leases is\n"
        "warned when no operator acts any more.");
    command->callback([arguments, &code] { code = run(*arguments); });
}

}  // namespace chatflow::cli
