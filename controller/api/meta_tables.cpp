#include "controller/api/patterns.hpp"
#include "controller/api/tables.hpp"

namespace chatflow::api::schema {

namespace {

// As the API server bounds a condition.
constexpr std::size_t kConditionTypeMax = 316;
constexpr std::size_t kConditionReasonMax = 1024;
constexpr std::size_t kConditionMessageMax = 32768;

constexpr std::int64_t kGenerationMax = (std::int64_t{1} << 53) - 1;  // what JSON keeps exact

}  // namespace

template <>
const Struct<ObjectMeta>& table<ObjectMeta>() {
    using M = ObjectMeta;
    static const Struct<M> kTable{
        "ObjectMeta",
        "Name, labels and what else every object has.",
        {field("name", &M::name).required().size(1, kNameMax).doc("Name of the object."),
         field("namespace", &M::name_space).doc("Namespace of the object."),
         field("uid", &M::uid).doc("Identity over time."),
         field("resourceVersion", &M::resource_version).doc("Opaque version."),
         field("generation", &M::generation).omit_if_new().doc("Counts changes of the spec."),
         field("labels", &M::labels).doc("Labels."),
         field("annotations", &M::annotations).doc("Annotations."),
         field("ownerReferences", &M::owner_references).doc("Owners."),
         field("finalizers", &M::finalizers).doc("What has to happen before deletion."),
         field("creationTimestamp", &M::creation_timestamp).doc("When it was created."),
         field("deletionTimestamp", &M::deletion_timestamp).doc("When deletion was asked for.")}};
    return kTable;
}

template <>
const Struct<OwnerReference>& table<OwnerReference>() {
    using O = OwnerReference;
    static const Struct<O> kTable{
        "OwnerReference",
        "An owner of the object.",
        {field("apiVersion", &O::api_version).doc("API version of the owner."),
         field("kind", &O::kind).doc("Kind of the owner."),
         field("name", &O::name).doc("Name of the owner."),
         field("uid", &O::uid).doc("Identity of the owner."),
         field("controller", &O::controller).omit_if_new().doc("Whether it manages the object.")}};
    return kTable;
}

template <>
const Struct<Condition>& table<Condition>() {
    using C = Condition;
    static const Struct<C> kTable{
        "Condition",
        "One aspect of the state of the object.",
        {field("type", &C::type)
             .required()
             .size(1, kConditionTypeMax)
             .form(kConditionType)
             .doc("What it is about: Ready, Reconciling, Stalled, MetricsAvailable.")
             .example("Ready"),
         field("status", &C::status).required().doc("Whether it holds.").example("\"True\""),
         field("observedGeneration", &C::observed_generation)
             .between(0, kGenerationMax)
             .doc("The metadata.generation that it was found for.")
             .example("3"),
         field("lastTransitionTime", &C::last_transition_time)
             .required()
             .doc("When the status changed last.")
             .example("\"2026-11-21T08:00:00Z\""),
         field("reason", &C::reason)
             .required()
             .size(1, kConditionReasonMax)
             .form(kReason)
             .doc("Why, in one word.")
             .example("WithinBand"),
         field("message", &C::message)
             .required()
             .size(0, kConditionMessageMax)
             .doc("Why, in a sentence.")
             .example("cpu is at 55 % of the requests, between 30 and 70")}};
    return kTable;
}

template <>
const Struct<TargetRef>& table<TargetRef>() {
    using T = TargetRef;
    static const Struct<T> kTable{"TargetRef",
                                  "An object of the same namespace.",
                                  {field("apiVersion", &T::api_version)
                                       .size(1, kNameMax)
                                       .form(kApiVersion)
                                       .doc("API group and version of the object.")
                                       .example("apps/v1"),
                                   field("kind", &T::kind)
                                       .required()
                                       .size(1, kLabelMax)
                                       .form(kKindName)
                                       .doc("Kind of the object.")
                                       .example("Deployment"),
                                   field("name", &T::name)
                                       .required()
                                       .size(1, kNameMax)
                                       .form(kObjectName)
                                       .doc("Name of the object.")
                                       .example("chat-server")}};
    return kTable;
}

template <>
const Struct<LabelSelectorRequirement>& table<LabelSelectorRequirement>() {
    using R = LabelSelectorRequirement;
    static const Struct<R> kTable{
        "LabelSelectorRequirement",
        "One condition on a label.",
        {field("key", &R::key).required().size(1, kKeyMax).doc("Key of the label.").example("tier"),
         field("operator", &R::op)
             .required()
             .only({"In", "NotIn", "Exists", "DoesNotExist"})
             .doc("How the label's value relates to the values.")
             .example("In"),
         field("values", &R::values)
             .size(0, 32)
             .each_size(0, kLabelMax)
             .doc("Values for In and NotIn.")
             .example("[web, api]")},
        {rule<R>(
            "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0 : "
            "!has(self.values) || size(self.values) == 0",
            [](const R& r) { return (r.op == "In" || r.op == "NotIn") != r.values.empty(); },
            "values", "must be given for In and NotIn, and only for these")}};
    return kTable;
}

template <>
const Struct<LabelSelector>& table<LabelSelector>() {
    using L = LabelSelector;
    static const Struct<L> kTable{"LabelSelector",
                                  "Which series of the metric count, by their labels.",
                                  {field("matchLabels", &L::match_labels)
                                       .size(0, 32)
                                       .each_size(0, kNameMax)
                                       .doc("Labels that have exactly these values.")
                                       .example("{queue: images}"),
                                   field("matchExpressions", &L::match_expressions)
                                       .size(0, 16)
                                       .doc("Further conditions, all of which must hold.")
                                       .example("[{key: tier, operator: In, values: [web]}]")}};
    return kTable;
}

}  // namespace chatflow::api::schema
