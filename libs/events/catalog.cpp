#include "libs/events/catalog.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace chatflow::events {
namespace {

FieldRule text(const char* name, std::size_t size_max = 255) {
    return {.name = name, .size_max = size_max};
}
FieldRule integer(const char* name) { return {.name = name, .kind = FieldKind::Integer}; }

FieldRule optional(FieldRule rule) {
    rule.is_required = false;
    return rule;
}

// Milliseconds since 1970, as JavaScript's Date.now() says.
FieldRule timestamp() { return integer("timestamp"); }

std::vector<EventType> platform_types() {
    const auto message = [](const char* name) {
        return EventType{name,
                         1,
                         {text("messageId"), text("roomId"), text("senderId"), timestamp(),
                          optional(integer("seq")), optional(text("body", 32U << 10U))}};
    };
    const auto receipt = [](const char* name) {
        return EventType{name, 1, {text("roomId"), text("userId"), integer("seq"), timestamp()}};
    };
    const auto user = [](const char* name) {
        return EventType{name, 1, {text("userId"), optional(timestamp())}};
    };
    const auto membership = [](const char* name) {
        return EventType{name, 1, {text("roomId"), text("userId"), optional(timestamp())}};
    };
    const FieldRule amount = integer("amount");
    return {
        message("message.created"),
        message("message.updated"),
        {"message.deleted", 1, {text("messageId"), text("roomId"), timestamp()}},
        receipt("message.read"),
        receipt("message.delivered"),
        {"room.created", 1, {text("roomId"), text("name"), timestamp()}},
        {"room.updated", 1, {text("roomId"), optional(text("name")), timestamp()}},
        membership("room.member-joined"),
        membership("room.member-left"),
        user("user.online"),
        user("user.offline"),
        {"user.banned", 1, {text("userId"), optional(text("reason")), optional(timestamp())}},
        user("user.unbanned"),
        {"upload.completed", 1, {text("uploadId"), text("userId"), text("path", 1024)}},
        {"payment.succeeded", 1, {text("paymentId"), amount, text("currency", 3)}},
        {"payment.failed", 1, {text("paymentId"), amount, text("currency", 3), text("reason")}},
        {"audit.recorded",
         1,
         {text("actor"), text("action"), text("target"), timestamp(),
          optional({.name = "details", .kind = FieldKind::Object})}},
    };
}

}  // namespace

Catalog::Catalog(std::vector<EventType> types) : types_(std::move(types)) {
    for (const EventType& type : types_) {
        const auto dot = type.name.find('.');
        const bool has_topic = dot != std::string::npos && dot != 0 && dot + 1 < type.name.size();
        if (!has_topic) throw std::invalid_argument(type.name + " has no topic");
        const auto is_same = [&](const EventType& other) {
            return other.name == type.name && other.version == type.version;
        };
        if (std::ranges::count_if(types_, is_same) > 1) {
            throw std::invalid_argument(type.name + " is there twice");
        }
    }
}

const EventType* Catalog::find(std::string_view name, unsigned version) const {
    const auto is_meant = [&](const EventType& type) {
        return type.name == name && type.version == version;
    };
    const auto place = std::ranges::find_if(types_, is_meant);
    return place == types_.end() ? nullptr : &*place;
}

FieldErrors Catalog::check(const Event& event) const {
    if (const auto* type = find(event.type, event.version)) {
        return events::check(*type, event.data);
    }
    if (std::ranges::contains(types_, event.type, &EventType::name)) {
        return {
            {"version", "of " + event.type + " is not known: " + std::to_string(event.version)}};
    }
    return {{"type", "is not known: " + event.type}};
}

std::vector<std::string> Catalog::topics(const std::vector<std::string>& patterns) const {
    std::vector<std::string> found;
    for (const EventType& type : types_) {
        const auto fits = [&](const std::string& pattern) { return matches(pattern, type.name); };
        if (std::ranges::any_of(patterns, fits)) found.push_back(topic_of(type.name));
    }
    std::ranges::sort(found);
    found.erase(std::ranges::unique(found).begin(), found.end());
    return found;
}

const Catalog& platform_catalog() {
    static const Catalog catalog(platform_types());
    return catalog;
}

bool matches(std::string_view pattern, std::string_view type) {
    // Where the last * stood and what it has taken so far, to let it take one more.
    std::size_t star = std::string_view::npos;
    std::size_t taken = 0;
    std::size_t p = 0;
    std::size_t t = 0;
    while (t < type.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = t;
        } else if (p < pattern.size() && pattern[p] == type[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace chatflow::events
