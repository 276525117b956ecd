#include "libs/events/event_json.hpp"

#include <chrono>
#include <cstdint>

#include <nlohmann/json.hpp>

namespace chatflow::events {
namespace {

using nlohmann::json;

constexpr std::size_t kErrorBytesMax = 500;

}  // namespace

std::string to_json(const Failed& failed) {
    const Event& event = failed.event;
    const json value = {{"id", event.id},           {"type", event.type},
                        {"version", event.version}, {"time", event.time.time_since_epoch().count()},
                        {"source", event.source},   {"trace", event.trace},
                        {"data", event.data},       {"attempts", failed.attempts},
                        {"error", failed.error}};
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Failed> parse_failed(std::string_view text) {
    try {
        const auto value = json::parse(text);
        Failed failed;
        failed.event.id = value.at("id").get<std::string>();
        failed.event.type = value.at("type").get<std::string>();
        failed.event.version = value.at("version").get<unsigned>();
        const std::chrono::microseconds since_1970(value.at("time").get<std::int64_t>());
        failed.event.time = TimePoint(since_1970);
        failed.event.source = value.at("source").get<std::string>();
        failed.event.trace = value.at("trace").get<std::string>();
        failed.event.data = value.at("data").get<std::string>();
        failed.attempts = value.at("attempts").get<unsigned>();
        failed.error = value.at("error").get<std::string>();
        return failed;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

std::string printable(std::string_view text) {
    std::string safe;
    for (const char c : text.substr(0, kErrorBytesMax)) {
        const bool is_plain = c >= ' ' && c <= '~';
        safe += is_plain ? c : '?';
    }
    return safe;
}

}  // namespace chatflow::events
