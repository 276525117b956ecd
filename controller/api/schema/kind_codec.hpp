#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/schema/struct.hpp"

#include <expected>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

// The codec of a kind whose table has metadata, spec and perhaps status: kinds need only call
// these.
namespace chatflow::api::schema {

/// Tells when the object says that it is of another kind.
void check_kind(nlohmann::json& object, std::string_view api_version, std::string_view kind,
                Reader& reader);

/// As a person wrote it: every error is told.
template <class K>
std::expected<K, FieldErrors> parse_kind(nlohmann::json object, bool refuse_unknown) {
    Reader reader(refuse_unknown);
    K out;
    check_kind(object, api_version_of<K>(), KindTraits<K>::kKind, reader);
    table<K>().read(object, out, reader);
    if (reader.error_count() != 0) return std::unexpected(reader.take_errors());
    return out;
}

/// As the API server sent it: what cannot be read stays as in a new object.
template <class K>
K decode_kind(const nlohmann::json& object, FieldErrors* errors = nullptr) {
    Reader reader(false);
    K out;
    table<K>().read(object, out, reader);
    FieldErrors found = reader.take_errors();
    if (out.metadata.name.empty()) throw DecodeError(std::move(found));
    if (errors != nullptr) *errors = std::move(found);
    return out;
}

/// An own kind: what is wrong with the spec goes along with the object.
template <class K>
K decode_own_kind(const nlohmann::json& object) {
    FieldErrors errors;
    K out = decode_kind<K>(object, &errors);
    std::erase_if(errors, [](const FieldError& error) { return !error.path.starts_with("spec"); });
    out.spec_errors = std::move(errors);
    return out;
}

template <class K>
nlohmann::json encode_kind(const K& object) {
    nlohmann::json json = table<K>().write(object);
    json["apiVersion"] = api_version_of<K>();
    json["kind"] = KindTraits<K>::kKind;
    return json;
}

}  // namespace chatflow::api::schema
