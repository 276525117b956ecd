#include "controller/cli/installation.hpp"

#include "controller/api/scaling_policy_codec.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {

using nlohmann::json;

namespace {

constexpr std::size_t kBodyMax = 300;  // characters of an answer that are worth showing

bool lists(const json& resources, std::string_view plural) {
    const auto found = resources.find("resources");
    return found != resources.end() && found->is_array() &&
           std::ranges::any_of(*found, [plural](const json& resource) {
               return resource.is_object() && resource.value("name", "") == plural;
           });
}

}  // namespace

Finding judge_kinds(const std::optional<json>& resources) {
    using Traits = api::KindTraits<api::ScalingPolicy>;
    const std::string version = api::api_version_of<api::ScalingPolicy>();
    if (resources && lists(*resources, Traits::kPlural)) {
        return {true, fmt::format("kinds: {} of {} is served", Traits::kKind, version)};
    }
    return {false, fmt::format("kinds: {} of {} is not served: the CRDs are not installed",
                               Traits::kKind, version)};
}

Finding judge_lease(const std::optional<api::Lease>& lease, std::string_view name_space,
                    TimePoint now) {
    const std::string name = fmt::format("{}/{}", name_space, kControllerLease);
    if (!lease) {
        return {false,
                fmt::format("leader: there is no Lease {}: no controller has led here yet", name)};
    }
    const api::LeaseSpec& spec = lease->spec;
    if (spec.holder_identity.empty() || !spec.renew_time) {
        return {false, fmt::format("leader: nobody holds Lease {}", name)};
    }
    const auto age = std::chrono::floor<std::chrono::seconds>(std::max(now, *spec.renew_time) -
                                                              *spec.renew_time);
    const std::string renewed = format_age(age);
    if (age > std::chrono::seconds{spec.lease_duration_seconds}) {
        return {false,
                fmt::format("leader: {} holds Lease {} but renewed it {} ago, and it is "
                            "good for {} s",
                            spec.holder_identity, name, renewed, spec.lease_duration_seconds)};
    }
    return {true, fmt::format("leader: {} holds Lease {}, renewed {} ago", spec.holder_identity,
                              name, renewed)};
}

Finding judge_readiness(std::string_view url, int status, std::string_view body) {
    const std::string_view shown = body.substr(0, kBodyMax);
    if (status == 200) return {true, fmt::format("ready: {} answers 200", url)};
    if (status == 0) return {false, fmt::format("ready: {} does not answer: {}", url, shown)};
    return {false, fmt::format("ready: {} answers {}: {}", url, status, shown)};
}

}  // namespace chatflow::cli
