#include "controller/reconcilers/redis/redis_reconciler.hpp"

#include "controller/domain/redis/restore.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;

// Nodes and Sentinels tell nobody when they change, so they are asked.
constexpr auto kPeriod = 5s;
constexpr auto kPeriodWhileChanging = 1s;

}  // namespace

awaitable<runtime::Action> RedisReconciler::reconcile(api::ObjectKey key, Deadline deadline,
                                                      Log log) {
    const auto cached = parts_.topologies.find(key);
    if (!cached || cached->metadata.deletion_timestamp) {
        memories_.erase(key);  // owner references clean up
        parts_.metrics.forget(key);
        co_return runtime::Action::await_change();
    }
    Memory& memory = memory_of(*cached);
    api::RedisTopology topology = *cached;
    topology.status = memory.status;
    if (!topology.spec_errors.empty()) {
        auto status = stalled_status(topology, to_string(topology.spec_errors), parts_.clock.now());
        co_await write_status(topology, std::move(status), memory, deadline);
        co_return runtime::Action::await_change();
    }
    const auto password = co_await read_password(topology, deadline);
    if (password) memory.password = *password;
    const Certificates certificates = co_await read_certificates(topology, deadline);
    Credentials credentials{.user = {}, .password = memory.password};
    if (topology.spec.tls.enabled) {
        const std::string trusted = co_await trusted_authorities(topology, certificates, deadline);
        credentials.trust = {
            .ca_file = {}, .authorities = trusted, .server_name = server_name_of(topology)};
    }
    if (topology.spec.mode == api::RedisMode::Cluster) {
        co_return co_await reconcile_cluster(std::move(topology), credentials, certificates,
                                             password.has_value(), memory, deadline, log);
    }
    const Observed seen = co_await gather(topology, credentials, memory, deadline);
    Plan plan = make_plan(topology, seen);
    Outcome outcome;
    outcome.restored = restored(topology, seen);
    StoredRoute writers = co_await read_write_route(topology, deadline);
    outcome.writers_at = writers.route.pod_ips.empty() ? "" : writers.route.pod_ips.front();
    if (!topology.spec.paused) {
        const bool has_files = !topology.spec.tls.enabled || !certificates.server.key.empty();
        const Ingredients with{.counts = plan.counts,
                               .image = {},
                               .password = {},
                               .certificates = sentinel_certificates(certificates),
                               .sentinels_may_start = has_files,
                               .nodes_may_start = has_files && may_have_nodes(topology, seen)};
        outcome.objects_changed =
            co_await apply_objects(topology, with, password.has_value(), memory, deadline);
        tell_beginning(topology, seen, with, log);
        outcome.certificate = co_await keep_certificates(topology, certificates, credentials, seen,
                                                         memory, deadline, log);
        co_await bring_first_data(topology, seen, deadline, log);
        outcome.config_error = co_await apply_users(topology, credentials, seen, memory, deadline);
        co_await label_pods(topology, seen, deadline);
        const auto refused = co_await set_live(topology, credentials, seen, memory, deadline);
        if (!refused.empty()) outcome.config_error = refused;
        co_await mend_routes(topology, seen, std::move(writers), deadline, log);
        for (const Step& step : plan.steps) {
            outcome.step_error =
                co_await take(topology, step, credentials, seen, memory, deadline, log);
            if (!outcome.step_error.empty()) break;
        }
        co_await keep_backups(topology, seen, memory, outcome, deadline, log);
        if (plan.steps.empty()) {
            co_await remove_spare_addresses(topology, seen, plan.counts, deadline);
        }
    }
    topology.status = memory.status;
    auto status = next_status(topology, seen, plan, outcome);
    if (!memory.status.master.empty() && memory.status.master != status.master &&
        !status.master.empty()) {
        tell(topology, false, "MasterChanged",
             fmt::format("{} is the master now; before it was {}", status.master,
                         memory.status.master),
             log);
    }
    parts_.metrics.observed(topology, seen, status);
    co_await write_status(topology, std::move(status), memory, deadline);
    const bool is_changing = !plan.steps.empty() || !plan.waits_for.empty() ||
                             outcome.objects_changed ||
                             (!topology.spec.hibernated && !is_healthy(topology.spec, seen)) ||
                             std::ranges::contains(seen.jobs, JobState::Running, &Job::state);
    co_return runtime::Action::requeue_after(is_changing ? kPeriodWhileChanging : kPeriod);
}

RedisReconciler::Memory& RedisReconciler::memory_of(const api::RedisTopology& topology) {
    Memory& memory = memories_[key_of(topology.metadata)];
    if (memory.uid != topology.metadata.uid) {
        memory = {.uid = topology.metadata.uid, .status = topology.status};
    }
    return memory;
}

}  // namespace chatflow
