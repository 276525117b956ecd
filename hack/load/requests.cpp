#include "hack/load/requests.hpp"

#include <utility>

#include <fmt/format.h>

namespace chatflow::load {
namespace {

constexpr std::string_view kRoomsPath = "/api/v1/rooms";
constexpr std::string_view kMessageText =
    "The quick brown fox jumps over the lazy dog, and then it writes about it to everyone in the "
    "room, so that a message here is about as long as people's messages are.";

enum class Kind { Room, Messages, Send };

Kind kind_of(Mix mix, std::uint64_t number) {
    constexpr std::uint64_t kOfTen = 10;
    switch (mix) {
        case Mix::Read:
            return number % 2 == 0 ? Kind::Room : Kind::Messages;
        case Mix::Write:
            return Kind::Send;
        case Mix::Mixed:
            if (number % kOfTen == 9) return Kind::Send;
            return number % 2 == 0 ? Kind::Messages : Kind::Room;
    }
    return Kind::Room;
}

std::string host_header(const Target& target) {
    if (target.host.contains(':')) return fmt::format("[{}]:{}", target.host, target.port);
    return fmt::format("{}:{}", target.host, target.port);
}

}  // namespace

Requests::Requests(Target target, Mix mix, std::string run)
    : host_(host_header(target)), mix_(mix), run_(std::move(run)) {}

std::string Requests::get(std::string_view path) const {
    return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", path, host_, authorization_);
}

std::string Requests::post(std::string_view path, std::string_view json) const {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n"
        "{}Content-Length: {}\r\n\r\n{}",
        path, host_, authorization_, json.size(), json);
}

std::string Requests::sign_up(std::string_view password) const {
    return post("/api/v1/auth/signup",
                fmt::format(R"({{"handle":"load-{}","password":"{}"}})", run_, password));
}

std::string Requests::renewal(std::string_view refresh_token) const {
    return post("/api/v1/auth/refresh", fmt::format(R"({{"refresh_token":"{}"}})", refresh_token));
}

void Requests::use_token(std::string_view access_token) {
    authorization_ = fmt::format("Authorization: Bearer {}\r\n", access_token);
}

std::string Requests::new_room(std::size_t number) const {
    return post(kRoomsPath, fmt::format(R"({{"name":"load {} {}"}})", run_, number));
}

std::string Requests::new_message(std::string_view room_id, std::uint64_t number) const {
    // With an id of the client's own, so that it may be sent again.
    const std::string sender =
        authorization_.empty() ? fmt::format(R"("sender":"load-{}",)", number % 100) : "";
    return post(fmt::format("{}/{}/messages", kRoomsPath, room_id),
                fmt::format(R"({{{}"client_msg_id":"{}-{}","body":"{}"}})", sender, run_, number,
                            kMessageText));
}

std::string Requests::load(std::uint64_t number) const {
    constexpr std::uint64_t kKindsInTurn = 10;  // a room sees every kind before the next one does
    const std::string& room = rooms_[(number / kKindsInTurn) % rooms_.size()];
    switch (kind_of(mix_, number)) {
        case Kind::Room:
            return get(fmt::format("{}/{}", kRoomsPath, room));
        case Kind::Messages:
            return get(fmt::format("{}/{}/messages?limit=50", kRoomsPath, room));
        case Kind::Send:
            return new_message(room, number);
    }
    return {};
}

}  // namespace chatflow::load
