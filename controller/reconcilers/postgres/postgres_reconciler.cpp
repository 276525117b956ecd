#include "controller/reconcilers/postgres/postgres_reconciler.hpp"

#include <chrono>
#include <utility>

namespace chatflow {
namespace {

// Lag and role come from Patroni, which tells nobody when they change.
constexpr std::chrono::seconds kCalmPeriod{5};
constexpr std::chrono::seconds kBusyPeriod{2};

bool is_calm(const api::PostgresTopologyStatus& status) {
    const api::Condition* ready = api::find_condition(status.conditions, "Ready");
    const api::Condition* reconciling = api::find_condition(status.conditions, "Reconciling");
    return ready->status == api::ConditionStatus::True &&
           reconciling->status == api::ConditionStatus::False;
}

}  // namespace

awaitable<runtime::Action> PostgresReconciler::reconcile(api::ObjectKey key, Deadline deadline,
                                                         Log log) {
    auto observed = co_await gather(key, deadline);
    if (!observed) {
        memories_.erase(key);
        parts_.exported.forget(key);
        co_return runtime::Action::await_change();
    }
    const api::PostgresTopology& topology = observed->topology;
    if (!topology.spec_errors.empty()) {
        co_await report(
            topology,
            postgres::stalled_status(topology, "InvalidSpec", to_string(topology.spec_errors),
                                     parts_.clock.now()),
            deadline, log);
        co_return runtime::Action::await_change();
    }
    auto certificates = keep_certificates(*observed, deadline, log);
    co_await tolerate(*observed, std::move(certificates), log);
    auto objects = apply_objects(*observed, deadline, log);
    co_await tolerate(*observed, std::move(objects), log);
    auto volumes = grow_volumes(*observed, deadline, log);
    co_await tolerate(*observed, std::move(volumes), log);
    co_await write_settings(*observed, deadline, log);
    co_await resume_poolers(*observed, deadline, log);
    co_await prepare_pooler(*observed, deadline, log);
    auto databases = prepare_databases(*observed, deadline, log);
    co_await tolerate(*observed, std::move(databases), log);
    co_await look_after_backups(*observed, deadline, log);
    auto drill = look_after_drill(*observed, deadline, log);
    co_await tolerate(*observed, std::move(drill), log);
    co_await look_for_indexes(*observed, deadline, log);

    postgres::Plan plan = postgres::plan_next(topology, observed->seen);
    if (plan.step && plan.step->kind == postgres::StepKind::Switchover) {
        observed->topology.status = postgres::begun_status(topology, observed->seen, plan);
        co_await report(topology, topology.status, deadline, log);
    }
    if (plan.step) {
        const std::string refused = co_await carry_out(*observed, *plan.step, deadline, log);
        if (!refused.empty()) {
            tell(topology, {"StepRefused", refused, true}, log);
            plan = {.step = {}, .finished_switchover = {}, .waiting_for = refused};
        } else {
            parts_.exported.acted(key, std::string(to_string(plan.step->kind)));
        }
    }
    co_await look_at_servers(*observed, deadline, log);
    auto status = postgres::next_status(topology, observed->seen, plan);
    const bool calm = is_calm(status);
    co_await report(topology, std::move(status), deadline, log);
    co_return runtime::Action::requeue_after(calm ? kCalmPeriod : kBusyPeriod);
}

PostgresReconciler::Memory& PostgresReconciler::memory_of(const api::PostgresTopology& topology) {
    Memory& memory = memories_[key_of(topology.metadata)];
    if (memory.uid != topology.metadata.uid) {
        memory = {};
        memory.uid = topology.metadata.uid;
        memory.status = topology.status;
    }
    return memory;
}

}  // namespace chatflow
