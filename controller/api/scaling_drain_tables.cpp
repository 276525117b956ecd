#include "controller/api/patterns.hpp"
#include "controller/api/tables.hpp"

#include <limits>

namespace chatflow::api::schema {

namespace {

constexpr std::int32_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kConnectionsMax = (std::int64_t{1} << 53) - 1;  // what JSON keeps exact
constexpr std::int32_t kDaySeconds = 86'400;
constexpr std::int32_t kMaxAgeMax = 3'600;   // seconds
constexpr std::int32_t kBatchPodsMax = 100;  // each is asked on its own
constexpr std::size_t kQueryMax = 4096;      // characters
constexpr std::size_t kPathMax = 256;

constexpr Pattern kPath{"^/[-A-Za-z0-9._~/?=&%]*$", "a path such as /drain"};
constexpr Pattern kMetricLabel{"^[a-zA-Z_][a-zA-Z0-9_]*$", "a label of Prometheus such as pod"};

}  // namespace

template <>
const Struct<DrainEndpoint>& table<DrainEndpoint>() {
    using E = DrainEndpoint;
    static const Struct<E> kTable{
        "DrainEndpoint",
        "What each pod that is to go is asked by POST: to let nobody new in.",
        {field("port", &E::port)
             .required()
             .between(1, 65'535)
             .doc("Port of the pod, plain HTTP.")
             .example("9090"),
         field("path", &E::path)
             .default_to("/drain")
             .size(1, kPathMax)
             .form(kPath)
             .doc("Path, with a query where the workload takes one.")
             .example("/drain?seconds=60")}};
    return kTable;
}

template <>
const Struct<DrainSpec>& table<DrainSpec>() {
    using D = DrainSpec;
    static const Struct<D> kTable{
        "DrainSpec",
        "Scale-down of a workload with long connections: the pods with the fewest go, a batch at a "
        "time, when their connections have ended or have had their time.",
        {field("query", &D::query)
             .required()
             .size(1, kQueryMax)
             .doc("PromQL: the connections, one series for each pod.")
             .example("sum by (pod) (chatflow_socket_sessions{namespace=\"chat\"})"),
         field("podLabel", &D::pod_label)
             .default_to("pod")
             .size(1, kNameMax)
             .form(kMetricLabel)
             .doc("The label of these series that names the pod.")
             .example("pod"),
         field("maxAgeSeconds", &D::max_age_seconds)
             .default_to(60)
             .between(1, kMaxAgeMax)
             .unit("seconds")
             .doc("An older sample is no data.")
             .example("60"),
         field("endpoint", &D::endpoint)
             .doc("Asked once of each pod that is to go. Without it the pods' deletion costs alone "
                  "tell them apart.")
             .example("{port: 9090, path: /drain}"),
         field("emptyAt", &D::empty_at)
             .default_to(0)
             .between(0, kInt32Max)
             .unit("connections")
             .doc("With as many or fewer a pod may go.")
             .example("0"),
         field("timeoutSeconds", &D::timeout_seconds)
             .default_to(600)
             .between(0, kDaySeconds)
             .unit("seconds")
             .doc("After so long a pod goes with what connections it has left.")
             .example("600"),
         field("batchPods", &D::batch_pods)
             .default_to(1)
             .between(1, kBatchPodsMax)
             .unit("pods")
             .doc("How many go at once.")
             .example("2"),
         field("batchPauseSeconds", &D::batch_pause_seconds)
             .default_to(30)
             .between(0, kDaySeconds)
             .unit("seconds")
             .doc("From one batch's going until the next is chosen: its clients come back "
                  "elsewhere in the meantime.")
             .example("30")}};
    return kTable;
}

template <>
const Struct<DrainingPod>& table<DrainingPod>() {
    using D = DrainingPod;
    static const Struct<D> kTable{
        "DrainingPod",
        "A pod's connections.",
        {field("pod", &D::pod).required().size(1, kNameMax).doc("Name of the pod."),
         field("connections", &D::connections)
             .between(0, kConnectionsMax)
             .doc("How many it has; nothing where they were not measured."),
         field("since", &D::since)
             .style(TimeStyle::AsNeeded)
             .doc("When it was told to drain, where it was.")}};
    return kTable;
}

}  // namespace chatflow::api::schema
