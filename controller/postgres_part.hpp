#pragma once

#include "controller/options.hpp"
#include "controller/reconcilers/postgres/postgres_reconciler.hpp"
#include "controller/runtime/controller.hpp"
#include "controller/runtime/manager.hpp"
#include "controller/runtime/watch_cache.hpp"

namespace chatflow {

/// All that PostgresTopologies need: what is watched for them, who acts.
class PostgresPart {
 public:
    struct Parts {
        asio::any_io_executor executor;
        Clock& clock;
        const Log& log;
        kube::Client& kube;
        runtime::EventRecorder& events;
        runtime::RuntimeMetrics& metrics;
        prometheus::Registry& registry;
    };
    PostgresPart(const Parts& parts, const ControllerOptions& options);

    void add_to(runtime::Manager& manager);

 private:
    runtime::WatchCache<api::PostgresTopology> topologies_;
    runtime::WatchCache<api::Pod> pods_;  // of topologies alone
    patroni::Client patroni_;
    BlockingPool sql_threads_;
    sql::Client sql_;
    pooler::Client pooler_;
    PostgresMetrics exported_;
    PostgresReconciler reconciler_;
    runtime::Controller controller_;
};

}  // namespace chatflow
