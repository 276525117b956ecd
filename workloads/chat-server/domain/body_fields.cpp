#include "workloads/chat-server/domain/body_fields.hpp"

#include "workloads/chat-server/domain/limits.hpp"

#include <algorithm>

namespace chatflow::chat {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kErrorsMax = 20;
constexpr std::size_t kNameShown = 64;
constexpr std::uint64_t kSequenceMax = (std::uint64_t{1} << 53U) - 1;

// Brackets in texts do not count.
bool is_too_deep(std::string_view body) {
    std::size_t depth = 0;
    bool is_in_text = false;
    for (std::size_t i = 0; i < body.size() && depth <= kJsonDepthMax; ++i) {
        const char c = body[i];
        if (c == '"') is_in_text = !is_in_text;
        if (is_in_text) {
            if (c == '\\') ++i;  // what it escapes may be a quotation mark
        } else if (c == '[' || c == '{') {
            ++depth;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return depth > kJsonDepthMax;
}

std::size_t characters_of(std::string_view utf8) {
    const auto starts_character = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    };
    return static_cast<std::size_t>(std::ranges::count_if(utf8, starts_character));
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_identifier_character(char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || std::string_view("_-.:@").contains(c);
}

bool is_handle_character(char c) {
    return is_lower_or_digit(c) || std::string_view("_-.").contains(c);
}

// "" when the text keeps to them.
std::string_view objection(const std::string& text, Characters characters) {
    if (characters == Characters::Identifier &&
        !std::ranges::all_of(text, is_identifier_character)) {
        return "may contain letters, digits and _ - . : @ only";
    }
    if (characters == Characters::Handle && !std::ranges::all_of(text, is_handle_character)) {
        return "may contain lower-case letters, digits and _ - . only";
    }
    return {};
}

}  // namespace

BodyFields::BodyFields(std::string_view body) : json_(Json::value_t::discarded) {
    if (!is_too_deep(body)) json_ = Json::parse(body, nullptr, false);
    if (json_.is_discarded()) {
        errors.push_back({"", "must be JSON in UTF-8"});
    } else if (!json_.is_object()) {
        errors.push_back({"", "must be a JSON object"});
    }
}

bool BodyFields::has(const char* name) const {
    return json_.is_object() && json_.contains(name) && !json_.at(name).is_null();
}

std::string BodyFields::required(const char* name, TextRule rule) {
    if (has(name)) return optional(name, rule);
    if (json_.is_object()) errors.push_back({name, "is required"});
    return {};
}

std::string BodyFields::optional(const char* name, TextRule rule) {
    if (!has(name)) return {};
    const Json& value = json_.at(name);
    if (!value.is_string()) {
        errors.push_back({name, std::string("must be a string, not ") + value.type_name()});
        return {};
    }
    const std::string& text = value.get_ref<const std::string&>();
    check(name, text, rule);
    return text;
}

std::optional<std::int64_t> BodyFields::sequence(const char* name) {
    if (!has(name)) return std::nullopt;
    const Json& value = json_.at(name);
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= kSequenceMax) {
        return value.get<std::int64_t>();
    }
    errors.push_back({name, "must be a whole number from 0 to 9007199254740991"});
    return std::nullopt;
}

void BodyFields::refuse_others(std::initializer_list<std::string_view> known) {
    if (!json_.is_object()) return;
    for (const auto& [name, value] : json_.items()) {
        if (std::ranges::find(known, name) == known.end()) {
            errors.push_back({name.substr(0, kNameShown), "is not a field of this request"});
        }
        if (errors.size() >= kErrorsMax) return;
    }
}

void BodyFields::check(const char* name, const std::string& text, TextRule rule) {
    const std::size_t length = characters_of(text);
    if (length < rule.least || length > rule.most) {
        errors.push_back({name, "must have " + std::to_string(rule.least) + " to " +
                                    std::to_string(rule.most) + " characters, not " +
                                    std::to_string(length)});
    } else if (text.contains('\0')) {
        errors.push_back({name, "must not contain the character U+0000"});
    } else if (const auto wrong = objection(text, rule.characters); !wrong.empty()) {
        errors.push_back({name, std::string(wrong)});
    }
}

}  // namespace chatflow::chat
