#include "controller/clients/redis/cluster_steps.hpp"
#include "controller/domain/redis/cluster_status.hpp"
#include "controller/domain/redis/restore.hpp"
#include "controller/reconcilers/redis/redis_reconciler.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;

constexpr auto kPeriod = 5s;
constexpr auto kPeriodWhileChanging = 1s;
constexpr auto kLookTimeout = 1500ms;
// Of one step, within the reconcile's time: moves go on in the next one.
constexpr auto kStepTimeout = 15s;

const char* reason_word(ClusterStepKind kind) {
    switch (kind) {
        case ClusterStepKind::Meet:
            return "NodesMeet";
        case ClusterStepKind::Assign:
            return "SlotsAssigned";
        case ClusterStepKind::Replicate:
            return "ReplicaMade";
        case ClusterStepKind::Forget:
            return "NodeForgotten";
        case ClusterStepKind::Close:
            return "MoveEnded";
        case ClusterStepKind::Move:
            return "SlotsMoving";
        case ClusterStepKind::Failover:
            return "SwitchedOver";
        case ClusterStepKind::Restart:
            return "Restarting";
    }
    return "";
}

std::string note_of(const ClusterStep& step) {
    if (step.slots.empty()) return fmt::format("{}: {}", step.pod, step.reason);
    return fmt::format("{}: {} slots: {}", step.pod, step.slots.size(), step.reason);
}

std::string master_followed_by(const Observed& seen, const std::string& replica) {
    for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
        if (seen.addresses[i].name != replica) continue;
        const auto master =
            std::ranges::find(seen.addresses, seen.nodes[i].master, &RoutedPod::endpoint);
        if (master != seen.addresses.end()) return master->name;
    }
    return {};
}

}  // namespace

awaitable<runtime::Action> RedisReconciler::reconcile_cluster(api::RedisTopology topology,
                                                              Credentials credentials,
                                                              Certificates certificates,
                                                              bool has_password, Memory& memory,
                                                              Deadline deadline, Log log) {
    Observed seen = co_await gather(topology, credentials, memory, deadline);
    std::vector<Endpoint> endpoints;
    for (const RoutedPod& pod : seen.addresses) endpoints.push_back(pod.endpoint);
    seen.cluster = co_await observe_cluster(std::move(endpoints), credentials,
                                            deadline.but_within(kLookTimeout));
    const ClusterPlan plan = make_cluster_plan(topology, seen);
    Outcome outcome;
    outcome.restored = restored(topology, seen);
    if (!topology.spec.paused) {
        const bool has_files = !topology.spec.tls.enabled || !certificates.server.key.empty();
        const Ingredients with{.counts = plan.counts,
                               .image = {},
                               .password = {},
                               .certificates = {},
                               .sentinels_may_start = false,
                               .nodes_may_start = has_files && may_have_nodes(topology, seen)};
        outcome.objects_changed =
            co_await apply_objects(topology, with, has_password, memory, deadline);
        tell_beginning(topology, seen, with, log);
        outcome.certificate = co_await keep_certificates(topology, certificates, credentials, seen,
                                                         memory, deadline, log);
        co_await bring_first_data(topology, seen, deadline, log);
        outcome.config_error = co_await apply_users(topology, credentials, seen, memory, deadline);
        co_await label_pods(topology, seen, deadline);
        const auto refused = co_await set_live(topology, credentials, seen, memory, deadline);
        if (!refused.empty()) outcome.config_error = refused;
        for (const ClusterStep& step : plan.steps) {
            outcome.step_error =
                co_await take_in_cluster(topology, step, credentials, seen, memory, deadline, log);
            if (!outcome.step_error.empty()) break;
        }
        // What was seen before a move is no ground to copy shards side by side.
        if (!std::ranges::contains(plan.steps, ClusterStepKind::Move, &ClusterStep::kind)) {
            co_await keep_backups(topology, seen, memory, outcome, deadline, log);
        }
        if (plan.steps.empty()) {
            co_await remove_spare_addresses(topology, seen, plan.counts, deadline);
        }
    }
    topology.status = memory.status;
    auto status = next_cluster_status(topology, seen, plan, outcome);
    parts_.metrics.observed(topology, seen, status);
    co_await write_status(topology, std::move(status), memory, deadline);
    const bool is_changing = !plan.steps.empty() || !plan.waits_for.empty() ||
                             outcome.objects_changed || !is_cluster_well(topology, seen) ||
                             std::ranges::contains(seen.jobs, JobState::Running, &Job::state);
    co_return runtime::Action::requeue_after(is_changing ? kPeriodWhileChanging : kPeriod);
}

awaitable<std::string> RedisReconciler::take_in_cluster(const api::RedisTopology& topology,
                                                        ClusterStep step, Credentials credentials,
                                                        const Observed& seen, Memory& memory,
                                                        Deadline deadline, Log log) {
    const auto began = parts_.clock.steady_now();
    std::string failure;
    try {
        if (step.kind == ClusterStepKind::Restart) {
            co_await remove_pod(topology, step.pod, seen, deadline);
        } else if (step.kind == ClusterStepKind::Failover && step.node.host.empty()) {
            failure = fmt::format("{} is no replica of this cluster", step.pod);
        } else {
            co_await take_cluster_step(step, credentials, parts_.clock,
                                       deadline.but_within(kStepTimeout));
        }
    } catch (const redis::Error& error) {
        failure = fmt::format("{}: {}: {}", reason_word(step.kind), step.pod, error.what());
    }
    parts_.metrics.acted(topology, reason_word(step.kind));
    if (step.kind == ClusterStepKind::Failover) {
        const auto took = parts_.clock.steady_now() - began;
        const auto& last = memory.status.last_switchover;
        std::string request = last ? last->request_id : "";
        if (step.reason == "Requested") request = topology.spec.switchover->request_id;
        memory.status.last_switchover = api::RedisSwitchoverStatus{
            .request_id = std::move(request),
            .from = master_followed_by(seen, step.pod),
            .to = step.pod,
            .reason = step.reason,
            .outcome = failure.empty() ? "Done" : failure,
            .at = parts_.clock.now(),
            .pause_milliseconds =
                std::chrono::duration_cast<std::chrono::milliseconds>(took).count()};
    }
    const std::string note = failure.empty() ? note_of(step) : failure;
    tell(topology, !failure.empty(), failure.empty() ? reason_word(step.kind) : "StepFailed", note,
         log);
    co_return failure;
}

}  // namespace chatflow
