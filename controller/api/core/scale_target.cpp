#include "controller/api/core/scale_target.hpp"

#include "controller/api/core/label_selector.hpp"
#include "controller/api/tables.hpp"

#include <nlohmann/json.hpp>

namespace chatflow::api {

using nlohmann::json;

namespace {

template <class T>
T read_member(const json& object, const char* part, const char* name) {
    T out{};
    const auto holder = object.find(part);
    if (holder == object.end() || !holder->is_object()) return out;
    const auto member = holder->find(name);
    if (member == holder->end() || member->is_null()) return out;
    schema::Reader reader(false);
    schema::Codec<T>::read(*member, out, schema::Codec<T>::shape(), reader);
    return out;
}

template <class K>
json encode_target(const K& target) {
    return {{"apiVersion", api_version_of<K>()},
            {"kind", KindTraits<K>::kKind},
            {"metadata", schema::table<ObjectMeta>().write(target.metadata)},
            {"spec", {{"replicas", target.replicas}}}};
}

}  // namespace

ScaleTarget decode_scale_target(const json& object) {
    ScaleTarget target;
    if (const auto metadata = object.find("metadata"); metadata != object.end()) {
        schema::Reader reader(false);
        schema::Codec<ObjectMeta>::read(*metadata, target.metadata,
                                        schema::Codec<ObjectMeta>::shape(), reader);
    }
    if (target.metadata.name.empty()) throw DecodeError({{"metadata.name", "is required"}});
    target.metadata.labels = {};
    target.metadata.annotations = {};
    // A list that is assigned `{}` keeps its memory.
    target.metadata.owner_references = std::vector<OwnerReference>();
    target.metadata.finalizers = std::vector<std::string>();
    target.replicas = read_member<std::int32_t>(object, "spec", "replicas");
    target.status_replicas = read_member<std::int32_t>(object, "status", "replicas");
    target.selector = to_string(read_member<LabelSelector>(object, "spec", "selector"));
    return target;
}

template <>
json ScaleTargetTraits<ScaledDeployment>::encode(const ScaledDeployment& target) {
    return encode_target(target);
}

template <>
json ScaleTargetTraits<ScaledStatefulSet>::encode(const ScaledStatefulSet& target) {
    return encode_target(target);
}

}  // namespace chatflow::api
