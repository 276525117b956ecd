#include "controller/clients/http_transport.hpp"
#include "controller/clients/kube/api_error.hpp"
#include "controller/clients/redis/set_sentinel.hpp"
#include "controller/clients/redis/switchover.hpp"
#include "controller/domain/redis/config.hpp"
#include "controller/domain/redis/names.hpp"
#include "controller/reconcilers/redis/redis_reconciler.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kCallTimeout = 2s;
// Sentinels that forget at the same time would not know each other: no election meanwhile.
constexpr auto kBetweenResets = 30s;

kube::Resource pod_resource(const api::RedisTopology& topology, const std::string& pod) {
    return kube::core_resource("pods", topology.metadata.name_space, pod);
}

std::string reason_word(StepKind kind) {
    switch (kind) {
        case StepKind::Drain:
            return "Draining";
        case StepKind::Return:
            return "Returning";
        case StepKind::Switchover:
            return "SwitchingOver";
        case StepKind::Restart:
            return "Restarting";
        case StepKind::RestartSentinel:
            return "RestartingSentinel";
        case StepKind::Follow:
            return "SecondMasterFollows";
        case StepKind::SetSentinel:
            return "SentinelSet";
        case StepKind::ResetSentinel:
            return "SentinelReset";
    }
    return {};
}

}  // namespace

awaitable<std::string> RedisReconciler::set_live(const api::RedisTopology& topology,
                                                 Credentials credentials, const Observed& seen,
                                                 Memory& memory, Deadline deadline) {
    for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
        const auto pod = std::ranges::find(seen.pods, seen.addresses[i].name, &PodView::name);
        if (pod == seen.pods.end() || seen.nodes[i].role == NodeRole::Unreachable) continue;
        const Settings settings = live_settings(topology.spec, seen.nodes[i].endpoint.host);
        // A container that was restarted has read its files, which may be older.
        const std::string wanted = fingerprint(settings) + seen.nodes[i].run_id;
        if (memory.live[pod->uid] == wanted) continue;
        std::vector<std::string_view> words{"CONFIG", "SET"};
        for (const auto& [name, value] : settings) {
            words.push_back(name);
            words.push_back(value);
        }
        redis::Command command{std::span<const std::string_view>(words)};
        try {
            co_await ask_one(seen.nodes[i].endpoint, credentials, std::move(command),
                             deadline.but_within(kCallTimeout));
            memory.live[pod->uid] = wanted;
        } catch (const redis::ServerError& error) {
            co_return fmt::format("{} refused: {}", pod->name, error.what());
        } catch (const redis::Error&) {
            // It has just gone away; the next look finds it or says so.
        }
    }
    co_return std::string();
}

awaitable<std::string> RedisReconciler::take(const api::RedisTopology& topology, Step step,
                                             Credentials credentials, const Observed& seen,
                                             Memory& memory, Deadline deadline, const Log& log) {
    if (step.kind == StepKind::Switchover) {
        co_await switch_over(topology, std::move(step), credentials, seen, memory, deadline, log);
        co_return std::string();
    }
    if (step.kind == StepKind::ResetSentinel) {
        const bool is_due =
            !memory.sentinel_reset_at || seen.now - *memory.sentinel_reset_at >= kBetweenResets;
        if (!is_due) co_return std::string();
        memory.sentinel_reset_at = seen.now;
    }
    const std::string what = step.pod.empty() ? to_string(step.endpoint) : step.pod;
    std::string failure;
    try {
        co_await carry_out(topology, step, credentials, seen, deadline);
    } catch (const redis::Error& error) {
        failure = fmt::format("{}: {}: {}", reason_word(step.kind), what, error.what());
    }
    parts_.metrics.acted(topology, reason_word(step.kind));
    if (failure.empty()) {
        tell(topology, step.kind == StepKind::Follow, reason_word(step.kind),
             fmt::format("{}: {}", what, step.reason), log);
    } else {
        tell(topology, true, "StepFailed", failure, log);
    }
    co_return failure;
}

awaitable<void> RedisReconciler::carry_out(const api::RedisTopology& topology, Step step,
                                           Credentials credentials, const Observed& seen,
                                           Deadline deadline) {
    const auto call = deadline.but_within(kCallTimeout);
    if (step.kind == StepKind::ResetSentinel) {
        const redis::Command reset{"SENTINEL", "RESET", topology.metadata.name};
        co_await ask_one(step.endpoint, credentials, reset, call);
    } else if (step.kind == StepKind::SetSentinel) {
        co_await set_sentinel(step.endpoint, topology.metadata.name, topology.spec.sentinel,
                              credentials, call);
    } else if (step.kind == StepKind::Follow) {
        const auto master = consensus_of(seen.sentinels).master;
        const std::string port = std::to_string(master->port);
        const redis::Command follow{"REPLICAOF", master->host, port};
        co_await ask_one(step.endpoint, credentials, follow, call);
    } else if (step.kind == StepKind::Drain || step.kind == StepKind::Return) {
        const bool drains = step.kind == StepKind::Drain;
        const json since = drains ? json(format_rfc3339(seen.now)) : json();
        const json patch = {{"metadata", {{"annotations", {{kDrainAnnotation, since}}}}}};
        co_await parts_.kube.merge_patch(pod_resource(topology, step.pod), patch, {}, deadline);
    } else if (step.kind == StepKind::Restart || step.kind == StepKind::RestartSentinel) {
        co_await remove_pod(topology, step.pod, seen, deadline);
    }
}

awaitable<void> RedisReconciler::remove_pod(const api::RedisTopology& topology, std::string pod,
                                            const Observed& seen, Deadline deadline) {
    auto found = std::ranges::find(seen.pods, pod, &PodView::name);
    if (found == seen.pods.end()) {
        found = std::ranges::find(seen.sentinel_pods, pod, &PodView::name);
        if (found == seen.sentinel_pods.end()) co_return;
    }
    co_await parts_.kube.remove(pod_resource(topology, pod), {.uid = found->uid}, deadline);
}

awaitable<void> RedisReconciler::switch_over(const api::RedisTopology& topology, Step step,
                                             Credentials credentials, const Observed& seen,
                                             Memory& memory, Deadline deadline, const Log& log) {
    const Consensus consensus = consensus_of(seen.sentinels);
    const auto target = std::ranges::find(seen.addresses, step.pod, &RoutedPod::name);
    const auto sentinel = std::ranges::find_if(seen.sentinels, [&](const SentinelView& view) {
        return view.reachable && view.master == consensus.master && view.epoch == consensus.epoch;
    });
    const std::string from = master_pod(seen);
    HandoverResult result;
    if (step.pod == from) {
        // As it may be when the operator before ended between the switch and its record.
        result = {.done = true, .outcome = "Done, it was the master already"};
    } else if (step.pod.empty()) {
        result.outcome = "no replica is fit to take over";
    } else if (target == seen.addresses.end() || sentinel == seen.sentinels.end()) {
        result.outcome = fmt::format("there is no replica {} to hand over to", step.pod);
    } else {
        const RoutedPod pod = *target;
        const std::int64_t epoch = consensus.epoch + 1;
        const auto route = [this, &topology, &pod, epoch, deadline, &log]() -> awaitable<void> {
            co_await lead_writers(topology, pod, epoch, deadline, log);
        };
        const auto down_after = std::chrono::seconds{topology.spec.sentinel.down_after_seconds};
        const HandoverOptions limits{
            .pause = std::min<std::chrono::milliseconds>(4000ms, down_after * 4 / 5)};
        const Handover handover{.name = topology.metadata.name,
                                .from = *consensus.master,
                                .to = pod.endpoint,
                                .sentinel = sentinel->endpoint};
        try {
            result =
                co_await hand_over(handover, credentials, limits, parts_.clock, route, deadline);
        } catch (const redis::Error& error) {
            result.outcome = error.what();
        }
    }
    api::RedisSwitchoverStatus record{.request_id = {},
                                      .from = from,
                                      .to = step.pod,
                                      .reason = step.reason,
                                      .outcome = result.outcome,
                                      .at = parts_.clock.now(),
                                      .pause_milliseconds = result.writes_waited.count()};
    if (step.reason == "Requested") {
        record.request_id = topology.spec.switchover->request_id;
    } else if (memory.status.last_switchover) {
        record.request_id = memory.status.last_switchover->request_id;
    }
    memory.status.last_switchover = std::move(record);
    parts_.metrics.acted(topology, reason_word(step.kind));
    tell(topology, !result.done || !result.lossless,
         result.done ? "SwitchedOver" : "SwitchoverFailed",
         fmt::format("{}: from {} to {}: {}; writes waited {} ms", step.reason, from, step.pod,
                     result.outcome, result.writes_waited.count()),
         log);
}

awaitable<void> RedisReconciler::mend_routes(const api::RedisTopology& topology,
                                             const Observed& seen, StoredRoute write,
                                             Deadline deadline, Log log) {
    const int instances = topology.spec.sentinel.instances;
    if (consensus_of(seen.sentinels).agreeing < majority_of(instances)) co_return;
    Routes routes(parts_.kube, topology.metadata.name_space, topology.metadata.name);
    const Route known = write.route;
    auto led = forgotten_write_route(known, seen.sentinels, instances, seen.nodes, seen.addresses);
    if (led) {
        tell(topology, true, "RouteMended",
             fmt::format("No Sentinel remembers epoch {} of {}-rw; it leads to the master of "
                         "epoch {}",
                         known.epoch, topology.metadata.name, led->epoch),
             log);
        co_await routes.write(std::move(write), std::move(*led), deadline);
        co_return;  // readers follow at the next look
    }
    StoredRoute read = co_await routes.read("ro", deadline);
    auto next = forgotten_read_route(read.route, known, seen.sentinels, instances, seen.nodes,
                                     seen.addresses, topology.spec.write_safety.max_lag_seconds);
    if (next) co_await routes.write(std::move(read), std::move(*next), deadline);
}

/// The new master's epoch is at least the old one plus one: older views do not get the address
/// back, and the agents put the real epoch there.
awaitable<void> RedisReconciler::lead_writers(const api::RedisTopology& topology, RoutedPod target,
                                              std::int64_t epoch, Deadline deadline,
                                              const Log& log) {
    Routes routes(parts_.kube, topology.metadata.name_space, topology.metadata.name);
    constexpr int kAttempts = 3;  // an agent may write at the same time
    std::string failure = "somebody else wrote it at the same time";
    try {
        for (int i = 0; i < kAttempts; ++i) {
            StoredRoute stored = co_await routes.read("rw", deadline);
            if (stored.route.epoch > epoch) co_return;
            Route route{{target.pod_ip}, epoch};
            if (co_await routes.write(std::move(stored), std::move(route), deadline)) co_return;
        }
    } catch (const kube::ApiError& error) {
        failure = error.what();
    } catch (const clients::TransportError& error) {
        failure = error.what();
    } catch (const DeadlineExceeded& error) {
        failure = error.what();
    }
    // The master has moved, and the agents lead writers to it within about a second.
    log.warning("Agents have to lead writers to the new master", {{"error", failure}});
}

}  // namespace chatflow
