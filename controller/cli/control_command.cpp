#include "controller/cli/control_command.hpp"

#include "controller/api/scaling_policy_codec.hpp"
#include "controller/cli/cluster_session.hpp"
#include "controller/cli/control_patch.hpp"
#include "controller/cli/explain_command.hpp"
#include "controller/clients/kube/api_error.hpp"

#include <chrono>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using api::ScalingPolicy;

constexpr std::chrono::seconds kCallTime{20};
constexpr const char* kManager = "kubectl-chatflow";

struct Arguments {
    ClusterArguments cluster;
    std::string policy;
    std::int32_t replicas = 0;
    bool up = false;
    bool down = false;
    std::string reason;
    std::string span = "1h";
    std::string until;
};

/// What to write, and the sentence to print after it.
struct Change {
    nlohmann::json patch;
    std::string told;
};
using Plan = std::function<Change(const Arguments&, TimePoint now)>;

awaitable<void> write(ClusterSession& session, std::string name, nlohmann::json patch) {
    co_await session.client().merge_patch(
        {.group = std::string(api::KindTraits<ScalingPolicy>::kGroup),
         .version = std::string(api::KindTraits<ScalingPolicy>::kVersion),
         .plural = std::string(api::KindTraits<ScalingPolicy>::kPlural),
         .name_space = session.name_space(),
         .name = name},
        std::move(patch), {.field_manager = kManager}, Deadline::after(kCallTime));
}

ExitCode run(const Arguments& arguments, const Plan& plan) {
    const auto name = policy_name(arguments.policy);
    if (!name) {
        std::cerr << "error: " << arguments.policy
                  << " is no ScalingPolicy: write sp/NAME or NAME\n";
        return ExitCode::Usage;
    }
    Change change;
    try {
        change = plan(arguments, SystemClock().now());
    } catch (const std::invalid_argument& error) {
        std::cerr << "error: " << error.what() << '\n';
        return ExitCode::Usage;
    }
    ClusterSession session(find_cluster(arguments.cluster));
    try {
        session.run(write(session, *name, change.patch));
    } catch (const kube::ApiError& error) {
        if (!error.is_not_found()) throw;
        throw std::runtime_error(fmt::format("there is no ScalingPolicy {} in namespace {}", *name,
                                             session.name_space()));
    }
    std::cout << fmt::format("{}/{}: {}\n", session.name_space(), *name, change.told);
    return ExitCode::Ok;
}

std::shared_ptr<Arguments> add(CLI::App& app, ExitCode& code, const char* name, const char* doc,
                               Plan plan) {
    const auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand(name, doc);
    command->add_option("policy", arguments->policy, "sp/NAME or NAME")->required();
    add_cluster_options(*command, arguments->cluster);
    command->callback([arguments, &code, plan = std::move(plan)] { code = run(*arguments, plan); });
    command->footer("Needs patch on scalingpolicies.chatflow.dev.");
    return arguments;
}

void add_ending(CLI::App& command, Arguments& arguments) {
    command.add_option("--reason", arguments.reason, "Why; status and events show it")
        ->required()
        ->type_name("TEXT");
    auto* span = command.add_option("--for", arguments.span, "How long: 30m, 2h, 1d; default 1h")
                     ->type_name("TIME");
    command.add_option("--until", arguments.until, "When it ends, as RFC 3339")
        ->type_name("TIME")
        ->excludes(span);
}

Change override_by(const Arguments& arguments, TimePoint now) {
    const TimePoint until = end_of(arguments.until, arguments.span, now);
    return {override_patch(arguments.replicas, arguments.reason, until),
            fmt::format("{} replicas until {}: {}", arguments.replicas, format_rfc3339(until),
                        arguments.reason)};
}

Change pause_by(const Arguments& arguments, TimePoint now) {
    const bool both = arguments.up == arguments.down;
    const TimePoint until = end_of(arguments.until, arguments.span, now);
    return {pause_patch(both || arguments.up, both || arguments.down, arguments.reason, until),
            fmt::format("{} paused until {}: {}",
                        both           ? "scaling is"
                        : arguments.up ? "scale-up is"
                                       : "scale-down is",
                        format_rfc3339(until), arguments.reason)};
}

}  // namespace

void add_control_commands(CLI::App& app, ExitCode& code) {
    const auto overrides =
        add(app, code, "override", "So many replicas for a while, whatever the metrics say",
            override_by);
    auto* command = app.get_subcommand("override");
    command->add_option("--replicas", overrides->replicas, "How many, at most maxReplicas")
        ->required()
        ->check(CLI::Range(0, std::numeric_limits<std::int32_t>::max()))
        ->type_name("N");
    add_ending(*command, *overrides);

    const auto pauses = add(app, code, "pause", "No scale-up, no scale-down, or neither", pause_by);
    command = app.get_subcommand("pause");
    command->add_flag("--up", pauses->up, "Only scale-up; without --up and --down, both");
    command->add_flag("--down", pauses->down, "Only scale-down");
    add_ending(*command, *pauses);

    add(app, code, "resume", "End override and pause at once", [](const Arguments&, TimePoint) {
        return Change{resume_patch(), "no override and no pause"};
    });
    add(app, code, "rebalance", "Go to the aim once, although the usage is inside the band",
        [](const Arguments&, TimePoint now) {
            return Change{rebalance_patch(now), "a rebalance is asked for; it ends within an hour"};
        });
}

}  // namespace chatflow::cli
