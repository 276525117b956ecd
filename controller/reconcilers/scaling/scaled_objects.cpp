#include "controller/reconcilers/scaling/scaled_objects.hpp"

#include "controller/clients/kube/api_error.hpp"
#include "controller/reconcilers/scaling/conflicts.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using nlohmann::json;

constexpr const char* kVersion = "keda.sh/v1alpha1";
constexpr int kForbidden = 403;

std::string text_at(const json& object, const char* name, const char* otherwise) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>()
                                                       : std::string(otherwise);
}

/// KEDA takes a Deployment of apps/v1 where kind and version are not given.
api::TargetRef target_of(const json& scaled_object) {
    const json reference = scaled_object.value("/spec/scaleTargetRef"_json_pointer, json::object());
    return {.api_version = text_at(reference, "apiVersion", "apps/v1"),
            .kind = text_at(reference, "kind", "Deployment"),
            .name = text_at(reference, "name", "")};
}

}  // namespace

awaitable<std::optional<Obstacle>> ScaledObjects::find_conflict(const api::ScalingPolicy& policy,
                                                                Deadline deadline) {
    if (policy.spec.mode == api::ScalingMode::Observe) co_return std::nullopt;
    const auto kind = co_await discovery_.find(kVersion, "ScaledObject", deadline);
    if (!kind) co_return std::nullopt;
    const std::string& name_space = policy.metadata.name_space;
    const auto now = std::chrono::steady_clock::now();
    const Names* names = known_.find(name_space, now);
    if (names == nullptr) {
        Names told = co_await read(name_space, deadline);
        names = &known_.keep(name_space, std::move(told), now);
    }
    const api::TargetRef& target = policy.spec.target_ref;
    const auto found = names->find(target_value(name_space, target));
    if (found == names->end()) co_return std::nullopt;
    co_return Obstacle{"ConflictingScaledObject",
                       fmt::format("ScaledObject {} of KEDA scales {} {} too: delete it, or set "
                                   "this policy's mode to Observe",
                                   found->second, target.kind, target.name)};
}

awaitable<ScaledObjects::Names> ScaledObjects::read(std::string name_space, Deadline deadline) {
    Names names;
    kube::ListSink sink{.item =
                            [&](json& object) {
                                const std::string name =
                                    object.value("/metadata/name"_json_pointer, "");
                                names[target_value(name_space, target_of(object))] = name;
                            },
                        .restart = [&] { names.clear(); }};
    try {
        co_await kube_.list({.group = "keda.sh",
                             .version = "v1alpha1",
                             .plural = "scaledobjects",
                             .name_space = name_space},
                            {}, std::move(sink), deadline);
    } catch (const kube::ApiError& error) {
        if (error.code() != kForbidden && !error.is_not_found()) throw;
    }
    co_return names;
}

}  // namespace chatflow
