#include "controller/clients/kube/discovery.hpp"

#include <nlohmann/json.hpp>

namespace chatflow::kube {
namespace {

std::map<std::string, DiscoveredKind> kinds_of(const nlohmann::json& list) {
    std::map<std::string, DiscoveredKind> kinds;
    std::map<std::string, std::string> kind_of_plural;
    const auto resources = list.value("resources", nlohmann::json::array());
    for (const auto& resource : resources) {
        const std::string name = resource.value("name", "");
        if (name.find('/') != std::string::npos) continue;
        const std::string kind = resource.value("kind", "");
        kinds[kind] = {.plural = name, .is_namespaced = resource.value("namespaced", true)};
        kind_of_plural[name] = kind;
    }
    // A subresource is listed as "deployments/scale", with the kind of its own body.
    for (const auto& resource : resources) {
        const std::string name = resource.value("name", "");
        const auto slash = name.find('/');
        if (slash == std::string::npos || name.substr(slash) != "/scale") continue;
        const auto owner = kind_of_plural.find(name.substr(0, slash));
        if (owner != kind_of_plural.end()) kinds[owner->second].has_scale = true;
    }
    return kinds;
}

}  // namespace

awaitable<std::optional<DiscoveredKind>> Discovery::find(std::string api_version, std::string kind,
                                                         Deadline deadline) {
    const auto known = [&]() -> const DiscoveredKind* {
        const auto group = groups_.find(api_version);
        if (group == groups_.end()) return nullptr;
        const auto found = group->second.kinds.find(kind);
        return found == group->second.kinds.end() ? nullptr : &found->second;
    };
    const auto group = groups_.find(api_version);
    const auto age = group == groups_.end()
                         ? std::chrono::steady_clock::duration::max()
                         : std::chrono::steady_clock::now() - group->second.read_at;
    if (age > (known() != nullptr ? kKnownFor : kUnknownFor)) {
        co_await read(api_version, deadline);
    }
    if (const DiscoveredKind* found = known()) co_return *found;
    co_return std::nullopt;
}

awaitable<void> Discovery::read(std::string api_version, Deadline deadline) {
    const std::string root = api_version.find('/') == std::string::npos ? "/api/" : "/apis/";
    Group group{.kinds = {}, .read_at = std::chrono::steady_clock::now()};
    try {
        group.kinds = kinds_of(co_await client_.raw_get(root + api_version, deadline));
    } catch (const ApiError& refusal) {
        if (!refusal.is_not_found()) throw;
    }
    if (groups_.size() >= kGroupsMax) groups_.clear();
    groups_[api_version] = std::move(group);
}

}  // namespace chatflow::kube
