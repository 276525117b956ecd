#include "controller/api/tables.hpp"

#include <limits>

namespace chatflow::api::schema {

namespace {

constexpr std::int32_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kSecondsMax = (std::int64_t{1} << 53) - 1;  // what JSON keeps exact
constexpr std::size_t kNameMax = 253;                              // characters

}  // namespace

template <>
const Struct<SimulatedRun>& table<SimulatedRun>() {
    using R = SimulatedRun;
    static const Struct<R> kTable{
        "SimulatedRun",
        "What one policy would have cost, and what it would have failed to serve.",
        {field("name", &R::name).required().size(1, kNameMax).doc("Which policy."),
         field("underProvisionedSeconds", &R::under_provisioned_seconds)
             .between(0, kSecondsMax)
             .unit("seconds")
             .doc("How long the load was above what the ready pods are to take."),
         field("longestUnderSeconds", &R::longest_under_seconds)
             .between(0, kSecondsMax)
             .unit("seconds")
             .doc("The longest of these without a break."),
         field("unservedPercent", &R::unserved_percent)
             .doc("Part of the load above the limits of all ready pods."),
         field("podSeconds", &R::pod_seconds)
             .between(0, kSecondsMax)
             .unit("seconds")
             .doc("What the pods lived together, ready or not."),
         field("changes", &R::changes).between(0, kInt32Max).doc("How often replicas changed."),
         field("flips", &R::flips)
             .between(0, kInt32Max)
             .doc("How often in the other direction than before."),
         field("mostReplicas", &R::most_replicas)
             .between(0, kInt32Max)
             .unit("pods")
             .doc("The greatest count.")}};
    return kTable;
}

template <>
const Struct<SimulationResult>& table<SimulationResult>() {
    using S = SimulationResult;
    static const Struct<S> kTable{
        "SimulationResult",
        "What kubectl chatflow simulate told of the policy.",
        {field("at", &S::at).required().doc("When it was simulated."),
         field("from", &S::from).required().doc("Where the load begins."),
         field("to", &S::to).required().doc("Where it ends."),
         field("runs", &S::runs)
             .size(0, kSimulatedRunsMax)
             .doc("The policies that were played, and who knew the future.")}};
    return kTable;
}

}  // namespace chatflow::api::schema
