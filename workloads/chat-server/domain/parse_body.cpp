#include "workloads/chat-server/domain/parse_body.hpp"

#include "workloads/chat-server/domain/limits.hpp"

#include <algorithm>
#include <initializer_list>

#include <nlohmann/json.hpp>

namespace chatflow::chat {
namespace {

using Json = nlohmann::json;

// Bodies are flat: what is nested deeper than any field could be is not read at all. Brackets in
// texts do not count.
bool is_too_deep(std::string_view body) {
    std::size_t depth = 0;
    bool is_in_text = false;
    for (std::size_t i = 0; i < body.size() && depth <= kJsonDepthMax; ++i) {
        const char c = body[i];
        if (c == '"') is_in_text = !is_in_text;
        if (is_in_text) {
            if (c == '\\') ++i;  // what it escapes may be a quotation mark
        } else if (c == '[' || c == '{') {
            ++depth;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return depth > kJsonDepthMax;
}

std::size_t characters_of(std::string_view utf8) {
    const auto starts_character = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    };
    return static_cast<std::size_t>(std::ranges::count_if(utf8, starts_character));
}

bool is_identifier_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.:@").contains(c);
}

struct TextRule {
    std::size_t least = 0;
    std::size_t most = 0;
    bool is_identifier = false;
};

// Takes the fields of one body out, and collects what is wrong with them.
class Fields {
 public:
    explicit Fields(std::string_view body) {
        if (!is_too_deep(body)) json_ = Json::parse(body, nullptr, false);
        if (json_.is_discarded()) {
            errors.push_back({"", "must be JSON in UTF-8"});
        } else if (!json_.is_object()) {
            errors.push_back({"", "must be a JSON object"});
        }
    }

    [[nodiscard]] bool has(const char* name) const {
        return json_.is_object() && json_.contains(name) && !json_.at(name).is_null();
    }

    std::string required(const char* name, TextRule rule) {
        if (has(name)) return optional(name, rule);
        if (json_.is_object()) errors.push_back({name, "is required"});
        return {};
    }

    std::string optional(const char* name, TextRule rule) {
        if (!has(name)) return {};
        const Json& value = json_.at(name);
        if (!value.is_string()) {
            errors.push_back({name, std::string("must be a string, not ") + value.type_name()});
            return {};
        }
        const std::string& text = value.get_ref<const std::string&>();
        check(name, text, rule);
        return text;
    }

    void refuse_others(std::initializer_list<std::string_view> known) {
        if (!json_.is_object()) return;
        for (const auto& [name, value] : json_.items()) {
            if (std::ranges::find(known, name) == known.end()) {
                errors.push_back({name.substr(0, kNameShown), "is not a field of this request"});
            }
            if (errors.size() >= kErrorsMax) return;
        }
    }

    FieldErrors errors;

 private:
    static constexpr std::size_t kErrorsMax = 20;
    static constexpr std::size_t kNameShown = 64;

    void check(const char* name, const std::string& text, TextRule rule) {
        const std::size_t length = characters_of(text);
        if (length < rule.least || length > rule.most) {
            errors.push_back({name, "must have " + std::to_string(rule.least) + " to " +
                                        std::to_string(rule.most) + " characters, not " +
                                        std::to_string(length)});
        } else if (text.contains('\0')) {
            errors.push_back({name, "must not contain the character U+0000"});
        } else if (rule.is_identifier && !std::ranges::all_of(text, is_identifier_character)) {
            errors.push_back({name, "may contain letters, digits and _ - . : @ only"});
        }
    }

    Json json_ = Json(Json::value_t::discarded);
};

constexpr TextRule kName{.least = 1, .most = kRoomNameMax};
constexpr TextRule kTopic{.least = 0, .most = kRoomTopicMax};
constexpr TextRule kSender{.least = 1, .most = kSenderMax, .is_identifier = true};
constexpr TextRule kClientMessageId{.least = 1, .most = kClientMessageIdMax, .is_identifier = true};
constexpr TextRule kBody{.least = 1, .most = kMessageBodyMax};

}  // namespace

std::expected<NewRoom, FieldErrors> parse_new_room(std::string_view body) {
    Fields fields(body);
    NewRoom room{.name = fields.required("name", kName), .topic = fields.optional("topic", kTopic)};
    fields.refuse_others({"name", "topic"});
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return room;
}

std::expected<RoomChange, FieldErrors> parse_room_change(std::string_view body) {
    Fields fields(body);
    RoomChange change;
    if (fields.has("name")) change.name = fields.required("name", kName);
    if (fields.has("topic")) change.topic = fields.optional("topic", kTopic);
    fields.refuse_others({"name", "topic"});
    if (fields.errors.empty() && !change.name && !change.topic) {
        fields.errors.push_back({"", "must contain name or topic"});
    }
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return change;
}

std::expected<NewMessage, FieldErrors> parse_new_message(std::string_view body) {
    Fields fields(body);
    NewMessage message{.sender = fields.required("sender", kSender),
                       .body = fields.required("body", kBody),
                       .client_msg_id = fields.optional("client_msg_id", kClientMessageId)};
    fields.refuse_others({"sender", "body", "client_msg_id"});
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return message;
}

}  // namespace chatflow::chat
