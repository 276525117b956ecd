#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"

#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace chatflow::test {

/// A kind for tests: small, and with nothing to validate.
struct ConfigMap {
    api::ObjectMeta metadata;
    std::map<std::string, std::string> data;
};

}  // namespace chatflow::test

namespace chatflow::api {

template <>
struct KindTraits<test::ConfigMap> {
    static constexpr std::string_view kGroup = "";
    static constexpr std::string_view kVersion = "v1";
    static constexpr std::string_view kPlural = "configmaps";
    static constexpr std::string_view kKind = "ConfigMap";
    static constexpr bool kNamespaced = true;

    static test::ConfigMap decode(const nlohmann::json& object) {
        test::ConfigMap map;
        const auto& metadata = object.at("metadata");
        map.metadata.name = metadata.at("name");
        map.metadata.name_space = metadata.at("namespace");
        map.metadata.resource_version = metadata.value("resourceVersion", "");
        map.data = object.value("data", map.data);
        if (map.data.contains("unreadable")) throw std::runtime_error("data is unreadable");
        return map;
    }

    static nlohmann::json encode(const test::ConfigMap& map) {
        return {{"apiVersion", "v1"},
                {"kind", "ConfigMap"},
                {"metadata", {{"name", map.metadata.name}, {"namespace", map.metadata.name_space}}},
                {"data", map.data}};
    }
};

}  // namespace chatflow::api
