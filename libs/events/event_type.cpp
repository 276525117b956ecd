#include "libs/events/event_type.hpp"

#include <nlohmann/json.hpp>

namespace chatflow::events {
namespace {

using nlohmann::json;

bool is_of(FieldKind kind, const json& value) {
    switch (kind) {
        case FieldKind::Text:
            return value.is_string();
        case FieldKind::Integer:
            return value.is_number_integer();
        case FieldKind::Number:
            return value.is_number();
        case FieldKind::Boolean:
            return value.is_boolean();
        case FieldKind::Object:
            return value.is_object();
        case FieldKind::List:
            return value.is_array();
    }
    return false;
}

std::string_view words_for(FieldKind kind) {
    switch (kind) {
        case FieldKind::Text:
            return "a text";
        case FieldKind::Integer:
            return "a whole number";
        case FieldKind::Number:
            return "a number";
        case FieldKind::Boolean:
            return "true or false";
        case FieldKind::Object:
            return "an object";
        case FieldKind::List:
            return "a list";
    }
    return "";
}

std::string objection(const FieldRule& rule, const json& value) {
    if (!is_of(rule.kind, value)) {
        return "must be " + std::string(words_for(rule.kind)) + ", not " + value.type_name();
    }
    std::size_t size = 0;
    if (rule.kind == FieldKind::Text) size = value.get_ref<const std::string&>().size();
    if (rule.kind == FieldKind::List) size = value.size();
    if (size > rule.size_max) {
        return "must not be longer than " + std::to_string(rule.size_max) + ", not " +
               std::to_string(size);
    }
    if (rule.kind == FieldKind::Text && rule.is_required && size == 0) return "must not be empty";
    return {};
}

}  // namespace

FieldErrors check(const EventType& type, std::string_view data) {
    if (data.size() > kDataBytesMax) {
        return {{"data", "must not be longer than " + std::to_string(kDataBytesMax) + " bytes"}};
    }
    const auto value = json::parse(data, nullptr, /*allow_exceptions=*/false);
    if (!value.is_object()) return {{"data", "must be a JSON object"}};
    FieldErrors errors;
    for (const FieldRule& rule : type.fields) {
        const auto path = "data." + rule.name;
        const auto member = value.find(rule.name);
        if (member == value.end()) {
            if (rule.is_required) errors.push_back({path, "is required"});
        } else if (auto message = objection(rule, *member); !message.empty()) {
            errors.push_back({path, std::move(message)});
        }
    }
    return errors;
}

}  // namespace chatflow::events
