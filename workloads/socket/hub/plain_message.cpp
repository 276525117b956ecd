#include "workloads/socket/hub/plain_message.hpp"

#include "workloads/socket/protocol/json_text.hpp"

#include <nlohmann/json.hpp>

namespace chatflow::socket {
namespace {

using nlohmann::json;
using Refusal = std::unexpected<std::string_view>;

std::optional<std::uint64_t> number(const json& message, const char* name) {
    const auto found = message.find(name);
    if (found == message.end() || !found->is_number_unsigned()) return std::nullopt;
    return found->get<std::uint64_t>();
}

}  // namespace

std::expected<PlainMessage, std::string_view> parse_plain_message(std::string_view text) {
    // The depth is bounded by is_json; the library's parser has no bound.
    if (!is_json(text)) return Refusal("not JSON");
    const json message = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!message.is_object()) return Refusal("not a JSON object");
    if (const auto connect = message.find("connect"); connect != message.end()) {
        if (!connect->is_object()) return Refusal("connect is not an object");
        return PlainMessage{.kind = PlainMessage::Kind::Connect, .data = connect->dump()};
    }
    if (const auto event = message.find("event"); event != message.end()) {
        const bool is_named = event->is_array() && !event->empty() && (event->front().is_string());
        if (!is_named) return Refusal("event is not an array that begins with a name");
        return PlainMessage{.id = number(message, "id"), .data = event->dump()};
    }
    const auto id = number(message, "ack");
    if (!id) return Refusal("neither connect, event nor ack");
    const auto data = message.find("data");
    if (data == message.end() || !data->is_array()) return Refusal("data is not an array");
    return PlainMessage{.kind = PlainMessage::Kind::Ack, .id = id, .data = data->dump()};
}

std::string plain_event(std::string_view event, std::optional<std::uint64_t> id) {
    std::string text = R"({"event":)";
    text += event;
    if (id) (text += R"(,"id":)") += std::to_string(*id);
    return text + "}";
}

std::string plain_answer(std::uint64_t id, std::string_view arguments) {
    std::string text = R"({"ack":)" + std::to_string(id) + R"(,"data":)";
    text += arguments;
    return text + "}";
}

}  // namespace chatflow::socket
