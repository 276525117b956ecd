#include "controller/clients/kube/list_page.hpp"

#include "controller/clients/http_transport.hpp"

#include <nlohmann/json.hpp>

namespace chatflow::kube {

using nlohmann::json;

ListPage read_list_page(std::string_view body, const std::function<void(json& object)>& item) {
    constexpr int kFieldDepth = 1;  // of "items" and "metadata" in the list
    constexpr int kItemDepth = 2;
    bool in_items = false;
    const auto take = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth == kFieldDepth && event == json::parse_event_t::key) in_items = parsed == "items";
        if (!in_items || depth != kItemDepth || event != json::parse_event_t::object_end) {
            return true;
        }
        item(parsed);
        return false;  // do not keep it
    };
    json list;
    try {
        list = json::parse(body, take);
    } catch (const json::parse_error& failure) {
        throw clients::TransportError(std::string("the answer is no list: ") + failure.what());
    }
    const auto metadata = list.is_object() ? list.find("metadata") : list.end();
    if (metadata == list.end() || !metadata->is_object()) {
        throw clients::TransportError("the answer is no list: it has no metadata");
    }
    return {.resource_version = metadata->value("resourceVersion", ""),
            .continues = metadata->value("continue", "")};
}

}  // namespace chatflow::kube
