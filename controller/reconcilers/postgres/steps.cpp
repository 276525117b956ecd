#include "controller/clients/pooler/hold.hpp"
#include "controller/reconcilers/postgres/postgres_reconciler.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow {

using postgres::Step;
using postgres::StepKind;

namespace {

// What the primary has not written yet it would write while everybody waits.
constexpr std::chrono::seconds kCheckpointTakes{20};

kube::Resource pod_of(const api::PostgresTopology& topology, const std::string& name) {
    return kube::core_resource("pods", topology.metadata.name_space, name);
}

}  // namespace

awaitable<std::string> PostgresReconciler::carry_out(const ObservedTopology& seen, const Step& step,
                                                     Deadline deadline, const Log& log) {
    if (step.kind == StepKind::RestartPod) {
        co_await parts_.kube.remove(pod_of(seen.topology, step.instance), {}, deadline);
        co_return "";
    }
    const auto address = seen.addresses.find(step.instance);
    if (address == seen.addresses.end()) co_return step.instance + " has no address";
    const patroni::Member member{.address = {.ip = address->second},
                                 .password = seen.passwords.rest_api};
    const auto* const leader = postgres::leader_of(seen.seen);
    try {
        if (leader != nullptr && leader->name == step.instance) {
            co_await change_primary(seen, step, deadline, log);
        } else if (step.kind == StepKind::RestartServer) {
            co_await parts_.patroni.restart(member, deadline);
        } else if (step.kind == StepKind::Reinitialize) {
            co_await parts_.patroni.reinitialize(member, deadline);
        }
        co_return "";
    } catch (const patroni::Refused& refused) {
        co_return fmt::format("{} refused {}: {}", step.instance, to_string(step.kind),
                              refused.what());
    } catch (const clients::TransportError& error) {
        co_return fmt::format("{} did not answer to {}: {}", step.instance, to_string(step.kind),
                              error.what());
    }
}

awaitable<void> PostgresReconciler::change_primary(const ObservedTopology& seen, const Step& step,
                                                   Deadline deadline, const Log& log) {
    const bool hands_over = step.kind == StepKind::Switchover;
    const patroni::Member member{.address = {.ip = seen.addresses.at(step.instance)},
                                 .password = seen.passwords.rest_api};
    // By value: it may outlive this visit when the operator is stopped.
    auto change = [&patroni = parts_.patroni, member, hands_over, from = step.instance,
                   to = step.target.value_or(""), deadline]() -> awaitable<void> {
        if (hands_over) {
            co_await patroni.switchover(member, from, to, deadline);
        } else {
            co_await patroni.restart(member, deadline);
        }
    };
    if (const auto primary = primary_of(seen)) {
        try {
            co_await parts_.sql.run(*primary, {"CHECKPOINT"},
                                    deadline.but_within(kCheckpointTakes));
        } catch (const sql::Error& error) {
            log.warning("No checkpoint ahead of the change", {{"error", error.what()}});
        }
    }
    const auto& pooler = seen.topology.spec.pooler;
    if (!pooler || !pooler->pause_during_switchover || seen.poolers.empty()) {
        co_await change();
        co_return;
    }
    const pooler::HoldOptions options{.limit = std::chrono::seconds{pooler->pause_timeout_seconds}};
    const auto report = co_await pooler::while_held(
        parts_.pooler, seen.poolers, options, hands_over ? step.target.value_or("") : step.instance,
        hands_over, std::move(change), parts_.clock);
    log.info("Held transactions for a change of the primary",
             {{"milliseconds", report.held.count()},
              {"undrained", fmt::format("{}", fmt::join(report.undrained, "; "))},
              {"unheld", fmt::format("{}", fmt::join(report.unheld, "; "))},
              {"stuck", fmt::format("{}", fmt::join(report.stuck, ", "))}});
}

}  // namespace chatflow
