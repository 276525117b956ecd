#include "controller/api/patterns.hpp"
#include "controller/api/tables.hpp"

namespace chatflow::api::schema {

namespace {

constexpr std::int32_t kPercentMax = 10'000;  // 100 times the request
constexpr std::size_t kMetricNameMax = 253;
constexpr std::size_t kQueryMax = 4096;  // characters
constexpr std::size_t kUrlMax = 512;
constexpr Pattern kHttpUrl{"^https?://[-A-Za-z0-9.:\\[\\]]+(/[-A-Za-z0-9._~/]*)?$",
                           "an address such as https://prometheus:9090"};
constexpr Quantity kLeast = Quantity::from_milli(1);

// A metric is measured against a band or against a target. Both tables below share these.
constexpr std::string_view kBandOrTargetCel = "has(self.band) != has(self.target)";
constexpr std::string_view kBandOrTarget = "exactly one of band and target must be set";
constexpr std::string_view kBandDoc =
    "Nothing happens while the usage is in the band; outside, replicas are set so that it comes "
    "to aimFor.";

template <class M>
bool has_band_or_target(const M& metric) {
    return metric.band.has_value() != metric.target.has_value();
}

/// A rule on `target.type`: which of the three a kind of metric can have.
template <class M>
Rule<M> not_utilization() {
    return rule<M>(
        "self.target.type != 'Utilization'",
        [](const M& metric) { return metric.target.type != MetricTargetType::Utilization; },
        "target", "must have the type Value or AverageValue: the metric has no requests");
}

template <class M>
Rule<M> not_value() {
    return rule<M>(
        "!has(self.target) || self.target.type != 'Value'",
        [](const M& metric) {
            return !metric.target || metric.target->type != MetricTargetType::Value;
        },
        "target", "must have the type Utilization or AverageValue");
}

}  // namespace

template <>
const Struct<UtilizationBand>& table<UtilizationBand>() {
    using B = UtilizationBand;
    static const Struct<B> kTable{
        "UtilizationBand",
        "Thresholds in percent of the requests; the edges belong to the band.",
        {field("scaleUpAbove", &B::scale_up_above)
             .default_to(70)
             .between(2, kPercentMax)
             .unit("percent of the requests")
             .doc("More usage than this scales up.")
             .example("70"),
         field("scaleDownBelow", &B::scale_down_below)
             .default_to(30)
             .between(0, kPercentMax)
             .unit("percent of the requests")
             .doc("Less usage than this scales down.")
             .example("30"),
         field("aimFor", &B::aim_for)
             .default_to(60)
             .between(1, kPercentMax)
             .unit("percent of the requests")
             .doc("The usage that a change of replicas brings about.")
             .example("60")},
        {rule<B>(
             "self.scaleDownBelow < self.scaleUpAbove",
             [](const B& band) { return band.scale_down_below < band.scale_up_above; },
             "scaleDownBelow",
             "must be less than scaleUpAbove ({scaleUpAbove}), not {scaleDownBelow}"),
         rule<B>(
             "self.aimFor >= self.scaleDownBelow && self.aimFor <= self.scaleUpAbove",
             [](const B& band) {
                 return band.aim_for >= band.scale_down_below &&
                        band.aim_for <= band.scale_up_above;
             },
             "aimFor",
             "must be inside the band, from scaleDownBelow ({scaleDownBelow}) to scaleUpAbove "
             "({scaleUpAbove}), not {aimFor}")}};
    return kTable;
}

template <>
const Struct<MetricTarget>& table<MetricTarget>() {
    using T = MetricTarget;
    using enum MetricTargetType;
    static const Struct<T> kTable{
        "MetricTarget",
        "The value to hold, as in autoscaling/v2.",
        {field("type", &T::type)
             .required()
             .doc("Which of the other fields is set.")
             .example("Utilization"),
         field("averageUtilization", &T::average_utilization)
             .between(1, kPercentMax)
             .unit("percent of the requests")
             .doc("Average over the pods.")
             .example("50"),
         field("averageValue", &T::average_value)
             .minimum(kLeast)
             .doc("Average over the pods; an Object, External or Prometheus metric is divided by "
                  "their number.")
             .example("\"100\""),
         field("value", &T::value).minimum(kLeast).doc("The metric itself.").example("\"250\"")},
        {rule<T>(
             "(self.type == 'Utilization') == has(self.averageUtilization)",
             [](const T& t) {
                 return (t.type == Utilization) == t.average_utilization.has_value();
             },
             "averageUtilization", "must be set for the type Utilization, and only for it"),
         rule<T>(
             "(self.type == 'AverageValue') == has(self.averageValue)",
             [](const T& t) { return (t.type == AverageValue) == t.average_value.has_value(); },
             "averageValue", "must be set for the type AverageValue, and only for it"),
         rule<T>(
             "(self.type == 'Value') == has(self.value)",
             [](const T& t) { return (t.type == Value) == t.value.has_value(); }, "value",
             "must be set for the type Value, and only for it")}};
    return kTable;
}

template <>
const Struct<MetricIdentifier>& table<MetricIdentifier>() {
    using I = MetricIdentifier;
    static const Struct<I> kTable{
        "MetricIdentifier",
        "Which metric of a metrics API.",
        {field("name", &I::name)
             .required()
             .size(1, kMetricNameMax)
             .doc("Name of the metric.")
             .example("http_requests_per_second"),
         field("selector", &I::selector).doc("Only series with these labels; without it, all.")}};
    return kTable;
}

template <>
const Struct<ResourceMetric>& table<ResourceMetric>() {
    using M = ResourceMetric;
    static const Struct<M> kTable{
        "ResourceMetric",
        "Usage of a resource by the pods, relative to what they request.",
        {field("name", &M::name)
             .required()
             .only({"cpu", "memory"})
             .doc("The resource.")
             .example("cpu"),
         field("band", &M::band)
             .doc(kBandDoc)
             .example("{scaleUpAbove: 70, scaleDownBelow: 30, aimFor: 60}"),
         field("target", &M::target).doc("One value instead of a band, as in autoscaling/v2.")},
        {rule<M>(kBandOrTargetCel, has_band_or_target<M>, "", kBandOrTarget), not_value<M>()}};
    return kTable;
}

template <>
const Struct<ContainerResourceMetric>& table<ContainerResourceMetric>() {
    using M = ContainerResourceMetric;
    static const Struct<M> kTable{
        "ContainerResourceMetric",
        "Usage of a resource by one container of each pod, relative to what it requests.",
        {field("name", &M::name)
             .required()
             .only({"cpu", "memory"})
             .doc("The resource.")
             .example("cpu"),
         field("container", &M::container)
             .required()
             .size(1, kLabelMax)
             .form(kDnsLabel)
             .doc("Name of the container.")
             .example("chat-server"),
         field("band", &M::band)
             .doc(kBandDoc)
             .example("{scaleUpAbove: 70, scaleDownBelow: 30, aimFor: 60}"),
         field("target", &M::target).doc("One value instead of a band, as in autoscaling/v2.")},
        {rule<M>(kBandOrTargetCel, has_band_or_target<M>, "", kBandOrTarget), not_value<M>()}};
    return kTable;
}

template <>
const Struct<PodsMetric>& table<PodsMetric>() {
    using M = PodsMetric;
    static const Struct<M> kTable{
        "PodsMetric",
        "A metric of each pod from the custom metrics API, averaged over the pods.",
        {field("metric", &M::metric).required().doc("Which metric."),
         field("target", &M::target)
             .required()
             .doc("The value to hold; its type is AverageValue.")},
        {rule<M>(
            "self.target.type == 'AverageValue'",
            [](const M& m) { return m.target.type == MetricTargetType::AverageValue; }, "target",
            "must have the type AverageValue")}};
    return kTable;
}

template <>
const Struct<ObjectMetric>& table<ObjectMetric>() {
    using M = ObjectMetric;
    static const Struct<M> kTable{
        "ObjectMetric",
        "A metric of one object from the custom metrics API.",
        {field("describedObject", &M::described_object).required().doc("The object."),
         field("metric", &M::metric).required().doc("Which metric of it."),
         field("target", &M::target).required().doc("The value to hold: Value or AverageValue."),
         field("activationThreshold", &M::activation_threshold)
             .minimum(Quantity{})
             .doc("With minReplicas 0: at or below this the metric is idle. Without it, 0.")
             .example("\"5\"")},
        {not_utilization<M>()}};
    return kTable;
}

template <>
const Struct<ExternalMetric>& table<ExternalMetric>() {
    using M = ExternalMetric;
    static const Struct<M> kTable{
        "ExternalMetric",
        "A metric from the external metrics API; several series are summed.",
        {field("metric", &M::metric).required().doc("Which metric."),
         field("target", &M::target).required().doc("The value to hold: Value or AverageValue."),
         field("activationThreshold", &M::activation_threshold)
             .minimum(Quantity{})
             .doc("With minReplicas 0: at or below this the metric is idle. Without it, 0.")
             .example("\"5\"")},
        {not_utilization<M>()}};
    return kTable;
}

template <>
const Struct<PrometheusServer>& table<PrometheusServer>() {
    using S = PrometheusServer;
    static const Struct<S> kTable{
        "PrometheusServer",
        "Another Prometheus than the controller's own.",
        {field("url", &S::url)
             .required()
             .size(1, kUrlMax)
             .form(kHttpUrl)
             .doc("Its address, with a path where a proxy needs one.")
             .example("https://prometheus.team-a:9090"),
         field("secretName", &S::secret_name)
             .size(1, kMetricNameMax)
             .form(kObjectName)
             .doc(
                 "A Secret of this namespace with what the server asks for: token, or username and "
                 "password; ca.crt for its certificate; tls.crt and tls.key for ours.")
             .example("prometheus-access"),
         field("tlsServerName", &S::tls_server_name)
             .size(1, kMetricNameMax)
             .form(kObjectName)
             .doc("The name in its certificate, where that is not the host of the url.")
             .example("prometheus.team-a.svc")}};
    return kTable;
}

template <>
const Struct<PrometheusMetric>& table<PrometheusMetric>() {
    using M = PrometheusMetric;
    static const Struct<M> kTable{
        "PrometheusMetric",
        "The result of an instant query. Empty, NaN, infinite or old results are no data, never 0.",
        {field("name", &M::name)
             .required()
             .size(1, kLabelMax)
             .form(kDnsLabel)
             .doc("What decisions, events and metrics call it.")
             .example("queue-depth"),
         field("query", &M::query)
             .required()
             .size(1, kQueryMax)
             .doc("PromQL that yields one number.")
             .example("sum(bullmq_jobs_waiting{queue=\"images\"})"),
         field("server", &M::server)
             .doc("Where to ask. Without it, the Prometheus that the controller was started with."),
         field("target", &M::target).required().doc("The value to hold: Value or AverageValue."),
         field("activationThreshold", &M::activation_threshold)
             .minimum(Quantity{})
             .doc("With minReplicas 0: at or below this the metric is idle. Without it, 0.")
             .example("\"5\""),
         field("maxAgeSeconds", &M::max_age_seconds)
             .default_to(60)
             .between(1, 3600)
             .unit("seconds")
             .doc("An older sample is no data.")
             .example("60")},
        {not_utilization<M>()}};
    return kTable;
}

template <>
const Struct<MetricSpec>& table<MetricSpec>() {
    using M = MetricSpec;
    using enum MetricType;
    static const Struct<M> kTable{
        "MetricSpec",
        "One metric. The greatest proposal of all metrics counts.",
        {field("type", &M::type)
             .required()
             .doc("Which kind of metric; the field with its name is set.")
             .example("Resource"),
         field("resource", &M::resource).doc("Usage of cpu or memory by the pods."),
         field("containerResource", &M::container_resource)
             .doc("Usage of cpu or memory by one container of each pod."),
         field("pods", &M::pods).doc("A metric of each pod."),
         field("object", &M::object).doc("A metric of one object."),
         field("external", &M::external).doc("A metric of something outside the cluster."),
         field("prometheus", &M::prometheus).doc("A query to Prometheus.")},
        {rule<M>(
             "(self.type == 'Resource') == has(self.resource)",
             [](const M& m) { return (m.type == Resource) == m.resource.has_value(); }, "resource",
             "must be set for the type Resource, and only for it"),
         rule<M>(
             "(self.type == 'ContainerResource') == has(self.containerResource)",
             [](const M& m) {
                 return (m.type == ContainerResource) == m.container_resource.has_value();
             },
             "containerResource", "must be set for the type ContainerResource, and only for it"),
         rule<M>(
             "(self.type == 'Pods') == has(self.pods)",
             [](const M& m) { return (m.type == Pods) == m.pods.has_value(); }, "pods",
             "must be set for the type Pods, and only for it"),
         rule<M>(
             "(self.type == 'Object') == has(self.object)",
             [](const M& m) { return (m.type == Object) == m.object.has_value(); }, "object",
             "must be set for the type Object, and only for it"),
         rule<M>(
             "(self.type == 'External') == has(self.external)",
             [](const M& m) { return (m.type == External) == m.external.has_value(); }, "external",
             "must be set for the type External, and only for it"),
         rule<M>(
             "(self.type == 'Prometheus') == has(self.prometheus)",
             [](const M& m) { return (m.type == Prometheus) == m.prometheus.has_value(); },
             "prometheus", "must be set for the type Prometheus, and only for it")}};
    return kTable;
}

}  // namespace chatflow::api::schema
