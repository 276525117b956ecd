#pragma once

#include "controller/api/object_meta.hpp"

#include <cstddef>
#include <functional>
#include <string_view>

namespace chatflow::runtime {

struct ObjectKeyHash {
    [[nodiscard]] static std::size_t of(std::string_view name_space, std::string_view name) {
        const std::hash<std::string_view> hash;
        return hash(name_space) * 31 + hash(name);
    }
    std::size_t operator()(const api::ObjectKey& key) const { return of(key.name_space, key.name); }
};

}  // namespace chatflow::runtime
