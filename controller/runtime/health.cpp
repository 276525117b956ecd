#include "controller/runtime/health.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::runtime {

http::Response ready_page(const std::vector<ReadyCheck>& checks, bool verbose) {
    bool is_ready = true;
    std::string lines;
    auto list = nlohmann::ordered_json::array();
    for (const ReadyCheck& check : checks) {
        nlohmann::ordered_json entry = {{"name", check.name}, {"ready", true}};
        if (const auto reason = check.why_not()) {
            is_ready = false;
            lines += check.name + ": " + *reason + "\n";
            entry["ready"] = false;
            entry["reason"] = *reason;
        }
        list.push_back(std::move(entry));
    }
    const int status = is_ready ? 200 : 503;
    if (!verbose) return http::text(status, is_ready ? "ok\n" : lines);
    const nlohmann::ordered_json body = {{"status", is_ready ? "ok" : "unavailable"},
                                         {"checks", std::move(list)}};
    return http::json(status, body.dump() + "\n");
}

}  // namespace chatflow::runtime
