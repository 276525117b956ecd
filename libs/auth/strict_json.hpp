#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::auth {

/// An object whose names are unique at every level: two parsers must not read two meanings. Nothing
/// for other texts, among them texts nested deeper than any key or claim needs.
[[nodiscard]] inline std::optional<nlohmann::json> parse_strict_object(std::string_view text) {
    using Event = nlohmann::json::parse_event_t;
    constexpr int kDepthMax = 16;
    bool is_acceptable = true;
    std::vector<std::set<std::string>> names;
    const auto watch = [&](int depth, Event event, nlohmann::json& value) {
        if (depth > kDepthMax) is_acceptable = false;
        if (event == Event::object_start) names.emplace_back();
        if (event == Event::object_end) names.pop_back();
        if (event == Event::key && !names.back().insert(value.get<std::string>()).second) {
            is_acceptable = false;
        }
        return is_acceptable;
    };
    auto value = nlohmann::json::parse(text, watch, /*allow_exceptions=*/false);
    if (!is_acceptable || !value.is_object()) return std::nullopt;
    return value;
}

}  // namespace chatflow::auth
