#include "libs/events/stream_entry.hpp"

#include "libs/base/number.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace chatflow::events {
namespace {

bool take(Event& event, std::string_view name, std::string_view value) {
    if (name == "type") event.type = value;
    if (name == "source") event.source = value;
    if (name == "trace") event.trace = value;
    if (name == "data") event.data = value;
    if (name == "version" || name == "time") {
        const auto parsed = parse_number<std::int64_t>(value);
        if (!parsed || *parsed < 0) return false;
        if (name == "version") event.version = static_cast<unsigned>(*parsed);
        if (name == "time") event.time = TimePoint(std::chrono::milliseconds(*parsed));
    }
    return true;
}

std::int64_t milliseconds(TimePoint time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

std::vector<std::string> to_fields(const Event& event) {
    return {"type",    event.type,
            "version", std::to_string(event.version),
            "time",    std::to_string(milliseconds(event.time)),
            "source",  event.source,
            "trace",   event.trace,
            "data",    event.data};
}

std::optional<Event> parse_entry(const redis::Reply::Element& entry) {
    Event event;
    event.id = entry[0].text();
    const auto fields = entry[1];
    if (fields.is_nil()) return std::nullopt;
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
        if (!take(event, fields[i].text(), fields[i + 1].text())) return std::nullopt;
    }
    if (event.type.empty()) return std::nullopt;
    return event;
}

std::string id_at(TimePoint time) { return std::to_string(milliseconds(time)) + "-0"; }

}  // namespace chatflow::events
