#include "workloads/worker/notification.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

using nlohmann::json;
using Wrong = std::unexpected<std::string>;

std::string text_in(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::expected<Channel, std::string> parse_channel(const json& value) {
    if (!value.is_object()) return Wrong("channels: each must be an object with type");
    const std::string type = text_in(value, "type");
    if (type == "in-app") return Channel{};
    if (type == "email") {
        const std::string to = text_in(value, "to");
        if (to.find('@') == std::string::npos) return Wrong("channels: email needs an address, to");
        return Channel{ChannelKind::Email, to};
    }
    if (type == "webhook") {
        const std::string url = text_in(value, "url");
        if (!url.starts_with("http://") && !url.starts_with("https://")) {
            return Wrong("channels: webhook needs a url that begins with http:// or https://");
        }
        return Channel{ChannelKind::Webhook, url};
    }
    return Wrong("channels: type must be in-app, email or webhook");
}

}  // namespace

std::string Channel::key() const {
    switch (kind) {
        case ChannelKind::InApp:
            return "in-app";
        case ChannelKind::Email:
            return "email:" + to;
        case ChannelKind::Webhook:
            return "webhook:" + to;
    }
    return "";
}

std::expected<Notification, std::string> parse_notification(std::string_view text) {
    const json data = json::parse(text, nullptr, false);
    if (!data.is_object()) return Wrong("must be an object");
    Notification notification{.user_id = text_in(data, "userId"),
                              .title = text_in(data, "title"),
                              .text = text_in(data, "text"),
                              .room_id = text_in(data, "roomId")};
    if (notification.user_id.empty()) return Wrong("userId: is required");
    if (notification.title.empty()) return Wrong("title: is required");
    if (const auto seq = data.find("seq"); seq != data.end() && seq->is_number_integer()) {
        notification.seq = seq->get<std::int64_t>();
    }
    const auto channels = data.find("channels");
    if (channels == data.end()) {
        notification.channels.emplace_back();
        return notification;
    }
    if (!channels->is_array() || channels->empty() || channels->size() > kChannelsMax) {
        return Wrong("channels: must be a list of 1 to " + std::to_string(kChannelsMax));
    }
    for (const json& value : *channels) {
        auto channel = parse_channel(value);
        if (!channel) return Wrong(channel.error());
        if (std::ranges::find(notification.channels, *channel) == notification.channels.end()) {
            notification.channels.push_back(std::move(*channel));
        }
    }
    return notification;
}

bool is_read_already(const Notification& notification, std::optional<std::int64_t> last_read) {
    return notification.seq > 0 && last_read && *last_read >= notification.seq;
}

std::vector<std::string> parse_delivered(std::string_view progress) {
    const json state = json::parse(progress, nullptr, false);
    std::vector<std::string> keys;
    if (!state.is_object() || !state.contains("delivered")) return keys;
    for (const json& key : state["delivered"]) {
        if (key.is_string()) keys.push_back(key.get<std::string>());
    }
    return keys;
}

std::string delivered_json(const std::vector<std::string>& keys) {
    return json{{"delivered", keys}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string to_json(const Notification& notification, const std::string& id) {
    json value = {{"id", id},
                  {"userId", notification.user_id},
                  {"title", notification.title},
                  {"text", notification.text}};
    if (!notification.room_id.empty()) value["roomId"] = notification.room_id;
    if (notification.seq > 0) value["seq"] = notification.seq;
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace chatflow::worker
