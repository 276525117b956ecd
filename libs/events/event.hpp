#pragma once

#include "libs/base/time.hpp"

#include <string>

namespace chatflow::events {

/// Something that happened, told to whoever subscribes. `data` is a JSON object that the type's
/// schema describes (catalog.hpp).
struct Event {
    std::string id;  // given when it is published: its place in the stream of its topic
    std::string type;
    unsigned version = 1;
    TimePoint time;
    std::string source;  // the program that tells: "chat-server"
    std::string trace;   // W3C traceparent; empty: none
    std::string data = "{}";

    bool operator==(const Event&) const = default;
};

/// "message" of "message.created": events of one topic share a stream and keep their order.
[[nodiscard]] inline std::string topic_of(const std::string& type) {
    return type.substr(0, type.find('.'));
}

}  // namespace chatflow::events
