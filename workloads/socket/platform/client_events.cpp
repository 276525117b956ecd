#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"
#include "workloads/socket/platform/connection.hpp"
#include "workloads/socket/platform/platform.hpp"

#include <chrono>
#include <utility>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

constexpr auto kCallTime = 5s;
constexpr const char* kNotAMember = "Not a member of the room";
constexpr const char* kNotNow = "Temporarily unavailable";

Deadline soon() { return Deadline::after(kCallTime); }

std::int64_t milliseconds_now() {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

// Of what a room is told: ["message.created",{…}].
events::Event bus_event(std::string_view told) {
    const auto comma = told.find(',');
    events::Event event{.type = std::string(told.substr(2, comma - 3)), .source = "socket"};
    event.time =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    event.data = told.substr(comma + 1, told.size() - comma - 2);
    return event;
}

std::string refused(const std::string& error) { return refusal_answer(error, false); }
std::string not_now() { return refusal_answer(kNotNow, true); }

}  // namespace

awaitable<std::string> Platform::on_event(std::string socket, std::string event,
                                          std::string arguments) {
    const Connection* connection = find(socket);
    if (connection == nullptr) co_return "";
    const std::string user = connection->identity.user;
    if (event == "message") {
        auto request = parse_message(arguments, user, milliseconds_now());
        co_return co_await publish(std::move(socket), "message", std::move(request));
    }
    if (event == "publish") {
        auto request = parse_publish(arguments, user);
        co_return co_await publish(std::move(socket), "publish", std::move(request));
    }
    if (event == "read" || event == "delivered") {
        co_return co_await receipt(std::move(socket), std::move(event), std::move(arguments));
    }
    if (event == "typing") co_return co_await typing(std::move(socket), std::move(arguments));
    if (event == "join") co_return co_await join(std::move(socket), std::move(arguments));
    if (event == "leave") co_return co_await leave(std::move(socket), std::move(arguments));
    if (event == "presence") co_return co_await presence(std::move(arguments));
    if (event == "refresh-token") {
        co_return co_await refresh_token(std::move(socket), std::move(arguments));
    }
    co_return refused("Unknown event");
}

awaitable<std::string> Platform::join(std::string socket, std::string arguments) {
    const auto request = parse_join(arguments);
    if (!request) co_return refused(request.error());
    const std::string& room = request->room;
    const Connection* before = find(socket);
    if (before == nullptr) co_return "";
    const std::string user = before->identity.user;
    const bool is_known = before->rooms.contains(room);
    if (!is_known && before->rooms.size() >= options_.rooms_max)
        co_return refused("Too many rooms");
    // A user's own room is joined by the platform alone.
    if (!is_known && room.starts_with("user:")) co_return refused(kNotAMember);
    std::unique_ptr<Returning> returning;
    std::uint64_t seq = 0;
    bool is_complete = true;
    bool is_subscribed = false;
    std::string failure;
    try {
        const bool may_join =
            is_known || room == kUserEvents || co_await membership_.may_join(user, room, soon());
        if (!may_join) co_return refused(kNotAMember);
        co_await reader_.subscribe(room, soon());
        is_subscribed = true;
        std::map<std::string, rooms::MessageId> after;
        after[room] = reader_.last(room);
        if (request->after_seq && *request->after_seq > 0) {
            after[room] =
                co_await store_.id_of(room, *request->after_seq, options_.replay_max, soon());
            is_complete = after[room] != 0;
        } else if (request->after_seq) {
            after[room] = 0;
        }
        returning = co_await read_missed(after, std::nullopt, soon());
        seq = returning->missed.front().history.last_seq;
    } catch (const std::exception& error) {
        if (is_cancellation(std::current_exception())) throw;
        failure = error.what();
    }
    Connection* connection = find(socket);
    if (connection == nullptr || !failure.empty()) {
        if (is_subscribed) reader_.unsubscribe(room);
        co_return not_now();
    }
    const auto missed = returning->plan(options_.replay_max);
    is_complete = is_complete && missed.is_complete && request->after_seq.value_or(0) <= seq;
    if (connection->rooms.contains(room)) {
        reader_.unsubscribe(room);  // it counts once
    } else {
        connection->rooms[room] = reader_.last(room);
        gateway_.join(socket, room);
    }
    const bool replays = is_complete && request->after_seq.has_value();
    if (replays) replay(socket, *connection, missed, reader_.positions());
    co_await save(socket);
    co_return joined_answer(room, seq, replays ? missed.events.size() : 0, is_complete);
}

awaitable<std::string> Platform::leave(std::string socket, std::string arguments) {
    const auto request = parse_leave(arguments);
    if (!request) co_return refused(request.error());
    Connection* connection = find(socket);
    if (connection == nullptr || request->room.starts_with("user:") ||
        connection->rooms.erase(request->room) == 0) {
        co_return refused(kNotAMember);
    }
    gateway_.leave(socket, request->room);
    reader_.unsubscribe(request->room);
    co_await save(socket);
    co_return R"({"ok":true})";
}

awaitable<std::string> Platform::publish(std::string socket, std::string kind,
                                         Parsed<PublishRequest> request) {
    if (!request) co_return refused(request.error());
    if (!is_member(socket, request->room)) co_return refused(kNotAMember);
    if (request->room == kUserEvents) co_return refused("This room is told by the platform alone");
    rooms::Publication publication{
        .room = request->room, .event = request->event, .once = request->once};
    // What only moves a mark need not come back to who moved it.
    if (kind == "read" || kind == "delivered") publication.except = socket;
    try {
        const auto published = co_await store_.publish(std::move(publication), soon());
        observer_.on_published(kind, true);
        if (kind == "message" && options_.tells_bus && !published.is_repeat) {
            tell_bus(request->event);
        }
        co_return published_answer(request->message_id, published.seq, published.is_repeat);
    } catch (const redis::Error&) {
        observer_.on_published(kind, false);
    }
    co_return not_now();
}

void Platform::tell_bus(const std::string& event) {
    auto tell = [](events::Publisher& bus, events::Event what) -> awaitable<void> {
        co_await bus.publish(std::move(what), soon());
    };
    background_.spawn(tell(bus_, bus_event(event)));
}

// It is acknowledged when it is on its way to chat-server, which keeps it.
awaitable<std::string> Platform::receipt(std::string socket, std::string kind,
                                         std::string arguments) {
    const Connection* connection = find(socket);
    if (connection == nullptr) co_return "";
    auto request =
        parse_receipt("message." + kind, arguments, connection->identity.user, milliseconds_now());
    const bool is_kept = request && options_.hands_over_receipts &&
                         is_member(socket, request->room) && request->room != kUserEvents;
    if (is_kept) {
        auto event = bus_event(request->event);
        bool is_on_its_way = false;
        try {
            co_await bus_.publish(std::move(event), soon());
            is_on_its_way = true;
        } catch (const redis::Error&) {
            observer_.on_published(kind, false);
        }
        if (!is_on_its_way) co_return not_now();
    }
    co_return co_await publish(std::move(socket), std::move(kind), std::move(request));
}

awaitable<std::string> Platform::typing(std::string socket, std::string arguments) {
    const Connection* connection = find(socket);
    if (connection == nullptr) co_return "";
    auto request = parse_typing(arguments, connection->identity.user);
    if (!request) co_return refused(request.error());
    if (!is_member(socket, request->room)) co_return refused(kNotAMember);
    rooms::Publication publication{
        .room = request->room, .event = request->event, .except = socket};
    try {
        co_await store_.publish_ephemeral(std::move(publication), soon());
        co_return R"({"ok":true})";
    } catch (const redis::Error&) {
    }
    co_return not_now();
}

awaitable<std::string> Platform::presence(std::string arguments) {
    const auto request = parse_presence(arguments);
    if (!request) co_return refused(request.error());
    try {
        const auto online = co_await presence_.are_online(request->users, soon());
        co_return online_answer(request->users, online);
    } catch (const redis::Error&) {
    }
    co_return not_now();
}

awaitable<std::string> Platform::refresh_token(std::string socket, std::string arguments) {
    const auto request = parse_token(arguments);
    if (!request) co_return refused(request.error());
    const auto known = co_await identify_now(request->token, soon());
    Connection* connection = find(socket);
    if (connection == nullptr) co_return "";
    if (!known) co_return not_now();
    const auto& identity = *known;
    if (!identity || identity->user != connection->identity.user) {
        co_return refused(std::string(to_string(Refusal::TokenInvalid)));
    }
    connection->identity = *identity;
    connection->was_warned = false;
    co_return R"({"ok":true})";
}

}  // namespace chatflow::socket
