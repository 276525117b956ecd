#include "controller/reconcilers/scaling/scale_targets.hpp"

#include "controller/api/core/scale.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

namespace chatflow {
namespace {

using Outcome = std::expected<ScaleTargets::Read, Obstacle>;

/// "apps/v1" → {"apps", "v1"}; "v1" → {"", "v1"}.
std::pair<std::string, std::string> group_and_version(const std::string& api_version) {
    const auto slash = api_version.find('/');
    if (slash == std::string::npos) return {"", api_version};
    return {api_version.substr(0, slash), api_version.substr(slash + 1)};
}

std::unexpected<Obstacle> not_found(const api::TargetRef& target, const std::string& name_space) {
    return std::unexpected(Obstacle{
        "TargetNotFound",
        fmt::format("there is no {} {} in namespace {}", target.kind, target.name, name_space)});
}

std::unexpected<Obstacle> without_selector(const api::TargetRef& target) {
    return std::unexpected(
        Obstacle{"TargetWithoutSelector",
                 fmt::format("the scale of {} {} names no pods (status.selector is empty)",
                             target.kind, target.name)});
}

/// Nothing when the target is of another kind, or that kind is not watched.
template <class K>
std::optional<Outcome> find_in(const runtime::Store<K>* store, const api::TargetRef& target,
                               const std::string& name_space) {
    using Traits = api::KindTraits<K>;
    if (store == nullptr || target.kind != Traits::kKind ||
        target.api_version != api::api_version_of<K>()) {
        return std::nullopt;
    }
    const auto found = store->find({name_space, target.name});
    if (!found) return not_found(target, name_space);
    if (found->selector.empty()) return without_selector(target);
    return ScaleTargets::Read{
        {std::string(Traits::kGroup), std::string(Traits::kVersion), std::string(Traits::kPlural),
         found->metadata.resource_version, found->selector},
        {found->replicas, found->status_replicas}};
}

}  // namespace

awaitable<Outcome> ScaleTargets::read(api::TargetRef target, std::string name_space,
                                      Deadline deadline) {
    if (auto found = find_in(watched_.deployments, target, name_space)) co_return *found;
    if (auto found = find_in(watched_.stateful_sets, target, name_space)) co_return *found;
    co_return co_await ask(std::move(target), std::move(name_space), deadline);
}

awaitable<Outcome> ScaleTargets::ask(api::TargetRef target, std::string name_space,
                                     Deadline deadline) {
    const auto kind = co_await discovery_.find(target.api_version, target.kind, deadline);
    if (!kind) {
        co_return std::unexpected(
            Obstacle{"TargetKindUnknown",
                     fmt::format("the cluster serves no {} of {}: correct spec.targetRef",
                                 target.kind, target.api_version)});
    }
    if (!kind->has_scale) {
        co_return std::unexpected(Obstacle{
            "TargetNotScalable", fmt::format("{} has no scale subresource: name a kind that has "
                                             "one, such as Deployment or StatefulSet",
                                             target.kind)});
    }
    const auto [group, version] = group_and_version(target.api_version);
    const auto object = co_await kube_.get({.group = group,
                                            .version = version,
                                            .plural = kind->plural,
                                            .name_space = name_space,
                                            .name = target.name,
                                            .subresource = "scale"},
                                           deadline);
    if (!object) co_return not_found(target, name_space);
    const auto read = api::KindTraits<api::Scale>::decode(*object);
    if (read.status.selector.empty()) co_return without_selector(target);
    co_return Read{
        {group, version, kind->plural, read.metadata.resource_version, read.status.selector},
        {read.spec.replicas, read.status.replicas}};
}

}  // namespace chatflow
