#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"
#include "libs/base/time.hpp"

#include <cstddef>
#include <string>

namespace chatflow::api {

struct ObjectReference {
    std::string api_version;
    std::string kind;
    std::string name_space;
    std::string name;
    std::string uid;
    bool operator==(const ObjectReference&) const = default;
};

enum class EventType { Normal, Warning };

/// events.k8s.io/v1 Event: something that the operator did or tried, told once.
struct Event {
    ObjectMeta metadata;
    TimePoint event_time{};
    EventType type = EventType::Normal;
    std::string action;                // what was done, UpperCamelCase, at most 128 characters
    std::string reason;                // why, UpperCamelCase, at most 128 characters
    std::string note;                  // a sentence, at most 1024 characters
    ObjectReference regarding;         // the object that it is about
    std::string reporting_controller;  // "chatflow.dev/operator"
    std::string reporting_instance;    // the pod, at most 128 characters
    bool operator==(const Event&) const = default;
};

inline constexpr std::size_t kEventNoteMax = 1024;

template <>
struct KindTraits<Event> {
    static constexpr std::string_view kGroup = "events.k8s.io";
    static constexpr std::string_view kVersion = "v1";
    static constexpr std::string_view kPlural = "events";
    static constexpr std::string_view kKind = "Event";
    static constexpr bool kNamespaced = true;
    static Event decode(const nlohmann::json& object);
    static nlohmann::json encode(const Event& event);
};

}  // namespace chatflow::api
