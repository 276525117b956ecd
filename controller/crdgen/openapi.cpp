#include "controller/crdgen/openapi.hpp"

#include "controller/api/quantity.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::crdgen {

using api::schema::FieldShape;
using api::schema::ObjectShape;
using api::schema::RuleShape;
using api::schema::Shape;
using api::schema::ValueKind;
using nlohmann::ordered_json;

namespace {

constexpr std::size_t kTimeTextMax = 40;  // RFC 3339 with nine digits of fraction and an offset
constexpr std::string_view kQuantityRegex =
    R"(^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]+)?$)";

ordered_json value_schema(const Shape& shape);

void add_sizes(const Shape& shape, std::string_view what, ordered_json& schema) {
    if (shape.size_min > 0) schema[fmt::format("min{}", what)] = shape.size_min;
    if (shape.size_max) schema[fmt::format("max{}", what)] = *shape.size_max;
}

ordered_json integer_schema(const Shape& shape) {
    ordered_json schema{{"type", "integer"}, {"format", shape.format}};
    if (shape.minimum) schema["minimum"] = *shape.minimum;
    if (shape.maximum) schema["maximum"] = *shape.maximum;
    return schema;
}

ordered_json text_schema(const Shape& shape) {
    ordered_json schema{{"type", "string"}};
    if (!shape.words.empty()) {
        schema["enum"] = shape.words;
        return schema;
    }
    add_sizes(shape, "Length", schema);
    if (shape.pattern != nullptr) schema["pattern"] = shape.pattern->regex;
    return schema;
}

/// Numbers and texts both: the bounds of a quantity need CEL.
ordered_json quantity_schema(const Shape& shape) {
    ordered_json schema{{"anyOf", {{{"type", "integer"}}, {{"type", "string"}}}},
                        {"x-kubernetes-int-or-string", true},
                        {"maxLength", *shape.size_max},
                        {"pattern", kQuantityRegex}};
    const auto add = [&schema](std::int64_t bound, std::string_view relation,
                               std::string_view words) {
        const std::string text = to_string(api::Quantity::from_milli(bound));
        schema["x-kubernetes-validations"].push_back(
            {{"rule",
              fmt::format("quantity(string(self)).compareTo(quantity('{}')) {} 0", text, relation)},
             {"message", fmt::format("must be {} {}", words, text)}});
    };
    if (shape.minimum) add(*shape.minimum, ">=", "at least");
    if (shape.maximum) add(*shape.maximum, "<=", "at most");
    return schema;
}

ordered_json list_schema(const Shape& shape) {
    ordered_json schema{{"type", "array"}};
    add_sizes(shape, "Items", schema);
    schema["x-kubernetes-list-type"] = shape.list_keys.empty() ? "atomic" : "map";
    if (!shape.list_keys.empty()) schema["x-kubernetes-list-map-keys"] = shape.list_keys;
    schema["items"] = value_schema(*shape.element);
    return schema;
}

ordered_json map_schema(const Shape& shape) {
    ordered_json schema{{"type", "object"}};
    add_sizes(shape, "Properties", schema);
    schema["additionalProperties"] = value_schema(*shape.element);
    return schema;
}

ordered_json value_schema(const Shape& shape) {
    switch (shape.kind) {
        case ValueKind::Integer:
            return integer_schema(shape);
        case ValueKind::Boolean:
            return {{"type", "boolean"}};
        case ValueKind::Text:
            return text_schema(shape);
        case ValueKind::Quantity:
            return quantity_schema(shape);
        case ValueKind::Time:
            return {{"type", "string"}, {"format", "date-time"}, {"maxLength", kTimeTextMax}};
        case ValueKind::List:
            return list_schema(shape);
        case ValueKind::Map:
            return map_schema(shape);
        case ValueKind::Object:
            return schema_of(shape.object());
    }
    return {};
}

/// 'must be at least %s'.format([self.minReplicas]): the message with values, in CEL. The API
/// server would take a sum of texts for too expensive, as it does not know how long a number gets.
std::string message_expression(std::string_view message) {
    std::string text;
    std::string values;
    while (!message.empty()) {
        const auto open = message.find('{');
        text += message.substr(0, open);
        if (open == std::string_view::npos) break;
        const auto close = message.find('}', open);
        text += "%s";
        values += fmt::format("{}self.{}", values.empty() ? "" : ", ",
                              message.substr(open + 1, close - open - 1));
        message.remove_prefix(close + 1);
    }
    return fmt::format("'{}'.format([{}])", text, values);
}

ordered_json validation_of(const RuleShape& rule) {
    ordered_json validation{{"rule", rule.cel}, {"message", plain_message(rule.message)}};
    if (rule.message.contains('{')) {
        validation["messageExpression"] = message_expression(rule.message);
    }
    if (rule.at.starts_with("metadata")) {
        // The API server knows no schema of metadata that a path could point into.
        validation["message"] = fmt::format("{} {}", rule.at, plain_message(rule.message));
    } else if (!rule.at.empty()) {
        validation["fieldPath"] = fmt::format(".{}", rule.at);
    }
    return validation;
}

ordered_json property_of(const FieldShape& field) {
    ordered_json property{{"description", ""}};
    if (field.is_record) {
        property.update({{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}});
    } else {
        property.update(value_schema(field.shape));
    }
    property["description"] = description_of(field);  // rather than the struct's own
    if (!field.default_value.empty()) {
        property["default"] = ordered_json::parse(field.default_value);
    }
    return property;
}

/// Of the object as a whole: the API server has its own schema for metadata.
ordered_json root_schema_of(const ObjectShape& object) {
    ordered_json schema = schema_of(object);
    ordered_json properties{
        {"apiVersion", {{"description", "Group and version of the kind."}, {"type", "string"}}},
        {"kind", {{"description", "The kind."}, {"type", "string"}}},
        {"metadata", {{"type", "object"}}}};
    for (const auto& [name, property] : schema["properties"].items()) {
        if (name != "metadata") properties[name] = property;
    }
    schema["properties"] = std::move(properties);
    schema["required"] = {"spec"};
    return schema;
}

}  // namespace

std::string plain_message(std::string_view message) {
    static const std::regex kValues(R"( \(\{\w+\}\)|, not \{\w+\})");
    return std::regex_replace(std::string(message), kValues, "");
}

std::string default_of(const FieldShape& field) {
    const auto value = ordered_json::parse(field.default_value);
    return value.is_string() ? value.get<std::string>() : field.default_value;
}

std::string description_of(const FieldShape& field) {
    std::string text(field.doc);
    if (!field.unit.empty()) text += fmt::format(" Unit: {}.", field.unit);
    if (!field.default_value.empty()) text += fmt::format(" Default: {}.", default_of(field));
    if (!field.example.empty()) text += fmt::format(" Example: {}", field.example);
    return text;
}

ordered_json schema_of(const ObjectShape& object) {
    ordered_json schema{{"description", object.doc}, {"type", "object"}};
    for (const FieldShape& field : object.fields) {
        if (field.required) schema["required"].push_back(field.name);
    }
    for (const FieldShape& field : object.fields) {
        schema["properties"][std::string(field.name)] = property_of(field);
    }
    for (const RuleShape& rule : object.rules) {
        schema["x-kubernetes-validations"].push_back(validation_of(rule));
    }
    return schema;
}

namespace {

ordered_json subresources_of(const CustomKind& kind) {
    ordered_json subresources{{"status", ordered_json::object()}};
    if (kind.scale) {
        subresources["scale"] = {{"specReplicasPath", kind.scale->spec_replicas},
                                 {"statusReplicasPath", kind.scale->status_replicas},
                                 {"labelSelectorPath", kind.scale->selector}};
    }
    return subresources;
}

}  // namespace

ordered_json definition_of(const CustomKind& kind) {
    auto columns = ordered_json::array();
    for (const Column& column : kind.columns) {
        ordered_json json{{"name", column.name},
                          {"type", column.type},
                          {"jsonPath", column.path},
                          {"description", column.doc}};
        if (column.priority != 0) json["priority"] = column.priority;
        columns.push_back(std::move(json));
    }
    columns.push_back(
        {{"name", "Age"}, {"type", "date"}, {"jsonPath", ".metadata.creationTimestamp"}});
    std::string singular = kind.kind;
    std::ranges::transform(singular, singular.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return {
        {"apiVersion", "apiextensions.k8s.io/v1"},
        {"kind", "CustomResourceDefinition"},
        {"metadata", {{"name", kind.plural + "." + kind.group}}},
        {"spec",
         {{"group", kind.group},
          {"scope", "Namespaced"},
          {"names",
           {{"plural", kind.plural},
            {"singular", singular},
            {"kind", kind.kind},
            {"listKind", kind.kind + "List"},
            {"shortNames", {kind.short_name}},
            {"categories", {"chatflow"}}}},
          {"versions", ordered_json::array(
                           {{{"name", kind.version},
                             {"served", true},
                             {"storage", true},
                             {"subresources", subresources_of(kind)},
                             {"additionalPrinterColumns", std::move(columns)},
                             {"schema", {{"openAPIV3Schema", root_schema_of(*kind.shape)}}}}})}}}};
}

}  // namespace chatflow::crdgen
