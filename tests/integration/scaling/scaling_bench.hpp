#pragma once

#include "controller/clients/kube/discovery.hpp"
#include "controller/reconcilers/scaling/scaling_reconciler.hpp"
#include "controller/runtime/watch_cache.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/task_group.hpp"
#include "tests/integration/scaling/lossy_transport.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"
#include "tests/support/test_prometheus.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <prometheus/registry.h>

namespace chatflow::test {

/// The system's clock, stepped by hand.
class SteppableClock final : public Clock {
 public:
    [[nodiscard]] TimePoint now() const override { return system_.now() + stepped_by_; }
    [[nodiscard]] awaitable<void> sleep_for(std::chrono::steady_clock::duration time) override {
        return system_.sleep_for(time);
    }
    void step(std::chrono::microseconds by) { stepped_by_ += by; }

 private:
    SystemClock system_;
    std::chrono::microseconds stepped_by_{};
};

/// One namespace with a Deployment of pods that ask for 100m each, a real Prometheus that tells
/// their usage, and the reconciler with all it needs, on a real API server.
class ScalingBench {
 public:
    ScalingBench(TestExporter& exporter, TestPrometheus& prometheus, std::int32_t cpu_window);
    /// With another server in Prometheus' place; use() is then not to be called.
    ScalingBench(const std::string& prometheus_url, std::int32_t cpu_window);
    ~ScalingBench();

    /// Creates Deployment "web" with `pods` ready pods web-0 …
    void deploy(int pods);
    /// Creates ScalingPolicy "web" for it; `spec` is merged over a band of 70/30/60, 2 to 10 pods.
    void create_policy(const nlohmann::json& spec = nlohmann::json::object(),
                       const std::string& name = "web");

    /// Merges `spec` over that of the policy, and waits until the cache has it.
    void change_policy(const nlohmann::json& spec);
    /// Until the cache has it no more.
    void delete_policy(const std::string& name = "web");
    /// Of the namespace; null takes one away.
    void annotate_namespace(const nlohmann::json& annotations);

    /// Prometheus sees every pod of the Deployment use this much from now on.
    void use(double millicores, int pods);

    void reconcile(const std::string& name = "web");
    /// Reconciles until the policy's condition has that status, for at most 30 s.
    bool reconcile_until(const std::string& condition, const std::string& status);

    [[nodiscard]] nlohmann::json policy(const std::string& name = "web");
    [[nodiscard]] nlohmann::json condition(const std::string& type,
                                           const std::string& name = "web");
    [[nodiscard]] nlohmann::json deployment();
    [[nodiscard]] int replicas() { return deployment()["spec"]["replicas"].get<int>(); }
    [[nodiscard]] std::vector<std::string> event_reasons();

    /// What /metrics says of policies; forget_policy() is what a deletion does.
    [[nodiscard]] std::string metrics_page() const;
    void forget_policy() { scaling_metrics_.forget({name_space_, "web"}); }

    /// What becomes of the reconciler's own requests to the API server.
    void lose(LossyTransport::FateOf fate_of) { to_kube_.decide_by(std::move(fate_of)); }

    /// The next one knows what the status tells, and nothing else.
    void kill_leader() { reconciler_.emplace(parts()); }

    /// Objects of the namespace, by the plural of their kind: pods, secrets, services.
    [[nodiscard]] nlohmann::json get(const std::string& plural, const std::string& name);
    void create(const std::string& plural, const nlohmann::json& object);
    void merge(const std::string& plural, const std::string& name, const nlohmann::json& patch,
               const std::string& subresource = {});

    /// Until the cache has that pod with that owner.
    void wait_until_cached(const std::string& pod, const std::string& owner);

    /// The reconciler's.
    [[nodiscard]] SteppableClock& clock() { return clock_; }
    [[nodiscard]] KubeSession& session() { return session_; }
    [[nodiscard]] const std::string& name_space() const { return name_space_; }

 private:
    ScalingBench(TestExporter* exporter, const std::string& prometheus_url,
                 std::int32_t cpu_window);
    void start_caches();
    [[nodiscard]] ScalingReconciler::Parts parts();
    [[nodiscard]] kube::Resource at(const std::string& group, const std::string& version,
                                    const std::string& plural, const std::string& name = {},
                                    const std::string& subresource = {}) const;

    TestExporter* exporter_;
    KubeSession session_;
    LossyTransport to_kube_{session_.transport()};
    kube::Client reconcilers_kube_{to_kube_, session_.credentials(), session_.clock()};
    SteppableClock clock_;
    Log log_{"test", LogLevel::Error};
    std::string name_space_;
    std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
    runtime::RuntimeMetrics runtime_metrics_{*registry_};
    ScalingMetrics scaling_metrics_{*registry_};
    runtime::WatchCache<api::ScalingPolicy> policies_;
    runtime::WatchCache<api::HorizontalPodAutoscaler> autoscalers_;
    runtime::WatchCache<api::Pod> pods_;
    std::unique_ptr<clients::HttpTransport> prometheus_transport_;
    prom::Client prometheus_client_;
    UsageCache usage_;
    kube::Discovery discovery_;
    metrics_api::Client adapters_;
    ApiUsage api_usage_;
    PrometheusServers servers_;
    MetricReader reader_;
    LoadForecasts forecasts_;
    Drains drains_;
    NamespaceFreezes freezes_;
    ScaleTargets targets_;
    ScaledObjects scaled_objects_;
    runtime::EventRecorder events_;
    std::optional<ScalingReconciler> reconciler_;
    TaskGroup tasks_;
};

}  // namespace chatflow::test
