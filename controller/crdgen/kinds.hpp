#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/schema/struct.hpp"

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

/// What a CustomResourceDefinition has besides the schema.
struct CustomKind {
    std::string group;
    std::string version;
    std::string plural;
    std::string kind;
    std::string short_name;
    std::vector<Column> columns;  // without NAME and AGE
    const api::schema::ObjectShape* shape = nullptr;

    [[nodiscard]] std::string file_name() const { return group + "_" + plural + ".yaml"; }
};

/// A kind with a table and KindTraits.
template <class K>
CustomKind custom_kind(std::string_view short_name, std::vector<Column> columns) {
    using Traits = api::KindTraits<K>;
    return {.group = std::string(Traits::kGroup),
            .version = std::string(Traits::kVersion),
            .plural = std::string(Traits::kPlural),
            .kind = std::string(Traits::kKind),
            .short_name = std::string(short_name),
            .columns = std::move(columns),
            .shape = &api::schema::table<K>().shape()};
}

/// Every kind of the group chatflow.dev.
[[nodiscard]] const std::vector<CustomKind>& custom_kinds();

}  // namespace chatflow::crdgen
