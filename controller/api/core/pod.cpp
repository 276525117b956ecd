#include "controller/api/core/pod.hpp"

#include "controller/api/names.hpp"
#include "controller/api/tables.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include <nlohmann/json.hpp>

namespace chatflow::api {

using nlohmann::json;

namespace {

constexpr const char* kHeldBack = "CrashLoopBackOff";

// boost::hash_combine's formula.
void mix(std::size_t& seed, std::size_t hash) {
    seed ^= hash + 0x9e3779b97f4a7c15U + (seed << 6U) + (seed >> 2U);
}
void mix(std::size_t& seed, const std::string& text) { mix(seed, std::hash<std::string>{}(text)); }
void mix(std::size_t& seed, const std::map<std::string, Quantity>& amounts) {
    for (const auto& [name, amount] : amounts) {
        mix(seed, name);
        mix(seed, std::hash<std::int64_t>{}(amount.milli()));
    }
}

/// The member at a path of names, or null where there is none.
const json& at_path(const json& object, std::initializer_list<std::string_view> path) {
    static const json kNothing;
    const json* here = &object;
    for (const std::string_view name : path) {
        if (!here->is_object()) return kNothing;
        const auto found = here->find(name);
        if (found == here->end()) return kNothing;
        here = &*found;
    }
    return *here;
}

std::string text_of(const json& value) {
    const auto* text = value.get_ptr<const std::string*>();
    return text != nullptr ? *text : std::string();
}

std::optional<TimePoint> time_of(const json& value) {
    const auto* text = value.get_ptr<const std::string*>();
    return text != nullptr ? parse_rfc3339(*text) : std::nullopt;
}

template <class T>
T read_as(const json& value) {
    T out;
    schema::Reader reader(false);
    if (!value.is_null()) {
        schema::Codec<T>::read(value, out, schema::Codec<T>::shape(), reader);
    }
    return out;
}

template <class E>
E word_of(const json& value, E otherwise) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr) return otherwise;
    for (const schema::Word<E>& word : schema::words<E>()) {
        if (word.text == *text) return word.value;
    }
    return otherwise;
}

void add_containers(const json& list, bool only_restartable, PodShape& shape) {
    if (!list.is_array()) return;
    for (const json& container : list) {
        // An init container counts only as a sidecar: one that runs beside the others.
        if (only_restartable && at_path(container, {"restartPolicy"}) != "Always") continue;
        const json& requests = at_path(container, {"resources", "requests"});
        shape.containers.push_back(
            {.name = text_of(at_path(container, {"name"})),
             .requests = read_as<std::map<std::string, Quantity>>(requests)});
    }
}

PodShape shape_of(const json& spec) {
    PodShape shape;
    const json& requests = at_path(spec, {"resources", "requests"});
    shape.requests = read_as<std::map<std::string, Quantity>>(requests);
    add_containers(at_path(spec, {"containers"}), false, shape);
    add_containers(at_path(spec, {"initContainers"}), true, shape);
    return shape;
}

void read_ready(const json& conditions, Pod& pod) {
    if (!conditions.is_array()) return;
    for (const json& condition : conditions) {
        if (at_path(condition, {"type"}) != "Ready") continue;
        pod.ready = word_of(at_path(condition, {"status"}), ReadyStatus::Absent);
        pod.ready_transition_time = time_of(at_path(condition, {"lastTransitionTime"}));
    }
}

bool is_held_back(const json& container_statuses) {
    if (!container_statuses.is_array()) return false;
    return std::ranges::any_of(container_statuses, [](const json& container) {
        return at_path(container, {"state", "waiting", "reason"}) == kHeldBack;
    });
}

/// What is particular to one pod stays in its metadata; what pods share moves out of it.
void take_shared(Pod& pod) {
    ObjectMeta& meta = pod.metadata;
    pod.drain = drain_mark_in(meta.annotations);
    pod.labels = Interned<Labels>(std::move(meta.labels));
    const auto owner = std::ranges::find(meta.owner_references, true, &OwnerReference::controller);
    if (owner != meta.owner_references.end()) pod.owner = Interned<OwnerReference>(*owner);
    meta.labels = {};
    meta.annotations = {};
    // A list that is assigned `{}` keeps its memory.
    meta.owner_references = std::vector<OwnerReference>();
    meta.finalizers = std::vector<std::string>();
}

json json_of(const CaseContainer& container) {
    json object{{"name", container.name}};
    for (const auto& [name, amount] : container.requests) {
        object["resources"]["requests"][name] = to_string(amount);
    }
    return object;
}

/// "9090/drain" → port and path.
std::optional<DrainEndpoint> endpoint_in(std::string_view text) {
    DrainEndpoint endpoint;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, endpoint.port);
    if (error != std::errc{} || stop == end || *stop != '/') return std::nullopt;
    endpoint.path = std::string(stop, end);
    return endpoint;
}

json status_of(const Pod& pod) {
    json status{{"phase", to_string(pod.phase)}};
    if (!pod.pod_ip.empty()) status["podIP"] = pod.pod_ip;
    if (pod.start_time) status["startTime"] = format_rfc3339(*pod.start_time);
    if (pod.is_held_back) {
        status["containerStatuses"] = {{{"state", {{"waiting", {{"reason", kHeldBack}}}}}}};
    }
    if (pod.ready != ReadyStatus::Absent) {
        json ready{{"type", "Ready"}, {"status", to_string(pod.ready)}};
        if (pod.ready_transition_time) {
            ready["lastTransitionTime"] = format_rfc3339(*pod.ready_transition_time);
        }
        status["conditions"] = json::array({std::move(ready)});
    }
    return status;
}

}  // namespace

std::size_t InternHash<Labels>::of(const Labels& labels) {
    std::size_t seed = labels.size();
    for (const auto& [key, value] : labels) {
        mix(seed, key);
        mix(seed, value);
    }
    return seed;
}

std::size_t InternHash<PodShape>::of(const PodShape& shape) {
    std::size_t seed = shape.containers.size();
    mix(seed, shape.requests);
    for (const CaseContainer& container : shape.containers) {
        mix(seed, container.name);
        mix(seed, container.requests);
    }
    return seed;
}

std::size_t InternHash<OwnerReference>::of(const OwnerReference& owner) {
    std::size_t seed = 0;
    mix(seed, owner.uid);
    mix(seed, owner.name);
    return seed;
}

std::size_t InternHash<std::string>::of(const std::string& text) {
    return std::hash<std::string>{}(text);
}

std::optional<DrainMark> drain_mark_in(const std::map<std::string, std::string>& annotations) {
    const auto text_at = [&](const char* name) {
        const auto found = annotations.find(name);
        return found == annotations.end() ? std::string_view{} : std::string_view{found->second};
    };
    const auto since = parse_rfc3339(text_at(kDrainingSince));
    if (!since) return std::nullopt;
    return DrainMark{.since = *since,
                     .policy = std::string(text_at(kDrainingFor)),
                     .endpoint = endpoint_in(text_at(kDrainingAt))};
}

std::map<std::string, std::string> annotations_of(const DrainMark& mark) {
    std::map<std::string, std::string> annotations{{kDrainingSince, format_rfc3339(mark.since)},
                                                   {kDrainingFor, mark.policy}};
    if (mark.endpoint) {
        annotations[kDrainingAt] = std::to_string(mark.endpoint->port) + mark.endpoint->path;
    }
    return annotations;
}

CasePod case_pod(const Pod& pod) {
    return {.name = pod.metadata.name,
            .phase = pod.phase,
            .ready = pod.ready,
            .ready_transition_time = pod.ready_transition_time,
            .start_time = pod.start_time,
            .deletion_timestamp = pod.metadata.deletion_timestamp,
            .requests = pod.shape->requests,
            .containers = pod.shape->containers};
}

Pod KindTraits<Pod>::decode(const json& object) {
    Pod pod;
    pod.metadata = read_as<ObjectMeta>(at_path(object, {"metadata"}));
    if (pod.metadata.name.empty()) {
        throw DecodeError({{"metadata.name", "is required"}});
    }
    take_shared(pod);
    const json& spec = at_path(object, {"spec"});
    pod.shape = Interned<PodShape>(shape_of(spec));
    pod.node_name = Interned<std::string>(text_of(at_path(spec, {"nodeName"})));
    const json& status = at_path(object, {"status"});
    pod.pod_ip = text_of(at_path(status, {"podIP"}));
    pod.phase = word_of(at_path(status, {"phase"}), PodPhase::Pending);
    pod.start_time = time_of(at_path(status, {"startTime"}));
    read_ready(at_path(status, {"conditions"}), pod);
    pod.is_held_back = is_held_back(at_path(status, {"containerStatuses"}));
    return pod;
}

json KindTraits<Pod>::encode(const Pod& pod) {
    ObjectMeta meta = pod.metadata;
    meta.labels = *pod.labels;
    if (pod.drain) meta.annotations = annotations_of(*pod.drain);
    if (!pod.owner->uid.empty()) meta.owner_references = {*pod.owner};
    json object{{"apiVersion", "v1"},
                {"kind", "Pod"},
                {"metadata", schema::table<ObjectMeta>().write(meta)},
                {"spec", {{"containers", json::array()}}},
                {"status", status_of(pod)}};
    for (const auto& [name, amount] : pod.shape->requests) {
        object["spec"]["resources"]["requests"][name] = to_string(amount);
    }
    for (const CaseContainer& container : pod.shape->containers) {
        object["spec"]["containers"].push_back(json_of(container));
    }
    if (!pod.node_name->empty()) object["spec"]["nodeName"] = *pod.node_name;
    return object;
}

}  // namespace chatflow::api
