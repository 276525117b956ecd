#include "controller/api/placement_tables.hpp"

#include "controller/api/patterns.hpp"

namespace chatflow::api::schema {

namespace {

constexpr std::size_t kSelectorEntriesMax = 16;
constexpr std::size_t kTolerationsMax = 16;
constexpr std::int64_t kSecondsMax = 86'400;

}  // namespace

template <>
std::span<const Word<Spread>> words() {
    // "Off" is a boolean in YAML.
    static constexpr Word<Spread> kWords[] = {
        {Spread::Preferred, "Preferred"}, {Spread::Required, "Required"}, {Spread::Off, "None"}};
    return kWords;
}

template <>
const Struct<Toleration>& table<Toleration>() {
    using T = Toleration;
    static const Struct<T> kTable{
        "Toleration",
        "A taint that does not keep the pods off a node, as in a pod.",
        {field("key", &T::key)
             .size(0, kKeyMax)
             .doc("The taint's key; without it every taint, with the operator Exists.")
             .example("dedicated"),
         field("operator", &T::comparison)
             .default_to(std::string("Equal"))
             .only({"Equal", "Exists"})
             .doc("Whether the taint's value has to be the same, or only its key.")
             .example("Exists"),
         field("value", &T::value)
             .size(0, kLabelMax)
             .doc("The taint's value, with Equal.")
             .example("databases"),
         field("effect", &T::effect)
             .only({"", "NoSchedule", "PreferNoSchedule", "NoExecute"})
             .doc("The taint's effect; without it every one.")
             .example("NoSchedule"),
         field("tolerationSeconds", &T::seconds)
             .between(0, kSecondsMax)
             .unit("seconds")
             .doc("With NoExecute: how long a pod stays. Without it for ever.")
             .example("30")},
        {rule<T>(
             "self.operator == 'Exists' || has(self.key) && self.key != ''",
             [](const T& t) { return t.comparison == "Exists" || !t.key.empty(); }, "key",
             "must be given for the operator Equal"),
         rule<T>(
             "self.operator == 'Equal' || !has(self.value) || self.value == ''",
             [](const T& t) { return t.comparison == "Equal" || t.value.empty(); }, "value",
             "must not be given for the operator Exists"),
         rule<T>(
             "!has(self.tolerationSeconds) || has(self.effect) && self.effect == 'NoExecute'",
             [](const T& t) { return !t.seconds || t.effect == "NoExecute"; }, "tolerationSeconds",
             "must not be given for another effect than NoExecute")}};
    return kTable;
}

template <>
const Struct<Placement>& table<Placement>() {
    using P = Placement;
    static const Struct<P> kTable{
        "Placement",
        "On which nodes the pods run.",
        {field("nodes", &P::nodes)
             .default_to(Spread::Preferred)
             .doc("Whether pods of one kind avoid each other's node: where possible, always, or "
                  "not at all. Poolers do where possible, at most.")
             .example("Required"),
         field("zones", &P::zones)
             .default_to(Spread::Preferred)
             .doc("The same for zones, by the nodes' label topology.kubernetes.io/zone.")
             .example("Required"),
         field("nodeSelector", &P::node_selector)
             .size(0, kSelectorEntriesMax)
             .each_size(0, kLabelMax)
             .doc("Labels that a node must have.")
             .example("{disk: ssd}"),
         field("tolerations", &P::tolerations)
             .size(0, kTolerationsMax)
             .doc("Taints that keep the pods off no node.")
             .example("[{key: dedicated, value: databases, effect: NoSchedule}]")}};
    return kTable;
}

}  // namespace chatflow::api::schema
