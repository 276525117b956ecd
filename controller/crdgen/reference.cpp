#include "controller/crdgen/reference.hpp"

#include "controller/api/quantity.hpp"
#include "controller/crdgen/openapi.hpp"

#include <algorithm>
#include <cctype>
#include <limits>

#include <fmt/format.h>

namespace chatflow::crdgen {

using api::schema::FieldShape;
using api::schema::ObjectShape;
using api::schema::RuleShape;
using api::schema::Shape;
using api::schema::ValueKind;

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// A cell of a table cannot hold a bar.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
    return out;
}

std::string type_of(const Shape& shape) {
    switch (shape.kind) {
        case ValueKind::Integer:
            return "integer";
        case ValueKind::Boolean:
            return "boolean";
        case ValueKind::Text:
            return "text";
        case ValueKind::Quantity:
            return "quantity";
        case ValueKind::Time:
            return "time";
        case ValueKind::List:
            return "list of " + type_of(*shape.element);
        case ValueKind::Map:
            return "map to " + type_of(*shape.element);
        case ValueKind::Object:
            return fmt::format("[{}](#{})", shape.object().name, lower(shape.object().name));
    }
    return {};
}

std::string size_words(const Shape& shape, std::string_view unit) {
    if (!shape.size_max) return {};
    return shape.size_min > 0 ? fmt::format("{}–{} {}", shape.size_min, *shape.size_max, unit)
                              : fmt::format("≤ {} {}", *shape.size_max, unit);
}

std::string range_words(const Shape& shape) {
    const auto word = [&shape](std::int64_t bound) {
        return shape.kind == ValueKind::Quantity ? to_string(api::Quantity::from_milli(bound))
                                                 : std::to_string(bound);
    };
    const bool has_maximum =
        shape.maximum && *shape.maximum != std::numeric_limits<std::int32_t>::max();
    if (shape.minimum && has_maximum) {
        return fmt::format("{}–{}", word(*shape.minimum), word(*shape.maximum));
    }
    return shape.minimum ? fmt::format("≥ {}", word(*shape.minimum)) : std::string();
}

std::string bounds_of(const Shape& shape) {
    switch (shape.kind) {
        case ValueKind::Text:
            if (!shape.words.empty()) return fmt::format("`{}`", fmt::join(shape.words, "` `"));
            return size_words(shape, "characters");
        case ValueKind::List:
            return size_words(shape, "items");
        case ValueKind::Map:
            return size_words(shape, "entries");
        case ValueKind::Integer:
        case ValueKind::Quantity:
            return range_words(shape);
        case ValueKind::Boolean:
        case ValueKind::Time:
        case ValueKind::Object:
            return {};
    }
    return {};
}

std::string row_of(const FieldShape& field) {
    std::string meaning(field.doc);
    if (!field.unit.empty()) meaning += fmt::format(" Unit: {}.", field.unit);
    if (!field.example.empty()) meaning += fmt::format(" Example: `{}`", field.example);
    const std::string fallback = field.required                ? "required"
                                 : field.default_value.empty() ? ""
                                                               : "`" + default_of(field) + "`";
    return fmt::format("| `{}` | {} | {} | {} | {} |\n", field.name, type_of(field.shape), fallback,
                       cell(bounds_of(field.shape)), cell(meaning));
}

const ObjectShape* object_in(const Shape& shape) {
    if (shape.element) return object_in(*shape.element);
    return shape.kind == ValueKind::Object ? &shape.object() : nullptr;
}

/// Every struct below, in the order of first use.
void collect(const ObjectShape& object, std::vector<const ObjectShape*>& found) {
    if (object.name == "ObjectMeta" || std::ranges::contains(found, &object)) return;
    found.push_back(&object);
    for (const FieldShape& field : object.fields) {
        if (const ObjectShape* inner = object_in(field.shape)) collect(*inner, found);
    }
}

std::string section_of(const ObjectShape& object) {
    std::string text = fmt::format("## {}\n\n{}\n\n", object.name, object.doc);
    text += "| field | type | default | allowed | meaning |\n|---|---|---|---|---|\n";
    for (const FieldShape& field : object.fields) {
        if (field.name != "metadata") text += row_of(field);
    }
    if (!object.rules.empty()) text += "\n";
    for (const RuleShape& rule : object.rules) {
        text += rule.at.empty() ? fmt::format("- {}\n", plain_message(rule.message))
                                : fmt::format("- `{}` {}\n", rule.at, plain_message(rule.message));
    }
    return text + "\n";
}

}  // namespace

std::string reference_of(const CustomKind& kind) {
    std::string text = fmt::format(
        "<!-- Written by crdgen from controller/api; do not edit. -->\n# {}\n\n"
        "`{}/{}`, short name `{}`, category `chatflow`. Quantities are Kubernetes quantities "
        "(`500m`, `2`, `128Mi`), times are RFC 3339.\n\n",
        kind.kind, kind.group, kind.version, kind.short_name);
    std::vector<const ObjectShape*> objects;
    collect(*kind.shape, objects);
    for (const ObjectShape* object : objects) text += section_of(*object);
    text.pop_back();
    return text;
}

}  // namespace chatflow::crdgen
