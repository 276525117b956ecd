#include "libs/config/values.hpp"

#include "libs/base/number.hpp"

#include <algorithm>
#include <fstream>

#include <yaml-cpp/yaml.h>

namespace chatflow::config {

std::string store_long(long& place, const std::string& text, long least, long most) {
    const auto number = parse_number<long>(text);
    if (!number || *number < least || *number > most) {
        return "must be a number from " + std::to_string(least) + " to " + std::to_string(most);
    }
    place = *number;
    return {};
}

std::string store_address(Address& place, const std::string& text) {
    const auto* const expected = "must be an address and a port, for instance 0.0.0.0:8080";
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return expected;
    if (!store_number(place.port, text.substr(colon + 1), 0, 65535).empty()) return expected;
    place.host = text.substr(0, colon);
    if (place.host.starts_with('[') && place.host.ends_with(']')) {
        place.host = place.host.substr(1, place.host.size() - 2);
    }
    return {};
}

std::string store_name(std::string& place, const std::string& text) {
    if (text.empty()) return "must not be empty";
    place = text;
    return {};
}

std::string store_readable_path(std::string& place, const std::string& path) {
    if (!std::ifstream(path)) return "must be a readable file, not " + path;
    place = path;
    return {};
}

std::string store_log_level(LogLevel& place, const std::string& text) {
    static const std::map<std::string, LogLevel> levels = {{"debug", LogLevel::Debug},
                                                           {"info", LogLevel::Info},
                                                           {"warning", LogLevel::Warning},
                                                           {"error", LogLevel::Error}};
    const auto level = levels.find(text);
    if (level == levels.end()) return "must be debug, info, warning or error";
    place = level->second;
    return {};
}

std::string file_key(std::string name) {
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return name;
}

std::map<std::string, std::string> read_file(std::string_view yaml, FieldErrors& errors) {
    std::map<std::string, std::string> values;
    try {
        const YAML::Node file = YAML::Load(std::string(yaml));
        if (file.IsNull()) return values;
        if (!file.IsMap()) throw YAML::Exception(YAML::Mark::null_mark(), "not a map");
        for (const auto& entry : file) {
            values[entry.first.as<std::string>()] = entry.second.as<std::string>();
        }
    } catch (const YAML::Exception& error) {
        errors.push_back({"CHATFLOW_CONFIG", "must be a YAML map of texts: " + error.msg});
    }
    return values;
}

std::string describe(const std::string& name, std::string_view meaning, std::string_view fallback) {
    constexpr std::size_t kMeaningAt = 36;
    std::string line = "  CHATFLOW_" + name;
    line.resize(std::max(line.size() + 1, kMeaningAt), ' ');
    line += meaning;
    if (!fallback.empty()) {
        line.append(meaning.empty() ? "(" : " (").append(fallback).append(")");
    }
    return line + "\n";
}

}  // namespace chatflow::config
