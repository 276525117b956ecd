#include "controller/api/schema/struct.hpp"

namespace chatflow::api::schema {

std::string fill_in(std::string_view message, const nlohmann::json& object) {
    std::string text;
    while (true) {
        const auto open = message.find('{');
        text += message.substr(0, open);
        if (open == std::string_view::npos) return text;
        const auto close = message.find('}', open);
        const auto value = object.find(message.substr(open + 1, close - open - 1));
        text += value == object.end() ? "unset" : shown(*value);
        message.remove_prefix(close + 1);
    }
}

}  // namespace chatflow::api::schema
