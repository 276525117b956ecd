#pragma once

#include <string>
#include <string_view>

namespace chatflow::api {

/// As PostgreSQL compares names of parameters: FSYNC is fsync.
[[nodiscard]] inline std::string lower_case(std::string_view name) {
    std::string lower(name);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

}  // namespace chatflow::api
