#include "workloads/socket/platform/event_text.hpp"

#include "libs/rooms/room_message.hpp"

#include <algorithm>
#include <array>
#include <random>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

namespace chatflow::socket {
namespace {

using nlohmann::json;
using Problem = std::unexpected<std::string>;

constexpr std::size_t kOnceBytesMax = 128;
constexpr std::size_t kEventNameBytesMax = 64;
constexpr auto kSeqMax = std::uint64_t{1} << 53U;  // what JavaScript counts exactly

std::string dump(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// The first argument, an object (or what `shorthand` wraps a text into).
Parsed<json> object_in(std::string_view arguments, const char* shorthand = nullptr) {
    if (arguments.size() > kEventBytesMax) return Problem("The event is too long");
    auto value = json::parse(arguments, nullptr, /*allow_exceptions=*/false);
    if (!value.is_array() || value.empty()) return Problem("An object is expected");
    if (shorthand != nullptr && value[0].is_string()) return json{{shorthand, value[0]}};
    if (!value[0].is_object()) return Problem("An object is expected");
    return std::move(value[0]);
}

std::string text_of(const json& object, const char* name) {
    const auto place = object.find(name);
    if (place == object.end()) return {};
    if (place->is_string()) return place->get<std::string>();
    return place->is_number_integer() ? dump(*place) : std::string();
}

Parsed<std::string> room_in(const json& object) {
    auto room = text_of(object, "roomId");
    if (room.empty()) room = text_of(object, "room");
    if (!rooms::is_room_name(room)) return Problem("roomId must be a text of 1 to 200 bytes");
    return room;
}

Parsed<std::string> once_in(const json& object, const std::string& user) {
    const auto id = text_of(object, "clientMessageId");
    if (id.size() > kOnceBytesMax) return Problem("clientMessageId must not be over 128 bytes");
    return id.empty() ? id : user + ":" + id;
}

// Names that clients keep for themselves, or that only servers tell.
bool is_reserved(const std::string& event) {
    static constexpr std::array kNames = {"connect",         "connect_error", "disconnect",
                                          "disconnecting",   "newListener",   "removeListener",
                                          "message.created", "message.read",  "message.delivered",
                                          "user-online",     "user-offline",  "token-expiring"};
    return std::ranges::contains(kNames, event);
}

std::string uuid_of(std::array<unsigned char, 32> bytes) {
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x80U);  // version 8: our own
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += kDigits[bytes[i] >> 4U];
        text += kDigits[bytes[i] & 15U];
    }
    return text;
}

// From the client's own id when there is one: a message that is sent again gets the same.
std::string message_id(const std::string& room, const std::string& once) {
    std::array<unsigned char, 32> bytes{};
    if (once.empty()) {
        thread_local std::mt19937_64 random{std::random_device{}()};
        std::ranges::generate(bytes, [] { return static_cast<unsigned char>(random()); });
    } else {
        const auto text = room + "\n" + once;
        unsigned size = 0;
        EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_sha256(), nullptr);
    }
    return uuid_of(bytes);
}

}  // namespace

Parsed<JoinRequest> parse_join(std::string_view arguments) {
    const auto object = object_in(arguments, "roomId");
    if (!object) return Problem(object.error());
    auto room = room_in(*object);
    if (!room) return Problem(room.error());
    JoinRequest request{.room = std::move(*room)};
    if (const auto place = object->find("afterSeq"); place != object->end()) {
        if (!place->is_number_unsigned()) return Problem("afterSeq must be a whole number");
        request.after_seq = place->get<std::uint64_t>();
    }
    return request;
}

Parsed<LeaveRequest> parse_leave(std::string_view arguments) {
    auto join = parse_join(arguments);
    if (!join) return Problem(join.error());
    return LeaveRequest{std::move(join->room)};
}

Parsed<PublishRequest> parse_message(std::string_view arguments, const std::string& user,
                                     std::int64_t now_ms) {
    auto object = object_in(arguments);
    if (!object) return Problem(object.error());
    auto room = room_in(*object);
    if (!room) return Problem(room.error());
    auto once = once_in(*object, user);
    if (!once) return Problem(once.error());
    PublishRequest request{.room = std::move(*room), .once = std::move(*once)};
    request.message_id = message_id(request.room, request.once);
    (*object)["messageId"] = request.message_id;
    (*object)["roomId"] = request.room;
    (*object)["senderId"] = user;
    (*object)["timestamp"] = now_ms;
    request.event = dump(json::array({"message.created", std::move(*object)}));
    return request;
}

Parsed<PublishRequest> parse_publish(std::string_view arguments, const std::string& user) {
    const auto object = object_in(arguments);
    if (!object) return Problem(object.error());
    auto room = room_in(*object);
    if (!room) return Problem(room.error());
    auto once = once_in(*object, user);
    if (!once) return Problem(once.error());
    const auto name = text_of(*object, "event");
    if (name.empty() || name.size() > kEventNameBytesMax) {
        return Problem("event must be a text of 1 to 64 bytes");
    }
    if (is_reserved(name)) return Problem("event must not be " + name);
    auto event = json::array({name});
    if (const auto data = object->find("data"); data != object->end()) event.push_back(*data);
    return PublishRequest{.room = std::move(*room), .once = std::move(*once), .event = dump(event)};
}

Parsed<PublishRequest> parse_receipt(std::string_view told, std::string_view arguments,
                                     const std::string& user, std::int64_t now_ms) {
    const auto object = object_in(arguments);
    if (!object) return Problem(object.error());
    auto room = room_in(*object);
    if (!room) return Problem(room.error());
    const auto seq = object->find("seq");
    if (seq == object->end() || !seq->is_number_unsigned() || *seq > kSeqMax) {
        return Problem("seq must be a whole number");
    }
    const json data = {{"roomId", *room}, {"userId", user}, {"seq", *seq}, {"timestamp", now_ms}};
    auto event = dump(json::array({told, data}));
    return PublishRequest{.room = std::move(*room), .event = std::move(event)};
}

Parsed<EphemeralRequest> parse_typing(std::string_view arguments, const std::string& user) {
    const auto object = object_in(arguments, "roomId");
    if (!object) return Problem(object.error());
    auto room = room_in(*object);
    if (!room) return Problem(room.error());
    const auto flag = object->find("isTyping");
    const bool is_typing = flag == object->end() || *flag == true;
    const json data = {{"roomId", *room}, {"userId", user}, {"isTyping", is_typing}};
    return EphemeralRequest{std::move(*room), dump(json::array({"typing", data}))};
}

Parsed<PresenceRequest> parse_presence(std::string_view arguments) {
    const auto object = object_in(arguments);
    if (!object) return Problem(object.error());
    const auto users = object->find("userIds");
    const auto expected = "userIds must be a list of 1 to 100 texts";
    if (users == object->end() || !users->is_array() || users->empty() ||
        users->size() > kPresenceUsersMax) {
        return Problem(expected);
    }
    PresenceRequest request;
    for (const json& user : *users) {
        if (!user.is_string()) return Problem(expected);
        request.users.push_back(user.get<std::string>());
    }
    return request;
}

Parsed<TokenRequest> parse_token(std::string_view arguments) {
    const auto object = object_in(arguments, "token");
    if (!object) return Problem(object.error());
    return TokenRequest{text_of(*object, "token")};
}

std::string with_offset(std::string_view event, std::string_view offset) {
    std::string text;
    text.reserve(event.size() + offset.size() + 3);
    text.append(event.substr(0, event.rfind(']')));
    text.append(",\"").append(offset).append("\"]");
    return text;
}

std::string simple_event(std::string_view name, std::string_view key, std::string_view value) {
    return dump(json::array({name, json{{key, value}}}));
}

std::string refusal_answer(std::string_view error, bool may_retry) {
    return dump({{"ok", false}, {"error", error}, {"retry", may_retry}});
}

std::string published_answer(const std::string& id, std::uint64_t seq, bool is_repeat) {
    json answer = {{"ok", true}, {"seq", seq}};
    if (!id.empty()) answer["messageId"] = id;
    if (is_repeat) answer["repeated"] = true;
    return dump(answer);
}

std::string joined_answer(const std::string& room, std::uint64_t seq, std::size_t replayed,
                          bool is_complete) {
    return dump({{"ok", true},
                 {"roomId", room},
                 {"seq", seq},
                 {"replayed", replayed},
                 {"complete", is_complete}});
}

std::string online_answer(const std::vector<std::string>& users, const std::vector<bool>& online) {
    json states = json::object();
    for (std::size_t i = 0; i < users.size(); ++i) states[users[i]] = bool{online[i]};
    return dump({{"ok", true}, {"online", states}});
}

std::optional<ControlMessage> parse_control(std::string_view text) {
    const auto value = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!value.is_object()) return std::nullopt;
    return ControlMessage{text_of(value, "type"), text_of(value, "userId"),
                          text_of(value, "socket")};
}

std::string taken_message(const std::string& socket) {
    return dump({{"type", "taken"}, {"socket", socket}});
}

std::string user_event(std::string_view text) {
    const auto value = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!value.is_object()) return {};
    const auto event = text_of(value, "event");
    const auto user = text_of(value, "userId");
    return event.empty() || user.empty() ? std::string() : simple_event(event, "userId", user);
}

}  // namespace chatflow::socket
