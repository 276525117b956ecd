#include "controller/api/tables.hpp"

#include "controller/api/core/event.hpp"
#include "controller/api/core/horizontal_pod_autoscaler.hpp"
#include "controller/api/core/lease.hpp"
#include "controller/api/core/namespace.hpp"
#include "controller/api/core/scale.hpp"
#include "controller/api/schema/kind_codec.hpp"

// Kinds of Kubernetes: trimmed to what we use, and without bounds, since the API server has them.
namespace chatflow::api {

namespace schema {

template <>
const Struct<ScaleSpec>& table<ScaleSpec>() {
    static const Struct<ScaleSpec> kTable{
        "ScaleSpec", "", {field("replicas", &ScaleSpec::replicas)}};
    return kTable;
}

template <>
const Struct<ScaleStatus>& table<ScaleStatus>() {
    using S = ScaleStatus;
    static const Struct<S> kTable{
        "ScaleStatus", "", {field("replicas", &S::replicas), field("selector", &S::selector)}};
    return kTable;
}

template <>
const Struct<Scale>& table<Scale>() {
    using S = Scale;
    static const Struct<S> kTable{
        "Scale",
        "",
        {field("metadata", &S::metadata), field("spec", &S::spec), field("status", &S::status)}};
    return kTable;
}

template <>
const Struct<LeaseSpec>& table<LeaseSpec>() {
    using L = LeaseSpec;
    static const Struct<L> kTable{
        "LeaseSpec",
        "",
        {field("holderIdentity", &L::holder_identity),
         field("leaseDurationSeconds", &L::lease_duration_seconds).omit_if_new(),
         field("acquireTime", &L::acquire_time).style(TimeStyle::Micro),
         field("renewTime", &L::renew_time).style(TimeStyle::Micro),
         field("leaseTransitions", &L::lease_transitions)}};
    return kTable;
}

template <>
const Struct<Lease>& table<Lease>() {
    using L = Lease;
    static const Struct<L> kTable{
        "Lease", "", {field("metadata", &L::metadata), field("spec", &L::spec)}};
    return kTable;
}

template <>
std::span<const Word<EventType>> words() {
    static constexpr Word<EventType> kWords[] = {{EventType::Normal, "Normal"},
                                                 {EventType::Warning, "Warning"}};
    return kWords;
}

template <>
const Struct<ObjectReference>& table<ObjectReference>() {
    using R = ObjectReference;
    static const Struct<R> kTable{
        "ObjectReference",
        "",
        {field("apiVersion", &R::api_version), field("kind", &R::kind),
         field("namespace", &R::name_space), field("name", &R::name), field("uid", &R::uid)}};
    return kTable;
}

template <>
const Struct<Event>& table<Event>() {
    using E = Event;
    static const Struct<E> kTable{
        "Event",
        "",
        {field("metadata", &E::metadata),
         field("eventTime", &E::event_time).style(TimeStyle::Micro), field("type", &E::type),
         field("action", &E::action), field("reason", &E::reason), field("note", &E::note),
         field("regarding", &E::regarding), field("reportingController", &E::reporting_controller),
         field("reportingInstance", &E::reporting_instance)}};
    return kTable;
}

template <>
const Struct<HorizontalPodAutoscalerSpec>& table<HorizontalPodAutoscalerSpec>() {
    using S = HorizontalPodAutoscalerSpec;
    static const Struct<S> kTable{
        "HorizontalPodAutoscalerSpec", "", {field("scaleTargetRef", &S::scale_target_ref)}};
    return kTable;
}

template <>
const Struct<HorizontalPodAutoscaler>& table<HorizontalPodAutoscaler>() {
    using H = HorizontalPodAutoscaler;
    static const Struct<H> kTable{
        "HorizontalPodAutoscaler", "", {field("metadata", &H::metadata), field("spec", &H::spec)}};
    return kTable;
}

template <>
const Struct<Namespace>& table<Namespace>() {
    static const Struct<Namespace> kTable{
        "Namespace", "", {field("metadata", &Namespace::metadata)}};
    return kTable;
}

}  // namespace schema

using nlohmann::json;
using schema::decode_kind;
using schema::encode_kind;

Scale KindTraits<Scale>::decode(const json& object) { return decode_kind<Scale>(object); }
json KindTraits<Scale>::encode(const Scale& scale) {
    json object = encode_kind(scale);
    object.erase("status");
    return object;
}

Lease KindTraits<Lease>::decode(const json& object) { return decode_kind<Lease>(object); }
json KindTraits<Lease>::encode(const Lease& lease) { return encode_kind(lease); }

Event KindTraits<Event>::decode(const json& object) { return decode_kind<Event>(object); }
json KindTraits<Event>::encode(const Event& event) { return encode_kind(event); }

Namespace KindTraits<Namespace>::decode(const json& object) {
    return decode_kind<Namespace>(object);
}
json KindTraits<Namespace>::encode(const Namespace& name_space) { return encode_kind(name_space); }

HorizontalPodAutoscaler KindTraits<HorizontalPodAutoscaler>::decode(const json& object) {
    return decode_kind<HorizontalPodAutoscaler>(object);
}
json KindTraits<HorizontalPodAutoscaler>::encode(const HorizontalPodAutoscaler& autoscaler) {
    return encode_kind(autoscaler);
}

}  // namespace chatflow::api
