#include "tests/integration/scaling/scaling_bench.hpp"

#include "controller/clients/cpprest_transport.hpp"
#include "controller/reconcilers/scaling/conflicts.hpp"

#include <chrono>

#include <fmt/format.h>

namespace chatflow::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

Deadline soon() { return Deadline::after(20s); }

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

json pod_template() {
    return {{"metadata", {{"labels", {{"app", "web"}}}}},
            {"spec",
             {{"containers",
               {{{"name", "app"},
                 {"image", "web"},
                 {"resources", {{"requests", {{"cpu", "100m"}}}}}}}}}}};
}

}  // namespace

ScalingBench::ScalingBench(TestExporter& exporter, TestPrometheus& prometheus,
                           std::int32_t cpu_window)
    : ScalingBench(&exporter, prometheus.url(), cpu_window) {}

ScalingBench::ScalingBench(const std::string& prometheus_url, std::int32_t cpu_window)
    : ScalingBench(nullptr, prometheus_url, cpu_window) {}

ScalingBench::ScalingBench(TestExporter* exporter, const std::string& prometheus_url,
                           std::int32_t cpu_window)
    : exporter_(exporter),
      session_(TestControlPlane::shared().access()),
      policies_(session_.client(), session_.clock(), log_, runtime_metrics_),
      autoscalers_(session_.client(), session_.clock(), log_, runtime_metrics_),
      pods_(session_.client(), session_.clock(), log_, runtime_metrics_),
      prometheus_transport_(clients::make_cpprest_transport({.base_url = prometheus_url})),
      prometheus_client_(
          session_.io().get_executor(), *prometheus_transport_, {.query_timeout = 2000ms},
          [this](auto time, auto failed) { scaling_metrics_.queried(time, failed); }),
      usage_(session_.io().get_executor(), prometheus_client_, clock_,
             [this] { return std::set<std::string>{name_space_}; },
             {.freshness = 0s, .cpu_window_seconds = cpu_window}),
      discovery_(session_.client()),
      adapters_(session_.client(), discovery_),
      api_usage_(session_.io().get_executor(), adapters_, 0s),
      servers_(session_.io().get_executor(), session_.client(), clients::make_cpprest_transport,
               [](auto, auto) {}),
      reader_({.usage = usage_,
               .api_usage = api_usage_,
               .prometheus = prometheus_client_,
               .servers = servers_,
               .adapters = adapters_}),
      forecasts_(prometheus_client_, servers_),
      drains_(session_.client(), pods_.store(), prometheus_client_,
              clients::make_cpprest_transport),
      freezes_(nullptr, session_.client(), 0s),
      targets_({}, session_.client(), discovery_),
      scaled_objects_(session_.client(), discovery_),
      events_(session_.io().get_executor(), session_.client(), session_.clock(), log_,
              runtime_metrics_, {.instance = "test"}),
      tasks_(session_.io().get_executor(),
             [](const std::exception_ptr& error) { std::rethrow_exception(error); }) {
    reconciler_.emplace(parts());
    index_by_target(policies_.store(), autoscalers_.store());
    index_by_drain(pods_.store());
    session_.apply_crd("scalingpolicies");
    name_space_ = session_.make_namespace();
    start_caches();
}

ScalingReconciler::Parts ScalingBench::parts() {
    return {.policies = policies_.store(),
            .autoscalers = autoscalers_.store(),
            .pods = pods_.store(),
            .kube = reconcilers_kube_,
            .targets = targets_,
            .scaled_objects = scaled_objects_,
            .metrics = reader_,
            .forecasts = forecasts_,
            .freezes = freezes_,
            .drains = drains_,
            .events = events_,
            .exported = scaling_metrics_,
            .clock = clock_};
}

ScalingBench::~ScalingBench() {
    tasks_.cancel();
    session_.run(tasks_.wait());
}

void ScalingBench::start_caches() {
    tasks_.spawn(usage_.keep_current(prom::Resource::Cpu));
    tasks_.spawn(usage_.keep_current(prom::Resource::Memory));
    tasks_.spawn(policies_.run());
    tasks_.spawn(autoscalers_.run());
    tasks_.spawn(pods_.run());
    const auto both = [this] {
        return policies_.has_synced() && autoscalers_.has_synced() && pods_.has_synced();
    };
    for (const auto until = soon(); !both() && !until.has_passed();) {
        session_.run(session_.clock().sleep_for(20ms));
    }
}

kube::Resource ScalingBench::at(const std::string& group, const std::string& version,
                                const std::string& plural, const std::string& name,
                                const std::string& subresource) const {
    return {.group = group,
            .version = version,
            .plural = plural,
            .name_space = name_space_,
            .name = name,
            .subresource = subresource};
}

void ScalingBench::deploy(int pods) {
    kube::Client& client = session_.client();
    const json deployment = {{"apiVersion", "apps/v1"},
                             {"kind", "Deployment"},
                             {"metadata", {{"name", "web"}}},
                             {"spec",
                              {{"replicas", pods},
                               {"selector", {{"matchLabels", {{"app", "web"}}}}},
                               {"template", pod_template()}}}};
    session_.run(client.create(at("apps", "v1", "deployments"), deployment, {}, soon()));
    session_.run(client.merge_patch(at("apps", "v1", "deployments", "web", "status"),
                                    {{"status", {{"replicas", pods}}}}, {}, soon()));
    const std::string started = format_rfc3339(session_.clock().now() - 1h);
    for (int i = 0; i < pods; ++i) {
        json pod = pod_template();
        pod["apiVersion"] = "v1";
        pod["kind"] = "Pod";
        pod["metadata"]["name"] = fmt::format("web-{}", i);
        session_.run(client.create(at("", "v1", "pods"), pod, {}, soon()));
        const json status = {
            {"status",
             {{"phase", "Running"},
              {"startTime", started},
              {"conditions",
               {{{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", started}}}}}}};
        session_.run(client.merge_patch(at("", "v1", "pods", fmt::format("web-{}", i), "status"),
                                        status, {}, soon()));
    }
}

void ScalingBench::create_policy(const json& spec, const std::string& name) {
    json policy = {
        {"apiVersion", "chatflow.dev/v1alpha1"},
        {"kind", "ScalingPolicy"},
        {"metadata", {{"name", name}}},
        {"spec",
         {{"targetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "web"}}},
          {"minReplicas", 2},
          {"maxReplicas", 10},
          {"metrics",
           {{{"type", "Resource"},
             {"resource",
              {{"name", "cpu"},
               {"band", {{"scaleUpAbove", 70}, {"scaleDownBelow", 30}, {"aimFor", 60}}}}}}}}}}};
    policy["spec"].merge_patch(spec);
    session_.run(session_.client().create(at("chatflow.dev", "v1alpha1", "scalingpolicies"), policy,
                                          {}, soon()));
    while (!policies_.store().find({name_space_, name})) {
        session_.run(session_.clock().sleep_for(20ms));
    }
}

void ScalingBench::change_policy(const json& spec) {
    const json changed = session_.run(session_.client().merge_patch(
        at("chatflow.dev", "v1alpha1", "scalingpolicies", "web"), {{"spec", spec}}, {}, soon()));
    const auto generation = changed["metadata"]["generation"].get<std::int64_t>();
    while (policies_.store().find({name_space_, "web"})->metadata.generation < generation) {
        session_.run(session_.clock().sleep_for(20ms));
    }
}

void ScalingBench::delete_policy(const std::string& name) {
    session_.run(session_.client().remove(at("chatflow.dev", "v1alpha1", "scalingpolicies", name),
                                          {}, soon()));
    while (policies_.store().find({name_space_, name})) {
        session_.run(session_.clock().sleep_for(20ms));
    }
}

void ScalingBench::annotate_namespace(const json& annotations) {
    session_.run(session_.client().merge_patch(
        {.group = "", .version = "v1", .plural = "namespaces", .name = name_space_},
        {{"metadata", {{"annotations", annotations}}}}, {}, soon()));
}

std::string ScalingBench::metrics_page() const {
    std::string page;
    const auto next = scaling_metrics_.pieces();
    for (std::string piece = next(); !piece.empty(); piece = next()) page += piece;
    return page;
}

void ScalingBench::use(double millicores, int pods) {
    // A straight line with samples from 40 s ago until now: any window of it has the same rate.
    const std::int64_t now = now_ms();
    std::string text;
    for (int i = 0; i < pods; ++i) {
        for (int age = 40; age >= 0; age -= 5) {
            text += fmt::format(
                "container_cpu_usage_seconds_total{{namespace=\"{}\",pod=\"web-{}\","
                "container=\"app\"}} {} {}\n",
                name_space_, i, 1000.0 + (40 - age) * millicores / 1000, now - age * 1000);
        }
    }
    exporter_->show(std::move(text));
}

void ScalingBench::reconcile(const std::string& name) {
    session_.run(reconciler_->reconcile({name_space_, name}, soon(), log_));
}

bool ScalingBench::reconcile_until(const std::string& type, const std::string& status) {
    for (const auto until = Deadline::after(30s); !until.has_passed();) {
        reconcile();
        if (condition(type).value("status", "") == status) return true;
        session_.run(session_.clock().sleep_for(300ms));
    }
    return false;
}

json ScalingBench::policy(const std::string& name) {
    return session_
        .run(session_.client().get(at("chatflow.dev", "v1alpha1", "scalingpolicies", name), soon()))
        .value();
}

json ScalingBench::condition(const std::string& type, const std::string& name) {
    const json found = policy(name);
    if (!found.contains("status")) return json::object();
    for (const json& condition : found["status"]["conditions"]) {
        if (condition["type"] == type) return condition;
    }
    return json::object();
}

json ScalingBench::deployment() {
    return session_.run(session_.client().get(at("apps", "v1", "deployments", "web"), soon()))
        .value();
}

void ScalingBench::wait_until_cached(const std::string& pod, const std::string& owner) {
    const auto is_there = [&] {
        const auto found = pods_.store().find({name_space_, pod});
        return found && found->owner->name == owner;
    };
    for (const auto until = soon(); !is_there() && !until.has_passed();) {
        session_.run(session_.clock().sleep_for(20ms));
    }
}

json ScalingBench::get(const std::string& plural, const std::string& name) {
    return session_.run(session_.client().get(at("", "v1", plural, name), soon())).value();
}

void ScalingBench::create(const std::string& plural, const json& object) {
    session_.run(session_.client().create(at("", "v1", plural), object, {}, soon()));
}

void ScalingBench::merge(const std::string& plural, const std::string& name, const json& patch,
                         const std::string& subresource) {
    session_.run(
        session_.client().merge_patch(at("", "v1", plural, name, subresource), patch, {}, soon()));
}

std::vector<std::string> ScalingBench::event_reasons() {
    session_.run(events_.flush(soon()));
    std::vector<std::string> reasons;
    kube::ListSink sink{
        .item = [&](json& event) { reasons.push_back(event["reason"].get<std::string>()); },
        .restart = [&] { reasons.clear(); }};
    session_.run(session_.client().list(at("events.k8s.io", "v1", "events"), {}, sink, soon()));
    return reasons;
}

}  // namespace chatflow::test
