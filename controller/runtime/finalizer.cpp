#include "controller/runtime/finalizer.hpp"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::runtime {
namespace {

nlohmann::json patch_of(const api::ObjectMeta& meta, const std::vector<std::string>& finalizers) {
    return {{"metadata",
             {{"uid", meta.uid},
              {"resourceVersion", meta.resource_version},
              {"finalizers", finalizers}}}};
}

}  // namespace

std::optional<nlohmann::json> patch_to_add_finalizer(const api::ObjectMeta& meta,
                                                     const std::string& finalizer) {
    if (meta.deletion_timestamp || std::ranges::contains(meta.finalizers, finalizer)) {
        return std::nullopt;
    }
    std::vector<std::string> all = meta.finalizers;
    all.push_back(finalizer);
    return patch_of(meta, all);
}

std::optional<nlohmann::json> patch_to_remove_finalizer(const api::ObjectMeta& meta,
                                                        const std::string& finalizer) {
    std::vector<std::string> rest = meta.finalizers;
    if (std::erase(rest, finalizer) == 0) return std::nullopt;
    return patch_of(meta, rest);
}

}  // namespace chatflow::runtime
