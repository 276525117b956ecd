#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"

namespace chatflow::api {

/// Only its annotations matter to us.
struct Namespace {
    ObjectMeta metadata;
    bool operator==(const Namespace&) const = default;
};

template <>
struct KindTraits<Namespace> {
    static constexpr std::string_view kGroup = "";
    static constexpr std::string_view kVersion = "v1";
    static constexpr std::string_view kPlural = "namespaces";
    static constexpr std::string_view kKind = "Namespace";
    static constexpr bool kNamespaced = false;
    static Namespace decode(const nlohmann::json& object);
    static nlohmann::json encode(const Namespace& name_space);
};

}  // namespace chatflow::api
