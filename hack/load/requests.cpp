#include "hack/load/requests.hpp"

#include <utility>

#include <fmt/format.h>

namespace chatflow::load {
namespace {

constexpr std::string_view kRoomsPath = "/api/v1/rooms";
constexpr std::string_view kMessageText =
    "The quick brown fox jumps over the lazy dog, and then it writes about it to everyone in the "
    "room, so that a message here is about as long as people's messages are.";

constexpr std::size_t kFileBytes = 32 * 1024;
constexpr std::string_view kBoundary = "chatflow-load-file";

// So that the kinds come mixed, and not one after the other: 37 and 100 have no common divisor.
Kind kind_in_chat(std::uint64_t number) {
    constexpr std::uint64_t kStep = 37;
    constexpr std::uint64_t kAll = 100;
    auto place = static_cast<int>(number * kStep % kAll);
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        place -= kChatShares[kind];
        if (place < 0) return static_cast<Kind>(kind);
    }
    return Kind::Room;
}

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
        case Mix::Chat:
            return kind_in_chat(number);
    }
    return Kind::Room;
}

std::string host_header(const Target& target) {
    if (target.host.contains(':')) return fmt::format("[{}]:{}", target.host, target.port);
    return fmt::format("{}:{}", target.host, target.port);
}

}  // namespace

std::string_view name_of(Kind kind) {
    switch (kind) {
        case Kind::Room:
            return "room";
        case Kind::Messages:
            return "messages";
        case Kind::Send:
            return "send";
        case Kind::Upload:
            return "upload";
        case Kind::LogIn:
            return "login";
    }
    return "";
}

Requests::Requests(Target target, Mix mix, std::string run, std::string password,
                   std::uint32_t accounts)
    : host_(host_header(target)),
      mix_(mix),
      run_(std::move(run)),
      password_(std::move(password)),
      authorizations_(accounts) {}

std::uint32_t Requests::account_of(std::size_t room) const {
    return static_cast<std::uint32_t>(room % authorizations_.size());
}

std::string Requests::get(std::uint32_t account, std::string_view path) const {
    return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", path, host_,
                       authorizations_[account]);
}

std::string Requests::post(std::string_view authorization, std::string_view path,
                           std::string_view json) const {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n"
        "{}Content-Length: {}\r\n\r\n{}",
        path, host_, authorization, json.size(), json);
}

std::string Requests::credentials(std::uint32_t account) const {
    return fmt::format(R"({{"handle":"load-{}-{}","password":"{}"}})", run_, account, password_);
}

std::string Requests::sign_up(std::uint32_t account) const {
    return post("", "/api/v1/auth/signup", credentials(account));
}

std::string Requests::log_in(std::uint32_t account) const {
    return post("", "/api/v1/auth/login", credentials(account));
}

std::string Requests::renewal(std::string_view refresh_token) const {
    return post("", "/api/v1/auth/refresh",
                fmt::format(R"({{"refresh_token":"{}"}})", refresh_token));
}

void Requests::use_token(std::uint32_t account, std::string_view access_token) {
    authorizations_[account] = fmt::format("Authorization: Bearer {}\r\n", access_token);
}

std::string Requests::new_room(std::size_t number) const {
    return post(authorizations_[account_of(number)], kRoomsPath,
                fmt::format(R"({{"name":"load {} {}"}})", run_, number));
}

std::string Requests::new_message(std::size_t room, std::string_view room_id,
                                  std::uint64_t number) const {
    const std::string& authorization = authorizations_[account_of(room)];
    // With an id of the client's own, so that it may be sent again.
    const std::string sender =
        authorization.empty() ? fmt::format(R"("sender":"load-{}",)", number % 100) : "";
    return post(authorization, fmt::format("{}/{}/messages", kRoomsPath, room_id),
                fmt::format(R"({{{}"client_msg_id":"{}-{}","body":"{}"}})", sender, run_, number,
                            kMessageText));
}

// A document: of a picture thumbnails would be made, elsewhere.
std::string Requests::upload(std::uint32_t account) const {
    const std::string body = fmt::format(
        "--{0}\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"load.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\n{1}\r\n"
        "--{0}--\r\n",
        kBoundary, std::string(kFileBytes, 'x'));
    return fmt::format(
        "POST /api/v1/uploads HTTP/1.1\r\nHost: {}\r\nContent-Type: multipart/form-data; "
        "boundary={}\r\n{}Content-Length: {}\r\n\r\n{}",
        host_, kBoundary, authorizations_[account], body.size(), body);
}

Kind Requests::kind(std::uint64_t number) const {
    const Kind kind = kind_of(mix_, number);
    if (kind == Kind::Upload && !has_uploads_) return Kind::Send;
    return kind == Kind::LogIn && authorizations_.front().empty() ? Kind::Room : kind;
}

std::string Requests::load(std::uint64_t number) const {
    constexpr std::uint64_t kKindsInTurn = 10;  // a room sees every kind before the next one does
    const std::size_t place = (number / kKindsInTurn) % rooms_.size();
    const std::string& room = rooms_[place];
    const std::uint32_t account = account_of(place);
    switch (kind(number)) {
        case Kind::Room:
            return get(account, fmt::format("{}/{}", kRoomsPath, room));
        case Kind::Messages:
            return get(account, fmt::format("{}/{}/messages?limit=50", kRoomsPath, room));
        case Kind::Send:
            return new_message(place, room, number);
        case Kind::Upload:
            return upload(account);
        case Kind::LogIn:
            return log_in(account);
    }
    return {};
}

}  // namespace chatflow::load
