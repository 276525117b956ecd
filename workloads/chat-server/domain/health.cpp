#include "workloads/chat-server/domain/health.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace chatflow::chat {

Health judge_readiness(const std::vector<Dependency>& dependencies, bool is_draining) {
    const auto is_missing = [](const Dependency& d) { return d.is_required && !d.is_up; };
    const bool is_unavailable = std::ranges::any_of(dependencies, is_missing);
    const bool is_degraded = !std::ranges::all_of(dependencies, &Dependency::is_up);

    nlohmann::ordered_json body;
    body["status"] = is_draining      ? "draining"
                     : is_unavailable ? "unavailable"
                     : is_degraded    ? "degraded"
                                      : "ready";
    for (const Dependency& dependency : dependencies) {
        auto& check = body["checks"][dependency.name];
        check["status"] = dependency.is_up ? "up" : "down";
        check["required"] = dependency.is_required;
        if (!dependency.is_up) check["reason"] = dependency.reason;
    }
    // A reason may hold bytes from outside that are not UTF-8.
    const auto replace = nlohmann::json::error_handler_t::replace;
    return {.status = is_draining || is_unavailable ? 503 : 200,
            .json = body.dump(-1, ' ', false, replace)};
}

}  // namespace chatflow::chat
