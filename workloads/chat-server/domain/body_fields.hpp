#pragma once

#include "libs/base/field_error.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace chatflow::chat {

/// Which characters a text may have, besides being UTF-8 without U+0000.
enum class Characters {
    Any,
    Identifier,  // letters, digits and _ - . : @
    Handle,      // lower-case letters, digits and _ - .
};

struct TextRule {
    std::size_t least = 0;  // Unicode code points
    std::size_t most = 0;
    Characters characters = Characters::Any;
};

/// Takes the fields out of one JSON body, and collects what is wrong with them. Bodies are flat:
/// what is nested deeper than kJsonDepthMax is not read at all.
class BodyFields {
 public:
    explicit BodyFields(std::string_view body);

    [[nodiscard]] bool has(const char* name) const;
    std::string required(const char* name, TextRule rule);
    /// "" when the field is absent or null.
    std::string optional(const char* name, TextRule rule);
    /// A whole number from 0 to 2^53 - 1, which every client can hold; nothing when it is absent.
    std::optional<std::int64_t> sequence(const char* name);
    /// Fields that are not known are refused, since they would be lost.
    void refuse_others(std::initializer_list<std::string_view> known);

    FieldErrors errors;

 private:
    void check(const char* name, const std::string& text, TextRule rule);

    nlohmann::json json_;
};

}  // namespace chatflow::chat
