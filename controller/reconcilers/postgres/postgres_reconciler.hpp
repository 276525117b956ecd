#pragma once

#include "controller/api/core/pod.hpp"
#include "controller/api/postgres_topology_codec.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/clients/patroni/client.hpp"
#include "controller/domain/postgres/status.hpp"
#include "controller/reconcilers/postgres/exported_metrics.hpp"
#include "controller/reconcilers/postgres/observed.hpp"
#include "controller/runtime/event_recorder.hpp"
#include "controller/runtime/reconciler.hpp"
#include "controller/runtime/store.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace chatflow {

/// Brings PostgresTopologies to what their specs say, one step at a time. Never elects a primary.
class PostgresReconciler final : public runtime::Reconciler {
 public:
    struct Parts {
        const runtime::Store<api::PostgresTopology>& topologies;
        const runtime::Store<api::Pod>& pods;
        kube::Client& kube;
        patroni::Client& patroni;
        runtime::EventRecorder& events;
        PostgresMetrics& exported;
        Clock& clock;
        std::string image;  // where a topology names none
    };
    explicit PostgresReconciler(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] awaitable<runtime::Action> reconcile(api::ObjectKey key, Deadline deadline,
                                                       Log log) override;

 private:
    /// What the cache may not show yet, and what was applied when.
    struct Memory {
        std::string uid;
        api::PostgresTopologyStatus status;
        bool is_unwritten = false;
        std::map<std::string, std::size_t> applied;  // hash of each object, by path
        TimePoint applied_at{};
        std::int64_t grown_generation = -1;
    };

    // gather.cpp
    awaitable<std::optional<ObservedTopology>> gather(api::ObjectKey key, Deadline deadline);
    awaitable<void> read_sets(ObservedTopology& seen, Deadline deadline);
    awaitable<void> read_password(ObservedTopology& seen, Deadline deadline);
    awaitable<void> ask_patroni(ObservedTopology& seen, Deadline deadline);

    // apply.cpp
    awaitable<void> apply_objects(const ObservedTopology& seen, Deadline deadline, const Log& log);
    awaitable<void> create_credentials(const api::PostgresTopology& topology, Deadline deadline);
    awaitable<void> grow_volumes(const ObservedTopology& seen, Deadline deadline, const Log& log);
    awaitable<void> write_settings(const ObservedTopology& seen, Deadline deadline, const Log& log);
    /// Empty, or why it was refused.
    awaitable<std::string> carry_out(const ObservedTopology& seen, const postgres::Step& step,
                                     Deadline deadline);
    awaitable<void> report(const api::PostgresTopology& topology,
                           api::PostgresTopologyStatus status, Deadline deadline, const Log& log);
    void tell(const api::PostgresTopology& topology, const postgres::EventNote& note,
              const Log& log);

    Memory& memory_of(const api::PostgresTopology& topology);

    Parts parts_;
    std::map<api::ObjectKey, Memory> memories_;
};

}  // namespace chatflow
