#include "controller/cli/explain_command.hpp"

#include "controller/api/scaling_policy_codec.hpp"
#include "controller/api/yaml.hpp"
#include "controller/cli/acting.hpp"
#include "controller/cli/cluster_session.hpp"
#include "controller/cli/explanation.hpp"
#include "controller/cli/why_not_text.hpp"
#include "controller/clients/kube/api.hpp"

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using api::ScalingPolicy;

constexpr std::chrono::seconds kCallTime{20};
constexpr std::size_t kFileBytesMax = std::size_t{4} << 20;  // etcd takes no object as large

struct Arguments {
    ClusterArguments cluster;
    std::string policy;
    std::string file;
    std::string output = "text";
    bool why_not = false;
};

std::string content_of(const std::string& path) {
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) throw std::runtime_error(fmt::format("{} cannot be read", path));
    }
    std::istream& in = path == "-" ? std::cin : file;
    std::string text(kFileBytesMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kFileBytesMax) {
        throw std::runtime_error(fmt::format("{} is longer than {} bytes", path, kFileBytesMax));
    }
    return text;
}

ScalingPolicy from_file(const std::string& path) {
    const auto documents = api::parse_yaml(content_of(path));
    if (!documents) throw std::runtime_error(path + ": " + to_string(documents.error()));
    if (documents->size() != 1 || !documents->front().is_object() ||
        documents->front().value("kind", "") != "ScalingPolicy") {
        throw std::runtime_error(
            path + " must hold one ScalingPolicy, as `kubectl get sp NAME -o yaml` prints it");
    }
    return api::KindTraits<ScalingPolicy>::decode(documents->front());
}

awaitable<ScalingPolicy> fetch(ClusterSession& session, std::string name) {
    const Deadline deadline = Deadline::after(kCallTime);
    kube::Api<ScalingPolicy> policies(session.client(), session.name_space());
    if (auto found = co_await policies.get(name, deadline)) co_return *std::move(found);
    try {
        co_await session.client().raw_get(api::api_root_of<ScalingPolicy>(), deadline);
    } catch (const kube::ApiError& error) {
        if (!error.is_not_found()) throw;
        throw std::runtime_error(
            "the cluster does not serve ScalingPolicy: install the operator first, "
            "`helm install chatflow charts/chatflow-operator`");
    }
    throw std::runtime_error(
        fmt::format("there is no ScalingPolicy {} in namespace {}; `kubectl get sp -A` lists all",
                    name, session.name_space()));
}

ScalingPolicy from_cluster(const Arguments& arguments, const std::string& name) {
    const kube::ClusterAccess access = find_cluster(arguments.cluster);
    try {
        ClusterSession session(access);
        ScalingPolicy policy = session.run(fetch(session, name));
        warn_when_nobody_acts(session);
        return policy;
    } catch (const clients::TransportError& error) {
        throw std::runtime_error(fmt::format(
            "{} does not answer: {}; see --kubeconfig and --context", access.server, error.what()));
    }
}

ExitCode run(const Arguments& arguments) {
    if (arguments.policy.empty() == arguments.file.empty()) {
        std::cerr << "error: name one policy, as sp/NAME, or a file with -f\n";
        return ExitCode::Usage;
    }
    const auto name = policy_name(arguments.policy);
    if (arguments.file.empty() && !name) {
        std::cerr << "error: " << arguments.policy
                  << " is no ScalingPolicy: write sp/NAME or NAME\n";
        return ExitCode::Usage;
    }
    const ScalingPolicy policy =
        arguments.file.empty() ? from_cluster(arguments, *name) : from_file(arguments.file);
    if (arguments.output == "json") {
        auto json = explain_json(policy);
        if (arguments.why_not) json["whyNot"] = why_not_json(policy);
        std::cout << json.dump(2) << '\n';
    } else {
        const TimePoint now = SystemClock().now();
        std::cout << explain(policy, now);
        if (arguments.why_not) std::cout << why_not_text(policy, now);
    }
    return ExitCode::Ok;
}

}  // namespace

std::optional<std::string> policy_name(std::string_view argument) {
    const auto slash = argument.find('/');
    if (slash != std::string_view::npos) {
        const std::string_view kind = argument.substr(0, slash);
        const bool is_policy = kind == "sp" || kind == "scalingpolicy" ||
                               kind == "scalingpolicies" || kind == "scalingpolicies.chatflow.dev";
        if (!is_policy) return std::nullopt;
        argument.remove_prefix(slash + 1);
    }
    if (argument.empty() || argument.contains('/')) return std::nullopt;
    return std::string(argument);
}

void add_explain_command(CLI::App& app, ExitCode& code) {
    const auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("explain", "Why a policy decided as it did, and what next");
    command->add_option("policy", arguments->policy, "sp/NAME or NAME");
    command
        ->add_option("-f,--filename", arguments->file,
                     "Read the policy from a file (- is standard input) instead of a cluster")
        ->type_name("FILE");
    command->add_option("-o,--output", arguments->output, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("FORM");
    command->add_flag("--why-not", arguments->why_not,
                      "Also which rules hold each direction back, and until when");
    add_cluster_options(*command, arguments->cluster);
    command->footer(
        "Examples:\n"
        "  kubectl chatflow explain sp/chat-server -n chat\n"
        "  kubectl chatflow explain sp/chat-server --why-not\n"
        "  kubectl get sp chat-server -o yaml | kubectl chatflow explain -f -\n"
        "  kubectl chatflow explain sp/chat-server -o json | jq -c .case |\n"
        "    kubectl chatflow decide\n"
        "\n"
        "Needs get on scalingpolicies.chatflow.dev. Who may list Leases is warned when no "
        "operator\n"
        "acts any more.");
    command->callback([arguments, &code] { code = run(*arguments); });
}

}  // namespace chatflow::cli
