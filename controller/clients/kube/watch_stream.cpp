#include "controller/clients/kube/watch_stream.hpp"

#include "controller/clients/kube/api_error.hpp"

#include <stdexcept>
#include <utility>

namespace chatflow::kube {

namespace {

using nlohmann::json;

constexpr std::string_view kInitialEventsEnd = "k8s.io/initial-events-end";

}  // namespace

std::string resource_version_of(const json& object) {
    static const json::json_pointer path("/metadata/resourceVersion");
    const std::string none;
    return object.is_object() && object.contains(path) && object.at(path).is_string()
               ? object.at(path).get<std::string>()
               : none;
}

bool ends_initial_events(const WatchEvent& event) {
    if (event.type != WatchEvent::Type::Bookmark) return false;
    static const json::json_pointer path("/metadata/annotations");
    if (!event.object.contains(path)) return false;
    const json& annotations = event.object.at(path);
    const auto found = annotations.find(kInitialEventsEnd);
    return found != annotations.end() && *found == "true";
}

WatchEvent parse_watch_event(std::string_view line) {
    json parsed = json::parse(line, nullptr, false);
    const auto refuse = [](const char* why) -> WatchEvent {
        throw clients::TransportError(std::string("a line of the watch is no event: ") + why);
    };
    if (!parsed.is_object()) return refuse("not a JSON object");
    const auto type = parsed.find("type");
    const auto object = parsed.find("object");
    if (type == parsed.end() || object == parsed.end() || !object->is_object()) {
        return refuse("type or object is missing");
    }
    if (*type == "ADDED") return {WatchEvent::Type::Added, std::move(*object)};
    if (*type == "MODIFIED") return {WatchEvent::Type::Modified, std::move(*object)};
    if (*type == "DELETED") return {WatchEvent::Type::Deleted, std::move(*object)};
    if (*type == "BOOKMARK") return {WatchEvent::Type::Bookmark, std::move(*object)};
    if (*type == "ERROR") throw error_from_status(object->dump());
    return refuse("unknown type");
}

WatchStream::WatchStream(std::unique_ptr<clients::HttpStream> stream)
    : stream_(std::move(stream)) {}

awaitable<std::optional<WatchEvent>> WatchStream::next() {
    while (true) {
        std::optional<std::string_view> line;
        try {
            line = lines_.next();
        } catch (const std::length_error& failure) {
            throw clients::TransportError(std::string("watch: ") + failure.what());
        }
        if (line && line->empty()) continue;
        if (line) co_return parse_watch_event(*line);
        const std::optional<std::string> bytes = co_await stream_->read();
        if (bytes) {
            lines_.add(*bytes);
        } else if (lines_.has_rest()) {
            throw clients::TransportError("the watch ended in the middle of a line");
        } else {
            co_return std::nullopt;
        }
    }
}

}  // namespace chatflow::kube
