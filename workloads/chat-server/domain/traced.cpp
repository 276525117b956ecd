#include "workloads/chat-server/domain/traced.hpp"

#include "libs/base/trace_context.hpp"

namespace chatflow::chat {

std::string with_traceparent(std::string json, std::string_view traceparent) {
    const auto open = json.find('{');
    if (traceparent.empty() || open == std::string::npos) return json;
    const auto next = json.find_first_not_of(" \n", open + 1);
    const bool is_empty = next != std::string::npos && json[next] == '}';
    std::string member = "\"" + std::string(kTraceparent) + "\":\"" + std::string(traceparent);
    member += is_empty ? "\"" : "\",";
    json.insert(open + 1, member);
    return json;
}

}  // namespace chatflow::chat
