#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::test {

/// A namespaced kind without anything of its own.
struct Thing {
    api::ObjectMeta metadata;
    std::string colour;
};

/// A thing in the namespace `chat`.
inline Thing a_thing(const std::string& name, const std::string& version = "1") {
    Thing thing;
    thing.metadata.name = name;
    thing.metadata.name_space = "chat";
    thing.metadata.uid = "uid-of-" + name;
    thing.metadata.resource_version = version;
    return thing;
}

inline std::shared_ptr<const Thing> kept(Thing thing) {
    return std::make_shared<const Thing>(std::move(thing));
}

/// As a watch lists them.
inline std::vector<std::shared_ptr<const Thing>> a_list(std::vector<Thing> things) {
    std::vector<std::shared_ptr<const Thing>> list;
    for (Thing& thing : things) list.push_back(kept(std::move(thing)));
    return list;
}

}  // namespace chatflow::test

namespace chatflow::api {

template <>
struct KindTraits<test::Thing> {
    static constexpr std::string_view kGroup = "example.org";
    static constexpr std::string_view kVersion = "v1";
    static constexpr std::string_view kPlural = "things";
    static constexpr std::string_view kKind = "Thing";
    static constexpr bool kNamespaced = true;
    static test::Thing decode(const nlohmann::json& object) {
        return test::a_thing(object.at("metadata").at("name"));
    }
    static nlohmann::json encode(const test::Thing& thing) {
        return {{"metadata", {{"name", thing.metadata.name}}}};
    }
};

}  // namespace chatflow::api
