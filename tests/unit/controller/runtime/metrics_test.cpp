#include "controller/runtime/metrics.hpp"

#include "controller/runtime/request_metrics.hpp"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using testing::ElementsAre;

std::set<std::string> names_in(const prometheus::Registry& registry) {
    std::set<std::string> names;
    for (const auto& family : registry.Collect()) names.insert(family.name);
    return names;
}

// Dashboards and alerts made for controller-runtime and client-go look for these.
TEST(RuntimeMetrics, HaveTheNamesOfControllerRuntime) {
    prometheus::Registry registry;
    RuntimeMetrics metrics(registry);
    (void)metrics.for_queue("scalingpolicy");
    (void)metrics.for_controller("scalingpolicy");
    metrics.leader("chatflow-controller").Set(1);
    metrics.cached_objects("pods").Set(1);
    metrics.cache_syncs("pods").Increment();
    metrics.events("created").Increment();
    EXPECT_THAT(
        names_in(registry),
        ElementsAre(
            "chatflow_cache_objects", "chatflow_cache_syncs_total", "chatflow_events_total",
            "controller_runtime_active_workers", "controller_runtime_max_concurrent_reconciles",
            "controller_runtime_reconcile_errors_total",
            "controller_runtime_reconcile_panics_total",
            "controller_runtime_reconcile_time_seconds",
            "controller_runtime_reconcile_timeouts_total", "controller_runtime_reconcile_total",
            "controller_runtime_terminal_reconcile_errors_total", "leader_election_master_status",
            "workqueue_adds_total", "workqueue_depth",
            "workqueue_longest_running_processor_seconds", "workqueue_queue_duration_seconds",
            "workqueue_retries_total", "workqueue_unfinished_work_seconds",
            "workqueue_work_duration_seconds"));
}

TEST(RequestMetrics, HaveTheNamesOfClientGo) {
    prometheus::Registry registry;
    RequestMetrics metrics(registry);
    metrics.on_request("GET", "200", std::chrono::milliseconds(3));
    EXPECT_THAT(names_in(registry),
                ElementsAre("rest_client_request_duration_seconds", "rest_client_requests_total"));
}

}  // namespace
}  // namespace chatflow::runtime
