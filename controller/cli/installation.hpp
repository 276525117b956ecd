#pragma once

#include "controller/api/core/lease.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::cli {

// What `check api` asks, judged without asking.

inline constexpr std::string_view kControllerLease = "chatflow-controller";

/// One line of the report: what was found, or what is missing and what to do.
struct Finding {
    bool is_good = false;
    std::string text;

    bool operator==(const Finding&) const = default;
};

/// `resources` is what the API server lists for our group; nothing when it has no such group.
[[nodiscard]] Finding judge_kinds(const std::optional<nlohmann::json>& resources);

/// Held and renewed within its duration.
[[nodiscard]] Finding judge_lease(const std::optional<api::Lease>& lease,
                                  std::string_view name_space, TimePoint now);

/// `status` is 0 without an answer; `body` then says why.
[[nodiscard]] Finding judge_readiness(std::string_view url, int status, std::string_view body);

}  // namespace chatflow::cli
