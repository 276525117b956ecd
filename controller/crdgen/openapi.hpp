#pragma once

#include "controller/api/schema/shape.hpp"
#include "controller/crdgen/kinds.hpp"

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::crdgen {

/// The structural schema of an object: what the API server checks and `kubectl explain` shows.
[[nodiscard]] nlohmann::ordered_json schema_of(const api::schema::ObjectShape& object);

/// The whole CustomResourceDefinition.
[[nodiscard]] nlohmann::ordered_json definition_of(const CustomKind& kind);

/// The default of a field that has one, as a person would write it.
[[nodiscard]] std::string default_of(const api::schema::FieldShape& field);

/// What a field is for, with unit, default and example.
[[nodiscard]] std::string description_of(const api::schema::FieldShape& field);

/// A rule's message without the values in it.
[[nodiscard]] std::string plain_message(std::string_view message);

}  // namespace chatflow::crdgen
