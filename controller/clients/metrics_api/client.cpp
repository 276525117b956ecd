#include "controller/clients/metrics_api/client.hpp"

#include "controller/api/core/label_selector.hpp"
#include "controller/clients/kube/api_error.hpp"
#include "controller/clients/kube/query.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/base/percent_encode.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::metrics_api {

using nlohmann::json;

namespace {

constexpr const char* kUsage = "/apis/metrics.k8s.io/v1beta1";
constexpr const char* kCustom = "/apis/custom.metrics.k8s.io/v1beta2";
constexpr const char* kExternal = "/apis/external.metrics.k8s.io/v1beta1";

std::string selector_text(const api::MetricIdentifier& metric) {
    return metric.selector ? api::to_string(*metric.selector) : std::string{};
}

/// "deployments.apps", or "services" of the core group: how a custom metric names a resource.
std::string group_resource(const std::string& plural, const std::string& api_version) {
    const auto slash = api_version.find('/');
    return slash == std::string::npos ? plural
                                      : fmt::format("{}.{}", plural, api_version.substr(0, slash));
}

api::MetricError error_of(const kube::ApiError& refusal) {
    // 404: no such API, or no such metric; 503: its adapter does not answer.
    const bool is_absent = refusal.is_not_found() || refusal.code() == 503;
    return {is_absent ? "SourceUnreachable" : "QueryFailed",
            fmt::format("the metrics API says {}: {}", refusal.code(), refusal.message())};
}

}  // namespace

awaitable<std::expected<UsageByPod, api::MetricError>> Client::usage(prom::Resource resource,
                                                                     std::string name_space,
                                                                     Deadline deadline) {
    const auto list =
        co_await ask(fmt::format("{}/namespaces/{}/pods", kUsage, name_space), deadline);
    if (!list) co_return std::unexpected(list.error());
    co_return read_pod_metrics(*list, resource);
}

awaitable<api::MetricReading> Client::of_pods(api::MetricIdentifier metric, std::string name_space,
                                              std::string pods, Deadline deadline) {
    kube::Query query;
    query.add("labelSelector", pods).add("metricLabelSelector", selector_text(metric));
    const auto list = co_await ask(fmt::format("{}/namespaces/{}/pods/*/{}{}", kCustom, name_space,
                                               percent_encode(metric.name), query.text()),
                                   deadline);
    if (!list) co_return list.error();
    co_return read_pod_values(*list);
}

awaitable<api::MetricReading> Client::of_object(api::ObjectMetric metric, std::string name_space,
                                                Deadline deadline) {
    const api::TargetRef& object = metric.described_object;
    std::optional<kube::DiscoveredKind> kind;
    try {
        kind = co_await discovery_.find(object.api_version, object.kind, deadline);
    } catch (const kube::ApiError& refusal) {
        co_return error_of(refusal);
    }
    if (!kind) {
        co_return api::MetricError{"QueryFailed", fmt::format("the cluster serves no {} of {}",
                                                              object.kind, object.api_version)};
    }
    kube::Query query;
    query.add("metricLabelSelector", selector_text(metric.metric));
    const auto list = co_await ask(
        fmt::format("{}/namespaces/{}/{}/{}/{}{}", kCustom, name_space,
                    group_resource(kind->plural, object.api_version), percent_encode(object.name),
                    percent_encode(metric.metric.name), query.text()),
        deadline);
    if (!list) co_return list.error();
    co_return read_values(*list);
}

awaitable<api::MetricReading> Client::external(api::MetricIdentifier metric, std::string name_space,
                                               Deadline deadline) {
    kube::Query query;
    query.add("labelSelector", selector_text(metric));
    const auto list = co_await ask(fmt::format("{}/namespaces/{}/{}{}", kExternal, name_space,
                                               percent_encode(metric.name), query.text()),
                                   deadline);
    if (!list) co_return list.error();
    co_return read_values(*list);
}

awaitable<Client::Answer> Client::ask(std::string target, Deadline deadline) {
    try {
        co_return co_await kube_.raw_get(std::move(target), deadline.but_within(kAnswerTimeMax));
    } catch (const kube::ApiError& refusal) {
        co_return std::unexpected(error_of(refusal));
    } catch (const DeadlineExceeded&) {
        co_return std::unexpected(api::MetricError{
            "QueryTimedOut",
            fmt::format("the metrics API did not answer within {} ms", kAnswerTimeMax.count())});
    } catch (const clients::TransportError& failure) {
        co_return std::unexpected(
            api::MetricError{"SourceUnreachable",
                             fmt::format("the metrics API cannot be reached: {}", failure.what())});
    }
}

}  // namespace chatflow::metrics_api
