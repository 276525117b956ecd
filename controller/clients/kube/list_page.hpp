#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::kube {

struct ListPage {
    std::string resource_version;
    std::string continues;  // empty: the last page
};

/// Reads one page and hands each item out as soon as it is read, so that a page of 500 objects
/// is never in memory as a whole. Throws TransportError for a body that is no list.
[[nodiscard]] ListPage read_list_page(std::string_view body,
                                      const std::function<void(nlohmann::json& object)>& item);

}  // namespace chatflow::kube
