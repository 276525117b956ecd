#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/schema/struct.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::crdgen {

/// A column of `kubectl get`; those of priority 1 are shown with -o wide.
struct Column {
    std::string_view name;
    std::string_view type;  // string, integer, date
    std::string_view path;  // JSONPath
    std::string_view doc;
    int priority = 0;
};

/// Paths of the scale subresource.
struct ScalePaths {
    std::string_view spec_replicas;
    std::string_view status_replicas;
    std::string_view selector;
};

/// What a CustomResourceDefinition has besides the schema.
struct CustomKind {
    std::string group;
    std::string version;
    std::string plural;
    std::string kind;
    std::string short_name;
    std::vector<Column> columns;  // without NAME and AGE
    const api::schema::ObjectShape* shape = nullptr;
    std::optional<ScalePaths> scale = std::nullopt;

    [[nodiscard]] std::string file_name() const { return group + "_" + plural + ".yaml"; }
};

/// A kind with a table and KindTraits.
template <class K>
CustomKind custom_kind(std::string_view short_name, std::vector<Column> columns,
                       std::optional<ScalePaths> scale = std::nullopt) {
    using Traits = api::KindTraits<K>;
    return {.group = std::string(Traits::kGroup),
            .version = std::string(Traits::kVersion),
            .plural = std::string(Traits::kPlural),
            .kind = std::string(Traits::kKind),
            .short_name = std::string(short_name),
            .columns = std::move(columns),
            .shape = &api::schema::table<K>().shape(),
            .scale = scale};
}

/// Every kind of the group chatflow.dev.
[[nodiscard]] const std::vector<CustomKind>& custom_kinds();

}  // namespace chatflow::crdgen
