#include "controller/cli/simulate_command.hpp"

#include "controller/api/scaling_policy_codec.hpp"
#include "controller/api/yaml.hpp"
#include "controller/cli/explain_command.hpp"
#include "controller/cli/files.hpp"
#include "controller/cli/load_csv.hpp"
#include "controller/cli/progress_line.hpp"
#include "controller/cli/simulate_arguments.hpp"
#include "controller/cli/simulation_plot.hpp"
#include "controller/cli/simulation_report.hpp"
#include "controller/clients/kube/api.hpp"
#include "controller/clients/kube/api_error.hpp"
#include "controller/domain/simulation/result.hpp"
#include "controller/domain/simulation/simulate.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using api::ScalingPolicy;
using simulation::Run;

constexpr std::size_t kPolicyBytesMax = std::size_t{4} << 20;  // etcd takes no object as large
constexpr std::size_t kPoliciesMax = 8;
constexpr std::chrono::seconds kCallTime{20};
constexpr const char* kManager = "kubectl-chatflow";

struct Candidate {
    std::string name;
    api::ScalingPolicySpec spec;
};

Candidate candidate_from(const std::string& path, const std::string& metric) {
    const auto documents = api::parse_yaml(read_file(path, kPolicyBytesMax));
    if (!documents) throw std::runtime_error(path + ": " + to_string(documents.error()));
    if (documents->size() != 1) {
        throw std::runtime_error(
            fmt::format("{} must hold one ScalingPolicy, not {}", path, documents->size()));
    }
    const auto policy = api::parse_scaling_policy(documents->front(), api::UnknownFields::Refuse);
    if (!policy) throw std::runtime_error(path + ": " + to_string(policy.error()));
    auto spec = simulation::with_one_metric(policy->spec, metric);
    if (!spec) throw std::runtime_error(path + ": " + spec.error());
    return {std::filesystem::path(path).stem().string(), *std::move(spec)};
}

std::vector<Candidate> candidates_of(const SimulateArguments& arguments) {
    std::vector<Candidate> all;
    for (const std::string& path : arguments.policies) {
        all.push_back(candidate_from(path, arguments.metric));
    }
    if (arguments.compare == "hpa") {
        all.push_back({"hpa at 50 %", simulation::as_hpa(all.front().spec, 50)});
        all.push_back({"hpa at 70 %", simulation::as_hpa(all.front().spec, 70)});
    }
    return all;
}

void tell_not_played(const Candidate& candidate) {
    const auto fields = simulation::not_played(candidate.spec);
    if (fields.empty()) return;
    std::cerr << fmt::format("{}: played without spec.{}\n", candidate.name,
                             fmt::join(fields, ", spec."));
}

std::vector<Run> played(const std::vector<Candidate>& candidates,
                        const prediction::LoadSeries& load, const simulation::Settings& settings) {
    std::vector<Run> runs;
    ProgressLine progress("simulating");
    for (const Candidate& candidate : candidates) {
        const auto done = static_cast<double>(runs.size());
        runs.push_back(
            simulation::simulate(candidate.name, candidate.spec, load, settings, [&](double part) {
                progress.show((done + part) / static_cast<double>(candidates.size()));
            }));
    }
    return runs;
}

awaitable<void> write(ClusterSession& session, std::string name, api::SimulationResult result) {
    api::ScalingPolicyStatus status;
    status.simulation = std::move(result);
    nlohmann::json patch = {{"apiVersion", api::api_version_of<ScalingPolicy>()},
                            {"kind", api::KindTraits<ScalingPolicy>::kKind},
                            {"metadata", {{"name", name}}},
                            {"status", {{"simulation", api::to_json(status).at("simulation")}}}};
    kube::Api<ScalingPolicy> policies(session.client(), session.name_space());
    co_await policies.apply_status(std::move(name), std::move(patch),
                                   {.field_manager = kManager, .force = true},
                                   Deadline::after(kCallTime));
}

/// The rows of the table, into the policy's status; the controller's part of it stays as it is.
void attach(const SimulateArguments& arguments, const std::vector<Run>& runs, TimePoint now) {
    const auto name = policy_name(arguments.attach);
    if (!name) throw std::runtime_error("--attach must name a policy, as sp/NAME");
    ClusterSession session(find_cluster(arguments.cluster));
    try {
        session.run(write(session, *name, simulation::result_of(runs, now)));
    } catch (const kube::ApiError& error) {
        if (!error.is_not_found()) throw;
        throw std::runtime_error(fmt::format("there is no ScalingPolicy {} in namespace {}", *name,
                                             session.name_space()));
    }
    std::cerr << fmt::format("attached to {}/{}: status.simulation\n", session.name_space(), *name);
}

/// Empty when the arguments fit together.
std::string misuse(const SimulateArguments& arguments) {
    const int sources = (arguments.csv.empty() ? 0 : 1) + (arguments.prometheus.empty() ? 0 : 1) +
                        (arguments.generated.empty() ? 0 : 1);
    if (sources != 1) return "name one load: --csv FILE, --prometheus URL or --generate SHAPE";
    if (arguments.policies.empty() && arguments.csv_out.empty()) {
        return "name a policy with -f FILE, or where to write the load with --csv-out FILE";
    }
    if (arguments.policies.size() > kPoliciesMax) {
        return fmt::format("at most {} policies can be compared", kPoliciesMax);
    }
    return {};
}

ExitCode run(const SimulateArguments& arguments) {
    if (const std::string error = misuse(arguments); !error.empty()) {
        std::cerr << "error: " << error << '\n';
        return ExitCode::Usage;
    }
    const TimePoint now = SystemClock().now();
    const simulation::Settings settings = settings_of(arguments);
    const auto candidates =
        arguments.policies.empty() ? std::vector<Candidate>{} : candidates_of(arguments);
    const prediction::LoadSeries load = load_of(arguments, now);
    if (settings.warm_up >= load.end() - load.start) {
        throw std::runtime_error("--warm-up must be shorter than the load");
    }
    if (!arguments.csv_out.empty()) write_file(arguments.csv_out, to_csv(load));
    if (candidates.empty()) return ExitCode::Ok;

    for (const Candidate& candidate : candidates) tell_not_played(candidate);
    std::vector<Run> runs = played(candidates, load, settings);
    if (!arguments.plot.empty()) write_file(arguments.plot, simulation_svg(runs));
    for (const auto oracle : {simulation::Oracle::Static, simulation::Oracle::Moving}) {
        runs.push_back(simulation::consult(oracle, candidates.front().spec, load, settings));
    }
    if (arguments.output == "json") {
        std::cout << simulation_json(runs, settings).dump(2) << '\n';
    } else {
        std::cout << simulation_text(runs, settings);
    }
    if (!arguments.attach.empty()) attach(arguments, runs, now);
    return ExitCode::Ok;
}

void add_load_options(CLI::App& command, SimulateArguments& arguments) {
    command
        .add_option("--csv", arguments.csv, "The load: lines of time,cores (- is standard input)")
        ->type_name("FILE");
    command.add_option("--prometheus", arguments.prometheus, "The load: read from this server")
        ->type_name("URL");
    command.add_option("--query", arguments.query, "One series: the load of the whole target");
    command.add_option("--from", arguments.from, "RFC 3339 or now-7d; default now-7d")
        ->type_name("TIME");
    command.add_option("--to", arguments.to, "RFC 3339 or now; default now")->type_name("TIME");
    command.add_option("--step", arguments.step, "Between two samples; default 60s")
        ->type_name("TIME");
    command.add_option("--prometheus-token-file", arguments.token_file, "Sent as bearer token")
        ->type_name("FILE");
    command.add_option("--prometheus-ca-file", arguments.ca_file, "Authorities of its certificate")
        ->type_name("FILE");
    command
        .add_option("--generate", arguments.generated,
                    "The load: made up, daily, flash-crowd or saw-tooth")
        ->type_name("SHAPE");
    command.add_option("--seed", arguments.seed, "Of the generator; default 7");
    command.add_option("--span", arguments.span, "How long to generate; 21d or 6h by its shape")
        ->type_name("TIME");
    command.add_option("--csv-out", arguments.csv_out, "Write the load to a file")
        ->type_name("FILE");
}

void add_model_options(CLI::App& command, SimulateArguments& arguments) {
    command.add_option("--metric", arguments.metric,
                       "Which of spec.metrics the load drives; default the first that can be");
    command.add_option("--pod-start", arguments.pod_start, "From decision to Ready; default 20s")
        ->type_name("TIME");
    command.add_option("--metric-lag", arguments.metric_lag, "Age of a sample; default 15s")
        ->type_name("TIME");
    command.add_option("--request", arguments.request, "Of one pod; default 200m")
        ->type_name("AMOUNT");
    command
        .add_option("--limit", arguments.limit, "What a pod can do at most; default its request")
        ->type_name("AMOUNT");
    command.add_option("--initial", arguments.initial, "Replicas at the start; default enough")
        ->check(CLI::Range(0, 100'000));
    command
        .add_option("--full", arguments.full_percent,
                    "Percent of the requests above which pods are too few; default 70")
        ->check(CLI::Range(1, 100));
    command
        .add_option("--warm-up", arguments.warm_up,
                    "Play the beginning without counting it: what a prediction learns from")
        ->type_name("TIME");
}

}  // namespace

void add_simulate_command(CLI::App& app, ExitCode& code) {
    const auto arguments = std::make_shared<SimulateArguments>();
    auto* command = app.add_subcommand("simulate", "What a policy would have done with this load");
    command->add_option("-f,--filename", arguments->policies, "A ScalingPolicy; may be repeated")
        ->type_name("FILE");
    add_load_options(*command, *arguments);
    add_model_options(*command, *arguments);
    command
        ->add_option("--compare", arguments->compare, "hpa: HPA's defaults at 50 and 70 % beside")
        ->check(CLI::IsMember({"hpa"}));
    command->add_option("-o,--output", arguments->output, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->type_name("FORM");
    command->add_option("--plot", arguments->plot, "Write a picture (SVG)")->type_name("FILE");
    command
        ->add_option("--attach", arguments->attach,
                     "Write the result to the status of a policy in the cluster")
        ->type_name("sp/NAME");
    add_cluster_options(*command, arguments->cluster);
    command->footer(
        "Runs the code that decides in the controller; the same inputs give the same bytes.\n"
        "\n"
        "Examples:\n"
        "  kubectl chatflow simulate -f policy.yaml --generate daily --compare hpa\n"
        "  kubectl chatflow simulate -f now.yaml -f new.yaml --csv load.csv --plot new.svg\n"
        "  kubectl chatflow simulate -f policy.yaml --prometheus http://localhost:9090 \\\n"
        "    --from now-7d --query 'sum(rate(container_cpu_usage_seconds_total{\n"
        "      namespace=\"chat\",pod=~\"chat-server-.*\"}[1m]))'\n"
        "\n"
        "docs/simulation.md explains the model and the columns.");
    command->callback([arguments, &code] { code = run(*arguments); });
}

}  // namespace chatflow::cli
